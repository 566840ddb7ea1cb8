"""Readings of names: the library's phrases decide the characters that are read in several ways."""

import json
from importlib import resources

import pypinyin
import pytest

from backend.kernel.pinyin import mnemonic_of, sort_key_of, syllables_of


@pytest.mark.parametrize(
    ("name", "mnemonic", "reading"),
    [
        ("重庆长沙银行", "CQCSYH", "chong qing chang sha yin hang"),
        ("打印纸 A4", "DYZA4", "da yin zhi a4"),
        ("厦门乐器", "XMYQ", "xia men yue qi"),
    ],
)
def test_phrases_decide_the_reading(name, mnemonic, reading):
    assert mnemonic_of(name) == mnemonic
    assert sort_key_of(name) == reading


def test_all_phrases_of_the_library_are_known_and_equal_syllables_are_one_object():
    syllables_of("银")
    kept = pypinyin.constants.PHRASES_DICT
    assert kept == json.loads(resources.files(pypinyin).joinpath("phrases_dict.json").read_text("utf-8"))
    assert kept["银行"][0] is kept["银子"][0]
