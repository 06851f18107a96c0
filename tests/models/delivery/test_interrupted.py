"""A fetch that is killed in the middle, as by a power cut, and started again."""

from __future__ import annotations

from models.delivery.fetch import Outcome
from tests.models.delivery.province import left_in, parts_in
from tests.processes import motcua
from tests.waiting import eventually

FILE = "new-reader.onnx"


def test_killed_fetch_leaves_no_model_and_the_next_one_brings_it(province, server, tmp_path):
    server.stalls_after = 150_000
    env = {
        "MOTCUA_MODELS_FROM": server.address,
        "MOTCUA_MODELS_KEY": province.public_key,
        "MOTCUA_MODELS": str(province.unit),
    }
    part = province.unit / ".incoming" / f"{FILE}.part"
    with motcua("models", "fetch", "--all", log=tmp_path / "fetch.log", env=env) as process:
        eventually(
            lambda: part.stat().st_size > 100_000,
            retry=FileNotFoundError,
            what="most of the part on disk",
        )
        process.kill()
    assert left_in(province.unit) == []

    server.stalls_after = None
    result = province.fetch(server.address)

    assert result.outcome is Outcome.FETCHED
    assert result.path.read_bytes() == (province.mirror / FILE).read_bytes()
    assert parts_in(province.unit) == []
