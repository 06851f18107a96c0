"""`motcua alerts backtest` tells what a rule would have raised, one alert a line."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contract.local_time import LOCAL_TIME
from tests.commands import call
from tests.server import build
from tests.server.alerts.province import Judge, at, settle, working_day

pytestmark = pytest.mark.integration


def test_a_rule_of_now_is_tried_on_a_past_day_with_moments(database_url):
    settle(database_url)
    day = working_day(datetime.now(LOCAL_TIME).date() - timedelta(days=30))
    Judge(database_url, at(day, "10:00")).store(
        build.wait(at(day, "09:25"), 1500.0), build.visit(at(day, "08:59"), 300.0)
    )
    days = ("--from", f"{day}", "--to", f"{day}", "--database-url", database_url)
    result = call("alerts", "backtest", "nobody_served", *days)
    assert f"{day} 09:11  tu-son  until {day} 09:25" in result.output
    assert "1 alerts in 0.1 weeks: 7.00 a week." in result.output
    refused = call("alerts", "backtest", "server_disk_full", *days)
    assert refused.exit_code != 0
    assert "server_disk_free, of which only the present is kept" in refused.output
