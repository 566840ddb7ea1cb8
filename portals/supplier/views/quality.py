"""How this firm is doing: its own scorecard. Another's is never shown."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backend.srm.selectors import scores as reads
from backend.srm.services.scores import weights
from backend.workflow import parameters
from portals.supplier.frame import page
from portals.ui.guards import supplier_view
from portals.ui.scorecard import scorecard


@require_safe
@supplier_view("supplier.score.view")
def score(request: HttpRequest) -> HttpResponse:
    """Months, chart and numbers."""
    actor = request.actor  # type: ignore[attr-defined]
    limit = int(parameters.get("srm.watch_below"))
    months = reads.months_of(actor.party_id)
    context = {"late": reads.late_deliveries(actor.party_id, most=10), **scorecard(months, limit, weights())}
    return page(request, "supplier/score.html", "company", context)
