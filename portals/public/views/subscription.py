"""Plans and payment of a company; the only pages that write while a company is read only."""

import logging
from typing import Any

import stripe
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from backend.access.models import Member
from backend.kernel.errors import ValidationRefused
from backend.kernel.tenancy import in_public
from portals.public.faces import render_account
from portals.ui.guards import staff_view
from tenants import archive, billing, plans
from tenants.models import Tenant

log = logging.getLogger(__name__)
MANAGE = "access.subscription.manage"
_RUNNING = {"active", "trialing", "past_due", "unpaid"}


def _fresh(request: Any) -> Tenant:
    """The company as it is now, not as the directory remembers it."""
    with in_public():
        return Tenant.objects.get(pk=request.tenant.pk)


@never_cache
@staff_view()
@require_safe
def overview(request: Any) -> HttpResponse:
    """The present plan, the offers, the invoices."""
    tenant = _fresh(request)
    context = {
        "company": tenant,
        "plan": plans.plan_called(tenant.plan_code),
        "plans": plans.offers(),
        "interval": "year" if request.GET.get("interval") == "year" else "month",
        "running": tenant.subscription_status in _RUNNING,
        "may_export": request.actor.may("*"),
        "may_manage": request.actor.may(MANAGE),
        "invoices": billing.invoices(tenant=tenant) if request.actor.may(MANAGE) else [],
        "staff": Member.objects.filter(kind="staff", active=True).count(),
    }
    return render_account(request, "public/subscription.html", context)


@staff_view(MANAGE)
@require_POST
def buy(request: Any) -> HttpResponse:
    """Go and pay for an offer, or move the running subscription to it."""
    offer = plans.offer_called(request.POST.get("offer", ""))
    if offer is None:
        raise ValidationRefused(_("There is no such plan."), field="offer", value=request.POST.get("offer", ""))
    tenant = _fresh(request)
    if tenant.subscription_status in _RUNNING:
        billing.change_plan(tenant=tenant, offer=offer)
        messages.success(request, _("The plan is changed. The difference is settled to the day on the next invoice."))
        return HttpResponseRedirect("/subscription/")
    return HttpResponseRedirect(billing.start_checkout(tenant=tenant, offer=offer, email=request.identity.email))


@staff_view(MANAGE)
@require_POST
def portal(request: Any) -> HttpResponse:
    """Cards, invoices and cancelling, at the payment service."""
    tenant = _fresh(request)
    if not tenant.stripe_customer_id:
        return HttpResponseRedirect("/subscription/")
    return HttpResponseRedirect(billing.portal_url(tenant=tenant))


@never_cache
@staff_view()
@require_safe
def done(request: Any) -> HttpResponse:
    """Back from paying: the snapshot is read at once, without waiting for the event."""
    try:
        session = billing.client().checkout.sessions.retrieve(request.GET.get("session", "")).to_dict()
        if session.get("client_reference_id") == str(request.tenant.pk) and session.get("subscription"):
            billing.sync_subscription(str(session["subscription"]))
    except stripe.StripeError as problem:
        log.warning("The payment could not be read yet; the event will tell.", extra={"problem": str(problem)})
    tenant = _fresh(request)
    if tenant.can_write and tenant.plan_code:
        messages.success(request, _("Thank you. The plan is active and everything can be written again."))
    else:
        messages.info(request, _("The payment is being confirmed. This takes a moment."))
    return HttpResponseRedirect("/subscription/")


@never_cache
@staff_view("*")
@require_safe
def export(request: Any) -> Any:
    """The whole company as one archive, for its owner; also while it is read only."""
    now = timezone.now()
    packed = archive.export_to_memory(tenant=_fresh(request), at=now)
    name = f"{request.tenant.slug}-{now:%Y%m%d-%H%M}.zip"
    return FileResponse(packed, as_attachment=True, filename=name, content_type="application/zip")


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Signed events of the payment service. Only what was taken in is answered with 200."""
    signature = request.headers.get("Stripe-Signature", "")
    try:
        fresh = billing.receive_event(payload=request.body, signature=signature, at=timezone.now())
    except (stripe.SignatureVerificationError, ValueError):
        return HttpResponse("wrong signature", status=400, content_type="text/plain")
    except stripe.StripeError as problem:
        log.warning("An event could not be taken in; it will come again.", extra={"problem": str(problem)})
        return HttpResponse("try again", status=503, content_type="text/plain")
    return HttpResponse("taken" if fresh else "known", content_type="text/plain")
