"""The grid of a desk page: dash-ag-grid in our colours, with cells that say why they are empty."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

import dash_ag_grid as dag
from dash.development.base_component import Component

from dashboards.look.collation import fold, sort_key
from dashboards.look.texts import Bilingual, tell

Cell: TypeAlias = Mapping[str, Any]
Row: TypeAlias = Mapping[str, Any]

FIRST = "unit"
"""The column of the row's name, which stays in view."""
_GRIDS_TEXTS = (
    "contains",
    "notContains",
    "equals",
    "notEqual",
    "startsWith",
    "endsWith",
    "blank",
    "notBlank",
    "lessThan",
    "lessThanOrEqual",
    "greaterThan",
    "greaterThanOrEqual",
    "inRange",
    "inRangeStart",
    "inRangeEnd",
    "filterOoo",
    "andCondition",
    "orCondition",
    "noRowsToShow",
    "noMatchingRows",
    "loadingOoo",
)
"""What AG Grid says itself, by its own names."""
_FAMILY_PX, _LINE_PX, _LETTER_PX = 38, 21, 9
"""The height of a group's name of one line, of each further line, and the width of a letter."""
_THEME = """themeQuartz.withParams({
  backgroundColor: "var(--ground)", foregroundColor: "var(--ink)", accentColor: "var(--live)",
  headerBackgroundColor: "var(--ground)", chromeBackgroundColor: "var(--plane)",
  borderColor: "var(--divider)", rowHoverColor: "var(--plane)", menuBackgroundColor: "var(--plane)",
  inputBackgroundColor: "var(--ground)", inputTextColor: "var(--ink)",
  browserColorScheme: "inherit",
  fontFamily: "var(--family)", fontSize: "var(--table-body)", headerFontSize: "var(--table-body)",
  headerFontWeight: 600, rowHeight: "3.9rem", headerHeight: "3.9rem",
  wrapperBorder: false, spacing: 6, cellHorizontalPadding: 10})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its id, its name, and the KPI family or other group that it stands under.

    `numeric` columns are filtered by their figures, others by their texts.
    """

    id: str
    name: Bilingual
    group: Bilingual | None = None
    explained: str = ""
    numeric: bool = False
    width_px: int = 150
    wraps: bool = False


def cell(
    text: str,
    *,
    note: str = "",
    sort: str | float | None = None,
    figure: float | None = None,
    state: str = "",
    mark: str = "",
    observed_ms: int | None = None,
    fresh_s: float | None = None,
    href: str = "",
) -> Cell:
    """Return what one cell says and by what it sorts; without `sort` it always comes last.

    `figure` is the number as it is written, by which a filter compares. With `observed_ms`
    browsers count the data's age on: as the text where there is none, else below it once old.
    With `href` the text is a link.
    """
    said = {
        "text": text,
        "note": note,
        "sort": sort,
        "figure": figure,
        "state": state,
        "mark": mark,
        "observed_ms": observed_ms,
        "fresh_s": fresh_s,
        "href": href,
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def row(key: str, search: str, cells: Mapping[str, Cell]) -> Row:
    """Return one row; it is found by `search`, written with or without diacritics."""
    return {"id": key, "search": fold(search), **cells}


def sort_text(name: str) -> str:
    """Return the text by which `name` sorts among others, as Vietnamese readers expect."""
    return "\0".join(sort_key(name))


def grid(
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    order: Sequence[str],
    conditions: Mapping[str, Any],
    find: str,
) -> Component:
    """Return the grid, sorted and filtered as its address says."""
    found: Component = dag.AgGrid(
        id=name,
        columnDefs=definitions(columns, order),
        rowData=list(rows),
        filterModel=dict(conditions),
        getRowId="params.data.id",
        className="grid",
        defaultColDef=_DEFAULTS,
        dashGridOptions={
            "theme": {"function": _THEME},
            "groupHeaderHeight": _heading_px(columns),
            "animateRows": False,
            "suppressFieldDotNotation": True,
            "suppressDragLeaveHidesColumns": True,
            "suppressColumnVirtualisation": True,
            "enableCellTextSelection": True,
            "quickFilterText": fold(find),
            "localeText": {name: tell(f"grid.{name}") for name in _GRIDS_TEXTS},
        },
    )
    return found


def definitions(columns: Sequence[Column], order: Sequence[str]) -> list[dict[str, Any]]:
    """Return the columns in AG Grid's words, neighbours of one group below its name."""
    found: list[dict[str, Any]] = []
    for column in columns:
        defined = _define(column, order)
        if column.group is None:
            found.append(defined)
        elif found and found[-1].get("groupId") == column.group.en:
            found[-1]["children"].append(defined)
        else:
            heading = column.group.text
            found.append({"groupId": column.group.en, "headerName": heading, "children": [defined]})
    return found


def _heading_px(columns: Sequence[Column]) -> int:
    """Return how high the groups' names stand: AG Grid does not ask how many lines they take."""
    lines = 1
    for group, below in groupby(columns, key=lambda each: each.group):
        if group is not None:
            width_px = sum(each.width_px for each in below)
            lines = max(lines, -(-len(group.text) * _LETTER_PX // width_px))
    return _FAMILY_PX + (lines - 1) * _LINE_PX


def _define(column: Column, order: Sequence[str]) -> dict[str, Any]:
    defined: dict[str, Any] = {
        "colId": column.id,
        "field": column.id,
        "headerName": column.name.text,
        "headerTooltip": column.explained,
        "filter": "agNumberColumnFilter" if column.numeric else "agTextColumnFilter",
        "filterValueGetter": {"function": f"shown(params.data[{json.dumps(column.id)}])"},
        "minWidth": column.width_px,
        "flex": column.width_px,
        # Figures are first read from the top, names from A.
        "sortingOrder": ["desc", "asc", None] if column.numeric else ["asc", "desc", None],
    }
    if column.id == FIRST:
        defined |= {"pinned": "left", "getQuickFilterText": {"function": "params.data.search"}}
        del defined["flex"]
        defined["width"] = column.width_px
    if column.wraps:
        defined |= {"wrapText": True, "autoHeight": True}
    for index, named_column in enumerate(order):
        if named_column.removeprefix("-") == column.id:
            down = named_column.startswith("-")
            defined |= {"initialSort": "desc" if down else "asc", "initialSortIndex": index}
    return defined


_DEFAULTS = {
    "cellRenderer": "Figure",
    "cellDataType": False,
    "comparator": {"function": "missingLast"},
    "getQuickFilterText": {"function": "''"},
    "filterParams": {"maxNumConditions": 1, "debounceMs": 200},
    "wrapHeaderText": True,
    "autoHeaderHeight": True,
    "resizable": True,
    "sortable": True,
}
