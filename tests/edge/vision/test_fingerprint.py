"""Which proof a file of weights needs, and what is said where it fails."""

from __future__ import annotations

import hashlib
import subprocess

import msgspec
import pytest

from contract.manifest import ModelTask
from edge.errors import ModelInvalid
from edge.vision.fingerprint import fingerprint
from edge.vision.registry import Availability, ModelRegistry
from tests.edge.vision.manifests import face_manifest

CONTENT = b"weights\n" * 300_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "tiny-yunet.onnx"
    path.write_bytes(CONTENT)
    return path


def registry_of(path, **proof):
    manifest = msgspec.structs.replace(face_manifest(), sha256="", **proof)
    return ModelRegistry(manifests=(manifest,), folders=(path.parent,))


def test_the_git_name_is_the_one_that_git_gives(path):
    said = subprocess.run(
        ["git", "hash-object", "--no-filters", str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    found = fingerprint(path)
    assert found.git_blob == said.stdout.strip()
    assert (found.sha256, found.size) == (SHA256, len(CONTENT))


def test_weights_with_the_right_git_name_are_used_and_their_sha256_is_told(path):
    registry = registry_of(path, git_blob=fingerprint(path).git_blob)
    file = registry.choose(ModelTask.FACE_DETECTION, "tiny-yunet")
    assert (file.path, file.manifest.sha256) == (path, SHA256)


def test_weights_with_another_git_name_are_refused(path):
    registry = registry_of(path, git_blob="0" * 40)
    with pytest.raises(ModelInvalid, match=r"its git name starts with .* instead of 000000000000"):
        registry.choose(ModelTask.FACE_DETECTION, "tiny-yunet")


def test_weights_without_any_published_proof_need_a_voucher(path):
    registry = registry_of(path)
    status = registry.status(registry.manifests[0])
    assert status.availability is Availability.DAMAGED
    assert "`sha256sum tiny-yunet.onnx > tiny-yunet.onnx.sha256` beside it" in status.problem
    path.with_name("tiny-yunet.onnx.sha256").write_text(f"{SHA256}  tiny-yunet.onnx\n")
    assert registry.status(registry.manifests[0]).manifest.sha256 == SHA256


@pytest.mark.parametrize("voucher", ["", "no digest", f"{'1' * 64}  tiny-yunet.onnx"])
def test_a_voucher_for_another_file_is_no_proof(path, voucher):
    path.with_name("tiny-yunet.onnx.sha256").write_text(voucher)
    with pytest.raises(ModelInvalid, match="truncated or another file"):
        registry_of(path).choose(ModelTask.FACE_DETECTION, "tiny-yunet")
