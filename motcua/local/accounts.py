"""The account that a database or broker runs as when we are root: they get no privilege."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PREFERRED = ("motcua", "postgres", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An unprivileged user of this machine."""

    name: str
    uid: int
    gid: int

    def may_enter(self, folder: Path) -> bool:
        """Return whether this account can reach `folder`, asked of the kernel, not guessed."""
        return self._test("-x", folder)

    def may_run(self, program: Path) -> bool:
        """Return whether this account can execute the file `program`."""
        return self._test("-x", program)

    def own(self, path: Path, *, mode: int) -> None:
        """Give `path` to this account with the permissions `mode`."""
        os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def _test(self, check: str, path: Path) -> bool:
        answer = subprocess.run(
            ["/bin/sh", "-c", f'test {check} "$1"', "sh", str(path)],
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        )
        return answer.returncode == 0


def unprivileged(names: Sequence[str] = PREFERRED) -> Account | None:
    """Return the account to drop to, or None when we are not root and stay who we are."""
    if os.geteuid() != 0:
        return None
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    return Account(name="65534", uid=65534, gid=65534)
