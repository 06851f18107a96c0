"""Where the parts listen: the ports asked for, or the next free ones, and the URLs they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from motcua.local.ports import LOOPBACK, LOOPBACK_IPV6, free_from
from motcua.run.options import RunOptions
from runtime.listening import ALL_IPV6, in_url

_LOOPBACKS = {"0.0.0.0": LOOPBACK, ALL_IPV6: LOOPBACK_IPV6}  # noqa: S104
"""Where this machine itself reaches what listens on all addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The ports of one run, and `moved`: a line for each that was not the one asked for."""

    host: str
    api: int
    dashboards: int
    kiosk: int
    broker: int
    moved: tuple[str, ...] = ()

    def url(self, port: int, path: str = "") -> str:
        """Return the address of `path` for a browser on this machine."""
        return f"http://{in_url(self.reachable_host)}:{port}{path}"

    @property
    def reachable_host(self) -> str:
        """The name under which this machine itself reaches the parts."""
        return _LOOPBACKS.get(self.host, self.host)

    def past_proxies(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the variables that let our parts reach each other past a user's web proxy."""
        kept = environment.get("no_proxy") or environment.get("NO_PROXY")
        hosts = ",".join(dict.fromkeys(filter(None, (kept, LOOPBACK, self.reachable_host))))
        return {"no_proxy": hosts, "NO_PROXY": hosts}


def choose_addresses(options: RunOptions) -> Addresses:
    """Return free ports, as near as possible to the ones asked for.

    Raises NoFreePort or AddressUnusable.
    """
    chosen: dict[str, int] = {}
    moved: list[str] = []
    for name, wanted, host in (
        ("broker", options.broker_port, LOOPBACK),
        ("API", options.api_port, options.host),
        ("dashboards", options.dashboards_port, options.host),
        ("kiosk", options.kiosk_port, options.host),
    ):
        port = free_from(wanted, host=host, taken=chosen.values())
        chosen[name] = port
        if port != wanted:
            moved.append(f"port {wanted} is taken: the {name} uses {port} instead")
    return Addresses(
        host=options.host,
        broker=chosen["broker"],
        api=chosen["API"],
        dashboards=chosen["dashboards"],
        kiosk=chosen["kiosk"],
        moved=tuple(moved),
    )
