"""The fonts of what is printed, and characters that none of them draws.

Noto Sans SC has all characters of GB 18030's basic and first extended area (㛃, 䶮); its sisters for Taiwan, Japan and Korea
in the same package add rarer ones that people have in their names (𠮷). What is left is printed by its code: a box that
looks like a fault, or nothing at all, would be read as another name.
"""

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

# The order in which typst tries them (`typst/*.typ`): the reader's own shapes first.
FOLDERS = ("notosanssc", "notosanstc", "notosansjp", "notosanskr")
# Most texts have nothing else, and all of it is drawn: the fonts need not be asked.
_COMMON = (
    "\x00-\x7f\xa0-\xff\u3000-\u301f\u4e00-\u9fef\uff01-\uff5e"
    "\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2030\u20ac\u2103\u2192\u2212\u2264\u2265"
)
_RARE = re.compile(f"[^{_COMMON}]")
_UNSEEN = {"Cc", "Cf", "Mn", "Zs"}  # controls, joiners, marks on the character before, spaces


def font_folder(name: str) -> Path:
    """Where a font lies."""
    return Path(str(files("justmytype_intl_cjk") / "fonts" / "ofl" / name))


def drawable(text: str) -> str:
    """The text with the code of every character that no font draws in its place, such as ``[U+1F4E6]``."""
    rare = {sign for sign in _RARE.findall(text) if unicodedata.category(sign) not in _UNSEEN}
    for name in FOLDERS:
        if not rare:
            return text
        rare -= characters(name)
    return text.translate({ord(sign): f"[U+{ord(sign):04X}]" for sign in rare})


@cache
def characters(name: str) -> frozenset[str]:
    """Every character that a font draws; read once, when a text has a rare one.

    Its table of all Unicode (format 12 of `cmap`) is groups of characters that follow each other.
    """
    [path] = font_folder(name).glob("*.ttf")
    font = path.read_bytes()
    start = next(at for tag, _sum, at, _size in _records(font, 12, ">4sLLL", 4) if tag == b"cmap")
    table = next(start + at for *kind, at in _records(font, start + 4, ">HHL", start + 2) if kind == [3, 10])
    groups = _records(font, table + 16, ">LLL", table + 12, ">L")
    return frozenset(chr(code) for first, last, _glyph in groups for code in range(first, last + 1))


def _records(font: bytes, start: int, shape: str, counted: int, number: str = ">H") -> Iterator[tuple[Any, ...]]:
    """Records of a table of a font file, as many as is written where they are counted."""
    [count] = struct.unpack_from(number, font, counted)
    return struct.iter_unpack(shape, font[start : start + count * struct.calcsize(shape)])
