"""A reverse proxy in front of what a test serves, set up as docs/operations.md says."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from motcua.local.daemons import Daemon, DaemonSpec, log_tail
from motcua.local.ports import answers
from tests.processes import free_port

_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_LOCATION = """
        location {path} {{
            proxy_pass {upstream};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Host $http_host;
        }}"""
_SETTINGS = """{user}
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    {temporary}
    map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
    server {{
        listen 127.0.0.1:{port};{locations}
    }}
}}
"""


@contextmanager
def nginx_before(program: Path, folder: Path, upstreams: Mapping[str, str]) -> Iterator[str]:
    """Give the address of an nginx that passes each path on to its upstream.

    nginx strips a location's path where the upstream's address ends in a slash.
    """
    port, log = free_port(), folder / "nginx.log"
    settings = folder / "nginx.conf"
    settings.write_text(
        _SETTINGS.format(
            user="user root;" if os.geteuid() == 0 else "",
            folder=folder,
            temporary="\n    ".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY),
            port=port,
            locations="".join(
                _LOCATION.format(path=path, upstream=upstream)
                for path, upstream in upstreams.items()
            ),
        )
    )
    command = (str(program), "-c", str(settings), "-e", "stderr", "-p", str(folder))
    proxy = Daemon(DaemonSpec(command=command, log=log, stop_signal=signal.SIGTERM))
    try:
        assert proxy.wait_until(lambda: answers(port), timeout_s=20), log_tail(log)
        yield f"http://127.0.0.1:{port}"
    finally:
        proxy.stop()
