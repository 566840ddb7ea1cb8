"""Forms of the public face and of accounts. They check shapes; what is allowed is decided by ``tenants``."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portals.ui.forms import UiFormMixin

INDUSTRIES = (
    ("trade", _("Wholesale and trading")),
    ("manufacturing", _("Manufacturing")),
    ("retail", _("Retail")),
    ("food", _("Food wholesale")),
    ("machinery", _("Machinery and parts")),
    ("garment", _("Garments and textiles")),
)
TAXPAYER_TYPES = (("general", _("General taxpayer")), ("small_scale", _("Small-scale taxpayer")))


def _password(autocomplete: str, label: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, widget=widget, strip=False, max_length=128)


class SignUpPage(UiFormMixin, forms.Form):
    email = forms.EmailField(
        label=_("Work e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    name = forms.CharField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    company = forms.CharField(
        label=_("Company"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    slug = forms.CharField(
        label=_("Address"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    industry = forms.ChoiceField(label=_("Business"), choices=INDUSTRIES)
    taxpayer_type = forms.ChoiceField(label=_("VAT"), choices=TAXPAYER_TYPES)
    password = _password("new-password", _("Password"))
    with_demo_data = forms.BooleanField(label=_("Fill it with sample data to try things out"), required=False)
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-tk-timezone": ""}))

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"]
        return zone if zone in available_timezones() else settings.TIME_ZONE


class SignInPage(UiFormMixin, forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = _password("current-password", _("Password"))
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class CodePage(UiFormMixin, forms.Form):
    code = forms.CharField(
        label=_("Six-digit code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )
    stage = forms.CharField(widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class ResetPage(UiFormMixin, forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )


class NewPasswordPage(UiFormMixin, forms.Form):
    password = _password("new-password", _("New password"))


class ChangePasswordPage(UiFormMixin, forms.Form):
    old = _password("current-password", _("Present password"))
    password = _password("new-password", _("New password"))


class PasswordPage(UiFormMixin, forms.Form):
    old = _password("current-password", _("Present password"))


class TurnOnPage(UiFormMixin, forms.Form):
    code = forms.CharField(
        label=_("Code shown by the app"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    sealed = forms.CharField(widget=forms.HiddenInput)


class ProfilePage(UiFormMixin, forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class JoinPage(UiFormMixin, forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = _password("new-password", _("Password"))


class JoinKnownPage(UiFormMixin, forms.Form):
    password = _password("current-password", _("Password"))
