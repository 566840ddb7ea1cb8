"""What one may do with the way the company works."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "workflow.setting.view": _("See company settings"),
    "workflow.setting.manage": _("Change company settings"),
    "workflow.view.share": _("Share saved views"),
}
