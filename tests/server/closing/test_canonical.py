"""The same value has the same bytes: numbers and members as RFC 8785 writes them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.closing.canonical import canonical, plain
from server.kpi.statistics import Estimate

# RFC 8785, appendix B.
NUMBERS = {
    0.0: "0",
    5e-324: "5e-324",
    -5e-324: "-5e-324",
    1.7976931348623157e308: "1.7976931348623157e+308",
    9007199254740992.0: "9007199254740992",
    295147905179352830000.0: "295147905179352830000",
    9.999999999999997e22: "9.999999999999997e+22",
    1e23: "1e+23",
    1e21: "1e+21",
    999999999999999900000.0: "999999999999999900000",
    0.000001: "0.000001",
    1e-7: "1e-7",
    333333333.33333329: "333333333.3333333",
    -0.0000033333333333333333: "-0.0000033333333333333333",
    1424953923781206.2: "1424953923781206.2",
    4.5: "4.5",
    1.0: "1",
}


@pytest.mark.parametrize(("number", "written"), list(NUMBERS.items()))
def test_numbers_are_written_as_ecmascript_does(number, written):
    assert canonical(number) == written.encode()


def test_members_are_ordered_by_utf_16_and_text_is_left_as_it_is():
    # RFC 8785, 3.2.3: the pair of surrogates of the emoji stands before U+FB33.
    said = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    names = list(json.loads(canonical(said)))
    assert names == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert canonical({"b": [True, None], "a": 'Từ Sơn\u001f"'}) == (
        '{"a":"Từ Sơn\\u001f\\"","b":[true,null]}'.encode()
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_is_written_is_read_as_the_same(number):
    assert float(json.loads(canonical(number))) == number


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, object()])
def test_what_json_cannot_tell_is_refused(value):
    with pytest.raises(ValueError, match=r"JSON"):
        canonical(value)


def test_values_of_ours_become_plain_ones():
    said = plain(
        {
            "at": datetime(2026, 10, 5, 7, tzinfo=UTC),
            "points": Decimal("8.50"),
            "nothing": None,
            "set": frozenset({"b", "a"}),
            "estimate": Estimate(value=1 / 3, low=0.1 + 0.2, high=1.0),
        }
    )
    assert said == {
        "at": "2026-10-05T07:00:00+00:00",
        "points": "8.50",
        "set": ["a", "b"],
        "estimate": {"value": 0.333333333333, "low": 0.3, "high": 1.0},
    }
