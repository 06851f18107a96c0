"""A real API server of its own process's thread: the contract's JSON over HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import msgspec
import uvicorn
from fastapi import FastAPI, Response, WebSocket, WebSocketDisconnect

from contract.readings import KpiDefinition, Snapshot
from tests.processes import free_port
from tests.waiting import eventually


class Served:
    """Any ASGI application on a port of its own; it can be stopped and started again there."""

    def __init__(self, app: FastAPI, *, port: int | None = None) -> None:
        self.app = app
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = uvicorn.Config(
            self.app,
            port=self.port,
            log_config=None,
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        eventually(lambda: self._server.started, what="the server's start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()


class StandInApi(Served):
    """Says what the API would say; `publish` is the only way its numbers change."""

    def __init__(self, catalogue: Sequence[KpiDefinition], snapshot: Snapshot) -> None:
        self._catalogue = tuple(catalogue)
        self.greeted = 0  # how many streams were given the snapshot at their start
        self._set(snapshot)
        self._subscribers: dict[asyncio.Queue[Snapshot], asyncio.AbstractEventLoop] = {}
        app = FastAPI()
        app.add_api_route("/api/v1/catalogue", self._serve_catalogue)
        app.add_api_websocket_route("/api/v1/stream", self._stream)
        super().__init__(app)

    def publish(self, snapshot: Snapshot) -> None:
        self._set(snapshot)
        for queue, loop in list(self._subscribers.items()):
            loop.call_soon_threadsafe(queue.put_nowait, snapshot)

    def _set(self, snapshot: Snapshot) -> None:
        self._snapshot, self._published_s = snapshot, time.monotonic()

    def _renewed(self) -> Snapshot:
        """Return the same readings, computed now by the clock that the snapshot was made with."""
        passed = timedelta(seconds=time.monotonic() - self._published_s)
        return replace(self._snapshot, computed_at=self._snapshot.computed_at + passed)

    async def _serve_catalogue(self) -> Response:
        return Response(msgspec.json.encode(self._catalogue), media_type="application/json")

    async def _stream(self, socket: WebSocket) -> None:
        await socket.accept()
        queue: asyncio.Queue[Snapshot] = asyncio.Queue()
        self._subscribers[queue] = asyncio.get_running_loop()
        hang_up = asyncio.create_task(socket.receive())
        try:
            await socket.send_text(msgspec.json.encode(self._snapshot).decode())
            self.greeted += 1
            while not hang_up.done():
                taking = asyncio.create_task(queue.get())
                await asyncio.wait(
                    {taking, hang_up}, timeout=5, return_when=asyncio.FIRST_COMPLETED
                )
                if not taking.done():
                    queue.put_nowait(self._renewed())
                    await taking
                if taking.done():
                    await socket.send_text(msgspec.json.encode(taking.result()).decode())
                else:
                    taking.cancel()
        except WebSocketDisconnect:
            pass
        finally:
            hang_up.cancel()
            del self._subscribers[queue]


@contextmanager
def served(server: Served) -> Iterator[Served]:
    server.start()
    try:
        yield server
    finally:
        server.stop()
