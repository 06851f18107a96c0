"""New versions of schemes over the API: tried, and put in force from a day to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from contract.local_time import LOCAL_TIME
from tests.server.access.office import acts
from tests.server.requesting import Client

pytestmark = pytest.mark.integration

SCHEMES = "/api/v1/schemes"
TODAY = datetime.now(UTC).astimezone(LOCAL_TIME).date()
COMING = TODAY + timedelta(days=40)
_SHIPPED = resources.files("server.schemes").joinpath("data")


def version(number: int, valid_from: object, id_: str = "sipas-style") -> str:
    """Return a shipped scheme as another version from another day."""
    file = next(each for each in _SHIPPED.iterdir() if each.name.startswith(id_))
    lines = [
        line
        for line in file.read_text(encoding="utf-8").splitlines()
        if not line.startswith("valid_to")
    ]
    text = "\n".join(lines)
    old = next(line for line in lines if line.startswith("valid_from"))
    return text.replace(old, f"valid_from = {valid_from}").replace(
        "version = 1", f"version = {number}", 1
    )


def known(client: Client) -> list[tuple[int, str, str | None]]:
    return [
        (each["version"], each["valid_from"], each.get("valid_to"))
        for each in client.send("GET", SCHEMES).json()
        if each["id"] == "sipas-style"
    ]


@pytest.fixture
def client(database_url) -> Client:
    return Client(database_url)


def test_a_version_is_tried_then_holds_from_its_day_and_ends_the_one_before(client, database_url):
    body = {"toml": version(2, COMING)}
    before = known(client)
    tried = client.send("POST", f"{SCHEMES}/trial", json=body)
    assert (tried.status_code, tried.json()["version"]) == (200, 2)
    assert known(client) == before
    put = client.send("PUT", SCHEMES, json=body | {"reason": "Quyết định 12"})
    assert put.status_code == 200, put.text
    assert known(client) == [(1, "2018-01-01", str(COMING)), (2, str(COMING), None)]
    assert client.send("GET", f"{SCHEMES}/sipas-style/2").json() == body
    assert "scheme_added" in acts(database_url)


def test_one_that_does_not_hold_yet_may_be_sent_anew_with_another_day(client):
    later = COMING + timedelta(days=5)
    for day in (COMING, later):
        body = {"toml": version(2, day), "reason": "Sửa ngày"}
        assert client.send("PUT", SCHEMES, json=body).status_code == 200
    assert known(client) == [(1, "2018-01-01", str(later)), (2, str(later), None)]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (version(2, TODAY), "is not after today"),
        (version(1, COMING), "version: 1 is also that of"),
        (version(2, COMING).replace("maximum = 100", "maximum = 90"), "maximum"),
        ("id = ", "is no TOML"),
    ],
    ids=["today", "same-version", "points", "no-toml"],
)
def test_what_is_not_right_is_refused_with_its_field_and_stores_nothing(client, toml, said):
    before = known(client)
    for path, more, method in ((f"{SCHEMES}/trial", {}, "POST"), (SCHEMES, {"reason": "x"}, "PUT")):
        answer = client.send(method, path, json={"toml": toml} | more)
        assert answer.status_code == 422, answer.text
        assert said in answer.json()["detail"]
    assert known(client) == before


def test_every_shipped_version_can_be_read_as_its_file_and_others_are_not_there(client):
    for each in client.send("GET", SCHEMES).json():
        found = client.send("GET", f"{SCHEMES}/{each['id']}/{each['version']}")
        assert f'id = "{each["id"]}"' in found.json()["toml"]
    assert client.send("GET", f"{SCHEMES}/sipas-style/9").status_code == 404
