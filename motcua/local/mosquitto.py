"""How mosquitto is found and configured as the broker of one machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

STORE = "mosquitto.db"
"""The file in which mosquitto keeps queues and retained messages, in its folder of persistence."""

_NOT_ON_A_USERS_PATH = ("/usr/sbin", "/usr/local/sbin", "/sbin")


def find_mosquitto() -> Path | None:
    """Return the program `mosquitto`, or None where it is not installed."""
    search = os.pathsep.join((os.environ.get("PATH", ""), *_NOT_ON_A_USERS_PATH))
    found = shutil.which("mosquitto", path=search)
    return Path(found) if found else None


def configuration(*, port: int, persistence: Path) -> str:
    """Return the text of mosquitto.conf for a loopback broker that keeps its state.

    The defaults would queue 1,000 messages for an absent server and drop the rest in silence,
    and hold 20 in flight; devices resend what the server has not acknowledged, but a full queue
    makes them do it for nothing. Only this machine is served, hence no passwords.
    """
    return f"""\
listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
persistence true
persistence_location {persistence}/
autosave_interval 30
max_inflight_messages 2000
max_queued_messages 200000
message_size_limit 262144
# A session that nobody takes up again would queue for ever.
persistent_client_expiration 7d
log_dest stderr
log_type error
log_type warning
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""
