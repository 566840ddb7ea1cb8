"""Static files of vendored packages: only those a page asks for, of the hundreds that the packages carry."""

from collections.abc import Iterator
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder

USED = frozenset({"tabler.min.css", "tabler.min.css.map", "echarts.min.js"})


class VendorFinder(FileSystemFinder):
    """Finds in STATICFILES_DIRS, and collects nothing but the used files."""

    def list(self, ignore_patterns: Any) -> Iterator[Any]:
        for path, storage in super().list(ignore_patterns):
            if path in USED:
                yield path, storage
