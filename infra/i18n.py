"""Extracts, checks and compiles translations without the gettext programs.

Source language is English (the msgid is the English text); every area of the code has one catalogue per language in
`<area>/locale/<language>/LC_MESSAGES/django.po`. Existing translations are never lost: an entry whose text left the
code becomes obsolete and comes back to life with the text; `--prune` removes it. Compiled files are not committed.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
AREAS = (
    "backend",
    "tenants",
    "portals/ui",
    "portals/staff",
    "portals/supplier",
    "portals/customer",
    "portals/public",
)
LANGUAGES = {"zh_Hans": "nplurals=1; plural=0;"}
SKIPPED_FOLDERS = {"node_modules", "migrations", "__pycache__", "locale", "staticfiles", "tests"}
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg", ".typ"}
# name of the call -> positions of (context, singular, plural)
CALLS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), (None, 0, None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, 0, 1)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, 1, None)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, 1, 2)),
}
FORMAT_NAMES = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)\}|%[sd]")

Key = tuple[str | None, str]


@dataclass
class Message:
    """One translatable text of an area and the files it stands in."""

    msgid: str
    context: str | None = None
    plural: str | None = None
    files: list[str] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return (self.context, self.msgid)


# ---------------------------------------------------------------------- extraction


def sources(area: str, root: Path = ROOT) -> Iterator[Path]:
    """Python files and templates of an area, in a stable order."""
    for path in sorted((root / area).rglob("*")):
        inside = path.relative_to(root / area).parts[:-1]
        if SKIPPED_FOLDERS.intersection(inside) or not path.is_file():
            continue
        if path.suffix == ".py" or (path.suffix in TEMPLATE_SUFFIXES and "templates" in inside):
            yield path


def extract(area: str, root: Path = ROOT) -> dict[Key, Message]:
    found: dict[Key, Message] = {}
    for path in sources(area, root):
        text = path.read_text(encoding="utf-8")
        try:
            messages = list(from_python(text) if path.suffix == ".py" else from_template(text))
        except (SyntaxError, ValueError) as error:
            raise SystemExit(f"{path.relative_to(root)}: {error}") from error
        for message in messages:
            known = found.setdefault(message.key, message)
            known.plural = known.plural or message.plural
            name = str(path.relative_to(root))
            if name not in known.files:
                known.files.append(name)
    return found


def from_python(text: str) -> Iterator[Message]:
    """Calls of the translation functions with constant arguments, under whatever name they were imported."""
    tree = ast.parse(text)
    names = _imported_names(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in names:
            message = _message_of(node, names[node.func.id])
        elif isinstance(node.func, ast.Attribute) and node.func.attr in CALLS and node.func.attr != "_":
            message = _message_of(node, node.func.attr)
        else:
            continue
        if message:
            yield message


def _imported_names(tree: ast.AST) -> dict[str, str]:
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names.update({alias.asname or alias.name: alias.name for alias in node.names if alias.name in CALLS})
    return names


def _message_of(call: ast.Call, function: str) -> Message | None:
    context_at, singular_at, plural_at = CALLS[function]
    if len(call.args) > singular_at and isinstance(call.args[singular_at], ast.JoinedStr):
        raise ValueError(f"line {call.lineno}: an f-string cannot be translated, use %(name)s or .format()")
    singular = _constant(call, singular_at)
    if not singular:
        return None
    plural = _constant(call, plural_at) if plural_at is not None else None
    return Message(singular, _constant(call, context_at) if context_at is not None else None, plural)


def _constant(call: ast.Call, position: int) -> str | None:
    if len(call.args) <= position:
        return None
    value = call.args[position]
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


_TEMPLATE_CALL = re.compile(r"\b(gettext|ngettext|pgettext|npgettext|_)\(")


def from_template(text: str) -> Iterator[Message]:
    """Django turns a template into something like Python; the calls in it are read one by one."""
    from django.utils.translation.template import templatize

    code = templatize(text)
    for match in _TEMPLATE_CALL.finditer(code):
        call = _parse_call(code, match.start())
        message = _message_of(call, match.group(1)) if call else None
        if message:
            yield message


def _parse_call(code: str, start: int) -> ast.Call | None:
    """The call that begins at `start`: the shortest text up to a closing bracket that is Python."""
    end = start
    for _ in range(40):
        end = code.find(")", end) + 1
        if not end:
            return None
        try:
            expression = ast.parse(code[start:end], mode="eval").body
        except (SyntaxError, ValueError):
            continue
        return expression if isinstance(expression, ast.Call) else None
    return None


# ---------------------------------------------------------------------- catalogues


def catalogue_path(area: str, language: str, root: Path = ROOT) -> Path:
    return root / area / "locale" / language / "LC_MESSAGES" / "django.po"


def open_catalogue(area: str, language: str, root: Path = ROOT) -> polib.POFile:
    path = catalogue_path(area, language, root)
    if path.exists():
        return polib.pofile(str(path), wrapwidth=110)
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": LANGUAGES[language],
    }
    return catalogue


def key_of(entry: polib.POEntry) -> Key:
    return (entry.msgctxt, entry.msgid)


def is_translated(entry: polib.POEntry) -> bool:
    if entry.msgid_plural:
        return bool(entry.msgstr_plural) and all(entry.msgstr_plural.values())
    return bool(entry.msgstr)


def update(area: str, language: str, root: Path = ROOT, prune: bool = False) -> polib.POFile:
    """Bring the catalogue in step with the code; the translations that exist stay."""
    wanted = extract(area, root)
    old = open_catalogue(area, language, root)
    known = {key_of(entry): entry for entry in old}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata, fresh.header = old.metadata, old.header
    elsewhere = _translations_elsewhere(area, language, root)
    for key, message in wanted.items():
        entry = known.pop(key, None) or polib.POEntry(msgid=message.msgid, msgctxt=message.context)
        fresh.append(_in_step(entry, message, elsewhere.get(key)))
    if not prune:
        for entry in known.values():
            if is_translated(entry):
                entry.obsolete = True
                entry.occurrences = []
                fresh.append(entry)
    path = catalogue_path(area, language, root)
    if len(fresh) or path.exists():
        _write(fresh, path)
    return fresh


def _in_step(entry: polib.POEntry, message: Message, known: polib.POEntry | None) -> polib.POEntry:
    entry.obsolete = False
    entry.occurrences = [(name, "") for name in message.files]
    if message.plural and not entry.msgid_plural:
        entry.msgstr_plural, entry.msgstr = {0: entry.msgstr}, ""
    elif entry.msgid_plural and not message.plural:
        entry.msgstr, entry.msgstr_plural = entry.msgstr_plural.get(0, ""), {}
    entry.msgid_plural = message.plural or ""
    if known and not is_translated(entry) and bool(known.msgid_plural) == bool(entry.msgid_plural):
        entry.msgstr, entry.msgstr_plural = known.msgstr, dict(known.msgstr_plural)
    return entry


def _translations_elsewhere(area: str, language: str, root: Path) -> dict[Key, polib.POEntry]:
    """What the other areas' catalogues already say, so that the same text reads the same everywhere."""
    found: dict[Key, polib.POEntry] = {}
    for other in AREAS:
        if other != area and catalogue_path(other, language, root).exists():
            for entry in open_catalogue(other, language, root):
                if is_translated(entry) and not entry.fuzzy and not entry.obsolete:
                    found.setdefault(key_of(entry), entry)
    return found


def _write(catalogue: polib.POFile, path: Path) -> None:
    text = str(catalogue).rstrip("\n") + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".po.new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def compile_all(root: Path = ROOT, areas: tuple[str, ...] = AREAS) -> int:
    """Write the `.mo` files that are older than their source; gives how many were written."""
    written = 0
    for area in areas:
        for language in LANGUAGES:
            source = catalogue_path(area, language, root)
            target = source.with_suffix(".mo")
            if not source.exists():
                continue
            if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
                continue
            temporary = target.with_suffix(".mo.new")
            polib.pofile(str(source)).save_as_mofile(str(temporary))
            temporary.replace(target)
            written += 1
    return written


# ---------------------------------------------------------------------- check


def faults(area: str, language: str, root: Path = ROOT) -> list[str]:
    """Everything that keeps the catalogue from being complete and in step, one line each."""
    wanted = extract(area, root)
    entries = list(open_catalogue(area, language, root))
    live = {key_of(entry): entry for entry in entries if not entry.obsolete}
    found = [f"missing: {_shown(key)} ({wanted[key].files[0]})" for key in wanted if key not in live]
    for key, entry in live.items():
        if key not in wanted:
            found.append(f"obsolete: {_shown(key)}")
        elif not is_translated(entry):
            found.append(f"missing: {_shown(key)} ({wanted[key].files[0]})")
        elif entry.fuzzy:
            found.append(f"fuzzy: {_shown(key)}")
        elif (wanted[key].plural or "") != entry.msgid_plural:
            found.append(f"plural differs: {_shown(key)}")
        else:
            found.extend(_format_faults(entry))
    found.extend(f"obsolete: {_shown(key_of(entry))}" for entry in entries if entry.obsolete)
    return found


def _format_faults(entry: polib.POEntry) -> list[str]:
    """A translation must use the placeholders of its source (a singular may leave out the number)."""
    source = _names(entry.msgid) | _names(entry.msgid_plural or "")
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    for text in texts:
        if _names(text) - source or (not entry.msgid_plural and not _same(entry.msgid, text)):
            return [f"placeholders differ: {_shown(key_of(entry))}"]
    return []


def _names(text: str) -> set[tuple[str, ...]]:
    return set(FORMAT_NAMES.findall(text.replace("%%", "")))


def _same(source: str, translation: str) -> bool:
    return _names(source) == _names(translation)


def _shown(key: Key) -> str:
    context, msgid = key
    text = msgid if len(msgid) <= 70 else msgid[:67] + "…"
    return f"{text!r}" + (f" [{context}]" if context else "")


# ---------------------------------------------------------------------- command


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="infra/messages", description="Bring the translation catalogues in step with the code, then compile them."
    )
    parser.add_argument("areas", nargs="*", metavar="AREA", help="only these areas: " + ", ".join(AREAS))
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a translation is missing")
    parser.add_argument("--compile", action="store_true", help="only write the compiled files")
    parser.add_argument("--prune", action="store_true", help="remove entries whose text is no longer in the code")
    options = parser.parse_args(arguments)
    areas = tuple(area.strip("/") for area in options.areas) or AREAS
    unknown = set(areas) - set(AREAS)
    if unknown:
        parser.error(f"no such area: {', '.join(sorted(unknown))}")
    if options.compile:
        print(f"{compile_all(areas=areas)} catalogues compiled")
        return 0
    if options.check:
        return _check(areas)
    for area in areas:
        for language in LANGUAGES:
            catalogue = update(area, language, prune=options.prune)
            live = [entry for entry in catalogue if not entry.obsolete]
            missing = sum(not is_translated(entry) for entry in live)
            print(f"{area}: {len(live)} texts, {missing} without translation ({language})")
    compile_all(areas=areas)
    return 0


def _check(areas: tuple[str, ...]) -> int:
    count = 0
    for area in areas:
        for language in LANGUAGES:
            for fault in faults(area, language):
                print(f"{area} ({language}): {fault}")
                count += 1
    print(f"{count} faults in the translations" if count else "all translations complete")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
