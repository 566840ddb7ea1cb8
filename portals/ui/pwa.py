"""The portals install like an app: a manifest for each face."""

from django.http import Http404, HttpRequest, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_STARTS = {"staff": "/", "supplier": "/supplier/", "customer": "/customer/"}
_BAND = "#0c3a40"
_CANVAS = "#f4f6f5"


@never_cache
@require_safe
def manifest(request: HttpRequest, face: str) -> JsonResponse:
    """Name, start and icons of a face on this company's host."""
    if face not in _STARTS:
        raise Http404
    company = str(getattr(getattr(request, "tenant", None), "name", "") or "Troika")
    names = {"staff": company, "supplier": _("Supplier portal"), "customer": _("Customer portal")}
    icons = [
        {"src": static(f"ui/img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    return JsonResponse(
        {
            "id": _STARTS[face],
            "name": f"{company} · {names[face]}" if face != "staff" else f"{company} · Troika",
            "short_name": company,
            "start_url": _STARTS[face],
            "scope": _STARTS[face],
            "display": "standalone",
            "theme_color": _BAND,
            "background_color": _CANVAS,
            "icons": icons,
        },
        content_type="application/manifest+json",
    )
