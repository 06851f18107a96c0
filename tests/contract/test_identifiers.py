from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from contract.identifiers import derived_id, new_id

MOMENTS = st.datetimes(
    min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
)


@given(MOMENTS)
def test_identifier_is_a_version_7_uuid_that_tells_its_time(moment):
    for identifier in (new_id(moment), derived_id(moment, "edge-1", 7)):
        assert identifier.version == 7
        assert identifier.variant == RFC_4122
        assert identifier.int >> 80 == int(moment.timestamp() * 1000)


@given(MOMENTS)
def test_identifiers_sort_by_time(moment):
    assert new_id(moment) < new_id(moment + timedelta(milliseconds=2))


def test_new_identifiers_differ_at_the_same_moment():
    moment = datetime(2026, 10, 5, tzinfo=UTC)
    assert len({new_id(moment) for _ in range(1000)}) == 1000


def test_derived_identifier_repeats_for_the_same_parts_and_only_for_them():
    moment = datetime(2026, 10, 5, tzinfo=UTC)
    assert derived_id(moment, "a", 1) == derived_id(moment, "a", 1)
    assert derived_id(moment, "a", 1) != derived_id(moment, "a1")
