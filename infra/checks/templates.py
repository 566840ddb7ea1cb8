"""Every template compiles, and none breaks the content security policy of the pages.

The policy allows no inline script, no inline style and no inline event handler. Mails are no pages: mail programs
know nothing but inline styles.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.runner.paths import ROOT

AREAS = ("portals", "tenants", "backend")
FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[\s>]", re.IGNORECASE),
    "inline style element": re.compile(r"<style[\s>]", re.IGNORECASE),
    "style attribute": re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE),
    "inline event handler": re.compile(
        r"<[a-z][^<>]*\son(click|change|input|submit|load|error|key\w+|mouse\w+|focus|blur|toggle)\s*=", re.IGNORECASE
    ),
    "javascript: address": re.compile(r"""(href|action|src)\s*=\s*["']?\s*javascript:""", re.IGNORECASE),
}
COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|<!--.*?-->", re.DOTALL)


def template_files(root: Path = ROOT) -> Iterator[tuple[str, Path]]:
    """Name (as loaders know it) and file of every HTML template of the product."""
    for area in AREAS:
        for path in sorted((root / area).rglob("*.html")):
            parts = path.relative_to(root).parts
            if "templates" in parts and "node_modules" not in parts:
                yield "/".join(parts[parts.index("templates") + 1 :]), path


def is_mail(name: str) -> bool:
    return bool({"mail", "mails", "email", "emails", "mail.html"} & set(name.split("/")))


def policy_faults(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of everything in a template that the content security policy would block."""
    visible = COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text)
    for what, pattern in FORBIDDEN.items():
        for match in pattern.finditer(visible):
            yield visible.count("\n", 0, match.start()) + 1, what


def compile_fault(name: str) -> str:
    """Why the template does not compile; empty when it does."""
    from django.template import TemplateDoesNotExist, TemplateSyntaxError
    from django.template.loader import get_template

    try:
        get_template(name)
    except TemplateDoesNotExist as error:
        return f"uses a template that does not exist: {error}"
    except TemplateSyntaxError as error:
        return str(error)
    return ""


def main() -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
    django.setup()
    count = 0
    for name, path in template_files():
        faults = [] if is_mail(name) else [f"{line}: {what}" for line, what in policy_faults(path.read_text())]
        fault = compile_fault(name)
        for text in faults + ([f"1: {fault}"] if fault else []):
            print(f"{path.relative_to(ROOT)}:{text}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
