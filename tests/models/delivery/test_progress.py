"""The line that shows how far a file has come: on a terminal only, and ended in any case."""

from __future__ import annotations

import io
import sys
from contextlib import suppress

from models.delivery.progress import shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_sees_one_line_that_ends_with_all_bytes(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with shown("yunet-n") as progress:
        progress(1_000_000, 4_000_000)
        progress(1_000_001, 4_000_000)
        progress(4_000_000, 4_000_000)
    text = terminal.getvalue()
    assert text == "\ryunet-n: 1.0 of 4.0 MB ( 25%) \ryunet-n: 4.0 of 4.0 MB (100%) \n"


def test_line_is_ended_when_the_download_fails(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with suppress(ConnectionError), shown("x") as progress:
        progress(5, None)
        raise ConnectionError
    assert terminal.getvalue() == "\rx: 0.0 MB \n"


def test_log_is_not_filled_with_progress(capsys):
    with shown("x") as progress:
        progress(5, 10)
    assert capsys.readouterr().err == ""
