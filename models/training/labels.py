"""Writes what a teacher agrees on of the faces of a labelled folder.

    python -m models.training.labels FOLDER consensus.csv

`motcua models evaluate --faces consensus.csv` then judges detectors by it.
"""

from __future__ import annotations

from pathlib import Path

import click

from edge.errors import EdgeError
from edge.vision.adapters import load_detector
from edge.vision.registry import open_registry
from models.evaluation.errors import EvaluationError
from models.training.teacher import write_consensus


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--teacher", default="yunet-n", show_default=True)
def main(folder: Path, target: Path, teacher: str) -> None:
    """Write TARGET, a faces.csv with the mean of eight looks at each photograph of FOLDER."""
    try:
        count = write_consensus(folder, load_detector(open_registry(), teacher), target)
    except (EvaluationError, EdgeError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{target}: {count} faces")


if __name__ == "__main__":
    main()
