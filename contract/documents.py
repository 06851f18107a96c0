"""Writes the contract for people and other systems: AsyncAPI, JSON Schemas and the topic table.

`python -m contract.documents docs/` regenerates them; a test fails when they are stale.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from contract.codec import MAX_PAYLOAD_BYTES
from contract.topics import ROOT, STREAMS, Direction, StreamSpec

Json = dict[str, Any]
_ACTION = {Direction.UP: "send", Direction.DOWN: "receive"}
_PARAMETERS = {
    "unit": "The one-stop shop, for example `phuong-kinh-bac`.",
    "counter": "The counter within the unit, for example `quay-1`.",
    "device": "The device at the counter; equal to `device` in the envelope.",
}


def generated_files() -> Mapping[str, str]:
    """Return every generated file's text by its path below `docs/`."""
    files = {
        f"schemas/{spec.stream}.v{spec.version}.json": _dump(message_schema(spec))
        for spec in STREAMS.values()
    }
    return files | {"asyncapi.json": _dump(asyncapi()), "mqtt.md": topic_table()}


def message_schema(spec: StreamSpec) -> Json:
    """Return the JSON Schema (draft 2020-12) of one stream's message.

    `schema` is fixed to the version that this release reads.
    """
    (root,), components = msgspec.json.schema_components(
        [spec.message], ref_template="#/$defs/{name}"
    )
    definitions = dict(components)
    schema = definitions.pop(root["$ref"].rpartition("/")[2])
    schema["properties"]["schema"] = {"const": spec.version}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ROOT}/{spec.stream}.v{spec.version}",
        **schema,
        **({"$defs": definitions} if definitions else {}),
    }


def asyncapi() -> Json:
    """Return the AsyncAPI 3.0 document of the MQTT surface."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Motcua over MQTT",
            "version": "1",
            "description": _RULES,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {spec.stream: _channel(spec) for spec in STREAMS.values()},
        "operations": {
            f"{_ACTION[spec.direction]}_{spec.stream}": {
                "action": _ACTION[spec.direction],
                "channel": {"$ref": f"#/channels/{spec.stream}"},
                "summary": f"{spec.summary}.",
                "bindings": {"mqtt": {"qos": spec.qos, "retain": spec.retain}},
            }
            for spec in STREAMS.values()
        },
        "components": {
            "parameters": {
                name: {"description": description} for name, description in _PARAMETERS.items()
            }
        },
    }


def topic_table() -> str:
    """Return the topic table as Markdown."""
    rows = [
        f"| `{ROOT}/{{unit}}/{{counter}}/{{device}}/{spec.stream}` | {spec.direction} | "
        f"{spec.qos} | {'yes' if spec.retain else 'no'} | "
        f"{'on events' if spec.period_s is None else f'every {spec.period_s:g} s'} | "
        f"[{spec.message.__name__} v{spec.version}](schemas/{spec.stream}.v{spec.version}.json) | "
        f"{spec.summary} |"
        for spec in STREAMS.values()
    ]
    head = (
        "# Topics\n\n"
        "Generated from `contract/topics.py`; the same as [AsyncAPI](asyncapi.json).\n\n"
        "| topic | direction | QoS | retained | when | message | what |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + f"\n\n{_RULES}\n"


_RULES = f"""Rules for every client:

- Payloads are UTF-8 JSON of at most {MAX_PAYLOAD_BYTES // 1024} KiB. Unknown fields are ignored,
  so that messages can grow; a missing or wrong field is refused and kept in quarantine.
- `(id, observed_at)` identifies a message. Send it again, byte for byte, until the server's `ack`
  names it: a broker's PUBACK alone does not say that it is stored. Resends count once.
- `observed_at` is when it happened, in UTC, by a clock that is set. The server refuses times more
  than 5 minutes ahead of its own, or more than 366 days behind. Messages in `held` of an `ack` it
  cannot judge yet: keep them, send what is newer, and send them again some minutes later.
- A device that keeps its clock by a time server says so in `clock_synchronised` of its `health`:
  three such devices that agree are believed against the server's own clock.
- `health` is retained and also the last will (`status: offline`) of its `session`."""


def _channel(spec: StreamSpec) -> Json:
    name = spec.message.__name__
    return {
        "address": f"{ROOT}/{{unit}}/{{counter}}/{{device}}/{spec.stream}",
        "description": f"{spec.summary}. {_first_paragraph(spec.message.__doc__)}",
        "parameters": {name: {"$ref": f"#/components/parameters/{name}"} for name in _PARAMETERS},
        "messages": {
            name: {
                "name": f"{spec.stream}.v{spec.version}",
                "payload": {"$ref": f"schemas/{spec.stream}.v{spec.version}.json"},
            }
        },
    }


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def _dump(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the documents below the folder named on the command line."""
    folder = Path(sys.argv[1])
    for name, text in generated_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
