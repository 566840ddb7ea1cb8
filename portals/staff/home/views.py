"""The home page: what waits, what moves, what is wrong, by what this member may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from backend.kernel import clock, tenancy
from portals.staff import figures
from portals.staff.home import flow
from portals.staff.home.alerts import alerts_for
from portals.staff.home.checklist import SELECTS, checklist_for
from portals.staff.home.kpis import RANGES, kpis_for
from portals.ui.guards import staff_view
from tenants import sample_data


def _greeting(name: str) -> str:
    hour = timezone.localtime(clock.now(), tenancy.time_zone()).hour
    if hour < 5 or hour >= 22:
        words = _("Good night, %(name)s")
    elif hour < 12:
        words = _("Good morning, %(name)s")
    elif hour < 18:
        words = _("Good afternoon, %(name)s")
    else:
        words = _("Good evening, %(name)s")
    return words % {"name": name}


def _subtitle(waiting: int) -> str:
    today = date_format(clock.today(), _("l, j F"))
    if not waiting:
        return _("%(today)s · nothing waits for you") % {"today": today}
    words = ngettext("%(count)s matter waits for you", "%(count)s matters wait for you", waiting)
    return f"{today} · {words % {'count': waiting}}"


def _sample_data() -> str:
    """Whether sample data are on their way; asked afresh only when the company, as it was read, still waits."""
    company = tenancy.current()
    return sample_data.fresh_state_of(company.pk) if sample_data.state_of(company) else ""


@require_safe
@staff_view()
def sample_data_state(request: HttpRequest) -> HttpResponse:
    """Asked every second while sample data are laid; when they are there the page is drawn again."""
    state = _sample_data()
    answer = render(request, "staff/home/sample_data.html", {"sample_data": state})
    if not state:
        answer["HX-Refresh"] = "true"
    return answer


@staff_view()
def home(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    found = figures.read_figures(actor, now=clock.now(), today=clock.today(), also=SELECTS)
    chosen = request.GET.get("range", "month")
    chosen = chosen if chosen in RANGES else "month"
    todo = flow.todo_rows(request, found)
    context = {
        "sample_data": _sample_data(),
        "greeting": _greeting(request.actor.name),  # type: ignore[attr-defined]
        "subtitle": _subtitle(flow.waiting_for(request, found)),
        "kpis": kpis_for(request, chosen),
        "ranges": [(key, label, key == chosen) for key, label in RANGES.items()],
        "nodes": flow.flow_nodes(request, found),
        "todo_columns": flow.TODO_COLUMNS,
        "todo": todo,
        "waiting": flow.waiting_for(request, found),
        "alerts": alerts_for(request, clock.today(), found),
        "checklist": checklist_for(request, found),
    }
    return render(request, "staff/home/home.html", context)
