"""Suppliers of an item and the quotas among them: who is best, who gets which part, who got what (SRM-19)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.catalog.models import Item
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.money import ZERO
from backend.purchasing.models import ItemQuota, QuotaWay
from backend.purchasing.selectors.quotas import quotas
from backend.purchasing.services.quotas import QuotaData, ShareInput, drop_quota, save_quota
from backend.srm.selectors.sourcing import Candidate, candidates, proposed_shares
from portals.staff.purchasing.price_views import item_url
from portals.staff.shared.acting import step, who_and_when
from portals.staff.shared.forms import party_choices
from portals.staff.shared.lists import PRICES, StaffList
from portals.staff.shared.words import VERBS
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui import typed as reading
from portals.ui.chips import chip
from portals.ui.components import Crumb, Empty
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.lists import ChoiceFilter, Column, FlagFilter, Preset, TextFilter

VIEW, EDIT, SCORES = "purchasing.quota.view", "purchasing.quota.edit", "srm.score.view"


def shares_in_words(quota: ItemQuota) -> str:
    """``Mill 60 % · Maker 40 %``."""
    return " · ".join(f"{share.supplier.label} {formats.plain(share.share)} %" for share in quota.shares.all())


def _over() -> Q:
    """Quotas whose last day is past."""
    return Q(valid_to__lt=clock.today())


class QuotaList(StaffList):
    """Every quota, the newest first."""

    key = "purchasing.quota"
    title = gettext_lazy("Quotas of suppliers")
    permission = VIEW
    export_permission = "purchasing.order.export"
    columns = (
        Column("item", gettext_lazy("Item"), value="item.name", sub=lambda row: row.item.code, sort="item__sort_key"),
        Column("shares", gettext_lazy("Shares"), value=shares_in_words),
        Column("way", gettext_lazy("How"), value=lambda row: row.get_way_display(), sort=True, phone="hide"),
        Column("valid_from", gettext_lazy("From"), "date", sort=True),
        Column("valid_to", gettext_lazy("Until"), "date", sort=True),
        Column("updated_by_name", gettext_lazy("Set by"), shown=False),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("item__code", "item__name", "item__mnemonic")),
        ChoiceFilter("way", gettext_lazy("How"), choices=QuotaWay),
        FlagFilter("over", gettext_lazy("Over"), when=_over),
        FlagFilter("running", gettext_lazy("In force or to come"), when=lambda: ~_over()),
    )
    presets = (Preset("running", gettext_lazy("In force or to come"), "running=1"),)
    default_sort = ("-valid_from",)
    tie_breaker = "pk"

    def rows(self) -> QuerySet[Any]:
        return quotas()

    def row_url(self, row: Any) -> str:
        return f"{reverse('staff:item_quotas', kwargs={'pk': row.item_id})}?quota={row.pk}"

    def empty(self) -> Empty:
        text = _("Set them on the page of an item, under Suppliers and quotas: who gets which part of what is bought.")
        return Empty(_("No quotas yet"), text)


def _item(pk: UUID) -> Item:
    found = Item.objects.select_related("unit", "tax_code").filter(pk=pk).first()
    if found is None:
        raise NotFoundRefused(_("There is no such item."), value=pk)
    return found


@staff_view(VIEW)
def item_quotas(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The suppliers of an item, best first, and the quota among them; ``?propose=1`` fills it in from the scores."""
    item = _item(pk)
    every = list(quotas().filter(item=item).order_by("-valid_from"))
    chosen = _chosen(request, every)
    if request.method != "POST":
        return _page(request, item, every, chosen)
    request.actor.require(EDIT)  # type: ignore[attr-defined]
    try:
        save_quota(
            data=_keyed(request, item),
            quota_id=chosen.pk if chosen else None,
            version=reading.whole(request.POST, "version", least=1, most=2**31 - 1) if chosen else None,
            **who_and_when(request),
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _page(request, item, every, chosen, refusal)
    return HttpResponseRedirect(_url(item))


def _url(item: Item) -> str:
    return reverse("staff:item_quotas", kwargs={"pk": item.pk})


def _chosen(request: HttpRequest, every: Sequence[ItemQuota]) -> ItemQuota | None:
    """The quota named, else the one that holds today or comes first; none where a new one is asked for."""
    named = request.POST.get("quota", "") if request.method == "POST" else request.GET.get("quota", "")
    if named or request.method == "POST":
        wanted = reading.key(named)
        found = next((quota for quota in every if quota.pk == wanted), None)
        if found is None and named not in {"", "new"}:
            raise NotFoundRefused(_("There is no such quota."), value=named[:40])
        return found
    today = clock.today()
    running = [quota for quota in every if quota.valid_to is None or quota.valid_to >= today]
    return running[-1] if running else None


def _keyed(request: HttpRequest, item: Item) -> QuotaData:
    """What stands in the form; a supplier without a share has none."""
    post = request.POST
    begins = reading.day(post, "valid_from")
    if begins is None:
        raise ValidationRefused(_("Give the first day."), field="valid_from")
    shares, problems = [], []
    for number, raw in enumerate(post.getlist("supplier"), 1):
        supplier_id = reading.key(raw)
        if supplier_id is None:
            continue
        try:
            share = reading.number(post, f"share-{raw}", line=number)
            base = reading.number(post, f"base-{raw}", line=number)
        except ValidationRefused as refusal:
            problems.append(refusal)
            continue
        if share:
            shares.append(ShareInput(supplier_id, share, base or ZERO))
    if problems:
        raise Refusal.many(problems)
    way, until = post.get("way", ""), reading.day(post, "valid_to")
    return QuotaData(item.pk, begins, shares, until, way)


def _page(
    request: HttpRequest,
    item: Item,
    every: Sequence[ItemQuota],
    chosen: ItemQuota | None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    posted: Any = request.POST if refusal else {}
    named = posted.getlist("supplier") if refusal else [request.GET.get("add", "")]
    more = [key for raw in named if (key := reading.key(raw))]
    found = candidates(item, day=clock.today(), quota=chosen, more=more)
    asked = request.GET.get("propose") and actor.may(SCORES) and not refusal
    proposed = proposed_shares(found) if asked else None
    known = {str(row.supplier.pk) for row in found}
    context = {
        "item": item,
        "rows": [_row(row, posted, proposed) for row in found],
        "quota": chosen,
        "timeline": ui_related.timeline(chosen.pk, limit=8, words=VERBS, reader=actor) if chosen else (),
        "others": [(quota, shares_in_words(quota)) for quota in every if quota != chosen],
        "form": _form(chosen, posted),
        "ways": QuotaWay.choices,
        "proposed": proposed,
        "addable": [(key, name) for key, name in party_choices("supplier") if key and key not in known],
        "may_edit": actor.may(EDIT),
        "prices": actor.may(PRICES),
        "scores": actor.may(SCORES),
        "error": block_of(refusal) if refusal else None,
        "here": _url(item),
        "crumbs": [Crumb(_("Items"), reverse("staff:item_list")), Crumb(item.name, item_url(request, item))],
    }
    return render(request, "staff/purchasing/item_quotas.html", context, status=refusal.status if refusal else 200)


def _form(chosen: ItemQuota | None, posted: Mapping[str, str]) -> dict[str, str]:
    """The head of the form: as it was typed, as it is, or a new one from today on."""
    if posted:
        return {name: posted.get(name, "") for name in ("quota", "valid_from", "valid_to", "way", "version")}
    if chosen is None:
        begins = clock.today().isoformat()
        return {"quota": "new", "valid_from": begins, "valid_to": "", "way": QuotaWay.NEXT.value, "version": ""}
    return {
        "quota": str(chosen.pk),
        "valid_from": chosen.valid_from.isoformat(),
        "valid_to": chosen.valid_to.isoformat() if chosen.valid_to else "",
        "way": chosen.way,
        "version": str(chosen.version),
    }


def _row(row: Candidate, posted: Mapping[str, str], proposed: Mapping[UUID, Decimal] | None) -> dict[str, Any]:
    key = str(row.supplier.pk)
    share = row.share.share if row.share else None
    if proposed is not None:
        share = proposed.get(row.supplier.pk)
    base = formats.plain(row.share.base_qty) if row.share and row.share.base_qty else ""
    return {
        "it": row,
        "key": key,
        "chip": chip("supplier", row.supplier.supplier.state),
        "share": posted.get(f"share-{key}", formats.plain(share) if share else ""),
        "base": posted.get(f"base-{key}", base),
    }


@require_POST
@staff_view(EDIT)
def item_quota_drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a quota of the item away."""
    item = _item(pk)
    every = list(quotas().filter(item=item).order_by("-valid_from"))
    chosen = _chosen(request, every)
    if chosen is None:
        raise NotFoundRefused(_("There is no such quota."), value=request.POST.get("quota", "")[:40])
    return step(
        request,
        lambda: drop_quota(quota_id=chosen.pk, **who_and_when(request)),
        done=_("The quota is gone."),
        back=_url(item),
        refused=lambda block: _page(request, item, every, chosen),
    )
