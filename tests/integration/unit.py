"""A counter unit for tests: its settings file, its outbox and its messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from contract.identifiers import new_id
from contract.messages import Rating
from contract.topics import Address
from edge.store.outbox import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit with a device name of its own, so that tests can share a broker."""

    folder: Path
    address: Address

    @property
    def store(self) -> Path:
        """The SQLite file."""
        return self.folder / "edge.sqlite3"

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "edge.toml"

    def outbox(self) -> Outbox:
        """Open the outbox beside the unit's own processes."""
        return Outbox.open(self.store, max_rows=100_000, reserve_mb=0)

    def rating(self, score: int = 5) -> Rating:
        """Return a fresh rating of this device."""
        now = datetime.now(UTC)
        return Rating(
            id=new_id(now), device=self.address.device, seq=0, observed_at=now, schema=1,
            score=score,
        )  # fmt: skip


def make_unit(folder: Path, broker_url: str, *, kiosk_port: int = 0) -> Unit:
    """Write the settings of a unit that has no camera."""
    device = f"edge-{uuid4().hex[:8]}"
    unit = Unit(folder=folder, address=Address(unit="phuong-test", counter="quay-1", device=device))
    unit.config.write_text(
        f"""
[device]
unit = "phuong-test"
counter = "quay-1"
device = "{device}"
[store]
path = "{unit.store}"
max_rows = 100000
reserve_mb = 0
[broker]
url = "{broker_url}"
[camera]
source = "none"
[kiosk]
port = {kiosk_port}
""",
        encoding="utf-8",
    )
    return unit
