"""Addresses are shown without passwords, and what fails becomes one line of ours."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from server.db.connection import address, connect, session, session_conninfo
from server.db.migrations import migrate, require_current
from server.errors import ConfigurationError, DatabaseAway, DatabaseRefused


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:secret@db.example:5433/motcua", "db.example:5433/motcua"),
        ("postgresql://u:secret@db.example/motcua", "db.example:5432/motcua"),
        ("host=db.example password=secret dbname=x", "db.example:5432/x"),
        ("postgresql://u:secret@[2001:db8::5]:5433/motcua", "[2001:db8::5]:5433/motcua"),
        ("postgresql:///motcua", "local socket:5432/motcua"),
        ("postgresql://u:sec/ret@db.example:1/x", "(unreadable URL)"),
        ("postgresql://u:sec ret@db.example:1/x", "(unreadable URL)"),
        ("secret", "(unreadable URL)"),
    ],
)
def test_address_is_shown_without_its_password(url, shown):
    assert address(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "secret",
        "postgresql://u:sec ret@h/db",
        "postgresql://u:sec/ret@127.0.0.1:1/db",
        "postgresql://u:se%zzcret@h/db",
        "postgresql://u:secret@h:99999/db",
        "mysql://u:secret@h/db",
    ],
)
def test_address_that_cannot_be_read_is_not_repeated(url):
    with pytest.raises(ConfigurationError, match="expected postgresql://") as caught:
        session_conninfo(url)
    assert "sec" not in str(caught.value)
    assert "zz" not in str(caught.value)


def test_database_that_cannot_be_reached_is_named_without_its_password():
    with pytest.raises(DatabaseAway, match=r"127\.0\.0\.1:1/x cannot be reached") as caught:
        connect("host=127.0.0.1 port=1 password=secret dbname=x")
    assert "secret" not in str(caught.value)


@pytest.mark.integration
def test_session_says_what_the_database_refuses(empty_database_url):
    with (
        pytest.raises(DatabaseRefused, match=r'refused: relation "none" does not exist'),
        session(empty_database_url) as connection,
    ):
        connection.execute("TABLE none")


@pytest.mark.integration
def test_session_says_that_the_database_broke_off(empty_database_url):
    with pytest.raises(DatabaseAway, match="broke off"), session(empty_database_url) as connection:
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.integration
@pytest.mark.parametrize("named_by", ["address", "environment"])
def test_options_of_the_operator_are_kept_beside_ours(empty_database_url, monkeypatch, named_by):
    with connect(empty_database_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA quality")
    url, options = empty_database_url, "-c search_path=quality -c timezone=Asia/Tokyo"
    if named_by == "address":
        url = f"{url}?options={quote(options)}"
    else:
        monkeypatch.setenv("PGOPTIONS", options)
    with connect(url, autocommit=True) as connection:
        migrate(connection)
        require_current(connection)
        found = connection.execute(
            "SELECT DISTINCT relnamespace::regnamespace::text, current_setting('timezone')"
            " FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace >= 2200"
            " AND relnamespace <> 'information_schema'::regnamespace"
        ).fetchall()
    assert found == [("quality", "UTC")]


@pytest.mark.integration
def test_texts_are_unicode_whatever_the_environment_says(empty_database_url, monkeypatch):
    monkeypatch.setenv("PGCLIENTENCODING", "SQL_ASCII")
    with connect(empty_database_url) as connection:
        assert connection.execute("SELECT 'Từ Sơn'").fetchone() == ("Từ Sơn",)
