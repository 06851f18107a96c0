"""Turns a ReportedError into one line and exit code 1: the rim of every command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from runtime.errors import ReportedError
from runtime.stream_urls import redact


@contextmanager
def reported() -> Iterator[None]:
    """Run the block; raise click's ClickException, "Error: …" with code 1, for a ReportedError.

    For console scripts alone (`motcua.cli`, `python -m models.lab.training`): a command below them
    lets its errors pass.
    """
    try:
        yield
    except ReportedError as error:
        raise click.ClickException(redact(str(error))) from error
