"""The routes from which devices fetch models: the index as it is, ranges, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from contract.mirror import INDEX_FILE, ModelIndex, OfferedModel, SignedIndex
from server.access.authentication import principal_of
from server.access.principals import ANYONE
from server.mirror.routes import PREFIX, mirror
from tests.coroutines import run

WEIGHTS = bytes(range(256)) * 40
SECRET = b"not for devices"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    entry = OfferedModel(
        name="a",
        file="a.onnx",
        sha256="0" * 64,
        size_bytes=len(WEIGHTS),
        manifest=msgspec.Raw(b"{}"),
    )
    gone = msgspec.structs.replace(entry, name="gone", file="gone.onnx")
    index = ModelIndex(published_at=datetime.now(UTC), models=(entry, gone))
    signed = SignedIndex(index=msgspec.json.encode(index).decode(), key="k", signature="s")
    (tmp_path / INDEX_FILE).write_bytes(msgspec.json.encode(signed))
    (tmp_path / "a.onnx").write_bytes(WEIGHTS)
    (tmp_path / "secret.onnx").write_bytes(SECRET)
    return tmp_path


def get(folder: Path | None, path: str, **headers: str) -> httpx.Response:
    app = FastAPI()
    app.include_router(mirror(folder))
    app.dependency_overrides[principal_of] = lambda: ANYONE

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://api", headers={"Accept-Language": "en"}
        ) as client:
            return await client.get(f"{PREFIX}{path}", headers=headers)

    return run(ask())


def test_index_is_sent_byte_for_byte_and_never_from_a_cache(folder):
    response = get(folder, f"/{INDEX_FILE}")
    assert response.content == (folder / INDEX_FILE).read_bytes()
    assert response.headers["Cache-Control"] == "no-cache"


def test_address_that_devices_are_given_shows_the_index(folder):
    response = get(folder, "")
    assert response.status_code == 200
    assert response.content == (folder / INDEX_FILE).read_bytes()


def test_weights_are_sent_whole_or_from_any_byte_on(folder):
    assert get(folder, "/a.onnx").content == WEIGHTS
    part = get(folder, "/a.onnx", Range="bytes=1000-")
    assert (part.status_code, part.content) == (206, WEIGHTS[1000:])
    assert part.headers["Content-Range"] == f"bytes 1000-{len(WEIGHTS) - 1}/{len(WEIGHTS)}"
    assert get(folder, "/a.onnx", Range=f"bytes={len(WEIGHTS)}-").status_code == 416


@pytest.mark.parametrize(
    "path", ["/secret.onnx", "/..%2Fa.onnx", "/%2e%2e", "/x", "/a.onnx/", "/.incoming"]
)
def test_only_what_the_index_offers_is_served(folder, path):
    response = get(folder, path)
    assert response.status_code in {307, 404}
    assert SECRET not in response.content


def test_offered_file_that_is_gone_says_so(folder):
    response = get(folder, "/gone.onnx")
    assert response.status_code == 404
    assert "in the index but not in its folder" in response.json()["detail"]


def test_without_a_folder_or_an_index_it_says_what_to_do(folder, tmp_path):
    for place in (None, tmp_path / "nowhere"):
        response = get(place, f"/{INDEX_FILE}")
        assert response.status_code == 404
        assert "`motcua models publish`" in response.json()["detail"]
        assert get(place, "/a.onnx").status_code == 404


def test_spoilt_index_offers_nothing(folder):
    (folder / INDEX_FILE).write_text("{")
    response = get(folder, "/a.onnx")
    assert response.status_code == 404
    assert "is no index of models" in response.json()["detail"]
