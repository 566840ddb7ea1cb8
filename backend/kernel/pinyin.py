"""Pinyin of names: initials for type-ahead (助记码) and the full reading as the key that lists are sorted by.

The database sorts by code points (C collation), so the order of Chinese names is a column of its own.
"""

import json
import os
import re
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import resources

MNEMONIC_LENGTH = 60
SORT_KEY_LENGTH = 200


# One phrase of the library's file with the readings of its characters, each in a list of its own.
_ENTRY = re.compile(r'^"([^"]+)": (\[.*?^\]\n\])', re.MULTILINE | re.DOTALL)


@cache
def _reader() -> Callable[..., list[str]]:
    """The library's reader. It would decode its 47,000 phrases at one go and keep two copies, which takes 25 MiB of every
    process for good; read one by one, with one object for equal syllables, they say the same."""
    os.environ |= {"PYPINYIN_NO_PHRASES": "yes", "PYPINYIN_NO_DICT_COPY": "yes"}
    import pypinyin

    known: dict[tuple[str, ...], list[str]] = {}
    phrases = {}
    text = resources.files(pypinyin).joinpath("phrases_dict.json").read_text("utf-8")
    for entry in _ENTRY.finditer(text):
        phrases[entry[1]] = [known.setdefault(tuple(one), one) for one in json.loads(entry[2])]
    pypinyin.load_phrases_dict(phrases)
    return pypinyin.lazy_pinyin


@lru_cache(maxsize=4096)
def mnemonic_of(text: str) -> str:
    """``打印纸 A4`` → ``DYZA4``: the first letter of every syllable; letters and digits stay."""
    from pypinyin import Style

    letters = "".join(_reader()(text, style=Style.FIRST_LETTER, errors="default"))
    return "".join(letter for letter in letters if letter.isalnum()).upper()[:MNEMONIC_LENGTH]


@lru_cache(maxsize=4096)
def sort_key_of(text: str) -> str:
    """``打印纸 A4`` → ``da yin zhi a4``: the full reading in small letters."""
    words = " ".join(syllables_of(text)).lower()
    return " ".join(words.split())[:SORT_KEY_LENGTH]


def syllables_of(text: str) -> list[str]:
    """``打印纸`` → ``["da", "yin", "zhi"]``; what is not Chinese stays as it is."""
    return _reader()(text, errors="default")
