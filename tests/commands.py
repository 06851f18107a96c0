"""Calls `motcua …` in this process, with its errors as the console script shows them."""

from __future__ import annotations

import signal
from collections.abc import Mapping

import pytest
from click.testing import CliRunner, Result

from motcua import cli
from tests.coroutines import apart


def call(*words: object, env: Mapping[str, str] | None = None) -> Result:
    """Return what `motcua WORDS` answers; the logging of this process stays as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "configure_logging", lambda: None)
        # beside a browser the command runs in a thread, and only the main one may have handlers
        patch.setattr(signal, "signal", lambda *_: None)
        return apart(CliRunner().invoke, cli.main, [str(word) for word in words], env=env)
