"""What one may read of the figures. The books' own reports need ``accounting.report.view``."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "reporting.kpi.view": _("See the company's figures on the home page"),
}
