"""Pages for addresses that belong to nobody."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portals.ui.components import Action, ErrorBlock, Problem
from portals.ui.errors import error_page
from tenants.directory import public_url


def no_such_company(request: HttpRequest) -> HttpResponse:
    """No company has this host name."""
    block = ErrorBlock(
        _("There is no company at this address"),
        "",
        (Problem(_("Address"), request.get_host(), _("Check the spelling, or find your company by your e-mail.")),),
    )
    ways = (
        Action(_("Find my company"), public_url("/signin/"), icon="search", look="soft"),
        Action(_("Back to the start"), public_url("/"), icon="home"),
    )
    return error_page(request, block, status=404, ways=ways)
