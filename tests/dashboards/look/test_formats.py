from datetime import UTC, datetime

import pytest

from dashboards.look import formats


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0, 0, "0"),
        (1234, 0, "1.234"),
        (1234.56, 1, "1.234,6"),
        (1234567.891, 2, "1.234.567,89"),
        (-0.5, 1, "−0,5"),
    ],
)
def test_numbers_have_vietnamese_separators(value: float, digits: int, text: str) -> None:
    assert formats.number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0%"),
        (0.0001, "0,1%"),
        (0.5, "50,0%"),
        (0.9846, "98,5%"),
        (0.9999, "99,9%"),
        (1.0, "100%"),
    ],
)
def test_only_all_is_a_hundred_per_cent_and_only_none_is_zero(value: float, text: str) -> None:
    assert str(formats.share(value)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 giây"), (59.4, "59 giây"), (60, "1,0 phút"), (272, "4,5 phút"), (5400, "1,5 giờ")],
)
def test_durations_are_said_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert str(formats.duration(seconds)) == text


def test_the_bounds_of_an_interval_share_the_unit_of_its_middle() -> None:
    assert str(formats.duration(30, like_s=90)) == "0,5 phút"


def test_times_are_local_to_viet_nam_and_in_its_order() -> None:
    late = datetime(2026, 10, 15, 17, 3, 22, tzinfo=UTC)
    assert formats.clock(late) == "00:03:22"
    assert formats.date(late).vi == "Thứ Sáu, 16/10/2026"
    assert formats.date(late).en == "Friday, 16/10/2026"
    assert formats.date_time(late) == "16/10/2026 00:03:22"


def test_a_day_is_entered_as_it_is_read_or_as_the_api_writes_it() -> None:
    assert formats.iso_day("05/10/2026") == "2026-10-05"
    assert formats.iso_day("2026-10-05") == "2026-10-05"
    assert formats.iso_day("<b>") == "<b>"
