"""Alerts over REST: who sees and handles which, why one was raised, and rules with history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.alerts import store
from server.alerts.alerts import Figure, Move, Step
from server.alerts.channels.channels import Channel, Kind
from server.alerts.files import as_toml
from server.alerts.library import as_json, in_force, shipped
from tests.server import asking
from tests.server.access.office import BELOW, FOREIGN, OWN, Desk, acts, at_desk, sign_in
from tests.server.alerts.province import Judge, at, settle, working_day

pytestmark = pytest.mark.integration

ALERTS = "/api/v1/alerts"
RULES = "/api/v1/alert-rules"
CHANNEL = Channel(name="sms", kind=Kind.HTTP, to=("unit",))


def raise_alerts(url: str) -> None:
    """Raise one alert in two units and one in the province."""
    now = at(working_day(), "09:00")

    def move(rule: str, unit: str | None) -> Move:
        figure = Figure(unit=unit, value=3.0, n=2, at=now)
        return Move(step=Step.RAISED, rule=rule, unit=unit, figure=figure)

    moves = [
        move("nobody_served", BELOW),
        move("nobody_served", FOREIGN),
        move("ingest_behind", None),
    ]
    apply = partial(
        store.apply_moves, moves=moves, rules=in_force([]), channels=[CHANNEL], alerts={}, now=now
    )
    asking.ask(url, apply)


@pytest.fixture
def tokens(database_url) -> Mapping[str, str]:
    settle(database_url)
    raise_alerts(database_url)

    def token(name: str, role: Role, unit: str | None) -> str:
        return sign_in(database_url, name, RoleHeld(role=role, unit=unit))

    return {
        "head": token("head", Role.UNIT_HEAD, OWN),
        "wall": token("wall", Role.WALL, None),
        "installer": token("installer", Role.INSTALLER, OWN),
        "operator": token("operator", Role.OPERATOR, None),
    }


def test_a_head_handles_the_alerts_of_the_own_unit_alone(database_url, tokens):
    async def work(desk: Desk) -> None:
        async def listed(who: str, query: str = "") -> list[tuple[str, str]]:
            answer = await desk.ask(f"{ALERTS}{query}", tokens[who])
            assert answer.status_code == 200, answer.text
            return sorted((each["rule"], each.get("unit", "")) for each in answer.json()["alerts"])

        everything = [("ingest_behind", ""), ("nobody_served", FOREIGN), ("nobody_served", BELOW)]
        assert await listed("operator") == everything
        assert await listed("wall") == everything
        assert await listed("head") == [("nobody_served", BELOW)]
        assert await listed("operator", f"?scope=subtree:{OWN}") == [("nobody_served", BELOW)]
        assert await listed("operator", "?severity=notice") == []
        assert await listed("operator", "?state=resolved") == []
        assert (await desk.ask(ALERTS, tokens["installer"])).status_code == 403
        found = (await desk.ask(ALERTS, tokens["operator"])).json()["alerts"]
        ids = {each.get("unit", ""): each["id"] for each in found}

        async def step(who: str, unit: str, **body: object) -> int:
            path = f"{ALERTS}/{ids[unit]}/steps"
            return (await desk.ask(path, tokens[who], method="POST", json=body)).status_code

        assert await step("wall", BELOW, step="acknowledged") == 403
        assert await step("head", FOREIGN, step="acknowledged") == 404
        for unfit in (
            {"step": "ended"},
            {"step": "snoozed"},
            {"step": "assigned"},
            {"step": "resolved"},
            {"step": "gone"},
        ):
            assert await step("head", BELOW, **unfit) == 422, unfit
        assert await step("head", BELOW, step="acknowledged", note="Đang xem") == 204
        assert await step("head", BELOW, step="acknowledged") == 409
        assert await step("head", BELOW, step="assigned", assignee="head") == 204
        assert await step("head", BELOW, step="assigned", assignee="nobody") == 404
        assert await step("head", BELOW, step="snoozed", minutes=30) == 204
        assert await step("head", BELOW, step="resolved", verdict="right") == 204
        assert await step("head", BELOW, step="snoozed", minutes=30) == 409

        why = (await desk.ask(f"{ALERTS}/{ids[FOREIGN]}", tokens["operator"])).json()
        assert why["alert"]["value"] == 3.0
        assert why["similar"] == {
            "right": 1, "false": 0, "unjudged": 0, "right_here": 0, "false_here": 0
        }  # fmt: skip
        assert why["runbook"]["vi"]
        assert why["alert"]["to"] == ["unit", "operator"]
        assert why["shows"] == "queue"
        assert "usual" not in why, "a hall that nobody has watched has no usual queue"
        assert [each["channel"] for each in why["messages"]] == ["sms"]
        closed = (await desk.ask(f"{ALERTS}/{ids[BELOW]}", tokens["operator"])).json()
        assert [each["step"] for each in closed["steps"]][1:] == [
            "acknowledged", "assigned", "snoozed", "resolved"
        ]  # fmt: skip
        assert closed["alert"]["assignee"] == "head"
        walls = (await desk.ask(f"{ALERTS}/{ids[BELOW]}", tokens["wall"])).json()
        assert "assignee" not in walls["alert"]
        assert {each["actor"] for each in walls["steps"]} == {""}

    at_desk(database_url, work, await_figures=False)
    assert acts(database_url).count("alert_step") == 3 + 4


def test_a_message_that_was_given_up_is_sent_again_under_its_id(database_url, tokens):
    Judge(database_url, at(working_day(), "09:00")).change(
        "UPDATE alert_message SET dead_at = now(), problem = 'refused'"
    )

    async def work(desk: Desk) -> None:
        found = (await desk.ask(ALERTS, tokens["operator"])).json()["alerts"]
        (alert,) = [each["id"] for each in found if each.get("unit") == BELOW]
        assert [each["given_up"] for each in found if each["id"] == alert] == [1]
        why = (await desk.ask(f"{ALERTS}/{alert}", tokens["operator"])).json()
        (message,) = [each["id"] for each in why["messages"]]
        path = f"{ALERTS}/{alert}/messages/{message}/send"
        assert (await desk.ask(path, tokens["operator"], method="POST")).status_code == 204
        assert (await desk.ask(path, tokens["operator"], method="POST")).status_code == 404
        again = (await desk.ask(f"{ALERTS}/{alert}", tokens["operator"])).json()["messages"]
        assert [(each["id"], "dead_at" in each) for each in again] == [(message, False)]

    at_desk(database_url, work, await_figures=False)
    assert acts(database_url)[-1] == "alert_sent_again"


def test_rules_are_changed_by_right_with_history_and_only_to_what_can_be_meant(
    database_url, tokens
):
    async def work(desk: Desk) -> None:
        async def put(who: str, rule: dict, name: str = "wait_forecast") -> tuple[int, str]:
            body = {"rule": rule, "reason": "Giờ cao điểm"}
            answer = await desk.ask(f"{RULES}/{name}", tokens[who], method="PUT", json=body)
            return answer.status_code, answer.text

        rules = (await desk.ask(RULES, tokens["operator"])).json()
        assert {each["rule"]["id"] for each in rules} == set(shipped())
        rule = as_json(shipped()["wait_forecast"])
        assert (await put("head", rule))[0] == 403
        assert (await put("operator", rule, "other"))[0] == 422
        status, said = await put("operator", rule | {"raise_at": -5, "clear_at": -6})
        assert status == 422
        assert "would fire always" in said
        assert (await put("operator", rule | {"silenced_by": ["gone"]}))[0] == 422
        for raise_at in (1200, 1500):
            changed = rule | {"version": raise_at, "raise_at": raise_at}
            assert (await put("operator", changed))[0] == 204
        found = (await desk.ask(f"{RULES}/wait_forecast", tokens["head"])).json()
        assert found["rule"]["raise_at"] == 1500
        assert [each["rule"]["raise_at"] for each in found["changes"]] == [1500, 1200]
        assert {each["changed_by"] for each in found["changes"]} == {"operator"}
        assert (await desk.ask(f"{RULES}/gone", tokens["head"])).status_code == 404
        file = found["toml"].replace("raise_at = 1500", "raise_at = 1800")
        body = {"toml": file, "reason": "Theo tệp"}
        path = f"{RULES}/wait_forecast"
        assert (await desk.ask(path, tokens["operator"], method="PUT", json=body)).is_success
        found = (await desk.ask(path, tokens["head"])).json()
        assert found["rule"]["raise_at"] == 1800
        both = body | {"rule": found["rule"]}
        assert (
            await desk.ask(path, tokens["operator"], method="PUT", json=both)
        ).status_code == 422

        async def tried(who: str, name: str, file: str, days: str = "") -> tuple[int, str]:
            days = days or "first=2026-10-01&last=2026-10-30"
            answer = await desk.ask(
                f"{RULES}/{name}/backtest?{days}", tokens[who], method="POST", json={"toml": file}
            )
            return answer.status_code, answer.text

        fall = as_toml(replace(shipped()["satisfaction_fall"], least_change=0.2))
        status, said = await tried("operator", "satisfaction_fall", fall)
        assert status == 200
        assert '"raised":[]' in said
        assert (await tried("head", "satisfaction_fall", fall))[0] == 403
        status, said = await tried("operator", "satisfaction_fall", fall.replace("0.5", "0.9"))
        assert status == 422
        assert "rule satisfaction_fall: rate: would fire always" in said
        backwards = "first=2026-10-30&last=2026-10-01"
        assert (await tried("operator", "satisfaction_fall", fall, backwards))[0] == 422
        status, said = await tried("operator", "wait_forecast", file)
        assert status == 422
        assert "nothing of expected_wait is kept of these days" in said
        left = (await desk.ask(f"{RULES}/satisfaction_fall", tokens["head"])).json()
        assert left["changes"] == [], "what is tried is not stored"

    at_desk(database_url, work, await_figures=False)
    assert acts(database_url).count("alert_rule_changed") == 3


def test_the_stream_tells_what_changes_from_where_the_client_was(database_url, tokens):
    from server.access.principals import EVERYWHERE, Principal
    from server.access.rights import Right
    from server.alerts.routes import changed_since

    who = Principal(name="x", reaches={Right.READ_ALERTS: EVERYWHERE})
    now = at(working_day(), "09:00")
    found = asking.ask(database_url, partial(changed_since, who=who, after=now))
    assert found == []
    (first, *_) = asking.ask(
        database_url, partial(changed_since, who=who, after=at(working_day(), "08:59"))
    )
    assert isinstance(first.id, UUID)
    assert first.assignee is None
