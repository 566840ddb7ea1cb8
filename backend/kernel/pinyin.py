"""Pinyin of names: initials for type-ahead (助记码) and the full reading as the key that lists are sorted by.

The database sorts by code points (C collation), so the order of Chinese names is a column of its own.
"""

from functools import lru_cache

MNEMONIC_LENGTH = 60
SORT_KEY_LENGTH = 200


@lru_cache(maxsize=4096)
def mnemonic_of(text: str) -> str:
    """``打印纸 A4`` → ``DYZA4``: the first letter of every syllable; letters and digits stay."""
    from pypinyin import Style, lazy_pinyin

    letters = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors="default"))
    return "".join(letter for letter in letters if letter.isalnum()).upper()[:MNEMONIC_LENGTH]


@lru_cache(maxsize=4096)
def sort_key_of(text: str) -> str:
    """``打印纸 A4`` → ``da yin zhi a4``: the full reading in small letters."""
    from pypinyin import lazy_pinyin

    words = " ".join(lazy_pinyin(text, errors="default")).lower()
    return " ".join(words.split())[:SORT_KEY_LENGTH]
