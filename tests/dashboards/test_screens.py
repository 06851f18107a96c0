import json

from dashboards.screens import Rendered, changes, whole

OLD = Rendered(frame='"frame"', parts={"a": "1", "b": "2"}, pages=(("a",), ("b",)))


def test_the_whole_screen_is_one_message() -> None:
    assert json.loads(whole(OLD)) == {
        "kind": "whole",
        "frame": "frame",
        "pages": [["a"], ["b"]],
        "parts": {"a": 1, "b": 2},
    }


def test_only_what_changed_is_sent() -> None:
    new = Rendered(frame=OLD.frame, parts={"a": "1", "b": "3"}, pages=OLD.pages)
    assert json.loads(changes(OLD, new) or "") == {"kind": "parts", "parts": {"b": 3}}


def test_nothing_is_sent_where_nothing_changed() -> None:
    assert changes(OLD, Rendered(frame=OLD.frame, parts=dict(OLD.parts), pages=OLD.pages)) is None


def test_a_new_frame_or_order_is_sent_whole() -> None:
    for new in (
        Rendered(frame='"other"', parts=OLD.parts, pages=OLD.pages),
        Rendered(frame=OLD.frame, parts=OLD.parts, pages=(("b",), ("a",))),
    ):
        assert changes(OLD, new) == whole(new)
