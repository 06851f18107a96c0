"""The parts of the system that `motcua run` starts: which command, where, and when it is ready."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from motcua.run.addresses import Addresses
from motcua.run.options import RunOptions
from motcua.run.places import Places
from runtime.loopback import is_loopback


class Stage(IntEnum):
    """When a part is stopped: the source of the data first, the database last."""

    DATABASE = 0
    BROKER = 1
    SERVER = 2
    DEVICES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """The warning `event` means that a part runs but rests; `because` is added to what it says."""

    event: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process of ours, ready once `ready_url` answers or it has logged `ready_event`."""

    name: str
    says: str
    stage: Stage
    arguments: tuple[str, ...]
    ready_url: str | None = None
    ready_event: str = ""
    idle: Idle | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def command(self) -> tuple[str, ...]:
        """The command line; -P keeps the folder it runs in off the import path."""
        return (sys.executable, "-P", "-m", PROGRAM, *self.arguments)


PROGRAM = "motcua.cli"

_BLIND = Idle(
    event="model_unusable",
    because="the camera side rests until then; all else runs",
)


def server_parts(addresses: Addresses, role: str) -> tuple[Part, ...]:
    """Return ingest, worker, API and dashboards.

    Where only this machine reaches them they are a trial, in which nobody signs in and everybody
    holds `role`; elsewhere sign-in is demanded, and browsers keep it although `motcua run` has no
    TLS.
    """
    host = addresses.host
    trial = ("--trial",) if is_loopback(host) else ()
    tried = (*trial, "--trial-role", role) if trial else ()
    plain_http = {} if trial else {"MOTCUA_DASHBOARDS__PLAIN_HTTP": "true"}
    return (
        Part(
            name="ingest",
            says="ingest",
            stage=Stage.SERVER,
            arguments=("server", "ingest"),
            ready_event="broker_connected",
        ),
        Part(
            name="worker",
            says="background jobs",
            stage=Stage.SERVER,
            arguments=("server", "worker"),
            ready_event="worker_ready",
        ),
        Part(
            name="api",
            says="API",
            stage=Stage.SERVER,
            arguments=("server", "api", "--host", host, "--port", str(addresses.api), *tried),
            ready_url=addresses.url(addresses.api, "/healthz"),
        ),
        Part(
            name="dashboards",
            says="dashboards",
            stage=Stage.SERVER,
            arguments=("dashboards", "--host", host, "--port", str(addresses.dashboards), *trial),
            environment=plain_http,
            ready_url=addresses.url(addresses.dashboards, "/healthz"),
        ),
    )


def device_parts(options: RunOptions, addresses: Addresses, places: Places) -> tuple[Part, ...]:
    """Return the three processes of the device."""
    config = ("--config", str(places.edge_config))
    kiosk_address = ("--host", addresses.host, "--port", str(addresses.kiosk))
    return (
        Part(
            name="kiosk",
            says="kiosk",
            stage=Stage.DEVICES,
            arguments=("edge", "kiosk", *config, *kiosk_address),
            ready_url=addresses.url(addresses.kiosk, "/"),
        ),
        Part(
            name="relay",
            says="relay",
            stage=Stage.DEVICES,
            arguments=("edge", "relay", *config),
            ready_event="broker_connected",
        ),
        _watch(options, config),
    )


def _watch(options: RunOptions, config: tuple[str, ...]) -> Part:
    # A recording plays for ever: the wall of a demonstration shall not fall silent.
    arguments = ["edge", "watch", *config, "--loop"]
    if options.camera is not None:
        arguments += ["--camera", options.camera]
    if options.models is not None:
        arguments += ["--models", str(options.models.absolute())]
    return Part(
        name="watch",
        says="camera",
        stage=Stage.DEVICES,
        arguments=tuple(arguments),
        ready_event="watch_started",
        idle=_BLIND,
    )


def simulation_part(options: RunOptions) -> Part | None:
    """Return the simulated province, or None when no counters are asked for."""
    if options.simulate <= 0:
        return None
    counters = ("--counters", str(options.simulate))
    load = ("--rate", str(options.rate), "--seed", str(options.seed))
    return Part(
        name="simulation",
        says=f"simulation of {options.simulate} counters",
        stage=Stage.DEVICES,
        # People look at a demonstration at night as well.
        arguments=("simulate", *counters, *load, "--always-open"),
        ready_event="simulation",
    )
