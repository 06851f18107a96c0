"""Loads the rules that the product brings, and those that the province has changed or added."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from pydantic import TypeAdapter, ValidationError

from server.alerts.rules import Rule
from server.errors import RuleInvalid

_ADAPTER: TypeAdapter[Rule] = TypeAdapter(Rule)


def parse_rule(text: str, file: str) -> Rule:
    """Return the rule that a file's text describes; raise RuleInvalid, naming file and field."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleInvalid(f"{file}: is no TOML: {error}") from error
    return rule_from(values, file)


def rule_from(values: Mapping[str, Any], place: str) -> Rule:
    """Return the rule in these values; raise RuleInvalid, naming the place and field."""
    try:
        return _ADAPTER.validate_python(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RuleInvalid(f"{place}: {field}: {first['msg']}") from error


def as_json(rule: Rule) -> dict[str, Any]:
    """Return a rule as it is stored and told."""
    found: dict[str, Any] = _ADAPTER.dump_python(rule, mode="json")
    return found


@cache
def shipped() -> Mapping[str, Rule]:
    """Return the rules that the product brings, by id, in the order of their files."""
    folder = resources.files("server.alerts").joinpath("rules")
    found: dict[str, Rule] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            rule = parse_rule(file.read_text(encoding="utf-8"), file.name)
            if f"{rule.id}.toml" != file.name:
                raise RuleInvalid(f"{file.name}: id: is {rule.id!r}, which is another file's name")
            found[rule.id] = rule
    return found


def in_force(changes: Iterable[Rule]) -> dict[str, Rule]:
    """Return the rules by id: those shipped, each replaced by the province's newest change."""
    found = dict(shipped()) | {rule.id: rule for rule in changes}
    _check_together(found)
    return found


def _check_together(rules: Mapping[str, Rule]) -> None:
    """Refuse rules that silence each other, or are silenced by what is not there."""
    for rule in rules.values():
        for other in rule.silenced_by:
            if other not in rules:
                raise RuleInvalid(f"rule {rule.id}: silenced_by: there is no rule {other!r}")
            if rule.id in rules[other].silenced_by or other == rule.id:
                raise RuleInvalid(f"rule {rule.id}: silenced_by: {other} is silenced by it as well")
