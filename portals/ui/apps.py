"""The design system and shell shared by every face: layouts, components, list and document pages, printing."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "portals.ui"
    label = "ui"
    verbose_name = _("Interface")
