"""Nothing official takes the experience index: not by imports, not by types, not by name."""

from __future__ import annotations

import ast
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import get_origin, get_type_hints

import pytest

from contract.readings import KpiFamily
from server.facts.experience import ExperienceTotals
from server.facts.expressions import ExpressionTotals
from server.kpi.catalogue import BY_ID
from server.rankings.measures import MEASURES

SERVER = Path(__file__).parents[3] / "server"
OFFICIAL = [
    room for room in ("rankings", "schemes", "appraisal", "closing") if (SERVER / room).is_dir()
]
EXPERIENCE = {kpi.id for kpi in BY_ID.values() if kpi.family is KpiFamily.EXPERIENCE}


def modules(room: str) -> list[Path]:
    return [path for path in sorted((SERVER / room).rglob("*.py")) if path.stem != "__init__"]


@pytest.mark.parametrize("room", OFFICIAL)
def test_official_rooms_take_no_type_of_experience(room):
    kept_apart = {ExperienceTotals, ExpressionTotals}
    for path in modules(room):
        name = ".".join(("server", *path.relative_to(SERVER).with_suffix("").parts))
        for value in vars(import_module(name)).values():
            if getattr(value, "__module__", None) != name:
                continue
            plain = callable(value) and get_origin(value) is None
            hints = get_type_hints(value) if plain else {}
            assert not kept_apart & set(hints.values()), f"{name}.{value}"
            if is_dataclass(value):
                assert not kept_apart & {field.type for field in fields(value)}


@pytest.mark.parametrize("room", OFFICIAL)
def test_official_rooms_name_no_kpi_of_experience(room):
    assert {"experience_index", "expression_mix"} <= EXPERIENCE
    for path in modules(room):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        assert not named & EXPERIENCE, path
    for path in [*(SERVER / room).rglob("*.toml"), *(SERVER / room).rglob("*.sql")]:
        text = path.read_text(encoding="utf-8")
        assert not [kpi for kpi in EXPERIENCE if kpi in text], path
        assert "experience_" not in text, path


def test_units_are_ranked_by_no_measure_of_experience():
    assert not [kpi for kpi in MEASURES if BY_ID[kpi].family is KpiFamily.EXPERIENCE]
