"""The WSGI application that the web server runs."""

import os
import threading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")

from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from backend.config.collector import spare_the_collector  # noqa: E402
from backend.kernel.pinyin import sort_key_of  # noqa: E402

application = get_wsgi_application()


def load_addresses() -> None:
    """Import every view now, so that the first visitor of a new process does not wait for it."""
    for name in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        get_resolver(name).reverse_dict  # noqa: B018 (filled by reading it)


def load_dictionaries() -> None:
    """The pinyin dictionaries take a second; the first sign-up should not wait for it."""
    sort_key_of("云")


load_addresses()
spare_the_collector()
threading.Thread(target=load_dictionaries, name="dictionaries", daemon=True).start()
