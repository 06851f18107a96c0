"""The files below one data folder, and those that the first start writes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from motcua.errors import DataUnusable

LEAST_FREE_MB = 100
"""A new database takes 60 MB; one that cannot write its log does not start."""

_UNITS = """\
id,parent,name_vi,name_en,kind
demo,,Bộ phận một cửa trình diễn,Demo one-stop shop,ward
"""

_EDGE = """\
# The device of `motcua run`. Written once; change it as you like, then start again.
[device]
unit = "demo"
counter = "quay-1"
device = "edge-1"

[store]
path = "{store}"

# The bundled scene, a device (0, /dev/video0), rtsp://..., a file or a folder; --camera overrides.
[camera]
source = "bundled"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where everything of one run is kept."""

    data: Path

    @property
    def postgres(self) -> Path:
        """The database's folder."""
        return self.data / "postgres"

    @property
    def broker(self) -> Path:
        """The broker's folder."""
        return self.data / "broker"

    @property
    def logs(self) -> Path:
        """One log for each part."""
        return self.data / "logs"

    @property
    def run(self) -> Path:
        """The empty folder in which the parts run; it tells leftovers of a killed run apart."""
        return self.data / "run"

    @property
    def edge_config(self) -> Path:
        """The device's settings."""
        return self.data / "edge.toml"

    @property
    def units(self) -> Path:
        """The names of our own units."""
        return self.data / "units.csv"

    @property
    def simulated_units(self) -> Path:
        """The names of the simulated units; written anew at every start."""
        return self.data / "simulated-units.csv"

    @property
    def published_models(self) -> Path:
        """The models that this machine offers to devices elsewhere."""
        return self.data / "published-models"

    @property
    def models_key(self) -> Path:
        """The private key that signs their index; the public one lies beside it as *.pub."""
        return self.data / "models.key"

    @property
    def closing_key(self) -> Path:
        """The private key that closed periods are signed with; the public one lies beside it."""
        return self.data / "closing.key"

    def require_room(self, least_mb: int = LEAST_FREE_MB) -> None:
        """Raise DataUnusable when the disk of the folder, made or not, is all but full."""
        free_mb = _free_bytes(self.data) // 1_000_000
        if free_mb < least_mb:
            raise DataUnusable(
                f"data folder {self.data}: {free_mb} MB are free, a start needs {least_mb}: "
                "free disk space, or choose another folder with --data"
            )

    def prepare(self) -> None:
        """Make the folders, and the files a user may change where they are absent."""
        try:
            for folder in (self.logs, self.run):
                folder.mkdir(parents=True, exist_ok=True)
            _write_once(self.edge_config, _EDGE.format(store=self.data / "edge.sqlite3"))
            _write_once(self.units, _UNITS)
        except OSError as error:
            raise DataUnusable(
                f"data folder {self.data}: {error.strerror}: choose another one with --data"
            ) from error


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:  # not made yet, or closed to us: its disk is its parent's
        return _free_bytes(folder.parent)


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, encoding="utf-8")
