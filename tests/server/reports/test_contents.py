"""What stands in reports: forms from their data, ranked members, texts in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from contract.readings import Reading
from contract.texts import Language, texts
from server.errors import RequestInvalid
from server.facts.dossiers import DossierTotals
from server.periods import Period
from server.rankings.material import RankingQuestion
from server.rankings.measures import Ranked
from server.rankings.tables import rank_members
from server.reports.contents.figures import figure_tables
from server.reports.contents.forms import form_table, forms, read_form
from server.reports.contents.ranked import funnels, left_out, rank_charts, ranking_tables
from server.reports.contents.wording import Wording
from server.reports.document import CellKind, Interval
from server.reports.figures import write_cell
from server.reports.questions import ReportQuestion
from server.reports.writers.drawings import WIDTH_MM, draw_funnel, draw_ranks
from server.units.units import UnitTree
from tests.server.rankings.given_cells import cells
from tests.server.reports.given import charts

NOW = datetime(2026, 11, 20, tzinfo=UTC)
OCTOBER = Period.parse("2026-10", NOW)
VI, EN = (
    Wording(language=language, tree=UnitTree.of(())) for language in (Language.VI, Language.EN)
)


def test_both_languages_say_the_same_things():
    vi, en = (texts("server.reports", language) for language in Language)
    assert list(vi) == list(en)
    for key in vi:
        assert vi[key].count("{") == en[key].count("{") or key.startswith("period."), key


def test_experience_has_its_own_interval_and_says_since_when():
    index = Reading(
        kpi="experience_index", version=1, scope="province", period="2026-10", n=340, value=87.0248,
        low=82.561, high=90.482, since=date(2026, 10, 15),
    )  # fmt: skip
    (table,) = figure_tables({index.kpi: index}, {}, {}, VI)
    assert "90" in table.columns[table.index("interval")].title
    assert table.rows[0].cells[table.index("interval")] == Interval(
        low=82.561, high=90.482, kind=CellKind.NUMBER
    )
    assert "15/10/2026" in table.notes[-1]


def test_form_adds_up_and_carries_over():
    form = forms()["dossier-handling"]
    now = DossierTotals(
        received=10, online=4, done=8, before_time=5, on_time=2, late=1, open=5, overdue=2
    )
    before = DossierTotals(open=3)
    table = form_table(form, "unit", [("a", "A", (now, before)), ("b", "B", (now, before))], VI)
    first, second, total = table.rows
    assert first.cells == (1, "A", 13, 4, 6, 3, 8, 5, 2, 1, 5, 3, 2)
    assert total.cells[2:] == tuple(2 * int(each) for each in second.cells[2:])
    assert total.strong


def test_form_of_an_unknown_count_is_refused():
    form = (
        'id = "x"\nversion = 1\nperiods = ["month"]\nrows = ["unit"]\n'
        'name = {vi = "x", en = "x"}\nbasis = {vi = "x", en = "x"}\n'
        '[[columns]]\nid = "a"\nvi = "a"\nen = "a"\nsum = ["%s"]\n'
    )
    assert read_form(form % "before.open").columns[0].summands == ((1, True, "open"),)
    for unknown in ("opened", "known", "digitised_aim"):
        with pytest.raises(ValueError, match=unknown):
            read_form(form % unknown)


def test_drawings_stay_on_the_page_and_names_do_not_overlap():
    names = [f"Phường số {number} có tên rất dài để vẽ trên biểu đồ" for number in range(100)]
    ranks, funnel = charts(names)
    crowded = replace(
        funnel, points=tuple(replace(point, x=20.0, outside=True) for point in funnel.points)
    )
    for drawing in (draw_ranks(ranks), draw_funnel(crowded, Language.VI)):
        assert drawing.height < 250
        points = [point for stroke in drawing.strokes for point in stroke.points]
        assert all(0 <= x <= WIDTH_MM and 0 <= y <= drawing.height for x, y in points)
    named = [word for word in draw_funnel(crowded, Language.VI).words if "Phường" in word.text]
    heights = sorted(word.y for word in named)
    assert named
    assert all(upper - lower > 3 for lower, upper in pairwise(heights))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "unit"}, "'unit'"),
        ({"kind": "rankings", "unit": "a"}, "takes no 'unit'"),
        ({"kind": "monthly", "period": "2026-Q3"}, "of a month"),
        ({"kind": "rankings", "period": "now"}, "calendar"),
        ({"kind": "rankings", "period": "2026-12"}, "has not begun"),
        ({"kind": "rankings", "scope": "unit:a"}, "subtree:UNIT"),
        ({"kind": "rankings", "by": "officer"}, "rank units"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(given, said):
    with pytest.raises(RequestInvalid, match=said):
        ReportQuestion.read({"period": "2026-10"} | given, NOW)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "rankings", "kpi": "dossiers_on_time", "by": "procedure", "compare": True},
        {"kind": "officer", "unit": "a", "officer": "CB-1", "scheme": "x", "language": "en"},
        {"kind": "statutory", "template": "dossier-handling", "scope": "subtree:a"},
    ],
)
def test_a_question_that_is_kept_is_the_same_question(given):
    question = ReportQuestion.read({"period": "2026-10"} | given, NOW)
    assert ReportQuestion.read(question.kept(), NOW) == question


def test_ranked_members_stand_best_first_and_small_ones_say_why():
    counts = {"a": (119, 120), "b": (60, 120), "c": (20, 40), "d": (2, 3), "e": (90, 120)}
    found = {"ward": rank_members(cells(counts), seed=1)}
    asked = RankingQuestion(kpi="share_satisfied", period=OCTOBER)
    (table,) = ranking_tables(found, asked, EN)
    assert [row.cells[1] for row in table.rows] == ["a", "e", "b", "c", "d"]
    first, small, tiny = (table.rows[place].cells for place in (0, 3, 4))
    assert first[table.index("share")] == 0.9917
    assert first[table.index("rank")] == 1
    assert "too few to rank" in small[table.index("remark")]
    assert tiny[table.index("share")].reason == "too few"
    (chart,) = rank_charts(found, asked, EN)
    assert [bar.label for bar in chart.bars] == ["a", "e", "b"]
    (funnel,) = funnels(found, asked, EN)
    assert {point.label for point in funnel.points} == {"a", "b", "e"}
    alone = ranking_tables({"ward": rank_members(cells({"a": (119, 120)}), seed=1)}, asked, EN)
    assert "no other of the units" in alone[0].rows[0].cells[-1]
    assert alone[0].notes == ("Not ranked: of the units of this kind one alone has enough cases.",)


def test_procedures_that_few_asked_for_are_counted_and_not_listed():
    counts = {"p1": (30, 40), "p2": (2, 3), "p3": (4, 9)}
    found = {
        "land": rank_members(cells(counts), seed=1),
        "trade": rank_members(cells({"t": (1, 2)}), seed=1),
    }
    asked = RankingQuestion(kpi="dossiers_on_time", period=OCTOBER, by=Ranked.PROCEDURE)
    (table,) = ranking_tables(found, asked, EN)
    assert len(table.rows) == 1
    assert left_out(found, asked, EN) == (
        "Not told: 3 procedures with fewer than 30 cases in the period.",
    )
    units = RankingQuestion(kpi="dossiers_on_time", period=OCTOBER)
    assert left_out(found, units, EN) == ()


def test_a_rank_that_is_certain_is_one_number():
    told = [write_cell(Interval(low=4, high=high), CellKind.RANKS, Language.VI) for high in (4, 6)]
    assert told == ["4", "4–6"]
