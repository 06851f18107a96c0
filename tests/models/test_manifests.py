"""The manifests that travel with the product."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from contract.manifest import ModelTask, read_manifest
from edge.vision.adapters import load_detector, load_expression_reader
from edge.vision.registry import open_registry

FOLDER = Path(__file__).resolve().parents[2] / "models" / "manifests"
FILES = sorted(FOLDER.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_manifest_is_complete_and_named_as_its_file(path):
    manifest = read_manifest(path)
    assert manifest.name == path.stem
    assert manifest.summary
    assert manifest.intended_use
    assert manifest.forbidden_use
    if manifest.task is ModelTask.EXPRESSION:
        assert manifest.labels
        assert manifest.minimum_face_px > 0


def test_every_task_has_a_single_best_model():
    manifests = [read_manifest(path) for path in FILES]
    for task in ModelTask:
        preferences = [manifest.preference for manifest in manifests if manifest.task is task]
        assert preferences
        assert len(preferences) == len(set(preferences))


def test_the_registry_reads_all_of_them():
    assert {m.name for m in open_registry().manifests} == {path.stem for path in FILES}


BUNDLED = [path for path in FILES if path.stem.startswith("motcua-")]


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_bundled_weights_have_the_manifests_hash_and_load(path):
    check(path, FOLDER.parent / "bundled")


@pytest.mark.shared
@pytest.mark.parametrize(
    "path", [path for path in FILES if path not in BUNDLED], ids=lambda path: path.stem
)
def test_the_weights_have_the_manifests_hash_and_load(shared, path):
    manifest = read_manifest(path)
    if manifest.download is not None and not (shared / "models" / manifest.file).exists():
        pytest.skip("these weights are downloaded, and not at hand")
    check(path, shared / "models")


def check(path, folder):
    manifest = read_manifest(path)
    weights = folder / manifest.file
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == manifest.sha256
    registry = open_registry(folder)
    if manifest.task is ModelTask.EXPRESSION:
        assert load_expression_reader(registry, manifest.name) is not None
    else:
        assert load_detector(registry, manifest.name).name == manifest.name
