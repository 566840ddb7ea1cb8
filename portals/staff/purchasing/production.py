"""Production on the order page: nodes with planned and actual days, links for the workshop, and what they bring."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.processes.progress_links import give_link
from backend.purchasing.models import (
    Node,
    NodeTemplate,
    ProductionNode,
    ProgressLink,
    PurchaseOrder,
    PurchaseOrderLine,
)
from backend.purchasing.selectors import orders as reads
from backend.purchasing.services import nodes, progress_links
from portals.staff.purchasing.order_views import EDIT, ORDER, order_crumbs
from portals.staff.sales.entry import day_of, uuid_of
from portals.staff.shared.acting import who_and_when
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.navigation import trail


@require_POST
@staff_view(EDIT)
def order_plan(request: HttpRequest, number: str) -> HttpResponse:
    """Lay the nodes of a template on the open lines."""

    def plan(order: PurchaseOrder) -> Any:
        template = uuid_of(request.POST.get("template", ""))
        if template is None:
            raise NotFoundRefused(_("There is no such template."), value=request.POST.get("template", "")[:40])
        return nodes.plan_nodes(order_id=order.pk, template_id=template, **who_and_when(request))

    return ORDER.run(request, number, plan, _("Planned: a node that is a day late tells you by itself."))


@require_POST
@staff_view(EDIT)
def order_nodes(request: HttpRequest, number: str) -> HttpResponse:
    """Other planned days."""

    def change(order: PurchaseOrder) -> Any:
        known = ProductionNode.objects.filter(order_line__document=order, actual_date=None)
        dates, problems = {}, []
        for row in known:
            text = request.POST.get(f"node-{row.pk}", "").strip()
            if not text:
                continue
            day = day_of(text)
            if day is None:
                problems.append(ValidationRefused(_("This is not a date."), field="planned_date", value=text[:20]))
            else:
                dates[row.pk] = day
        if problems:
            raise Refusal.many(problems)
        return nodes.set_node_dates(order_id=order.pk, dates=dates, **who_and_when(request)) if dates else 0

    return ORDER.run(request, number, change, _("The plan is kept."))


# --- links -----------------------------------------------------------------------------------------------
@require_POST
@staff_view(EDIT)
def order_link(request: HttpRequest, number: str) -> HttpResponse:
    """A link to report on one line without an account; it is shown this once."""
    order = reads.order_for(request.actor, number)  # type: ignore[attr-defined]
    line = _line_of(order, request.POST.get("line", ""))
    try:
        given = give_link(order_line_id=line.pk, mail=request.POST.get("mail") == "yes", **who_and_when(request))
    except Refusal as refusal:
        answer = ORDER.draw(request, order, block_of(refusal))
        answer.status_code = refusal.status
        return answer
    if given.mailed_to:
        messages.success(request, _("Mailed to %(address)s.") % {"address": given.mailed_to})
    context = {
        "order": order,
        "line": line,
        "given": given,
        "crumbs": order_crumbs(order),
    }
    answer = render(request, "staff/purchasing/progress_link.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@staff_view(EDIT)
def order_link_revoke(request: HttpRequest, number: str) -> HttpResponse:
    """The link is not good any more."""

    def revoke(order: PurchaseOrder) -> Any:
        link = uuid_of(request.POST.get("link", ""))
        if link is None or not ProgressLink.objects.filter(pk=link, order_line__document=order).exists():
            raise NotFoundRefused(_("There is no such link."), value=link)
        return progress_links.revoke_link(link_id=link, **who_and_when(request))

    return ORDER.run(request, number, revoke, _("The link is not good any more."))


def _line_of(order: PurchaseOrder, key: str) -> PurchaseOrderLine:
    found = {str(line.pk): line for line in order.lines.all()}.get(key)
    if found is None:
        raise NotFoundRefused(_("There is no such line."), value=key[:40])
    return found


def _page(order: PurchaseOrder) -> str:
    return reverse("staff:purchase_order_detail", kwargs={"number": order.number})


# --- templates of nodes --------------------------------------------------------------------------------------
@staff_view(EDIT)
def node_templates(request: HttpRequest) -> HttpResponse:
    """Which nodes are planned how many days before a line is due, and for which categories by themselves."""
    from backend.catalog.models import ItemCategory

    error, status = None, 200
    if request.method == "POST":
        try:
            nodes.save_template(data=_typed(request), template_id=_template(request), **who_and_when(request))
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            error, status = block_of(refusal), refusal.status
        else:
            messages.success(request, _("The template is kept."))
            return HttpResponseRedirect(reverse("staff:node_templates"))
    templates = list(NodeTemplate.objects.prefetch_related("steps", "categories").order_by("name"))
    context = {
        "forms": [*(_form(row) for row in templates), _form(None)],
        "nodes": Node.choices,
        "categories": list(ItemCategory.objects.order_by("name")),
        "error": error,
        "posted": request.POST if error else {},
        "crumbs": trail("staff:purchase_order_list"),
    }
    return render(request, "staff/purchasing/node_templates.html", context, status=status)


def _template(request: HttpRequest) -> Any:
    given = request.POST.get("template", "")
    if not given:
        return None
    key = uuid_of(given)
    if key is None:
        raise NotFoundRefused(_("There is no such template."), value=given[:40])
    return key


def _typed(request: HttpRequest) -> nodes.TemplateData:
    from backend.catalog.models import ItemCategory

    days = {}
    for node in Node.values:
        text = request.POST.get(node, "").strip()
        if text:
            if not text.isdigit() or int(text) > 365:
                raise ValidationRefused(_("Give the days before the due day, 0 to 365."), field=node, value=text[:10])
            days[node] = int(text)
    keys = [key for key in map(uuid_of, request.POST.getlist("category")) if key]
    known = list(ItemCategory.objects.filter(pk__in=keys).values_list("pk", flat=True))
    return nodes.TemplateData(
        name=request.POST.get("name", "").replace("\x00", ""),
        days_before=days,
        category_ids=known,
        active=request.POST.get("active") == "yes",
    )


def _form(row: NodeTemplate | None) -> dict[str, Any]:
    days = {step.node: step.days_before for step in row.steps.all()} if row else {}
    return {
        "row": row,
        "days": [(code, label, days.get(code)) for code, label in Node.choices],
        "categories": {category.pk for category in row.categories.all()} if row else set(),
    }
