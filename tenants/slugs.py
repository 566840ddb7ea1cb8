"""Addresses of companies: derived from the name (pinyin for Chinese names), editable, unique, never a reserved word."""

import re

from django.utils.translation import gettext as _

from backend.kernel.errors import Conflict, ValidationRefused
from backend.kernel.pinyin import syllables_of
from backend.kernel.tenancy import in_public
from tenants.models import Tenant

SHAPE = re.compile(r"^[a-z0-9](?:[a-z0-9-]{1,28}[a-z0-9])$")
LONGEST = 30
_RESERVED_WORDS = """
account admin api app apps assets auth billing blog cdn company dashboard dev docs download email files ftp help imap login
mail media ns ns1 ns2 pay pop portal public sandbox secure security shop signin signup smtp ssl staging static status store
support system test troika web webmail www
"""
RESERVED = frozenset(_RESERVED_WORDS.split())
_LEGAL_FORMS = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|集团|公司)|\b(co|company|corp|corporation|gmbh|inc|limited|llc|ltd|plc)\b\.?",
    re.IGNORECASE,
)


def slug_of(name: str) -> str:
    """``云杉商贸有限公司`` → ``yunshanshangmao``, ``Yunshan Trading Ltd.`` → ``yunshan-trading``; may be taken already."""
    short = _LEGAL_FORMS.sub(" ", name).strip() or name
    words = re.findall(r"[a-z0-9]+", _spell(short).lower())
    slug = "-".join(words)[:LONGEST].strip("-")
    return slug if len(slug) >= 3 else f"{slug}-company".strip("-")


def _spell(text: str) -> str:
    """Chinese stretches become one word of pinyin, the rest stays."""
    stretches = re.findall(r"[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+", text)
    return " ".join("".join(syllables_of(part)) if "\u4e00" <= part[0] <= "\u9fff" else part for part in stretches)


def is_free(slug: str) -> bool:
    with in_public():
        return slug not in RESERVED and not Tenant.objects.filter(slug=slug).exists()


def free_slug(wanted: str) -> str:
    """The wanted address, or the next free one: ``yunshan-2``, ``yunshan-3`` …"""
    if is_free(wanted):
        return wanted
    with in_public():
        taken = set(Tenant.objects.filter(slug__startswith=wanted[: LONGEST - 4]).values_list("slug", flat=True))
    taken |= RESERVED
    stem = wanted[: LONGEST - 4].strip("-")
    return next(slug for slug in (f"{stem}-{n}" for n in range(2, 10_000)) if slug not in taken)


def check_slug(slug: str) -> str:
    """The address as it will be; raises a refusal naming what is wrong with it."""
    slug = slug.strip().lower()
    if not SHAPE.match(slug) or "--" in slug:
        raise ValidationRefused(
            _("An address has 3 to 30 small letters, digits and single hyphens."),
            code="address_shape",
            field="slug",
            value=slug,
            way_out=_("For example: %(example)s.") % {"example": slug_of(slug) if slug else "yunshan"},
        )
    if not is_free(slug):
        raise Conflict(
            _("The address %(slug)s is taken.") % {"slug": slug},
            code="address_taken",
            field="slug",
            value=slug,
            way_out=_("This one is free: %(slug)s.") % {"slug": free_slug(slug)},
        )
    return slug
