"""One kind of document with its addresses: loads it, draws it, and makes the views of its plain steps.

A step is one service call on a POST; when it is refused the document's page is drawn again with the reason in its place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from portals.staff.shared.acting import step, version_of, who_and_when
from portals.staff.shared.dialogs import Dialog, reason_dialog
from portals.staff.shared.printing import other_language
from portals.ui.components import Action
from portals.ui.guards import staff_view

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Kit:
    """`name` is the stem of the url names, `subject` the services' name for the document's id."""

    name: str
    subject: str
    load: Callable[[Any, str], Any]
    draw: Callable[[HttpRequest, Any, Any], HttpResponse]

    def url(self, what: str, document: Any) -> str:
        return reverse(f"staff:{self.name}_{what}", kwargs={"number": document.number})

    @property
    def list_url(self) -> str:
        return reverse(f"staff:{self.name}_list")

    def post(self, label: Any, what: str, document: Any, icon: str, look: str = "") -> Action:
        """A button that does a step at once."""
        fields = {"version": document.version}
        return Action(label, self.url(what, document), icon=icon, method="post", look=look, fields=fields)

    def printing(self, document: Any) -> list[Action]:
        """The paper in the other language; the page prints in the reader's own by itself."""
        return [other_language(self.url("print", document))]

    def ask(
        self, request: HttpRequest, key: str, title: Any, what: str, document: Any, button: Any, **more: Any
    ) -> Dialog:
        """A dialog that asks for the reason of a step."""
        return reason_dialog(request, key, title, self.url(what, document), button, document.version, **more)

    def detail(self, permission: str) -> View:
        @staff_view(permission)
        def view(request: HttpRequest, number: str) -> HttpResponse:
            return self.draw(request, self.load(request.actor, number), None)  # type: ignore[attr-defined]

        return view

    def run(
        self,
        request: HttpRequest,
        number: str,
        do: Callable[[Any], Any],
        done: Any,
        back: str | Callable[[Any], str] | None = None,
    ) -> HttpResponse:
        """Do one thing to the document and go on, to its own page unless `back` says otherwise."""
        document = self.load(request.actor, number)  # type: ignore[attr-defined]
        return step(
            request,
            lambda: do(document),
            done=done,
            back=back or self.url("detail", document),
            refused=lambda error: self.draw(request, self.load(request.actor, number), error),  # type: ignore[attr-defined]
        )

    def step(
        self,
        permission: str,
        service: Callable[..., Any],
        done: Any,
        *,
        reason: bool = False,
        back: Callable[[Any], str] | None = None,
        given: Mapping[str, Any] | None = None,
        seen: bool = False,
    ) -> View:
        """The view of a step that calls a service with the document's id (and the reason that was typed).

        ``seen``: the service also learns which version was before the eyes.
        """

        @require_POST
        @staff_view(permission)
        def view(request: HttpRequest, number: str) -> HttpResponse:
            more = dict(given or {})
            if reason:
                more["reason"] = request.POST.get("reason", "").strip()[:300]
            if seen:
                more["version"] = version_of(request)
            who = who_and_when(request)
            return self.run(request, number, lambda it: service(**{self.subject: it.pk}, **who, **more), done, back)

        return view
