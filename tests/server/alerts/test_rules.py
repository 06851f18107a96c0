"""Rules as data: those shipped are fit, and what contradicts itself is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.alerts.cards import measured_of, measurements
from server.alerts.files import as_toml
from server.alerts.library import as_json, in_force, parse_rule, rule_from, shipped
from server.alerts.rules import SOURCES, Chart
from server.errors import RuleInvalid
from server.kpi.catalogue import BY_ID

WAIT = shipped()["wait_forecast"]
FALL = shipped()["satisfaction_fall"]


def test_every_rule_that_is_shipped_holds_together_and_survives_being_stored():
    assert len(in_force([])) == len(shipped()) >= 15
    for rule in shipped().values():
        assert rule_from(as_json(rule), "stored") == rule
        assert parse_rule(as_toml(rule), f"{rule.id}.toml") == rule
        if rule.chart is not Chart.THRESHOLD:
            assert rule.source in BY_ID


def test_every_source_has_a_rule_or_is_there_for_the_province_to_use():
    used = {rule.source for rule in shipped().values()}
    assert set(SOURCES) - used == {"people_waiting", "complaints_overdue"}


@pytest.mark.parametrize(
    ("rule", "changes", "problem"),
    [
        (WAIT, {"source": "happiness"}, "is none of"),
        (WAIT, {"chart": "share"}, "is judged by threshold"),
        (WAIT, {"raise_at": 900, "clear_at": 1000}, "contradicts raise_at"),
        (WAIT, {"raise_at": -1, "clear_at": -2}, "would fire always"),
        (WAIT, {"clear_at": None}, "needs raise_at and clear_at"),
        (WAIT, {"to": []}, "nobody would be told"),
        (WAIT, {"least_n": 0}, "from 1 on"),
        (WAIT, {"side": "sideways"}, "side"),
        (WAIT, {"colour": "red"}, "colour"),
        (WAIT, {"name": {"vi": "", "en": "Wait"}}, "both languages"),
        (WAIT, {"group_share": 2}, "between 0 and 1"),
        (shipped()["dossiers_due_soon"], {"raise_at": 1.5}, "would never fire"),
        (FALL, {"raise_at": 0.5}, "makes its own limits"),
        (FALL, {"rate": 0.9}, "would fire always"),
        (FALL, {"step": "week"}, "by day"),
        (FALL, {"baseline": 2}, "from 4 weeks"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_by_its_field(rule, changes, problem):
    with pytest.raises(RuleInvalid, match=problem):
        rule_from(as_json(rule) | changes, "rule")


def test_rules_that_silence_each_other_or_nothing_are_refused():
    with pytest.raises(RuleInvalid, match="there is no rule"):
        in_force([replace(WAIT, silenced_by=("gone",))])
    with pytest.raises(RuleInvalid, match="silenced by it as well"):
        in_force([replace(shipped()["nobody_served"], silenced_by=("wait_forecast",))])


def test_a_file_that_is_no_toml_says_so():
    with pytest.raises(RuleInvalid, match=r"x\.toml: is no TOML"):
        parse_rule("id = ", "x.toml")


def test_a_rules_card_quotes_what_was_measured_until_the_rule_judges_otherwise():
    assert measurements().keys() <= shipped().keys()
    told = measured_of(replace(FALL, to=("operator",), version=2))
    assert told is not None
    assert told.false_a_week is not None
    assert told.found is not None
    assert measured_of(replace(FALL, least_change=0.2)) is None
    assert measured_of(shipped()["clock_off"]) is None
