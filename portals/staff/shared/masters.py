"""Forms of master data: sections of fields, one save, refusals beside the fields they name."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from backend.kernel.errors import Refusal
from portals.staff.shared.forms import PickField, StaffForm, put_on
from portals.ui.components import Crumb

Section = tuple[Any, Sequence[str]]


def sections_of(form: StaffForm, sections: Sequence[Section], wide: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The fields as the template draws them; comboboxes bring the words of the present choice."""
    return [{"title": title, "cells": _cells(form, names, wide)} for title, names in sections]


def _cells(form: StaffForm, names: Sequence[str], wide: Sequence[str]) -> list[dict[str, Any]]:
    """The cells of a section of four columns; a wide one takes two, the last one all that is left of its row."""
    found, used = [], 0
    for name in names:
        span = 2 if name in wide else 1
        if span > 1 and name == names[-1]:
            span = 4 - used % 4 if used % 4 < 3 else 4
        found.append(_cell(form, name, f"w{span}" if span > 1 else ""))
        used += span
    return found


def _cell(form: StaffForm, name: str, css: str) -> dict[str, Any]:
    field, bound = form.fields[name], form[name]
    if not isinstance(field, PickField):
        return {"bound": bound, "css": css, "pick": False, "when": form.when(name)}
    return {
        "bound": bound,
        "css": css or " ",
        "pick": True,
        "when": form.when(name),
        "name": name,
        "text": field.label_of(bound.value()),
        "url_name": field.url_name,
    }


def edit_page(
    request: HttpRequest,
    *,
    form: StaffForm,
    sections: Sequence[Section],
    save: Callable[[], Any],
    back: Callable[[Any], str],
    title: Any,
    crumbs: Sequence[Crumb],
    cancel_url: str,
    version: Any = "",
    wide: Sequence[str] = (),
    template: str = "staff/shared/master_form.html",
    **extra: Any,
) -> HttpResponse:
    """Draw the form, or save it and go on. `save` is one service call; a `refresh` draws it anew with what was typed."""
    error, status = None, 200
    if request.method == "POST" and "refresh" not in request.POST:
        status = 400
        if form.is_valid():
            try:
                saved = save()
            except Refusal as refusal:
                error, status = put_on(form, refusal), refusal.status
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(back(saved))
    context = {
        "form": form,
        "sections": sections_of(form, sections, wide),
        "error": error,
        "title": title,
        "crumbs": crumbs,
        "cancel_url": cancel_url,
        "version": request.POST.get("version") or version,
    }
    return render(request, template, context | extra, status=status)
