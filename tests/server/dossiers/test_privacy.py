"""Who applied is not kept: not in the database, not in the log, not in an answer."""

from __future__ import annotations

import io
import logging

import psycopg
import pytest
import structlog
from pydantic import SecretStr

from server.dossiers.privacy import ApplicantSettings, applicant_hash
from tests.server.dossiers.test_routes import DOSSIER
from tests.server.requesting import Client

NAME, IDENTITY, TELEPHONE = "Nguyễn Thị Bích Hạnh", "027193001234", "0912 345 678"


def everything(database_url: str) -> str:
    """Return every row of every table as text."""
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        ).fetchall()
        rows = [
            str(connection.execute(f'SELECT row::text FROM "{table}" AS row').fetchall())
            for (table,) in tables
        ]
    return "\n".join(rows)


EXPORTS = (
    "/api/v1/readings?period=2026-06&by=procedure&kpi=dossiers_received&scope=unit:vo-cuong",
    "/api/v1/ioc/figures",
    "/api/v1/sources",
    "/api/v1/quarantine",
)


def exported(client: Client) -> str:
    """Return what leaves the server, each answer with its address."""
    answers = [client.send("GET", path) for path in EXPORTS]
    assert [answer.status_code for answer in answers] == [200] * len(EXPORTS)
    return "\n".join(answer.text for answer in answers)


def send(database_url: str, **fields: object) -> str:
    batch = {"records": [DOSSIER | fields]}
    path = "/api/v1/dossiers?source=tthc&keep_going=true"
    headers = {"Idempotency-Key": "batch-one"}
    return Client(database_url).send("PUT", path, json=batch, headers=headers).text


@pytest.fixture
def unit(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO unit (id, name_vi, name_en) VALUES ('vo-cuong', 'Võ Cường', 'Vo Cuong')"
        )


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize(
    "fields",
    [
        {"applicant_identity": IDENTITY},
        {"ChuHoSo": NAME, "SoDienThoai": TELEPHONE},
        {"applicant_identity": IDENTITY, "received_at": NAME, "officer": TELEPHONE},
    ],
    ids=["its own field", "fields that are not known", "wrong fields"],
)
def test_neither_database_nor_log_nor_export_names_the_applicant(database_url, monkeypatch, fields):
    monkeypatch.setenv("MOTCUA_DOSSIERS_APPLICANT_KEY", "a secret of the province")
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    try:
        with structlog.testing.capture_logs() as events:
            send(database_url, **fields)
    finally:
        logging.getLogger().removeHandler(handler)
    found = everything(database_url) + log.getvalue() + str(events)
    found += exported(Client(database_url))
    assert "vo-cuong" in found
    for personal in (NAME, "Nguyễn", IDENTITY, TELEPHONE, TELEPHONE.replace(" ", "")):
        assert personal not in found


def test_identity_is_hashed_with_the_key_of_the_province():
    one = ApplicantSettings(applicant_key=SecretStr("one"))
    other = ApplicantSettings(applicant_key=SecretStr("other"))
    spaced = applicant_hash("0271 9300 1234", one)
    assert spaced == applicant_hash(IDENTITY, one)
    assert spaced != applicant_hash(IDENTITY, other)
    assert spaced is not None
    assert len(spaced) == 32


@pytest.mark.usefixtures("unit")
def test_without_a_key_nothing_of_the_identity_is_kept(database_url):
    send(database_url, applicant_identity=IDENTITY)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT applicant FROM dossier").fetchone() == (None,)
