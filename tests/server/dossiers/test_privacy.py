"""Who applied is not kept: not in the database, not in the log, not in an answer."""

from __future__ import annotations

import io
import logging

import psycopg
import structlog
from pydantic import SecretStr

from server.dossiers.privacy import ApplicantSettings, applicant_hash
from tests.server.dossiers.test_routes import DOSSIER
from tests.server.requesting import Client

NAME, IDENTITY, TELEPHONE = "Nguyễn Thị Bích Hạnh", "027193001234", "0912 345 678"
APPLICANT = {
    "applicant": NAME,
    "ChuHoSo": NAME,
    "applicant_identity": IDENTITY,
    "telephone": TELEPHONE,
    "officer": "cb-1",
}


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


def send(database_url: str, **wrong: object) -> str:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO unit (id, name_vi, name_en) VALUES ('vo-cuong', 'Võ Cường', 'Vo Cuong')"
        )
    batch = {"source": "tthc", "records": [DOSSIER | APPLICANT | wrong]}
    headers = {"Idempotency-Key": "one"}
    return Client(database_url).send("PUT", "/api/v1/dossiers", json=batch, headers=headers).text


def test_neither_database_nor_log_nor_answer_names_the_applicant(database_url, monkeypatch):
    monkeypatch.setenv("MOTCUA_DOSSIERS_APPLICANT_KEY", "a secret of the province")
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    try:
        with structlog.testing.capture_logs() as events:
            answers = send(database_url) + send_again(database_url)
    finally:
        logging.getLogger().removeHandler(handler)
    found = everything(database_url) + log.getvalue() + str(events) + answers
    assert DOSSIER["code"] in found
    for personal in (NAME, "Nguyễn", IDENTITY, TELEPHONE, TELEPHONE.replace(" ", "")):
        assert personal not in found


def send_again(database_url: str) -> str:
    """Send values of the applicant where they are refused."""
    batch = {
        "source": "tthc",
        "records": [DOSSIER | {"received_at": NAME, "channel": TELEPHONE, "fee_due": IDENTITY}],
    }
    return Client(database_url).send("PUT", "/api/v1/dossiers", json=batch).text


def test_identity_is_hashed_with_the_key_of_the_province():
    one = ApplicantSettings(applicant_key=SecretStr("one"))
    other = ApplicantSettings(applicant_key=SecretStr("other"))
    spaced = applicant_hash("0271 9300 1234", one)
    assert spaced == applicant_hash(IDENTITY, one)
    assert spaced != applicant_hash(IDENTITY, other)
    assert spaced is not None
    assert len(spaced) == 32


def test_without_a_key_nothing_of_the_identity_is_kept(database_url):
    send(database_url)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT applicant FROM dossier").fetchone() == (None,)
