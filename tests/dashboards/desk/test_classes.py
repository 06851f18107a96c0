"""The pages of classes, appraisals and contests: what they show of what the API says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from plotly.utils import PlotlyJSONEncoder

from contract.readings import Unit
from contract.texts import Language
from dashboards.api.classes import (
    Band,
    Class,
    Classes,
    ClassExplained,
    Criterion,
    ExplainedCriterion,
    ExplainedTerm,
    Explanation,
    Points,
    Said,
    Scheme,
)
from dashboards.api.judgements import Appraisal, Contest
from dashboards.api.rest import Answer
from dashboards.desk.appraisals import Appraisals
from dashboards.desk.classes import ClassesPage
from dashboards.desk.contests import Contests
from dashboards.errors import ApiRefused
from dashboards.look.texts import speaking
from tests import coroutines

NAME = Said(vi="Bộ chỉ số", en="Index")
SCHEME = Scheme(
    id="qd766-2022",
    version=1,
    level="unit",
    name=NAME,
    basis=NAME,
    maximum=Decimal(100),
    periods=("month",),
    to_be_filled_in=False,
    criteria=(
        Criterion(
            id="on_time",
            group="progress",
            name=Said(vi="Đúng hạn", en="On time"),
            maximum=Decimal(20),
            group_name=Said(vi="Tiến độ", en="Progress"),
        ),
    ),
    bands=(Band(id="good", name=Said(vi="Tốt", en="Good")),),
)
TERM = ExplainedTerm(name="Đúng hạn", state="computed", lines=("20 × 9 / 10 = 18", "Số liệu: …"))


def judged(unit: str, total: str | None, band: str | None) -> Class:
    return Class(
        unit=unit,
        known=Decimal("71.50"),
        highest=Decimal("83.50"),
        missing=() if total else ("online",),
        criteria=(Points(id="on_time", missing=False, points=Decimal("18.00")),),
        total=None if total is None else Decimal(total),
        band=band,
    )


class Api:
    """Says of two units what the API would say."""

    async def schemes(self) -> Answer:
        return Answer(value=(SCHEME,))

    async def units(self) -> Answer:
        units = [("a", "Phường A"), ("b", "Phường B")]
        return Answer(
            value=tuple(
                Unit(id=id_, kind="ward", name_vi=name, name_en=name, simulated=False)
                for id_, name in units
            )
        )

    async def catalogue(self) -> Answer:
        return Answer(value=())

    async def read(self, path: str, _: object) -> Answer:
        return Answer(value=None, error=ApiRefused(path))  # nothing of closings

    async def classes(self, *, scheme: str, period: str) -> Answer:
        if period == "2025-10":
            return Answer(value=None, error=ApiRefused(f"no version of {scheme} holds"))
        rows = (judged("a", "81.25", "good"), judged("b", None, None))
        return Answer(
            value=Classes(scheme=scheme, version=1, period=period, running=False, classes=rows)
        )

    async def class_explained(
        self, *, scheme: str, period: str, unit: str, language: Language
    ) -> Answer:
        criterion = ExplainedCriterion(
            group="Tiến độ", name="Đúng hạn", points="18,00", maximum="20", lines=(), terms=(TERM,)
        )
        heading = (f"{scheme} {period} {unit} {language}", "Căn cứ")
        return Answer(
            value=ClassExplained(explanation=Explanation(heading=heading, components=(criterion,)))
        )

    async def appraisals(self, *, period: str, unit: str) -> Answer:
        found = Appraisal(
            id="1", scheme="qd766-2022", unit="a", period="2026-10", state="open", draft=True,
            appraiser="tran-binh", appraiser_there=False, overdue=True, next_step="self_score",
            due_at=datetime(2026, 11, 6, 10, tzinfo=UTC),
        )  # fmt: skip
        return Answer(value=(found,))

    async def contests(self, *, period: str, unit: str) -> Answer:
        found = Contest(
            id="1", kind="class", unit="b", period="2026-10", reason="Thiếu minh chứng",
            filed_by="le-chi", filed_at=datetime(2026, 11, 6, 10, tzinfo=UTC), scheme="qd766-2022",
            effect="restated", value_before=Decimal("71.5"), value_after=Decimal("74.5"),
        )  # fmt: skip
        return Answer(value=(found,))


def shown(page, query: str, language: Language = Language.VI) -> str:
    async def read():
        with speaking(language):
            return await page.layout(page.read(query))

    layout = coroutines.run(read())
    return json.dumps(layout, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_units_stand_with_total_class_and_points_and_a_withheld_class_says_between_what():
    said = shown(ClassesPage(Api()).page(), "?period=2026-10&beside=none")
    for text in ("81,25", "Tốt", "18,00", "71,50 đến 83,50", "thiếu 1 tiêu chí", "chưa xếp loại"):
        assert text in said


@pytest.mark.parametrize("language", Language)
def test_the_unit_in_the_address_is_explained_in_the_language_of_the_screen(language: Language):
    said = shown(ClassesPage(Api()).page(), "?period=2026-10&unit=a", language)
    assert f"qd766-2022 2026-10 a {language}" in said
    assert "20 × 9 / 10 = 18" in said


def test_a_period_that_no_version_scores_is_said_in_the_apis_words():
    said = shown(ClassesPage(Api()).page(), "?period=2025-10")
    assert "no version of qd766-2022 holds" in said


def test_appraisals_name_what_is_overdue_and_whose_appraiser_has_left():
    said = shown(Appraisals(Api()).page(), "?period=2026-10")
    for text in ("Phường A", "Tự chấm điểm", "quá hạn", "06/11/2026 17:00", "không còn công tác"):
        assert text in said


def test_contests_show_their_effect_with_both_values():
    said = shown(Contests(Api()).page(), "")
    for text in ("Phường B", "Điều chỉnh", "71,50 → 74,50", "Thiếu minh chứng"):
        assert text in said
