import json
from dataclasses import replace

from dash import html

from dashboards.push.messages import Rendered, changes, short, whole

OLD = Rendered(
    frame='["main.wall"]',
    rows='{"head":[],"units":[],"first":0,"last":2}',
    page=1,
    cells={"0.0": "1", "1.0": "2"},
    times={"0.0": 5, "1.0": None},
)


def test_the_whole_wall_is_one_message() -> None:
    assert json.loads(whole(OLD)) == {
        "kind": "whole",
        "frame": ["main.wall"],
        "page": 1,
        "style": {},
        "rows": {"head": [], "units": [], "first": 0, "last": 2},
        "cells": {"0.0": 1, "1.0": 2},
        "times": {"0.0": 5, "1.0": None},
    }


def test_only_cells_and_times_that_changed_are_sent() -> None:
    new = replace(OLD, cells={"0.0": "1", "1.0": "3"}, times={"0.0": 6, "1.0": None})
    assert json.loads(changes(OLD, new) or "") == {
        "kind": "cells",
        "cells": {"1.0": 3},
        "times": {"0.0": 6},
    }


def test_new_widths_are_sent_without_the_frame() -> None:
    message = changes(OLD, replace(OLD, style='{"--scale":0.9}')) or ""
    assert json.loads(message)["kind"] == "cells"
    assert json.loads(message)["style"] == {"--scale": 0.9}


def test_nothing_is_sent_where_nothing_changed() -> None:
    assert changes(OLD, replace(OLD, cells=dict(OLD.cells))) is None


def test_another_page_is_sent_without_the_frame() -> None:
    message = json.loads(changes(OLD, replace(OLD, page=2)) or "")
    assert message["kind"] == "page"
    assert "frame" not in message
    assert message["cells"] == {"0.0": 1, "1.0": 2}


def test_a_new_frame_is_sent_whole() -> None:
    new = replace(OLD, frame='["main"]')
    assert changes(OLD, new) == whole(new)


def test_components_travel_as_short_lists() -> None:
    row = html.Div(
        [html.Span("96,2", className="figure large"), html.I(style={"width": "3%"})], id="x"
    )
    assert short(row) == [
        "div",
        {"id": "x"},
        ["span.figure.large", "96,2"],
        ["i", {"style": {"width": "3%"}}],
    ]
