"""Calls in bytes: whole, in pieces, between garbage."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from operator import xor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.messages import TicketEvent
from edge.tickets.frames import Call, FrameReader, read_layout
from runtime.errors import SettingInvalid

LINES, FRAMED = read_layout("lines"), read_layout("framed")


def line(number: str, counter: str = "3", event: str = "CALL") -> bytes:
    return f"{number};{counter};{event}\r\n".encode()


def frame(number: str, counter: str = "03", event: str = "C") -> bytes:
    content = f"{counter}{event}{number}\x03".encode()
    return b"\x02" + content + bytes([reduce(xor, content)])


def numbers(layout, *chunks: bytes) -> list[str]:
    reader = FrameReader(layout)
    return [call.number for chunk in chunks for call in reader.feed(chunk)]


def test_layouts_say_what_their_files_document():
    (call,) = FrameReader(LINES).feed(b"A012;3;CALL;Dat dai\r\n")
    assert call == Call(number="A012", event=TicketEvent.CALLED, counter="3", service="Dat dai")
    (call,) = FrameReader(FRAMED).feed(bytes.fromhex("02 3033 43 41303132 03") + b"\x02"[:0]
        + bytes([reduce(xor, bytes.fromhex("3033434130313203"))]))  # fmt: skip
    assert call == Call(number="A012", event=TicketEvent.CALLED, counter="03")


@pytest.mark.parametrize(
    ("layout", "chunks", "expected"),
    [
        (LINES, [line("A1"), line("A2")], ["A1", "A2"]),
        (LINES, [b"A1;3;CALL\n"], ["A1"]),
        (LINES, [b"\xff\x00#!\r\n", line("A2")], ["A2"]),
        (LINES, [b"A1;3;CA", b"LL\r\n"], ["A1"]),
        (LINES, [b"A1;3;DANCE\r\n", line("A2")], ["A2"]),
        (LINES, [b"x" * 500, b"\r\n", line("A2")], ["A2"]),
        (FRAMED, [frame("A001") + frame("A002")], ["A001", "A002"]),
        (FRAMED, [frame("A001")[:4], frame("A001")[4:]], ["A001"]),
        (FRAMED, [frame("A001")[:4], frame("A002")], ["A002"]),
        (FRAMED, [b"\x03\x03noise" + frame("A002")], ["A002"]),
        (FRAMED, [frame("A001")[:-1] + b"\x7f", frame("A002")], ["A002"]),
        (FRAMED, [frame("A001")[:-1], frame("A002")], ["A002"]),
        (FRAMED, [b"\x02" + b"x" * 500, frame("A002")], ["A002"]),
    ],
)
def test_calls_are_found_and_garbage_is_passed_over(layout, chunks, expected):
    assert numbers(layout, *chunks) == expected


@given(
    noise=st.binary(max_size=200),
    cuts=st.lists(st.integers(0, 250), max_size=6),
    layout=st.sampled_from([LINES, FRAMED]),
)
def test_after_any_noise_whole_calls_are_understood_however_they_are_cut(noise, cuts, layout):
    made = line if layout is LINES else frame
    stream = noise + b"\r\n" + made("B123") + made("B124") + made("B125")
    bounds = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    found = numbers(layout, *(stream[a:b] for a, b in pairwise(bounds)))
    assert found[-2:] == ["B124", "B125"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('kind = "lines"\npattern = "(?P<number>x)"\n[events]\n', "event"),
        ('kind = "lines"\npattern = "("\n[events]\n', "pattern"),
        ('kind = "other"\n', "layout"),
        ("kind = ", "cannot be read"),
    ],
)
def test_a_layout_that_cannot_be_used_says_why(tmp_path: Path, text, said):
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingInvalid, match=said):
        read_layout(str(file))
    with pytest.raises(SettingInvalid, match="cannot be read"):
        read_layout("nothing")
