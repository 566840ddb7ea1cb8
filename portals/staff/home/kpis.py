"""The KPI tiles of the home page."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portals.ui.components import Kpi

RANGES: dict[str, Any] = {"today": _("Today"), "month": _("This month"), "quarter": _("This quarter")}


def kpis_for(request: HttpRequest, chosen: str) -> list[Kpi]:
    return []
