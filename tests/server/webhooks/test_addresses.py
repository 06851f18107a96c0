"""Nobody makes the server call into its own network."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from server.errors import AddressRefused
from server.webhooks.addresses import parse_address, require_allowed, resolve
from tests.coroutines import run

INSIDE = (ip_network("10.20.0.0/16"),)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
    ],
)
def test_addresses_that_are_not_public_are_refused(address):
    with pytest.raises(AddressRefused, match="is not public"):
        require_allowed([ip_address("8.8.8.8"), ip_address(address)], INSIDE, encrypted=True)


def test_networks_that_are_allowed_may_be_called_without_encryption():
    require_allowed(
        [ip_address("10.20.3.4"), ip_address("::ffff:10.20.3.4")], INSIDE, encrypted=False
    )
    require_allowed([ip_address("8.8.8.8")], INSIDE, encrypted=True)
    with pytest.raises(AddressRefused, match="must begin with https"):
        require_allowed([ip_address("8.8.8.8")], INSIDE, encrypted=False)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://ioc.example/",
        "https:///nowhere",
        "https://user:secret@ioc.example/",
        "https://ioc.example/#part",
        "https://ioc.example:99999/",
        "https://ioc.example:0/",
        "https://[::1/",
        "javascript:alert(1)",
        "https://ioc.example/" + "a" * 2_000,
    ],
)
def test_what_is_no_plain_web_address_is_refused(address):
    with pytest.raises(AddressRefused):
        parse_address(address)


def test_a_name_is_resolved_once_and_its_address_is_connected_to():
    loopback = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    target = run(resolve("http://localhost:8080/figures?x=1", loopback))
    assert target.host == "localhost"
    assert target.connect_to in (
        "http://127.0.0.1:8080/figures?x=1",
        "http://[::1]:8080/figures?x=1",
    )
    with pytest.raises(AddressRefused, match="is not public"):
        run(resolve("https://localhost/", ()))
    with pytest.raises(AddressRefused, match="is not found"):
        run(resolve("https://nowhere.invalid/", ()))
