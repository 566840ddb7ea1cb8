"""What a plan limits: the number of staff. Users of suppliers and customers are free and unlimited."""

from typing import Any

from django.utils.translation import gettext as _

from backend.access.models import Member
from backend.kernel import tenancy
from backend.kernel.errors import Conflict, WayOut
from tenants import plans
from tenants.models import Tenant


def check_staff_seat(*, joining: bool) -> None:
    """Raise Conflict when the active company's plan has no seat left. ``joining``: the new member is counted already."""
    tenant: Any = tenancy.current()
    fresh = Tenant.objects.filter(pk=getattr(tenant, "pk", None)).first()
    seats = plans.staff_seats(fresh) if fresh else None
    if seats is None:
        return
    taken = Member.objects.filter(kind="staff", active=True).count()
    if taken > seats or (taken == seats and not joining):
        raise Conflict(
            _("The plan of %(company)s has %(seats)s seats for staff, and all are taken.")
            % {"company": tenant.name, "seats": seats},
            code="no_seat_left",
            way_out=_("Deactivate a member, or choose a larger plan. Users of suppliers and customers do not count."),
            links=[WayOut(_("Plan and billing"), url="/subscription/")],
        )
