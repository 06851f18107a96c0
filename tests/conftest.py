"""What many tests need: a real PostgreSQL, a real broker, and the shared recordings."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import hypothesis
import psycopg
import pytest
from psycopg import sql

from motcua.local.broker import BrokerKind, run_broker
from motcua.local.mosquitto import find_mosquitto
from motcua.local.postgres import PostgresServer, run_postgres
from tests.days import await_day_with
from tests.folders import MEMORY, claim_folder, memory_folder
from tests.given_postgres import GivenPostgres, prepare
from tests.leftovers import guard_this_process

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_REPOSITORY = Path(__file__).resolve().parent.parent
_TEMPLATE = "motcua_template"
_PRISTINE = "template0"  # into template1, TimescaleDB's launcher may look at any moment
_GIVEN_POSTGRES = os.environ.get("MOTCUA_TEST_DATABASE_URL")
_IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}

# What a developer's shell sets must not reach the product under test.
for _name in [name for name in os.environ if name.startswith("MOTCUA_")]:
    if _name not in {"MOTCUA_SHARED", "MOTCUA_MODELS"}:
        del os.environ[_name]
# Nor the models that this user has fetched be found by tests.
_NO_USERS_DATA = tempfile.TemporaryDirectory(prefix="motcua-no-data-")
os.environ["XDG_DATA_HOME"] = _NO_USERS_DATA.name
# Nor a proxy stand between a test and its own loopback.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"

# What tests start ends with this run, also when the run is killed.
guard_this_process()

# How long an example takes says more about the machine than about the product. In CI, hypothesis'
# own profile also repeats the same examples in every run.
hypothesis.settings.register_profile(
    "unhurried",
    parent=hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep this run's files in a folder of its own; workers of pytest-xdist get a part of it."""
    if config.option.basetemp is None:
        config.option.basetemp = claim_folder()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes in a test's id by their argument: messages hold identifiers made at random, and
    the workers of pytest-xdist must find the same tests."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture
def tmp_path(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pytest's folder of this test, which a database or broker started by root may enter."""
    return _enterable(tmp_path, tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def postgres(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[PostgresServer | GivenPostgres]:
    """A PostgreSQL server of this test run, without fsync: tests kill processes, not machines."""
    if _GIVEN_POSTGRES:
        yield GivenPostgres(_GIVEN_POSTGRES)
        return
    settings = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
    folder = memory_folder()
    if folder is None:
        folder = _session_folder(tmp_path_factory, "postgres")
    else:
        folder.mkdir(mode=0o711)
    with run_postgres(folder / "data", settings=settings) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _template(postgres: PostgresServer | GivenPostgres) -> str | None:
    """The name of a migrated database that is copied for each test.

    None where TimescaleDB's workers may sit in it, for a database in use cannot be copied.
    """
    if isinstance(postgres, GivenPostgres):
        return None
    _execute(postgres, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
    from server.db.migrations import migrate

    with closing(psycopg.connect(postgres.url_of(_TEMPLATE), autocommit=True)) as connection:
        migrate(connection)
    return _TEMPLATE


@pytest.fixture
def database_url(postgres: PostgresServer | GivenPostgres, _template: str | None) -> Iterator[str]:
    """The address of a fresh, migrated database of this test alone."""
    with _database(postgres, _template) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(
    postgres: PostgresServer | GivenPostgres, _template: str | None
) -> Iterator[str]:
    """The address of a fresh, migrated database of a module whose tests only read it."""
    with _database(postgres, _template) as url:
        yield url


@contextmanager
def _database(postgres: PostgresServer | GivenPostgres, template: str | None) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    create = "CREATE DATABASE {} TEMPLATE {}"
    if isinstance(postgres, PostgresServer) and postgres.log_file.is_relative_to(MEMORY):
        create += " STRATEGY FILE_COPY"  # on a disk its checkpoints take longer
    source = sql.Identifier(template or _PRISTINE)
    _execute(postgres, sql.SQL(create).format(sql.Identifier(name), source))
    if template is None:
        prepare(postgres.url_of(name))
    yield postgres.url_of(name)
    _execute(postgres, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database_url(postgres: PostgresServer | GivenPostgres) -> Iterator[str]:
    """The address of a fresh database without a schema, for tests of the migrations."""
    name = f"empty_{uuid.uuid4().hex}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _execute(postgres, create.format(sql.Identifier(name), sql.Identifier(_PRISTINE)))
    yield postgres.url_of(name)
    _execute(postgres, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of this test run's mosquitto; without it the test is skipped, in CI it fails."""
    require_mosquitto()
    folder = _session_folder(tmp_path_factory, "broker")
    with run_broker(folder, kind=BrokerKind.MOSQUITTO) as broker:
        yield broker.url


@pytest.fixture
def mosquitto() -> None:
    """For tests that start a mosquitto of their own: skip without it, fail in CI."""
    require_mosquitto()


@pytest.fixture
def today() -> None:
    """For tests of today's figures: no midnight in Viet Nam falls into the test's first minute."""
    await_day_with()


@pytest.fixture
def open_tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh folder for a database or broker of the test's own, also when root runs the tests."""
    return _session_folder(tmp_path_factory, "open")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests: Playwright can be started once in a process."""
    from tests.browser import open_browser

    with open_browser() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings and weights that does not travel with the repository."""
    folder = Path(os.environ.get("MOTCUA_SHARED", _REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("../shared is not here (MOTCUA_SHARED names another place)")
    return folder


@pytest.fixture
def nginx() -> Path:
    """The program nginx; without it the test is skipped, in CI it fails."""
    return _require_program("nginx")


@pytest.fixture
def pgbouncer() -> Path:
    """The program pgbouncer; without it the test is skipped, in CI it fails."""
    return _require_program("pgbouncer")


def require_mosquitto() -> None:
    """Skip the test where mosquitto is not installed; in CI fail it."""
    if find_mosquitto() is None:
        _miss("mosquitto")


def _require_program(name: str) -> Path:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found else _miss(name)


def _miss(program: str) -> NoReturn:
    report = pytest.fail if _IN_CI else pytest.skip
    report(f"{program} is not installed: apt install {program}")


def _session_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    return _enterable(factory.mktemp(name), factory.getbasetemp())


def _enterable(folder: Path, base: Path) -> Path:
    """Return `folder`, opened up to `base` for the account of a database that root starts.

    Closed folders work too, but then the database stays behind in /var/lib/motcua.
    """
    # A worker of pytest-xdist has a folder of its own in that of the whole run.
    last = base.parent.parent if "PYTEST_XDIST_WORKER" in os.environ else base.parent
    if os.geteuid() == 0:
        for part in (folder, *folder.parents):
            part.chmod(part.stat().st_mode | 0o111)  # only added to: it may be /tmp itself
            if part == last:
                break
    return folder


def _execute(server: PostgresServer | GivenPostgres, statement: sql.Composed) -> None:
    with closing(psycopg.connect(server.url, autocommit=True)) as connection:
        connection.execute(statement)
