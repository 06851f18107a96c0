import json
from dataclasses import replace

from dashboards.push.messages import Rendered, changes, whole
from dashboards.push.nodes import node, part, several

OLD = Rendered(frame='["main.wall"]', parts={"a": '["1"]', "b": '["2"]'}, times={"a": 5, "b": None})


def test_the_whole_wall_is_one_message() -> None:
    assert json.loads(whole(OLD)) == {
        "kind": "whole",
        "frame": ["main.wall"],
        "parts": {"a": ["1"], "b": ["2"]},
        "times": {"a": 5, "b": None},
    }


def test_only_parts_and_times_that_changed_are_sent() -> None:
    new = replace(OLD, parts={"a": '["1"]', "b": '["3"]'}, times={"a": 6, "b": None})
    assert json.loads(changes(OLD, new) or "") == {
        "kind": "parts",
        "parts": {"b": ["3"]},
        "times": {"a": 6},
    }


def test_nothing_is_sent_where_nothing_changed() -> None:
    assert changes(OLD, replace(OLD, parts=dict(OLD.parts))) is None


def test_a_new_frame_is_sent_whole() -> None:
    new = replace(OLD, frame='["main"]')
    assert changes(OLD, new) == whole(new)


def test_elements_are_short_lists() -> None:
    made = node(
        "div.tile", node("b", "96,2"), None, (node("i"), "x"), part("a"), data_tile="t", style="x"
    )
    assert made == [
        "div.tile",
        {"data-tile": "t", "style": "x"},
        ["b", "96,2"],
        ["i"],
        "x",
        ["part", "a"],
    ]
    assert several(node("b"), None, "x") == '[["b"],"x"]'
