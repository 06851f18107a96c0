"""Tokens of visits: what is written comes back, and nothing but the device's own key signs one."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.visit_tokens import (
    LONGEST_TOKEN,
    TokenInvalid,
    VisitToken,
    make_token,
    read_token,
    verify_token,
)

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
SOME = VisitToken(
    number=7,
    issued_at=datetime(2026, 10, 5, 2, 0, tzinfo=UTC),
    request=UUID("0199b1a8-4f00-7000-8000-000000000001"),
    visit=UUID("0199b1a8-4f00-7000-8000-000000000002"),
    counter="quay-2",
)
TOKENS = st.builds(
    VisitToken,
    number=st.integers(1, 2**31 - 1),
    issued_at=st.integers(0, 2**32 - 1).map(lambda at: datetime.fromtimestamp(at, UTC)),
    request=st.uuids(),
    visit=st.none() | st.uuids(version=4),
    counter=st.none() | st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True),
)


@given(TOKENS)
def test_a_token_says_what_was_written(token):
    text = make_token(token, KEY)
    assert len(text) <= LONGEST_TOKEN
    assert read_token(text) == token
    verify_token(text, KEY)


@given(TOKENS, st.data())
def test_no_changed_token_is_signed(token, data):
    text = make_token(token, KEY)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda one: one != text[at]))
    with pytest.raises(TokenInvalid):
        verify_token(text[:at] + letter + text[at + 1 :], KEY)


def test_another_device_s_key_signs_nothing():
    with pytest.raises(TokenInvalid, match="signed"):
        verify_token(make_token(SOME, OTHER_KEY), KEY)


@pytest.mark.parametrize(
    "text", ["", "a", "ä" * 80, "!" * 80, "A" * 10_000, "A" * 80, make_token(SOME, KEY) + "="]
)
def test_what_is_no_token_is_refused(text):
    with pytest.raises(TokenInvalid):
        read_token(text)


def test_the_format_is_the_documented_one():
    """One token written down: another release has to read it."""
    assert make_token(SOME, KEY) == (
        "AQAAAAdqwwSgAZmxqE8AcACAAAAAAAAAAQGZsahPAHAAgAAAAAAAAAJxdWF5LTLaxUezhCVfV2N5AuZWf9h1"
    )
