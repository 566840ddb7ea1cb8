"""Every page that navigation reaches, on every face: nothing serious for axe, nothing wider than the window, no error.

Each page is looked at wide and light, then narrow and dark; `TROIKA_E2E_ALL=1` looks at all four combinations.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.browser import Window
from tests.e2e.product import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

AXE = ROOT / "portals" / "ui" / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 780}
LOOKS = [(WIDE, "light"), (NARROW, "dark")]
if os.environ.get("TROIKA_E2E_ALL"):
    LOOKS = [(size, theme) for size in (WIDE, NARROW) for theme in ("light", "dark")]
RUN_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]});
  return found.violations.filter(each => ["serious", "critical"].includes(each.impact))
    .map(each => `${each.id}: ${each.nodes.slice(0, 3).map(node => node.target.join(" ") + " " + (node.any[0]?.message || "").slice(0, 140)).join(" | ")}`);
}"""
TOO_WIDE = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const scrolls = element => { for (let up = element.parentElement; up && up !== document.body; up = up.parentElement)
    if (["auto", "scroll", "hidden"].includes(getComputedStyle(up).overflowX)) return true; return false; };
  return [...document.querySelectorAll("body *")]
    .filter(each => each.getBoundingClientRect().right > page.clientWidth + 1 && !scrolls(each))
    .slice(0, 3).map(each => `wider than the window: ${each.tagName.toLowerCase()}.${each.className} ${Math.round(each.getBoundingClientRect().right)}`);
}"""
UNTRANSLATED = """() => (document.querySelector("main")?.innerText || "").split("\\n")
  .filter(line => /^[A-Z][a-z]+( [a-z’']+){2,}[.:]?$/.test(line.trim())).slice(0, 5).map(line => `not translated: ${line}`)"""
FACES = {
    "owner": ("", "/", ".tk-side a[href], .tk-menu a[href]"),
    "supplier": ("supplier/", "/supplier/", ".tk-pnav nav a[href], main a[href]"),
    "customer": ("customer/", "/customer/", ".tk-pnav nav a[href], main a[href]"),
}
NOT_PAGES = (
    "/print/",
    "/sheet/",
    "/export",
    "/signout",
    "/api/",
    "/static/",
    "/files/",
    "/subscription/portal",
    "/pack/",
    "/labels/",
)


@pytest.fixture(scope="module")
def axe() -> str:
    if not Path(AXE).exists():
        pytest.skip("axe-core is missing: infra/test installs it with the other packages")
    return AXE.read_text(encoding="utf-8")


@pytest.mark.parametrize("person", list(FACES))
def test_pages_of_a_face(person: str, axe: str, window: Callable[..., Window]) -> None:
    face, start, links = FACES[person]
    seen = window(size=WIDE).sign_in("demo", f"{person}@demo.example", face)
    faults = [fault for path in walk(seen, start, links) for fault in look(seen, axe, path)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", ["/", "/signup/", "/signin/", "/plans/", "/password/reset/", "/terms/", "/privacy/"])
def test_public_pages(path: str, axe: str, window: Callable[..., Window]) -> None:
    seen = window(size=WIDE)
    seen.page.goto(seen.product.url("", path))
    faults = look(seen, axe, path)
    assert not faults, "\n".join(faults)


def walk(seen: Window, start: str, links: str) -> Iterator[str]:
    """The pages behind the navigation, one document of each kind, and the forms of quick creation; each is open when yielded."""
    waiting, known, kinds = [start], {start}, set()
    while waiting:
        path = waiting.pop(0)
        answer = seen.page.goto(seen.product.url("demo", path))
        if answer is None or answer.status >= 400:
            raise AssertionError(f"{path} answered {answer.status if answer else 'nothing'}")
        yield path
        hrefs = seen.page.eval_on_selector_all(links + ", main td a[href]", "all => all.map(each => each.href)")
        for href in hrefs:
            parts = urlsplit(href)
            kind = kind_of(parts.path)
            if not parts.netloc.startswith("demo.") or parts.path in known or any(no in href for no in NOT_PAGES):
                continue
            if kind in kinds:
                continue
            kinds.add(kind)
            known.add(parts.path)
            waiting.append(parts.path)


def kind_of(path: str) -> str:
    """The path with numbers and ids taken out: one document of each kind is enough."""
    return "/".join("*" if any(sign.isdigit() for sign in part) else part for part in path.split("/"))


def look(seen: Window, axe: str, path: str) -> list[str]:
    """What is wrong with the open page in each size and theme."""
    faults: list[str] = []
    page: Any = seen.page
    for size, theme in LOOKS:
        page.set_viewport_size(size)
        page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
        page.wait_for_function("() => !document.querySelector('.busy, .htmx-request')")
        if not page.evaluate("() => !!window.axe"):
            page.evaluate(axe)
        found = page.evaluate(RUN_AXE) + page.evaluate(TOO_WIDE)
        faults += [f"{path} [{size['width']} {theme}] {fault}" for fault in found]
    faults += [f"{path} {fault}" for fault in page.evaluate(UNTRANSLATED)]
    page.set_viewport_size(WIDE)
    return faults
