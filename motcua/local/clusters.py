"""A PostgreSQL cluster on disk: made once, private, ready to start after any kind of end."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from motcua.errors import DatabaseFailed
from motcua.local.accounts import Account
from motcua.local.orphans import stop_orphans

SUPERUSER = "motcua"
_PASSWORD_BYTES = 24
_ORPHAN_GRACE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Where one cluster lives; `home` is ours, `data` belongs to the account."""

    home: Path
    binaries: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder, closed to everybody else."""
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "postgres.log"

    def password(self) -> str:
        """Return the superuser's password, kept beside the cluster and readable by us alone."""
        return (self.home / "password").read_text(encoding="utf-8").strip()

    def ensure(self) -> None:
        """Make the cluster unless it is there; one that was made halfway is made again."""
        if (self.data / "PG_VERSION").exists() and (self.home / "password").exists():
            return
        draft = self.home / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        self._initialise(draft, password)
        self._write_private(self.home / "password", password)
        shutil.rmtree(self.data, ignore_errors=True)
        draft.rename(self.data)

    def clear_leftovers(self) -> None:
        """End an orphan server of this cluster and remove a pid file that would block a start."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        stop_orphans(self.data, "postgres", stop_signal=signal.SIGINT, grace_s=_ORPHAN_GRACE_S)
        # PostgreSQL refuses to start when the pid lives again under another program, or as a
        # zombie that nobody reaps. No server works here any more, so the file is only in the way.
        with contextlib.suppress(ValueError, IndexError, FileNotFoundError):
            pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
            if psutil.pid_exists(pid):
                pid_file.unlink()

    def _initialise(self, folder: Path, password: str) -> None:
        password_file = self.home / "initial-password"
        self._write_private(password_file, password)
        folder.mkdir(mode=0o700)
        if self.account:
            # initdb reads the file after the change of user.
            self.account.own(password_file, mode=0o600)
            self.account.own(folder, mode=0o700)
        command = [
            str(self.binaries / "initdb"),
            f"--pgdata={folder}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # PostgreSQL's own C.UTF-8: the same on every machine, whatever locales it has.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        ]
        try:
            self._run(command)
        finally:
            password_file.unlink(missing_ok=True)

    def _run(self, command: list[str]) -> None:
        try:
            result = subprocess.run(
                command,
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise DatabaseFailed(f"{command[0]}: {error.strerror}") from error
        if result.returncode != 0:
            reason = " ".join(result.stderr.split()[-40:])
            raise DatabaseFailed(f"the database cannot be made in {self.home}: {reason}")

    def _write_private(self, path: Path, text: str) -> None:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"{text}\n", encoding="utf-8")
