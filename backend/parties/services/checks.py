"""What may be wrong about a party, each with its words."""

from collections.abc import Iterator
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from stdnum.cn import uscc

from backend.kernel.errors import Conflict, Refusal, ValidationRefused, WayOut
from backend.parties.inputs import PartyData
from backend.parties.models import Party

# Before 2015 taxpayers had numbers of 15 or 20 characters; some are still on file.
FORMER_LENGTHS = {15, 20}


def check_party(data: PartyData, party_id: UUID | None) -> None:
    """Raise one refusal with every problem found."""
    problems = [*typing_problems(data), *_twin_problems(data, party_id)]
    if problems:
        raise Refusal.many(problems)


def typing_problems(data: PartyData) -> Iterator[Refusal]:
    """What is wrong with the values themselves."""
    if not data.name.strip():
        yield ValidationRefused(_("A name is needed."), field="name", way_out=_("Type the name on the licence."))
    if not (data.customer or data.supplier or data.carrier):
        yield ValidationRefused(
            _("Say what the partner is to you."),
            field="roles",
            way_out=_("Tick customer, supplier or carrier; several are possible."),
        )
    if data.tax_id and data.language.startswith("zh") and not is_chinese_tax_id(data.tax_id):
        yield ValidationRefused(
            _("%(value)s is not a valid unified social credit code.") % {"value": data.tax_id},
            code="tax_id_wrong",
            field="tax_id",
            value=data.tax_id,
            way_out=_("It has 18 characters and the last one checks the others: compare it with the licence."),
        )
    yield from _mail_problems(data)
    if data.customer and data.customer.credit_limit is not None and data.customer.credit_limit < 0:
        yield ValidationRefused(
            _("A credit limit cannot be negative."),
            field="credit_limit",
            value=data.customer.credit_limit,
            way_out=_("Leave it empty for no limit, or type 0 for payment in advance."),
        )


def _mail_problems(data: PartyData) -> Iterator[Refusal]:
    named = [("email", data.email), *((f"contacts.{c.name}", c.email) for c in data.contacts or ())]
    for field, email in named:
        if not email:
            continue
        try:
            validate_email(email)
        except ValidationError:
            yield ValidationRefused(
                _("%(value)s is not an e-mail address.") % {"value": email}, field=field, value=email
            )


def is_chinese_tax_id(value: str) -> bool:
    """A unified social credit code that checks, or a taxpayer number of the former lengths."""
    value = value.strip().upper()
    return uscc.is_valid(value) or (len(value) in FORMER_LENGTHS and value.isalnum())


def _twin_problems(data: PartyData, party_id: UUID | None) -> Iterator[Refusal]:
    tax_id, code = data.tax_id.strip().upper(), data.code.strip()
    if not tax_id and not code:
        return
    others = Party.objects.exclude(pk=party_id) if party_id else Party.objects.all()
    for other in others.filter(tax_id=tax_id)[:1] if tax_id else ():
        yield twin_refused("tax_id", tax_id, other)
    for other in others.filter(code=code)[:1] if code else ():
        yield twin_refused("code", code, other)


def twin_refused(field: str, value: str, other: Party) -> Conflict:
    """Refuse a second party with the same tax id or code, naming the first."""
    return Conflict(
        _("%(other)s (%(code)s) has the same %(field)s already.")
        % {"other": other.name, "code": other.code, "field": _("tax id") if field == "tax_id" else _("code")},
        code="party_exists",
        field=field,
        value=value,
        document=other.code,
        way_out=_("Open the other partner and give it the second role there."),
        links=[WayOut(label=other.name, doc_type="parties.party", number=str(other.pk))],
    )
