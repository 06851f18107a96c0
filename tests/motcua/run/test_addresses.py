"""Ports: the ones asked for, or the next free ones, said in one line each."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from motcua.errors import NoFreePort
from motcua.local.ports import any_free, free_from
from motcua.run.addresses import Addresses, choose_addresses
from motcua.run.options import RunOptions
from runtime.errors import AddressUnusable
from tests.processes import free_port


def _options(host: str = "127.0.0.1", **ports: int) -> RunOptions:
    chosen = {name: free_port() for name in ("api_port", "dashboards_port", "kiosk_port")}
    return RunOptions(
        data=Path("/nowhere"),
        camera=None,
        models=None,
        simulate=0,
        rate=1.0,
        seed=1,
        host=host,
        **{"broker_port": free_port(), **chosen, **ports},
    )


def test_free_ports_are_taken_as_asked() -> None:
    options = _options()
    addresses = choose_addresses(options)
    assert (addresses.api, addresses.dashboards, addresses.kiosk, addresses.broker) == (
        options.api_port,
        options.dashboards_port,
        options.kiosk_port,
        options.broker_port,
    )
    assert addresses.moved == ()


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("api_port", "API"),
        ("dashboards_port", "dashboards"),
        ("kiosk_port", "kiosk"),
        ("broker_port", "broker"),
    ],
)
def test_taken_port_moves_to_the_next_free_one_and_says_so(option: str, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        addresses = choose_addresses(_options(**{option: port}))
    (line,) = addresses.moved
    assert line.startswith(f"port {port} is taken: the {name} uses ")
    assert int(line.split()[-2]) > port


def test_service_on_all_addresses_counts_as_taken() -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_from(port) != port


def test_same_port_asked_for_twice_is_given_once() -> None:
    port = free_port()
    addresses = choose_addresses(_options(api_port=port, kiosk_port=port))
    assert addresses.api == port
    assert addresses.kiosk != port


def test_free_port_is_none_that_connections_get() -> None:
    assert all(20_000 <= any_free() < 32_000 for _ in range(20))


def test_no_free_port_is_an_error_that_names_the_range() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NoFreePort, match=rf"ports {port} to \d+ are all taken"):
            free_from(port, taken=range(port, 65_536))


@pytest.mark.parametrize(
    ("environment", "hosts"),
    [
        ({}, "127.0.0.1,10.0.0.5"),
        ({"NO_PROXY": "intranet.vn"}, "intranet.vn,127.0.0.1,10.0.0.5"),
        ({"no_proxy": "a", "NO_PROXY": "b"}, "a,127.0.0.1,10.0.0.5"),
    ],
)
def test_a_users_proxy_is_not_asked_for_our_own_parts(
    environment: dict[str, str], hosts: str
) -> None:
    addresses = Addresses(host="10.0.0.5", api=1, dashboards=2, kiosk=3, broker=4)
    assert addresses.past_proxies(environment) == {"no_proxy": hosts, "NO_PROXY": hosts}


@pytest.mark.parametrize("host", ["::1", "::"])
def test_ports_are_found_on_an_ipv6_address_and_shown_in_brackets(host: str) -> None:
    options = _options(host)
    addresses = choose_addresses(options)
    assert addresses.moved == ()
    assert addresses.url(addresses.api, "/docs") == f"http://[::1]:{options.api_port}/docs"
    assert addresses.past_proxies({})["no_proxy"] == "127.0.0.1,::1"


def test_port_taken_on_an_ipv6_address_moves_to_the_next_free_one() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        addresses = choose_addresses(_options("::1", api_port=port))
    assert addresses.moved == (f"port {port} is taken: the API uses {addresses.api} instead",)


def test_address_of_another_machine_is_said_to_be_one_and_no_port_taken() -> None:
    with pytest.raises(AddressUnusable, match=r"cannot listen on 192\.0\.2\.1 port"):
        choose_addresses(_options("192.0.2.1"))
