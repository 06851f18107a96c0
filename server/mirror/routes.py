"""The routes from which devices fetch models: the signed index and the weights that it offers.

Nothing is signed here: `motcua models publish` signs, so that who breaks into the API cannot give
devices a model of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Response
from fastapi.responses import FileResponse
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from contract.errors import ModelIndexError
from contract.mirror import INDEX_FILE, SignedIndex, decode_index, decode_signed
from server.access.guard import allow
from server.access.rights import Right
from server.web.problems import ErrorBody

PREFIX = "/api/v1/models"


class MirrorSettings(BaseSettings):
    """Read from the environment as MOTCUA_API_MODELS."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_API_", frozen=True, extra="ignore")

    models: Path | None = Field(
        default=None, description="Folder of `motcua models publish`, offered to devices."
    )


_ABSENT: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorBody, "description": "It is not published here."}
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_WEIGHTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": _BINARY}, "description": "The whole file."},
    206: {"content": {"application/octet-stream": _BINARY}, "description": "The bytes of `Range`."},
    416: {"description": "The file has not so many bytes."},
}
_PUBLISH = "publish models with `motcua models publish` and name their folder in MOTCUA_API_MODELS"


def mirror(folder: Path | None) -> APIRouter:
    """Return the routes that serve the published models in `folder`."""
    router = APIRouter(
        prefix=PREFIX, tags=["models"], dependencies=[Depends(allow(Right.READ_MODELS))]
    )

    # The address that devices are given; who opens it in a browser sees that it is the right one.
    @router.get("", include_in_schema=False)
    @router.get(f"/{INDEX_FILE}", response_model=SignedIndex, responses=_ABSENT)
    def index() -> Response:
        """The models offered to devices, with manifests, as `motcua models publish` signed."""
        # An index is replaced in place: whoever keeps a copy has to ask whether it still holds.
        headers = {"Cache-Control": "no-cache"}
        return Response(_index(folder), media_type="application/json", headers=headers)

    @router.get("/{file}", response_class=FileResponse, responses=_WEIGHTS | _ABSENT)
    def weights(file: str) -> FileResponse:
        """The weights of an offered model; `Range` resumes a download that broke off."""
        if folder is None or file not in _offered_files(folder):
            raise HTTPException(404, f"{file!r} is not offered; GET {PREFIX}/{INDEX_FILE} lists")
        path = folder / file
        if not path.is_file():
            raise HTTPException(404, f"{file} is in the index but not in its folder; {_PUBLISH}")
        return FileResponse(path, media_type="application/octet-stream")

    return router


def _index(folder: Path | None) -> bytes:
    if folder is None:
        raise HTTPException(404, f"no models are published here: {_PUBLISH}")
    try:
        return (folder / INDEX_FILE).read_bytes()
    except OSError as error:
        raise HTTPException(
            404, f"{folder / INDEX_FILE} cannot be read ({error.strerror}): {_PUBLISH}"
        ) from error


def _offered_files(folder: Path) -> set[str]:
    """Return the files that the index names: nothing else in the folder is ever served."""
    where = str(folder / INDEX_FILE)
    try:
        offered = decode_index(decode_signed(_index(folder), where).index, where)
    except ModelIndexError as error:
        raise HTTPException(404, str(error)) from error
    return {model.file for model in offered.models}
