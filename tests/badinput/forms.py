"""The forms of a page as a browser would send them back untouched."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


@dataclass
class Form:
    """Where a form goes and what it holds."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.forms, self._area, self._select = page, [], "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        target = given.get("hx-post") or (
            given.get("action", "") if given.get("method", "").lower() == "post" else None
        )
        if tag == "form" or given.get("hx-post"):
            self.forms.append(Form(urlsplit(urljoin(self.page, target or "")).path if target is not None else ""))
        elif self.forms and given.get("name"):
            self._field(tag, given)
        elif tag == "option" and self._select and self.forms:
            known = self.forms[-1].values.get(self._select)
            if "selected" in given or not known:
                self.forms[-1].values[self._select] = given.get("value", "")

    def _field(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if tag == "select":
            self._select = given["name"]
            self.forms[-1].values.setdefault(self._select, "")
        elif kind in {"checkbox", "radio"} and "checked" not in given:
            return
        elif tag in {"input", "textarea", "button"} and kind != "file":
            self.forms[-1].values.setdefault(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def forms_of(page: str, html: str) -> Iterator[Form]:
    """The posting forms of a page."""
    reader = _Reader(page)
    reader.feed(html)
    return (form for form in reader.forms if form.action)
