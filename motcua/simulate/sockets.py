"""Serves the sockets of many paho clients from one thread."""

from __future__ import annotations

import contextlib
import selectors
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paho.mqtt.client import Client

_READ = selectors.EVENT_READ
_BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE


class Sockets:
    """The sockets of connected clients; closed ones leave by themselves."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def add(self, client: Client) -> None:
        """Serve the client's socket from now on."""
        found = client.socket()
        if not isinstance(found, socket.socket):
            return
        client.on_socket_close = lambda _client, _data, sock: self._forget(sock)
        client.on_socket_register_write = lambda _client, _data, sock: self._wait(sock, _BOTH)
        client.on_socket_unregister_write = lambda _client, _data, sock: self._wait(sock, _READ)
        self._selector.register(found, _BOTH, client)

    def serve(self, timeout_s: float) -> None:
        """Read and write what can be, waiting up to `timeout_s` for the first."""
        for key, mask in self._selector.select(timeout_s):
            client: Client = key.data
            if mask & selectors.EVENT_READ:
                client.loop_read()
            if mask & selectors.EVENT_WRITE:
                client.loop_write()

    def close(self) -> None:
        """Stop serving; the sockets themselves belong to their clients."""
        self._selector.close()

    def _wait(self, found: object, mask: int) -> None:
        if isinstance(found, socket.socket):
            with contextlib.suppress(KeyError, ValueError):
                key = self._selector.get_key(found)
                self._selector.modify(found, mask, key.data)

    def _forget(self, found: object) -> None:
        if isinstance(found, socket.socket):
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(found)
