"""The pages of appraisals and contests: what waits for whom, and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from dash import Dash, html
from dash.development.base_component import Component

from contract.local_time import LOCAL_TIME
from contract.readings import Unit
from dashboards.api.judgements import Appraisal, Contest
from dashboards.api.rest import Answer, RestClient
from dashboards.desk.grids import FIRST, Cell, Column, Row, cell, grid, row, sort_text
from dashboards.desk.navigation import language_switch, navigation
from dashboards.desk.pages import Page, Values, conditions, order, text
from dashboards.look.formats import number
from dashboards.look.texts import name_of, say, say_if_known, spans

T = TypeVar("T", Appraisal, Contest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _List(Generic[T]):
    """A page of one grid: what it reads, its columns with their widths, and a row's cells."""

    name: str
    right: str
    order: str
    columns: Mapping[str, int]
    read: Callable[[str, str], Awaitable[Answer[tuple[T, ...]]]]
    cells: Callable[[T], Mapping[str, Cell]]
    units: Callable[[], Awaitable[Answer[tuple[Unit, ...]]]]

    def page(self) -> Page:
        """Return the page for the registry."""
        return Page(
            name=self.name,
            parameters=(
                text("period"),
                text("unit"),
                text("find"),
                order("sort", self.order),
                conditions("filter"),
            ),
            layout=self._layout,
            register=_nothing,
            right=self.right,
        )

    async def _layout(self, values: Values) -> Component:
        answer: Answer[tuple[T, ...]] = await self.read(values["period"], values["unit"])
        units = (await self.units()).value or ()
        names: dict[str, str] = {unit.id: name_of(unit).text for unit in units}
        content: list[Component] = self._content(answer, names, values)
        return html.Main(
            [html.Header([navigation(self.name), language_switch()]), *content],
            className=f"desk {self.name}",
        )

    def _content(
        self, answer: Answer[tuple[T, ...]], names: Mapping[str, str], values: Values
    ) -> list[Component]:
        if answer.value is None:
            said = say("desk.refused", reason=str(answer.error))
            return [html.P(spans(said), className="notice")]
        columns = [
            Column(id=FIRST, name=say("column.unit"), width_px=280),
            *(
                Column(id=name, name=say(f"{self.name}.{name}"), width_px=width, wraps=True)
                for name, width in self.columns.items()
            ),
        ]
        rows = self._rows(answer.value, names)
        name = f"{self.name}-grid"
        return [
            grid(
                name,
                columns,
                rows,
                order=values["sort"],
                conditions=values["filter"],
                find=values["find"],
            )
        ]

    def _rows(self, found: Sequence[T], names: Mapping[str, str]) -> list[Row]:
        rows = []
        for each in found:
            unit = names.get(each.unit, each.unit)
            first = cell(unit, note=each.officer or "", sort=sort_text(unit))
            rows.append(row(each.id, unit, {FIRST: first, **self.cells(each)}))
        return rows


def appraisals_page(api: RestClient) -> Page:
    """Return the page of appraisals: the most urgent first."""
    return _List(
        name="appraisal",
        right="read_appraisals",
        order="due",
        columns={"scheme": 160, "state": 200, "next": 200, "due": 200, "appraiser": 200},
        read=lambda period, unit: api.appraisals(period=period, unit=unit),
        cells=_appraisal_cells,
        units=api.units,
    ).page()


def contests_page(api: RestClient) -> Page:
    """Return the page of contests: the newest first."""
    return _List(
        name="contests",
        right="read_contests",
        order="-filed",
        columns={
            "subject": 200,
            "reason": 320,
            "filed": 190,
            "answerer": 160,
            "effect": 200,
            "answer": 320,
        },
        read=lambda period, unit: api.contests(period=period, unit=unit),
        cells=_contest_cells,
        units=api.units,
    ).page()


def _appraisal_cells(found: Appraisal) -> Mapping[str, Cell]:
    draft = say("appraisal.draft").text if found.draft else ""
    gone = "" if found.appraiser_there else say("appraisal.gone").text
    following = (
        cell("–")
        if found.next_step is None
        else _said("appraisal.steps", found.next_step, state="problem" if found.overdue else "")
    )
    return {
        "scheme": cell(found.scheme, note=found.period, sort=found.scheme),
        "state": _said("appraisal.states", found.state, note=draft),
        "next": following,
        "due": _time(found.due_at, note=say("appraisal.overdue").text if found.overdue else ""),
        "appraiser": cell(
            found.appraiser, note=gone, sort=found.appraiser, state="problem" if gone else ""
        ),
    }


def _contest_cells(found: Contest) -> Mapping[str, Cell]:
    subject = found.kpi or found.scheme or found.rating or ""
    kind = say_if_known(f"contests.kind.{found.kind}", found.kind)
    return {
        "subject": cell(kind.text, note=f"{subject} · {found.period}", sort=found.kind),
        "reason": cell(found.reason, sort=found.reason),
        "filed": _time(found.filed_at, note=found.filed_by),
        "answerer": cell(
            found.assignee_name or say("contests.nobody").text,
            sort=found.assignee_name,
            state="" if found.assignee_name else "withheld",
        ),
        "effect": _effect(found),
        "answer": cell(found.answer or "", note=found.answered_by or "", sort=found.answer),
    }


def _effect(found: Contest) -> Cell:
    if found.effect is None:
        return cell(say("contests.open").text, state="withheld")
    before, after = found.value_before, found.value_after
    note = ""
    if before is not None and after is not None:
        note = f"{number(float(before), 2)} → {number(float(after), 2)}"
    return _said("contests.effects", found.effect, note=note)


def _said(group: str, key: str, *, note: str = "", state: str = "") -> Cell:
    said = say_if_known(f"{group}.{key}", key).text
    return cell(said, note=note, sort=said, state=state)


def _time(at: datetime | None, *, note: str = "") -> Cell:
    if at is None:
        return cell("–")
    return cell(f"{at.astimezone(LOCAL_TIME):%d/%m/%Y %H:%M}", note=note, sort=at.timestamp())


def _nothing(_app: Dash) -> None:
    """Add no callbacks: the page is read when it is opened."""
