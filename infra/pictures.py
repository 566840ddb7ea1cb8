"""Takes the pictures of the landing page and of the readme from the demo companies of a running product.

Usage: ``python -m infra.pictures http://localhost:8000``. The pictures show the product as it is: an order with its promise on a
wide screen, and a customer's order in the portal on a phone, each in Chinese and English; for the readme the home page and the
order in English.
"""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import copyfile
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
FOLDER, README = ROOT / "portals" / "public" / "static" / "public" / "img", ROOT / "infra" / "docs"
README_LANGUAGE = "en"
PASSWORD = "three horses one direction"
BROWSER = {
    "executable_path": "/usr/bin/chromium",
    "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
}
COMPANIES = (("demo", "zh", "zh-CN", "复印纸 A4"), ("demo-en", "en", "en-US", "Copy paper A4"))


def sign_in(page: Any, address: str, email: str) -> None:
    page.goto(address)
    page.fill("#id_email", email)
    page.fill("#id_password", PASSWORD)
    page.click("button.btn-primary")
    page.wait_for_load_state("networkidle")


def first_with(page: Any, listing: str, words: str) -> None:
    """Open the first document of a list that is about these words."""
    page.goto(listing)
    path = urlsplit(listing).path
    links = page.eval_on_selector_all(f"main a[href*='{path}']", "all => all.map(a => a.href)")
    for link in dict.fromkeys(links):
        if link.rstrip("/").endswith(path.rstrip("/")) or link.endswith("/new/") or "?" in link:
            continue
        page.goto(link)
        if words in page.inner_text("main"):
            page.wait_for_load_state("networkidle")
            return
    raise SystemExit(f"No document about {words!r} behind {listing}.")


def explain_promise(page: Any) -> None:
    """Open the explanation of the first promise, where the page has one."""
    button = page.locator("main button.tk-promise").first
    if button.count():
        button.click()
        page.wait_for_timeout(600)


def picture(browser: Any, base: str, company: tuple[str, str, str, str]) -> None:
    slug, language, locale, words = company
    parts = urlsplit(base)
    host = f"{parts.scheme}://{slug}.{parts.netloc}"
    desk = browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale).new_page()
    sign_in(desk, f"{host}/", f"owner@{slug}.example")
    if language == README_LANGUAGE:
        desk.goto(f"{host}/")
        desk.wait_for_load_state("networkidle")
        desk.screenshot(path=README / "home.png")
    first_with(desk, f"{host}/sales/orders/", words)
    explain_promise(desk)
    desk.screenshot(path=FOLDER / f"order-{language}.png")
    if language == README_LANGUAGE:
        copyfile(FOLDER / f"order-{language}.png", README / "order.png")
    phone = browser.new_context(viewport={"width": 390, "height": 844}, locale=locale, device_scale_factor=2).new_page()
    sign_in(phone, f"{host}/customer/", f"customer@{slug}.example")
    first_with(phone, f"{host}/customer/orders/", words)
    phone.screenshot(path=FOLDER / f"portal-{language}.png")


def main(arguments: list[str]) -> int:
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**BROWSER)  # type: ignore[arg-type]
        for company in COMPANIES:
            picture(browser, arguments[0] if arguments else "http://localhost:8000", company)
    print("\n".join(str(path) for path in sorted(FOLDER.iterdir())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
