"""What cells mean."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.tabular import cells
from server.tabular.refusals import Refusal
from server.units.records import UnitKind


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  Phường\u00a0 Từ  Sơn ", "Phường Từ Sơn"),
        (unicodedata.normalize("NFD", "Phường Từ Sơn"), "Phường Từ Sơn"),
        ('="0071"', "0071"),
        ("'=1+1", "=1+1"),
        ("'+84", "+84"),
        ("'s-Gravenhage", "'s-Gravenhage"),
        ("-5", "-5"),
    ],
)
def test_text_is_tidied(text, tidied):
    assert cells.tidy(text) == tidied


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("=HYPERLINK(1)", "formula"),
        ("@SUM(1)", "formula"),
        ("A\u0007B", "unseen_character"),
        ("A\u202eB", "unseen_character"),
        ("A\u200bB", "unseen_character"),
        ("A\nB", "unseen_character"),
        ("A\ufffdB", "damaged_character"),
    ],
)
def test_text_that_deceives_is_refused(text, code):
    found = cells.tidy(text)
    assert isinstance(found, Refusal)
    assert found.code == code


@given(st.text(max_size=40))
def test_tidied_text_stays_as_it_is(text):
    once = cells.tidy(text)
    if isinstance(once, str) and once[:1] not in {"=", "@", "'"}:
        assert cells.tidy(once) == once
        assert unicodedata.is_normalized("NFC", once)
        assert "  " not in once


SPELLINGS = ["cb-01đ", "CB-01Đ", " cb - 01 đ ", unicodedata.normalize("NFD", "CB-01Đ")]


def test_spellings_of_a_code_are_one_code():
    assert {cells.code()(spelling) for spelling in SPELLINGS} == {"CB-01Đ"}


@pytest.mark.parametrize(
    ("text", "number"),
    [("21.186", 21.186), ("21,186", 21.186), ("1.234,5", 1234.5), ("1,234.5", 1234.5), (7, 7.0)],
)
def test_number_may_have_either_decimal_sign(text, number):
    assert cells.number(-1e6, 1e6)(text) == number


@pytest.mark.parametrize("text", ["nan", "inf", "1e400", "12 km", "--1", "1.2.3"])
def test_what_is_no_number_is_refused(text):
    assert isinstance(cells.number(-1e6, 1e6)(text), Refusal)


@pytest.mark.parametrize(
    ("value", "meaning"),
    [("Có", True), ("x", True), (True, True), (1.0, True), ("KHÔNG", False), ("0", False)],
)
def test_yes_and_no(value, meaning):
    assert cells.flag(value) is meaning


@pytest.mark.parametrize("value", ["ward", "WARD", "Phường", "phuong"])
def test_choice_is_known_by_any_of_its_names(value):
    assert cells.choice(UnitKind, {"phường": UnitKind.WARD})(value) is UnitKind.WARD
