"""The open door: a firm applies to become a supplier. Nobody is signed in here."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal
from backend.srm.services.admission import apply_as_supplier
from backend.srm.services.inputs import ApplicationData
from backend.workflow import parameters
from portals.ui import typed as reading
from portals.ui.errors import block_of
from tenants import throttle
from tenants.sessions import client_address

LENGTHS = {
    "company_name": 120,
    "tax_id": 30,
    "contact_name": 60,
    "email": 254,
    "phone": 30,
    "main_products": 300,
    "message": 1000,
}


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """The form; where the company does not want applications there is no such page."""
    if not parameters.get("srm.applications_open") or not request.tenant.can_write:  # type: ignore[attr-defined]
        raise Http404
    if request.method != "POST":
        return render(request, "supplier/apply.html", {"typed": {}})
    values = {name: reading.words(request.POST, name, longest) for name, longest in LENGTHS.items()}
    try:
        throttle.count_attempt("signup", email=values["email"], address=client_address(request))
        data = ApplicationData(**values, language=get_language() or settings.LANGUAGE_CODE)
        actor = Actor(kind="supplier", name=values["contact_name"], channel="portal", email=values["email"])
        apply_as_supplier(data=data, actor=actor, at=clock.now())
    except Refusal as refusal:
        context = {"typed": request.POST, "error": block_of(refusal)}
        return render(request, "supplier/apply.html", context, status=refusal.status)
    return render(request, "supplier/apply.html", {"sent": values})
