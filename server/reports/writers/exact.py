"""Documents as JSON: exactly the content that the digest is of, with its stamp. Pure."""

from __future__ import annotations

import json

from server.reports.canonical import content_of
from server.reports.document import Document
from server.reports.stamps import stamp_of


def write_json(document: Document) -> bytes:
    """Return an object of `stamp` and `content`; the digest is that of the content's bytes with
    sorted names and without spaces.
    """
    stamp = stamp_of(document)
    said = {
        "stamp": {
            "mark": stamp.mark,
            "lines": {line.name: line.value for line in stamp.lines},
        },
        "content": content_of(document),
    }
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=False).encode() + b"\n"
