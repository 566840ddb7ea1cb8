"""Reading what was typed: numbers and dates from forms, with refusals that name the field."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from backend.kernel.errors import ValidationRefused

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
LARGEST = Decimal(10) ** 12


def words(posted: Mapping[str, str], name: str, longest: int = 300) -> str:
    """A text without control characters, at most so long."""
    return posted.get(name, "").replace("\x00", "").strip()[:longest]


def amount_of(text: str) -> Decimal | None:
    """A number as people type it, thousands separators allowed; None when it is none that a column holds."""
    try:
        found = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST and int(found.as_tuple().exponent) >= -6 else None


def count_of(text: str) -> int | None:
    """A small whole number in plain digits, else None."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


def number(posted: Mapping[str, str], name: str, *, line: int | None = None) -> Decimal | None:
    """A number with at most six decimals, or None when nothing was typed; raises ValidationRefused otherwise."""
    raw = posted.get(name, "").replace(",", "").replace("，", "").strip()
    if not raw:
        return None
    value = amount_of(raw)
    if value is None:
        raise ValidationRefused(_("This is not a number."), line=line, field=name, value=raw[:40])
    return value


def whole(posted: Mapping[str, str], name: str, *, least: int, most: int) -> int:
    """A whole number between two bounds."""
    raw = posted.get(name, "").strip()
    value = count_of(raw)
    if value is None or not least <= value <= most:
        raise ValidationRefused(
            _("A whole number from %(least)s to %(most)s is needed.") % {"least": least, "most": most},
            field=name,
            value=raw[:40],
        )
    return value


def day(posted: Mapping[str, str], name: str, *, line: int | None = None) -> date | None:
    """A date of this century, or None when nothing was typed; raises ValidationRefused otherwise."""
    raw = posted.get(name, "").strip()
    if not raw:
        return None
    try:
        value = parse_date(raw)
    except ValueError:
        value = None
    if value is None or not EARLIEST <= value <= LATEST:
        raise ValidationRefused(
            _("This is not a date."),
            line=line,
            field=name,
            value=raw[:40],
            way_out=_("Write it like %(example)s.") % {"example": "2026-11-27"},
        )
    return value


def upload(files: Any, name: str) -> UploadedFile | None:
    """The file that came under a name, if one came."""
    found = files.get(name)
    return found if isinstance(found, UploadedFile) else None


def key(raw: str) -> UUID | None:
    """A UUID, or None for anything else."""
    try:
        return UUID(raw)
    except ValueError:
        return None
