"""`motcua report`: rankings and classes as text, reports as files, and which files are genuine."""

from __future__ import annotations

import click

from server.reports.explain import explain_command, schemes_command
from server.reports.files import (
    appraisal_command,
    monthly_command,
    officer_command,
    statutory_command,
    unit_command,
)
from server.reports.rankings import rankings_command
from server.reports.verify import verify_command


@click.group("report")
def command() -> None:
    """Rankings, classes and reports, and whether a report is genuine."""


for _each in (
    explain_command,
    schemes_command,
    rankings_command,
    unit_command,
    officer_command,
    appraisal_command,
    monthly_command,
    statutory_command,
    verify_command,
):
    command.add_command(_each)
