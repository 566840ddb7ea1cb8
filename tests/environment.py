"""Loaded by pytest before anything else (``-p tests.environment``): the test servers run and the environment names them."""

import os

from infra.runner import testdb

os.environ.update(testdb.ensure())
