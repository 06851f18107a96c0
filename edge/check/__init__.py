"""`motcua edge check`: what works on this device, what does not, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("check")
@click.option("--config", type=click.Path(path_type=Path), help="The device's edge.toml.")
@click.option("--models", type=click.Path(path_type=Path), help="A folder of model weights.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array instead of lines.")
def command(config: Path | None, models: Path | None, as_json: bool) -> None:
    """Diagnose settings, store, clock, models, camera, broker, identity and the kiosk's port.

    Ends with 1 when something fails; warnings leave 0.
    """
    from edge.check.checks import run_checks
    from edge.check.findings import Verdict, render_json, render_line

    findings = []
    for finding in run_checks(config, models=models):
        findings.append(finding)
        if not as_json:
            click.echo(render_line(finding))
    if as_json:
        click.echo(render_json(findings))
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        raise SystemExit(1)
