"""All checks, from those that need nothing to those that need the network."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from edge.check.broker import check_broker
from edge.check.clock import check_clock
from edge.check.findings import Finding, fail, ok, told, warn
from edge.check.identity import check_identity
from edge.check.vision import check_camera, check_models
from edge.check.zones import check_zones
from edge.errors import StoreError
from edge.sections import KioskSettings, StoreSettings
from edge.settings import EdgeSettings, read_settings
from edge.store.outbox import Outbox
from runtime.errors import AddressUnusable, PortTaken, SettingInvalid
from runtime.listening import listen

_SLOW_WRITE_S = 0.5
_OLD_ROW_S = 3600
_MEGABYTE = 1_000_000
KIOSK_ANSWERS_WITHIN_S = 3.0


def run_checks(config: Path | None, *, models: Path | None) -> Iterator[Finding]:
    """Yield what is found, as it is found; without usable settings nothing else is checked."""
    try:
        settings = read_settings(config)
    except SettingInvalid as error:
        yield fail("settings", str(error))
        return
    yield _settings(settings, config)
    yield _disk(settings.store)
    yield _store(settings.store)
    yield check_clock(datetime.now(UTC))
    yield from check_models(settings, models)
    yield check_camera(settings)
    yield from check_zones(settings, models)
    yield check_broker(settings)
    yield from check_identity(settings)
    yield _kiosk(settings.kiosk)


def _settings(settings: EdgeSettings, config: Path | None) -> Finding:
    address = settings.device.address
    place = f"{address.unit}/{address.counter}/{address.device}"
    if config is None:
        return warn("settings", told("defaults", place=place), told("name_file"))
    return ok("settings", told("settings", file=config, place=place))


def _disk(store: StoreSettings) -> Finding:
    folder = store.path.absolute().parent
    advice = told("check_path")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free_mb = shutil.disk_usage(folder).free // _MEGABYTE
        took_s = _write_durably(folder)
    except OSError as error:
        return fail("disk", told("unwritable", folder=folder, error=error.strerror), advice)
    if free_mb < store.reserve_mb:
        return warn(
            "disk",
            told("disk_full", free_mb=free_mb, folder=folder, reserve_mb=store.reserve_mb),
            told("free_disk"),
        )
    detail = told("disk", free_mb=free_mb, folder=folder, took_ms=took_s * 1000)
    if took_s > _SLOW_WRITE_S:
        return warn("disk", detail, told("replace_card"))
    return ok("disk", detail)


def _write_durably(folder: Path) -> float:
    """Write and sync a small file; return how long it took, in seconds."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".motcua-check-") as file:
        began_s = time.monotonic()
        file.write(b"\0" * 4096)
        file.flush()
        os.fsync(file.fileno())
        return time.monotonic() - began_s


def _store(store: StoreSettings) -> Finding:
    if not store.path.exists():
        return ok("store", told("no_store", path=store.path))
    try:
        with Outbox.open(
            store.path, max_rows=store.max_rows, reserve_mb=store.reserve_mb
        ) as outbox:
            depth, oldest_at = outbox.depth(), outbox.oldest()
    except StoreError as error:
        return fail("store", str(error))
    if oldest_at is None:
        return ok("store", told("nothing_waits", path=store.path))
    age_s = (datetime.now(UTC) - oldest_at).total_seconds()
    detail = told("waiting", path=store.path, depth=depth, minutes=age_s / 60)
    if age_s > _OLD_ROW_S:
        return warn("store", detail, told("is_relay_running"))
    return ok("store", detail)


def _kiosk(kiosk: KioskSettings) -> Finding:
    try:
        with listen(kiosk.host, kiosk.port):
            return ok("kiosk", told("port_free", port=kiosk.port, host=kiosk.host))
    except (PortTaken, AddressUnusable) as error:
        if _is_our_kiosk(kiosk):
            return ok("kiosk", told("kiosk_serves", port=kiosk.port))
        return fail("kiosk", str(error), told("kiosk_port"))


def _is_our_kiosk(kiosk: KioskSettings) -> bool:
    """Return whether the program on the port answers as the rating page does."""
    import http.client
    import json

    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
    host = everywhere.get(kiosk.host, kiosk.host)
    connection = http.client.HTTPConnection(host, kiosk.port, timeout=KIOSK_ANSWERS_WITHIN_S)
    try:
        connection.request("GET", "/api/v1/state")
        return "reset_s" in json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError, TypeError):
        return False
    finally:
        connection.close()
