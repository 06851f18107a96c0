from datetime import UTC, datetime, timedelta

from dashboards.look.ticks import Ticks

NOON = datetime(2026, 10, 16, 5, 0, tzinfo=UTC)


def test_a_tick_tells_the_servers_time_in_viet_nam() -> None:
    tick = Ticks().tick(now=NOON, computed_at=NOON - timedelta(seconds=2), linked=True)
    assert tick["clock"] == "12:00:00"
    assert tick["data_clock"] == "11:59:58"
    assert tick["date"] == {"vi": "Thứ Sáu, 16/10/2026", "en": "Friday, 16/10/2026"}


def test_the_clock_stands_while_the_api_is_away() -> None:
    ticks = Ticks()
    ticks.tick(now=NOON, computed_at=NOON, linked=True)
    later = ticks.tick(now=NOON + timedelta(seconds=9), computed_at=NOON, linked=False)
    assert later["clock"] == "12:00:00"
    assert later["linked"] is False


def test_without_any_data_nothing_is_claimed() -> None:
    tick = Ticks().tick(now=None, computed_at=None, linked=False)
    assert "clock" not in tick
    assert tick["now_ms"] is None
