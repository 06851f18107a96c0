"""Writes what a teacher agrees on of the faces of a labelled folder.

    python -m models.lab.training.consensus FOLDER consensus.csv

`motcua models evaluate --faces consensus.csv` then judges detectors by it.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from contract.manifest import ModelTask
from edge.vision.adapters import load_detector
from edge.vision.registry import open_registry
from models.lab.evaluation.boxes import read_listed_faces
from models.lab.evaluation.scenes import landmark_error, overlap
from models.lab.training.teacher import write_consensus
from runtime.reporting import reported

_SAME_FACE = 0.5  # intersection over union of their boxes


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--teacher", default="yunet-n", show_default=True)
def main(folder: Path, target: Path, teacher: str) -> None:
    """Write TARGET, a faces.csv with the mean of sixteen looks at each photograph of FOLDER.

    Prints how far the landmarks of the folder's own faces.csv are from it.
    """
    with reported():
        detector = load_detector(open_registry(), teacher, task=ModelTask.FACE_DETECTION)
        count = write_consensus(folder, detector, target)
        scatter = landmark_scatter(folder / "faces.csv", target)
    click.echo(f"{target}: {count} faces")
    if len(scatter):
        click.echo(
            f"landmarks of faces.csv differ from it by {scatter.mean():.3f} distances between the "
            f"eyes (median {np.median(scatter):.3f})"
        )


def landmark_scatter(faces: Path, consensus: Path) -> NDArray[np.float64]:
    """Return how far the largest faces' landmarks are from the consensus, for each picture of it.

    Faces in other places are another person's; they are left out.
    """
    single, agreed = read_listed_faces(faces), read_listed_faces(consensus)
    errors = []
    for file in agreed.files:
        one, other = single.largest(file), agreed.largest(file)
        if one is None or other is None or one.landmarks is None or other.landmarks is None:
            continue
        if overlap(one.box, other.box) > _SAME_FACE:
            errors.append(landmark_error(one.landmarks, other.landmarks))
    return np.array(errors)


if __name__ == "__main__":
    main()
