"""A receiver holds what the API says, however often the worker dies on the way."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import httpx
import pytest

from tests.integration.test_api import Api, running
from tests.processes import motcua
from tests.server import build
from tests.server.webhooks.receiver import Receiver, receiving
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("today")]

LOOPBACK = '["127.0.0.0/8"]'


def rate(api: Api) -> None:
    api.store(build.rating(datetime.now(UTC)))


def ratings(receiver: Receiver) -> int:
    """Return how many ratings of the province the receiver knows of, -1 for nothing at all."""
    entry = receiver.held.get("province", {"readings": []})
    return next((each["n"] for each in entry["readings"] if each["kpi"] == "ratings"), -1)


def test_a_receiver_holds_what_the_api_says_after_the_worker_was_killed(
    database_url, tmp_path, monkeypatch
):
    monkeypatch.setenv("MOTCUA_WEBHOOK_NETWORKS", LOOPBACK)
    with running(database_url, tmp_path) as api, receiving() as receiver:
        address = f"http://127.0.0.1:{api.port}/api/v1/webhooks"
        asked = {"name": "ioc", "address": receiver.address}
        made = httpx.post(address, json=asked, timeout=30)
        assert made.status_code == 201, made.text
        working = ("server", "worker", "--database-url", database_url)
        with motcua(*working, log=tmp_path / "first.log") as worker:
            rate(api)
            eventually(lambda: ratings(receiver) == 1, 60, what="the first rating")
            began_s = time.monotonic()
            rate(api)
            eventually(lambda: ratings(receiver) == 2, what="the second rating")
            assert time.monotonic() - began_s < 10
            receiver.answers = [503]
            rate(api)
            eventually(lambda: receiver.answers == [503] and told_of_failure(address))
            worker.kill()
        rate(api)
        receiver.answers = [204]
        with motcua(*working, log=tmp_path / "second.log"):
            eventually(lambda: ratings(receiver) == 4, 90, what="the fourth rating")
        assert receiver.verifies(made.json()["secret"])
        snapshot = api.get("/api/v1/snapshot").json()["readings"]
        said = {r["kpi"]: r.get("value") for r in snapshot if r["scope"] == "province"}
        held = {r["kpi"]: r.get("value") for r in receiver.held["province"]["readings"]}
        ages = {kpi for kpi in said if "age" in kpi or "online" in kpi}
        assert {k: v for k, v in held.items() if k not in ages} == {
            k: v for k, v in said.items() if k not in ages
        }


def told_of_failure(address: str) -> bool:
    (listed,) = httpx.get(address, timeout=30).json()
    return listed["problem"] is not None
