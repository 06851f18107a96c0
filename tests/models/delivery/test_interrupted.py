"""A fetch that is killed in the middle, as by a power cut, and started again."""

from __future__ import annotations

from models.delivery.fetch import Outcome
from tests.models.delivery.province import left_in, parts_in
from tests.processes import motcua
from tests.waiting import eventually

FILE = "new-reader.onnx"


def test_killed_fetch_leaves_no_model_and_goes_on_where_it_was(province, server, tmp_path):
    server.stalls_after = 150_000
    env = {
        "MOTCUA_MODELS_FROM": server.address,
        "MOTCUA_MODELS_KEY": province.public_key,
        "MOTCUA_MODELS": str(province.unit),
    }
    incoming = province.unit / ".incoming"
    with motcua("models", "fetch", "--all", log=tmp_path / "fetch.log", env=env) as process:
        eventually(
            lambda: sum(part.stat().st_size for part in incoming.iterdir()) > 100_000,
            retry=FileNotFoundError,
            what="most of the part on disk",
        )
        process.kill()
    assert left_in(province.unit) == []
    (part,) = parts_in(province.unit)
    here = (incoming / part).stat().st_size

    server.stalls_after = None
    result = province.fetch(server.address)

    assert result.outcome is Outcome.FETCHED
    assert server.ranges_of(FILE) == ["", f"bytes={here}-"]
    assert result.path.read_bytes() == (province.mirror / FILE).read_bytes()
