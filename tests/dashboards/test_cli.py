import json
import socket
from pathlib import Path

import httpx
import pytest

from tests.processes import motcua
from tests.waiting import eventually

UNREACHABLE = "http://127.0.0.1:9"


def test_stops_cleanly_and_says_where_it_listens(tmp_path: Path) -> None:
    args = ("dashboards", "--port", "0", "--api-url", UNREACHABLE, "--trial")
    with motcua(*args, log=tmp_path / "log") as process:

        def address() -> str:
            lines = [json.loads(line) for line in process.output().splitlines() if line[:1] == "{"]
            urls = [line["url"] for line in lines if line["event"] == "dashboards_listening"]
            return urls[0] if urls else ""

        url = eventually(address, 30, what="the address in the log")
        answer = eventually(lambda: httpx.get(url, trust_env=False), 10, retry=httpx.TransportError)
        assert answer.status_code == 200
        assert process.stop() == 0
    assert "Traceback" not in process.output()


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with motcua("dashboards", "--port", port, log=tmp_path / "log") as process:
            eventually(lambda: process.exit_code is not None, 30, what="the end of the process")
    assert process.exit_code == 1
    errors = [line for line in process.output().splitlines() if line.startswith("Error")]
    assert len(errors) == 1
    assert f"port {port}" in errors[0]
    assert "--port" in errors[0]
    assert "Traceback" not in process.output()


@pytest.mark.parametrize("address", ["ftp://api", "nonsense"])
def test_a_wrong_api_address_is_named(tmp_path: Path, address: str) -> None:
    with motcua("dashboards", "--api-url", address, log=tmp_path / "log") as process:
        eventually(lambda: process.exit_code is not None, 30, what="the end of the process")
    assert process.exit_code == 1
    assert "API_URL" in process.output()
    assert address in process.output()
