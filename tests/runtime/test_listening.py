import socket
from contextlib import closing

import pytest

from runtime.errors import AddressUnusable, PortTaken
from runtime.listening import in_url, listen


def test_a_taken_port_is_named_with_what_to_do():
    with closing(listen("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} on 127\.0\.0\.1 .* --port"):
            listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(AddressUnusable, match=r"192\.0\.2\.1"):
        listen("192.0.2.1", 0)


def test_all_addresses_of_ipv6_are_those_of_ipv4_as_well():
    with closing(listen("::", 0)) as listener:
        port = listener.getsockname()[1]
        for host in ("::1", "127.0.0.1"):
            socket.create_connection((host, port), timeout=5).close()


def test_answers_in_pieces_are_not_held_back():
    """With Nagle's algorithm the second piece waits for the client to acknowledge the first."""
    with (
        closing(listen("127.0.0.1", 0)) as listener,
        closing(socket.create_connection(listener.getsockname(), timeout=5)),
    ):
        accepted, _ = listener.accept()
        with closing(accepted):
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("::1", "[::1]"),
        ("fe80::1%eth0", "[fe80::1%25eth0]"),
        ("10.0.0.5", "10.0.0.5"),
        ("db", "db"),
    ],
)
def test_an_ipv6_address_stands_in_brackets_where_a_port_follows(host, shown):
    assert in_url(host) == shown
