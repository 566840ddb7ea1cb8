"""Which language is read: the reader's own for pages, the company's for what is written into the books."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation

from backend.kernel import tenancy


def reads_chinese() -> bool:
    """Whether the active language is Chinese."""
    return (translation.get_language() or settings.LANGUAGE_CODE).startswith("zh")


def books_language() -> AbstractContextManager[None]:
    """Work in the company's own language, whoever acts: texts that are stored are stored in it."""
    return translation.override(getattr(tenancy.current(), "language", "") or settings.LANGUAGE_CODE)


def in_books(words: Callable[[], str]) -> str:
    """A text in the company's own language: ``in_books(lambda: _("…") % {…})``."""
    with books_language():
        return words()
