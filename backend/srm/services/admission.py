"""Admission (准入): a firm applies or is invited, fills in its profile, and asks to be approved."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from backend.access.selectors import members_of_party
from backend.access.services import invite_member
from backend.catalog.models import ItemCategory
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, ValidationRefused, WayOut
from backend.parties.inputs import ContactData, PartyData, SupplierData
from backend.parties.models import Party, SupplierRole, SupplierState
from backend.parties.services import save_party
from backend.parties.services.checks import is_chinese_tax_id
from backend.srm.events import SupplierApplied, SupplierSubmitted
from backend.srm.models import ApplicationState, SupplierApplication, SupplierProfile
from backend.srm.selectors.qualification import needs_of, supplier_for
from backend.srm.services.inputs import ApplicationData, ProfileData
from backend.srm.services.life import move_supplier, refresh_obstacles
from backend.srm.services.messages import ask_staff, mail_outsider, todo
from backend.workflow import parameters
from backend.workflow.services import complete_tasks

FIRST_ROLE = "supplier_admin"
ADMIT, GRADE = "srm.application.edit", "srm.supplier.grade"
QUALIFICATION = "srm.qualification"


def apply_as_supplier(*, data: ApplicationData, actor: Actor, at: datetime) -> SupplierApplication:
    """A stranger's application. The same e-mail again corrects the one that still waits."""
    _check(data)
    with transaction.atomic():
        values = {
            "company_name": data.company_name.strip()[:120],
            "tax_id": data.tax_id.strip().upper()[:30],
            "contact_name": data.contact_name.strip()[:60],
            "phone": data.phone.strip()[:30],
            "main_products": data.main_products.strip()[:300],
            "message": data.message.strip()[:1000],
            "language": data.language,
        }
        made, _new = SupplierApplication.objects.update_or_create(
            email=data.email.strip().lower(),
            state=ApplicationState.NEW,
            defaults=values,
            create_defaults={**values, "created_at": at},
        )
        words = {"company": made.company_name, "contact": made.contact_name, "products": made.main_products}
        key = f"application:{made.pk}"
        ask_staff(todo("srm.application", words, key=key, page="srm.application", pk=made.pk, permission=ADMIT), at)
        events.publish(SupplierApplied(made.pk, made.company_name), actor=actor)
    return made


def _check(data: ApplicationData) -> None:
    problems: list[Refusal] = []
    if not data.company_name.strip():
        problems.append(ValidationRefused(_("A name is needed."), field="company_name"))
    if not data.contact_name.strip():
        problems.append(ValidationRefused(_("Whom may we ask?"), field="contact_name"))
    try:
        validate_email(data.email.strip())
    except ValidationError:
        problems.append(ValidationRefused(_("This is not an e-mail address."), field="email", value=data.email))
    if data.tax_id.strip() and data.language.startswith("zh") and not is_chinese_tax_id(data.tax_id):
        problems.append(
            ValidationRefused(
                _("%(value)s is not a valid unified social credit code.") % {"value": data.tax_id},
                code="tax_id_wrong",
                field="tax_id",
                value=data.tax_id,
                way_out=_("It has 18 characters and the last one checks the others: compare it with the licence."),
            )
        )
    if problems:
        raise Refusal.many(problems)


def accept_application(*, application_id: UUID, actor: Actor, at: datetime) -> Party:
    """Make a pending supplier of an application and invite its first user; a supplier known by its tax id is taken.

    Raises Conflict for one whose people are here already: a stranger who knows the tax id gets in through nobody.
    """
    with transaction.atomic():
        row = _open_application(application_id)
        party = _known(row) or _new_supplier(
            name=row.company_name,
            tax_id=row.tax_id,
            contact=row.contact_name,
            email=row.email,
            phone=row.phone,
            language=row.language,
            actor=actor,
            at=at,
        )
        SupplierProfile.objects.get_or_create(
            party=party, defaults={"origin": "applied", "main_products": row.main_products, "updated_at": at}
        )
        _invite(party, row.email, row.contact_name, actor, at)
        _decide(row, ApplicationState.ACCEPTED, actor, at, party=party)
        refresh_obstacles(party_id=party.pk, actor=actor, at=at)
    return party


def invite_supplier(
    *, name: str, email: str, contact_name: str, actor: Actor, at: datetime, tax_id: str = "", language: str = "zh-hans"
) -> Party:
    """Ask a firm to become a supplier: a pending supplier, and a link for its first user."""
    _check(ApplicationData(name, contact_name, email, tax_id, language=language))
    with transaction.atomic():
        party = _new_supplier(
            name=name.strip(),
            tax_id=tax_id,
            contact=contact_name.strip(),
            email=email.strip().lower(),
            phone="",
            language=language,
            actor=actor,
            at=at,
        )
        SupplierProfile.objects.create(party=party, origin="invited", updated_at=at)
        _invite(party, email, contact_name, actor, at)
        refresh_obstacles(party_id=party.pk, actor=actor, at=at)
    return party


def put_new_suppliers_up(*, party_ids: Sequence[UUID]) -> None:
    """Suppliers that were entered by hand or imported wait for approval, where the company asks for that; one statement."""
    if not party_ids or not parameters.get("srm.qualify_new_suppliers"):
        return
    roles = SupplierRole.objects.filter(pk__in=party_ids, state__in=(SupplierState.APPROVED, SupplierState.POTENTIAL))
    roles.update(state=SupplierState.PENDING)


def _new_supplier(
    *, name: str, tax_id: str, contact: str, email: str, phone: str, language: str, actor: Actor, at: datetime
) -> Party:
    data = PartyData(
        name=name,
        tax_id=tax_id,
        language=language,
        email=email,
        phone=phone,
        supplier=SupplierData(state=SupplierState.PENDING, buyer_id=actor.member_id),
        contacts=(ContactData(name=contact, email=email, phone=phone, is_primary=True),),
    )
    return save_party(actor=actor, at=at, data=data)


def _known(row: SupplierApplication) -> Party | None:
    found = Party.objects.select_related("supplier").filter(tax_id=row.tax_id).first() if row.tax_id else None
    if found is not None and not found.is_supplier:
        raise Conflict(
            _("%(party)s is a partner of yours already, but no supplier.") % {"party": found.name},
            code="party_exists",
            field="tax_id",
            value=row.tax_id,
            way_out=_("Give it the role of a supplier first, then take the application up."),
            links=[WayOut(found.name, doc_type="parties.party", number=str(found.pk))],
        )
    if found is not None and found.supplier.state == SupplierState.BLOCKED:
        raise Conflict(
            _("%(party)s is blocked: %(reason)s.") % {"party": found.name, "reason": found.supplier.state_reason},
            code="supplier_on_block_list",
            field="tax_id",
            value=row.tax_id,
            way_out=_("Decline the application, or lift the block on the supplier's page first."),
            links=[WayOut(found.name, doc_type="parties.supplier", number=str(found.pk))],
        )
    if found is not None and members_of_party(found.pk):
        raise Conflict(
            _("%(party)s is a supplier with people in the portal already.") % {"party": found.name},
            code="supplier_has_people",
            field="tax_id",
            value=row.tax_id,
            way_out=_("Anybody can type a tax id: let its own administrator invite the colleague, and decline this."),
            links=[WayOut(found.name, doc_type="parties.supplier", number=str(found.pk))],
        )
    return found


def _invite(party: Party, email: str, name: str, actor: Actor, at: datetime) -> None:
    """Who may admit suppliers may ask their first person in, without the right to manage all members."""
    invite_member(
        email=email,
        name=name,
        kind="supplier",
        role_codes=[FIRST_ROLE],
        party_id=party.pk,
        language=party.language,
        actor=Actor(kind="system", name=actor.name, member_id=actor.member_id, channel=actor.channel),
        at=at,
    )


def decline_application(*, application_id: UUID, reason: str, actor: Actor, at: datetime) -> SupplierApplication:
    """Say no, politely and by mail."""
    if not reason.strip():
        raise ValidationRefused(_("Say why: the applicant reads it."), field="reason")
    with transaction.atomic():
        row = _open_application(application_id)
        _decide(row, ApplicationState.DECLINED, actor, at, reason=reason.strip()[:300])
        words = {"company": row.company_name, "reason": row.reason}
        mail_outsider(
            row.email,
            row.language,
            "supplier.application_declined",
            words,
            url="/supplier/apply/",
            about=row.pk,
            actor=actor,
        )
    return row


def _open_application(application_id: UUID) -> SupplierApplication:
    row = SupplierApplication.objects.select_for_update().filter(pk=application_id).first()
    if row is None:
        raise NotFoundRefused(_("There is no such application."), value=application_id)
    if row.state != ApplicationState.NEW:
        raise Conflict(
            _("This application was decided already."),
            code="already_decided",
            field="state",
            value=row.state,
            way_out=_("Reload the list."),
        )
    return row


def _decide(
    row: SupplierApplication,
    state: ApplicationState,
    actor: Actor,
    at: datetime,
    *,
    reason: str = "",
    party: Party | None = None,
) -> None:
    row.state, row.reason, row.party = state, reason, party
    row.decided_at, row.decided_by_name = at, actor.name
    row.save()
    audit.record(row, str(state), actor=actor, at=at, axis="state", before="new", after=state, reason=reason)
    complete_tasks(actor=actor, at=at, dedupe_key=f"application:{row.pk}")


def save_profile(*, party_id: UUID, data: ProfileData, actor: Actor, at: datetime) -> SupplierProfile:
    """What the supplier says about itself; the kinds of goods decide which documents it needs."""
    party = supplier_for(actor, party_id)
    known = list(ItemCategory.objects.filter(pk__in=data.category_ids))
    values = {
        "legal_representative": data.legal_representative.strip()[:60],
        "registered_address": data.registered_address.strip()[:200],
        "website": data.website.strip()[:120],
        "main_products": data.main_products.strip()[:300],
    }
    with transaction.atomic():
        row, made = SupplierProfile.objects.select_for_update().get_or_create(party=party, defaults={"updated_at": at})
        before = {name: getattr(row, name) for name in values} if not made else {}
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_at = at
        row.save()
        row.categories.set(known)
        audit.record(party, "change", actor=actor, at=at, changes=audit.changed_fields(before, values))
        refresh_obstacles(party_id=party.pk, actor=actor, at=at)
    return row


def submit_for_approval(*, party_id: UUID, actor: Actor, at: datetime) -> SupplierProfile:
    """The supplier says that all is there; refused while a mandatory document was not even handed in."""
    party = supplier_for(actor, party_id)
    absent = [
        need
        for need in needs_of(party.pk, clock.day_of(at))
        if need.mandatory and need.state in {"missing", "rejected"}
    ]
    if absent:
        raise Refusal.many(
            [
                ValidationRefused(
                    _("%(type)s is still missing.") % {"type": need.type.name},
                    field="qualification",
                    way_out=_("Hand it in below."),
                )
                for need in absent
            ]
        )
    with transaction.atomic():
        row, _made = SupplierProfile.objects.select_for_update().get_or_create(party=party, defaults={"updated_at": at})
        row.submitted_at, row.submitted_by_name, row.returned_reason = at, actor.name, ""
        row.save()
        if party.supplier.state == SupplierState.POTENTIAL:
            move_supplier(party_id=party.pk, verb="propose", actor=actor, at=at)
        audit.record(party, "submit", actor=actor, at=at)
        key = f"supplier_submitted:{party.pk}"
        words = {"supplier": party.label}
        ask_staff(
            todo("srm.supplier_to_approve", words, key=key, page=QUALIFICATION, pk=party.pk, permission=GRADE), at
        )
        events.publish(SupplierSubmitted(party.pk), actor=actor)
    return row
