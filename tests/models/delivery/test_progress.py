"""How far a file has come, on a terminal only; and why nothing comes, anywhere."""

from __future__ import annotations

import io
import sys
import threading
from contextlib import suppress
from threading import Timer

from models.delivery import progress as progress_module
from models.delivery.progress import shown, waiting
from tests.models.delivery.province import Told
from tests.waiting import eventually


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_sees_one_line_that_ends_with_all_bytes(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with shown("yunet-n") as progress:
        progress.show(1_000_000, 4_000_000)
        progress.show(1_000_001, 4_000_000)
        progress.show(4_000_000, 4_000_000)
    text = terminal.getvalue()
    assert text == "\ryunet-n: 1.0 of 4.0 MB ( 25%) \ryunet-n: 4.0 of 4.0 MB (100%) \n"


def test_line_is_ended_when_the_download_fails(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with suppress(ConnectionError), shown("x") as progress:
        progress.show(5, None)
        raise ConnectionError
    assert terminal.getvalue() == "\rx: 0.0 MB \n"


def test_log_is_not_filled_with_progress(capsys):
    with shown("x") as progress:
        progress.show(5, 10)
    assert capsys.readouterr().err == ""


def test_words_stand_on_lines_of_their_own(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with shown("x") as progress:
        progress.tell("waiting")
        progress.show(1_000_000, None)
        progress.tell("broke off")
    assert terminal.getvalue() == "x: waiting\n\rx: 1.0 MB \nx: broke off\n"


def test_log_gets_the_words_too(capsys):
    with shown("x") as progress:
        progress.tell("broke off")
    assert capsys.readouterr().err == "x: broke off\n"


def test_who_does_not_answer_is_named_while_it_is_waited_for(monkeypatch):
    monkeypatch.setattr(progress_module, "SLOW_S", 0.0)
    told = Told()
    with waiting(told, "http://server"):
        eventually(lambda: told.texts == ["waiting for http://server"])


def test_who_answers_soon_is_not_named():
    told = Told()
    with waiting(told, "http://server"):
        (timer,) = [thread for thread in threading.enumerate() if isinstance(thread, Timer)]
    timer.join()
    assert told.texts == []
