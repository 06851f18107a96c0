"""A pytest plugin that writes examples of operations, as the tests hear them.

`pytest -p tests.server.web.recording tests/server` adds to `server/web/examples.json` what it lacks
or has wrong; what is right there stays. Lists are cut to two entries, secrets are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

import server.app
from server.web.examples import FILE, Example, examples
from tests.server.web.documented import TOLD, Document

FEW = 2
LONGEST = 8_000
"""Characters of an answer that still shows something."""
SECRETS = {"token", "secret", "password", "key", "code", "link", "otpauth", "recovery_codes"}
_SHARED = re.compile(r"secret=[A-Z2-7]+")
_HEARD: dict[str, list[Example]] = {}
_create = server.app.create_app


def recorded(*arguments: Any, **named: Any) -> Any:
    """Return the application, whose answers are heard."""
    app = _create(*arguments, **named)
    app.add_middleware(Recorder)
    return app


server.app.create_app = recorded


class Recorder:
    """Hears what is asked and answered."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer by the application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked, answered, begun = bytearray(), bytearray(), {}

        async def hear() -> Any:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def tell(message: Any) -> None:
            begun.update(message if message["type"].endswith("start") else {})
            answered.extend(message.get("body", b""))
            await send(message)

        await self._app(scope, hear, tell)
        if 200 <= begun.get("status", 500) < 300 and "route" in scope:
            keep(scope, bytes(asked), begun, bytes(answered))


def keep(scope: Any, asked: bytes, begun: Any, answered: bytes) -> None:
    """Keep what one operation was asked and answered."""
    headers = {name.lower(): value.decode("latin-1") for name, value in begun["headers"]}
    media_type = headers.get(b"content-type", "").partition(";")[0]
    query = dict(
        pair.split("=", 1) for pair in scope["query_string"].decode().split("&") if "=" in pair
    )
    example = Example(
        parameters={**query, **scope.get("path_params", {})},
        request=parsed(asked) if asked else msgspec.UNSET,
        answer={media_type: shown(media_type, answered)} if media_type in TOLD else {},
    )
    name = f"{scope['method']} {getattr(scope['route'], 'path', '')}"
    _HEARD.setdefault(name, []).append(example)


def shown(media_type: str, content: bytes) -> Any:
    """Return an answer as it is shown."""
    if media_type == "application/json":
        value = parsed(content)
        few = shorter(value)
        return few if len(str(few)) <= LONGEST else shorter(value, most=1)
    return "".join(content.decode().splitlines(keepends=True)[:3])


def parsed(content: bytes) -> Any:
    """Return JSON, None for anything else."""
    try:
        return json.loads(content)
    except ValueError:
        return None


def shorter(value: Any, name: str = "", most: int = FEW) -> Any:
    """Return a value with its lists cut and its secrets taken out."""
    match value:
        case dict():
            return {key: shorter(each, key, most) for key, each in value.items()}
        case list():
            return [shorter(each, name, most) for each in value[:most]]
        case str() if name in SECRETS and len(value) > len("example"):
            return "example"
        case str():
            return _SHARED.sub("secret=EXAMPLE", value)
    return value


_WRITTEN_OF: list[str] = []


def pytest_runtest_logfinish(nodeid: str) -> None:
    """Write after each file of tests: a session that is broken off keeps what it had."""
    file = nodeid.partition("::")[0]
    if _WRITTEN_OF and _WRITTEN_OF[-1] != file:
        pytest_sessionfinish()
    _WRITTEN_OF.append(file)


def pytest_sessionfinish() -> None:
    """Write what was heard."""
    document = Document()
    found = {name: best(document, name, known(name)) for name in sorted(document.operations)}
    kept = {name: example for name, example in found.items() if example is not None}
    path = Path(server.__path__[0], "web", FILE)
    text = json.dumps(msgspec.to_builtins(kept), indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def known(name: str) -> list[Example]:
    """Return the example that is there, then those that were heard, those that say most first."""
    heard = sorted(_HEARD.get(name, ()), key=lambda each: -len(str(msgspec.to_builtins(each))))
    there = examples().get(name)
    return heard if there is None else [there, *heard]


def best(document: Document, name: str, candidates: list[Example]) -> Example | None:
    """Return one example, each part of it the first that is right."""
    content = document.request(name)
    request: Any = msgspec.UNSET
    if content is not None:
        request = next(
            (
                shorter(each.request)
                for each in candidates
                if each.request is not msgspec.UNSET
                and not document.faults(content["schema"], shorter(each.request))
            ),
            msgspec.UNSET,
        )
    answer = {
        media_type: each.answer[media_type]
        for media_type, content in document.answers(name)
        for each in reversed(candidates)
        if each.answer.get(media_type)
        and len(str(each.answer[media_type])) <= LONGEST
        and not document.faults(content["schema"], each.answer[media_type])
    }
    parameters: Mapping[str, Any] = {}
    for parameter in document.operations[name].get("parameters", ()):
        for each in candidates:
            value = converted(each.parameters.get(parameter["name"]), parameter["schema"])
            if value is not None and not document.faults(parameter["schema"], value):
                parameters = {parameter["name"]: value, **parameters}
                break
    if request is msgspec.UNSET and not answer and not parameters:
        return None
    return Example(parameters=dict(parameters), request=request, answer=answer)


def converted(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a parameter's text as what its schema wants."""
    kinds = str(schema)
    if value is None or "%" in str(value):
        return None
    if "'array'" in kinds:
        return [value]
    if "'integer'" in kinds or "'number'" in kinds:
        return int(value) if str(value).isdigit() else None
    if "'boolean'" in kinds:
        return {"true": True, "false": False}.get(str(value))
    return value
