"""What a supplier needs and what stands in its way, in a fixed number of statements for any number of suppliers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused
from backend.parties.models import Party, SupplierState
from backend.parties.services.suppliers import ORDERABLE
from backend.srm.models import DocumentState, DocumentType, QualificationDocument, SupplierApplication, SupplierProfile


@dataclass(frozen=True)
class Need:
    """A type of document for one supplier: what is in force, what waits, what was last rejected."""

    type: DocumentType
    mandatory: bool
    accepted: QualificationDocument | None
    newest: QualificationDocument | None
    today: date

    @property
    def expired(self) -> bool:
        found = self.accepted
        return bool(found and found.expiry_date and found.expiry_date < self.today)

    @property
    def days_left(self) -> int | None:
        found = self.accepted
        return (found.expiry_date - self.today).days if found and found.expiry_date else None

    @property
    def state(self) -> str:
        """Of the chip: expired, expiring, accepted, waiting, rejected, missing or absent."""
        if self.newest and self.newest.state == DocumentState.WAITING:
            return "waiting"
        if self.expired:
            return "expired"
        if self.accepted:
            return "expiring" if self.days_left is not None and self.days_left <= 30 else "accepted"
        if self.newest and self.newest.state == DocumentState.REJECTED:
            return "rejected"
        return "missing" if self.mandatory else "absent"

    @property
    def obstacle(self) -> str:
        """In words what is wrong, or nothing: only a document that is accepted and in force is no obstacle."""
        names = {"type": self.type.name}
        if self.accepted and not self.expired:
            return ""
        if self.expired and self.accepted:
            return _("%(type)s (expired %(day)s)") % {**names, "day": self.accepted.expiry_date}
        if self.newest and self.newest.state == DocumentState.WAITING:
            return _("%(type)s (to be checked)") % names
        if self.newest and self.newest.state == DocumentState.REJECTED:
            return _("%(type)s (rejected: %(reason)s)") % {**names, "reason": self.newest.review_reason}
        return _("%(type)s (missing)") % names


def needs_of(party_id: UUID, today: date) -> list[Need]:
    """Every type of document that concerns a supplier, mandatory ones first."""
    return needs_of_many([party_id], today)[party_id]


def needs_of_many(party_ids: Sequence[UUID], today: date) -> dict[UUID, list[Need]]:
    """The same for many suppliers, in four statements."""
    types = list(DocumentType.objects.filter(active=True).order_by("code").prefetch_related("categories"))
    supplies = _categories_of(party_ids)
    documents: dict[tuple[UUID, UUID], list[QualificationDocument]] = defaultdict(list)
    for row in QualificationDocument.objects.filter(party__in=party_ids).select_related("type").order_by("-id"):
        documents[row.party_id, row.type_id].append(row)
    return {
        party_id: sorted(
            (
                _need(each, documents[party_id, each.pk], supplies[party_id], today)
                for each in types
                if _concerns(each, supplies[party_id]) or documents[party_id, each.pk]
            ),
            key=lambda need: not need.mandatory,
        )
        for party_id in party_ids
    }


def _categories_of(party_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    rows = SupplierProfile.categories.through.objects.filter(supplierprofile__in=party_ids)
    for party_id, category_id in rows.values_list("supplierprofile_id", "itemcategory_id"):
        found[party_id].add(category_id)
    return found


def _concerns(each: DocumentType, categories: set[UUID]) -> bool:
    wanted = {category.pk for category in each.categories.all()}
    return not wanted or bool(wanted & categories)


def _need(each: DocumentType, rows: Sequence[QualificationDocument], categories: set[UUID], today: date) -> Need:
    accepted = next((row for row in rows if row.state == DocumentState.ACCEPTED), None)
    newest = rows[0] if rows else None
    return Need(each, each.mandatory and _concerns(each, categories), accepted, newest, today)


def obstacles_of(needs: Iterable[Need]) -> list[str]:
    """What keeps a supplier from being approved, in words."""
    return [need.obstacle for need in needs if need.mandatory and need.obstacle]


def first_expiry() -> Subquery:
    """For parties: the last day of the mandatory document that is the first to expire of those that concern them."""
    supplied = SupplierProfile.categories.through.objects.filter(supplierprofile=OuterRef("party"))
    concerns = Q(type__categories=None) | Q(type__categories__in=supplied.values("itemcategory"))
    accepted = QualificationDocument.objects.filter(
        concerns, party=OuterRef("pk"), state=DocumentState.ACCEPTED, type__active=True, type__mandatory=True
    )
    return Subquery(accepted.exclude(expiry_date=None).order_by("expiry_date").values("expiry_date")[:1])


def suppliers_to_suspend(today: date) -> list[UUID]:
    """Suppliers in good standing with a mandatory document that has expired."""
    found = Party.objects.filter(supplier__state__in=ORDERABLE).annotate(ends=first_expiry()).filter(ends__lt=today)
    return list(found.order_by("pk").values_list("pk", flat=True))


def expired_words(party_ids: Collection[UUID], today: date) -> dict[UUID, str]:
    """Which mandatory documents of these suppliers have expired."""
    every = needs_of_many(sorted(party_ids), today)
    return {
        pk: "; ".join(need.obstacle for need in needs if need.mandatory and need.expired) for pk, needs in every.items()
    }


def blocked_namesakes(party_id: UUID) -> list[Party]:
    """Suppliers that are blocked and go by a credit code of this one, theirs or that on a document: the block list (SRM-02)."""
    numbers = QualificationDocument.objects.filter(type__number_check="uscc", number__gt="").exclude(
        state=DocumentState.REJECTED
    )
    own = numbers.filter(party=party_id).values_list("number", flat=True)
    tax_ids = Party.objects.filter(pk=party_id, tax_id__gt="").values_list("tax_id", flat=True)
    codes = {code.upper() for code in tax_ids.union(own)}
    if not codes:
        return []
    alike = Q(tax_id__in=codes) | Q(pk__in=numbers.filter(number__in=codes).values("party"))
    blocked = Party.objects.filter(alike, is_supplier=True, supplier__state=SupplierState.BLOCKED)
    return list(blocked.exclude(pk=party_id).select_related("supplier").order_by("sort_key", "id"))


def documents_of(party_id: UUID) -> QuerySet[QualificationDocument]:
    """All documents of a supplier, the newest first."""
    return QualificationDocument.objects.filter(party=party_id).select_related("type").order_by("-id")


def documents_to_review() -> QuerySet[QualificationDocument]:
    """What waits for a reviewer, oldest first."""
    found = QualificationDocument.objects.filter(state=DocumentState.WAITING)
    return found.select_related("type", "party").order_by("id")


def profile_of(party_id: UUID) -> SupplierProfile | None:
    return SupplierProfile.objects.prefetch_related("categories").filter(pk=party_id).first()


def applications(*, open_only: bool = False) -> QuerySet[SupplierApplication]:
    """Applications, the newest first."""
    found = SupplierApplication.objects.select_related("party").order_by("-id")
    return found.filter(state="new") if open_only else found


def supplier_for(actor: Actor, party_id: UUID | None = None) -> Party:
    """The supplier with its role: its own for a supplier's person; raises NotFoundRefused for anybody else's."""
    wanted = actor.party_id if actor.kind == "supplier" else party_id
    if actor.kind == "customer" or (actor.kind == "supplier" and party_id not in {None, actor.party_id}):
        wanted = None
    found = Party.objects.select_related("supplier").filter(pk=wanted, is_supplier=True).first() if wanted else None
    if found is None:
        raise NotFoundRefused(_("There is no such supplier."), value=party_id)
    return found
