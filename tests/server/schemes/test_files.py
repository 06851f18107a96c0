"""Files of schemes: what is wrong is one line that names the file and the field."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from contract.readings import KpiFamily
from server.errors import SchemeInvalid, ServerError
from server.periods import Period
from server.schemes.files import KpiTraits, in_order, parse_scheme
from server.schemes.library import SchemeSettings, load_schemes, scheme_of
from server.schemes.schemes import Level
from tests.docs.repository import ROOT
from tests.server.schemes.given import NOON

KPIS = {
    "dossiers_on_time": KpiTraits(family=KpiFamily.OFFICIAL),
    "median_wait": KpiTraits(family=KpiFamily.OPERATION, is_share=False, by_officer=False),
    "expression_mix": KpiTraits(family=KpiFamily.EXPERIENCE),
}
SOUND = """
id = "own"
version = 1
level = "unit"
valid_from = 2026-01-01
valid_to = 2027-01-01
periods = ["month"]
maximum = 20
rounding = { places = 2, mode = "half_up" }
deadlines = { self_score = 5, appraisal = 10, answer = 5, final = 5 }
name = { vi = "Riêng", en = "Own" }
basis = { vi = "Quyết định", en = "Decision" }
[[groups]]
id = "all"
name = { vi = "Tất cả", en = "All" }
maximum = 20
[[groups.components]]
id = "on_time"
name = { vi = "Đúng hạn", en = "On time" }
maximum = 15
numerator = ["dossiers_on_time.hits"]
denominator = ["dossiers_on_time.n"]
[[groups.components]]
id = "waiting"
name = { vi = "Chờ", en = "Waiting" }
maximum = 5
numerator = ["median_wait.value"]
lower_is_better = true
steps = [{ up_to = 900, points = 5 }, { up_to = 1800, points = 2 }]
[[bands]]
id = "good"
name = { vi = "Tốt", en = "Good" }
from = 10
[[bands]]
id = "weak"
name = { vi = "Yếu", en = "Weak" }
from = 0
below = 10
"""


def instead(old: str, new: str) -> Callable[[], str]:
    def text() -> str:
        assert old in SOUND
        return SOUND.replace(old, new, 1)

    return text


WRONG = {
    "criteria that do not add up": (
        instead("maximum = 15", "maximum = 14"),
        r"groups\[all\]\.maximum: is 20, but its components add up to 19",
    ),
    "groups that do not add up": (
        instead("maximum = 20", "maximum = 21"),
        r"maximum: is 21, but its groups add up to 20",
    ),
    "overlapping bands": (instead("below = 10", "below = 11"), "bands: weak overlaps good"),
    "a gap between bands": (
        instead("below = 10", "below = 9"),
        "bands: 9 to 10 belongs to no class",
    ),
    "bands that do not begin at zero": (
        instead("from = 0", "from = 1"),
        "bands: 0 to 1 belongs to no class",
    ),
    "an unknown KPI": (
        instead("dossiers_on_time.hits", "dossiers_in_time.hits"),
        r"components\[on_time\]\.numerator: KPI 'dossiers_in_time' is not in the catalogue",
    ),
    "a KPI of experience": (
        instead("dossiers_on_time.hits", "expression_mix.value"),
        r"numerator: KPI 'expression_mix' is one of experience: no legal class rests on it",
    ),
    "a KPI of experience beside": (
        instead("lower_is_better", 'beside = ["expression_mix"]\nlower_is_better'),
        r"beside: KPI 'expression_mix' is one of experience",
    ),
    "successes of what is no share": (
        instead("median_wait.value", "median_wait.hits"),
        "numerator: KPI 'median_wait' is no share",
    ),
    "a KPI that is not told by officer": (
        instead('level = "unit"', 'level = "officer"'),
        "level: KPI 'median_wait' is not told by officer",
    ),
    "steps out of order": (
        instead("up_to = 1800", "up_to = 800"),
        "steps: 800 stands out of order",
    ),
    "an unknown field": (
        instead("maximum = 15", "maximum = 15\nweigth = 2"),
        "weigth: is not known",
    ),
    "a missing field": (instead("version = 1\n", ""), "version: is missing"),
    "days that are reversed": (
        instead("2027-01-01", "2025-01-01"),
        "valid_to: 2025-01-01 is not after",
    ),
    "more for nothing than for all": (
        instead("maximum = 15", "maximum = 15\nempty = 16"),
        "empty: 16 is more than the 15",
    ),
    "a share without a denominator": (
        instead('denominator = ["dossiers_on_time.n"]', ""),
        "denominator: is missing",
    ),
    "an id that comes twice": (
        instead('"waiting"', '"on_time"'),
        "components: two of them have the id 'on_time'",
    ),
    "no TOML": (lambda: "id = ", "is no TOML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_file_is_one_line(case):
    text, said = WRONG[case]
    with pytest.raises(SchemeInvalid, match=said) as caught:
        parse_scheme(text(), "own.toml", KPIS)
    assert str(caught.value).startswith("own.toml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("first_day", "said"),
    [
        ("2026-12-01", "2026-12-01 lies within version 1 of a.toml"),
        ("2027-02-01", "no version holds from 2027-01-01 to 2027-02-01"),
    ],
)
def test_versions_neither_overlap_nor_leave_days_between_them(first_day, said):
    later = SOUND.replace("version = 1", "version = 2")
    later = later.replace("valid_from = 2026-01-01", f"valid_from = {first_day}")
    later = later.replace("valid_to = 2027-01-01\n", "")
    found = [
        (file, parse_scheme(text, file, KPIS))
        for file, text in (("a.toml", SOUND), ("b.toml", later))
    ]
    with pytest.raises(SchemeInvalid, match=said):
        in_order(found)


def test_a_new_scheme_needs_no_code(tmp_path):
    (tmp_path / "own.toml").write_text(SOUND, encoding="utf-8")
    schemes = load_schemes(SchemeSettings(folder=tmp_path))
    found = scheme_of(schemes, "own", Period.parse("2026-10", NOON))
    assert (found.maximum, found.level) == (20, Level.UNIT)


def test_the_example_of_the_document_is_a_scheme(tmp_path):
    text = (ROOT / "docs" / "schemes.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.+?)```", text, re.DOTALL)
    (tmp_path / "tinh.toml").write_text(example, encoding="utf-8")
    found = scheme_of(
        load_schemes(SchemeSettings(folder=tmp_path)), "tinh-2026", Period.parse("2026-10", NOON)
    )
    assert [band.id for band in found.bands] == ["good", "not_good"]


@pytest.mark.parametrize(
    ("id_", "period", "said"),
    [
        ("nd61-2018", "2025", "no version of nd61-2018 holds in all of 2025"),
        ("nd61-2018", "2025-Q3", "until before 2025-07-01"),
        ("nd61-2018", "2025-01", "scores a whole quarter, year"),
        ("nd118-2025", "2026-Q1", "is a place to be filled in"),
        ("qd766-2022", "now", "scores a whole month"),
        ("qd766", "2026-10", "scheme 'qd766' is not known; choose one of nd118-2025"),
    ],
)
def test_a_period_that_no_version_scores_is_said(id_, period, said):
    schemes = load_schemes(SchemeSettings())
    with pytest.raises(ServerError, match=said):
        scheme_of(schemes, id_, Period.parse(period, NOON))
