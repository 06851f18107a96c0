"""Asks the API of a test's database, without a server."""

from __future__ import annotations

from typing import Any

import httpx

from server.app import ApiSettings, create_app
from tests.coroutines import run


class Client:
    """Sends one request after another to an application that is started for each."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url

    def send(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Return the answer."""

        async def ask() -> httpx.Response:
            app = create_app(self._database_url, ApiSettings.read(trial=True))
            # Only what routes need: live figures would connect and be cut off with each request.
            await app.state.database.open()
            transport = httpx.ASGITransport(app=app)
            try:
                async with httpx.AsyncClient(
                    transport=transport,
                    base_url="http://127.0.0.1",
                    headers={"Accept-Language": "en"},
                ) as client:
                    return await client.request(method, path, **given)
            finally:
                await app.state.database.close()

        return run(ask())
