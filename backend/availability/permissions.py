"""What one may do with promises. Suggestions are decided by buyers: see purchasing."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "availability.promise.view": _("See promises and why they are so"),
    "availability.promise.edit": _("Choose the words that customers read about a changed promise"),
}
