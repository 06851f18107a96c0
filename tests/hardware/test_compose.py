"""docker-compose.yml: the client accepts it, and it keeps the promises of a production shape."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SECRETS = {"MOTCUA_DATABASE_PASSWORD": "one", "MOTCUA_BROKER_PASSWORD": "two"}
ONE_SHOT = {"migrate", "broker-passwords", "publish-models"}


def compose_client() -> list[str]:
    """Return the compose client's command; skip without one, fail in CI."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if shutil.which("docker"):
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if plugin.returncode == 0:
            return ["docker", "compose"]
    message = "no compose client: install docker-compose or docker's compose plugin"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(message)
    pytest.skip(message)


def run_config(tmp_path: Path, secrets: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    empty = tmp_path / "empty.env"
    empty.touch()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return subprocess.run(
        [*compose_client(), "--env-file", str(empty), "-f", str(COMPOSE), "config"],
        capture_output=True,
        text=True,
        check=False,
        env={**kept, **secrets},
    )


@pytest.fixture
def services(tmp_path: Path) -> dict[str, dict]:
    result = run_config(tmp_path, SECRETS)
    assert result.returncode == 0, result.stderr
    return yaml.safe_load(result.stdout)["services"]


def test_every_part_is_there(services: dict[str, dict]) -> None:
    assert set(services) == {
        "database", "broker", "broker-passwords", "migrate", "publish-models", "ingest", "worker",
        "api", "dashboards",
    }  # fmt: skip


@pytest.mark.parametrize("missing", SECRETS)
def test_missing_secret_is_refused_with_what_to_do(tmp_path: Path, missing: str) -> None:
    given = {name: value for name, value in SECRETS.items() if name != missing}

    result = run_config(tmp_path, given)

    assert result.returncode != 0
    assert "copy .env.example to .env and set it" in result.stderr


def test_database_is_published_nowhere(services: dict[str, dict]) -> None:
    assert not services["database"].get("ports")
    assert set(services["database"]["networks"]) == {"data"}


def test_every_part_is_bounded_and_heals(services: dict[str, dict]) -> None:
    for name, service in services.items():
        assert service.get("mem_limit"), f"{name} may take all memory"
        assert service["logging"]["options"]["max-size"], f"{name}'s log grows for ever"
        assert service["init"] is True
        if name not in ONE_SHOT:
            assert service["restart"] == "unless-stopped"
            assert service["healthcheck"]["test"], f"{name} has no health check"


def test_parts_wait_for_what_they_need(services: dict[str, dict]) -> None:
    def waits(name: str) -> dict[str, str]:
        return {on: how["condition"] for on, how in services[name]["depends_on"].items()}

    healthy, done = "service_healthy", "service_completed_successfully"
    assert waits("migrate") == {"database": healthy}
    assert waits("ingest") == waits("api") == {"migrate": done, "broker": healthy}
    assert waits("worker") == {"migrate": done}
    assert waits("dashboards") == {"api": healthy}
    assert waits("broker") == {"broker-passwords": done}


def test_our_parts_run_without_privileges(services: dict[str, dict]) -> None:
    for name in ("migrate", "publish-models", "ingest", "worker", "api", "dashboards"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final_stage = dockerfile.rpartition("\nFROM ")[2]
    assert "USER motcua" in final_stage


def test_images_are_pinned_to_a_version() -> None:
    images = re.findall(r"^\s+image: (\S+)", COMPOSE.read_text(encoding="utf-8"), re.MULTILINE)
    for image in images:
        assert re.search(r":\d+\.\d+\.\d+", image), f"{image} moves under our feet"
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert set(bases) == {"python:${PYTHON}"}
    assert re.search(r"^ARG PYTHON=\d+\.\d+\.\d+-", dockerfile, re.MULTILINE)


def test_every_variable_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text(encoding="utf-8")))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    assert used == named


def test_health_of_ingest_looks_at_the_brokers_port() -> None:
    """1883 is 075B in /proc/net/tcp: the check would rot silently if the port moved."""
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    assert f":{1883:04X} 01" in services["ingest"]["healthcheck"]["test"][1]
    assert services["broker"]["ports"][0].endswith(":1883")
    assert ":1883" in services["ingest"]["environment"]["MOTCUA_BROKER_URL"]


def test_health_of_the_worker_looks_at_the_databases_port() -> None:
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    assert f":{5432:04X} 01" in services["worker"]["healthcheck"]["test"][1]
    assert ":5432/" in services["worker"]["environment"]["MOTCUA_DATABASE_URL"]


def test_commands_are_the_products(services: dict[str, dict]) -> None:
    assert services["migrate"]["command"] == ["db", "migrate"]
    assert services["ingest"]["command"] == ["server", "ingest"]
    assert services["worker"]["command"] == ["server", "worker"]
    assert services["api"]["command"][:2] == ["server", "api"]
    assert services["dashboards"]["command"][0] == "dashboards"
    assert services["publish-models"]["command"][:2] == ["models", "publish"]


def test_only_the_publisher_of_models_has_the_key_and_the_api_serves_what_it_wrote() -> None:
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    knowing = [name for name, service in services.items() if "models-key" in str(service)]
    assert knowing == ["publish-models"]
    folder = services["publish-models"]["command"][2]
    assert services["api"]["environment"]["MOTCUA_API_MODELS"] == folder
    assert services["api"]["volumes"] == [f"models:{folder}:ro"]
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(rf"install .*--owner=motcua {folder} {folder}-key\n", dockerfile)


def test_what_the_image_copies_is_not_ignored() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "!requirements/" in ignore
    assert (ROOT / "requirements" / "build.txt").exists()
    roles = re.search(r'ARG ROLES="([^"]+)"', dockerfile)
    assert roles
    for role in roles[1].split():
        assert (ROOT / "requirements" / f"{role}.txt").exists(), f"no lock for {role}"
