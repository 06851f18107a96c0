"""Which parts `motcua run` starts as a trial."""

from __future__ import annotations

import pytest

from motcua.run.addresses import Addresses
from motcua.run.parts import server_parts
from server.access.rights import Right
from server.access.roles import Role
from server.access.trial import trial_as


@pytest.mark.parametrize(
    ("host", "trial"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("10.0.0.7", False), ("motcua.local", False)],
)  # fmt: skip
def test_sign_in_is_demanded_on_every_address_but_the_loopback(host: str, trial: bool) -> None:
    addresses = Addresses(host=host, api=8000, dashboards=8050, kiosk=8080, broker=1883)
    web = [
        part
        for part in server_parts(addresses, "administrator")
        if part.name in {"api", "dashboards"}
    ]
    assert [("--trial" in part.arguments) for part in web] == [trial, trial]
    plain = [part.environment.get("MOTCUA_DASHBOARDS__PLAIN_HTTP") for part in web]
    assert plain == [None, None if trial else "true"]


def test_a_trial_shows_the_screens_of_the_role_that_is_asked_for() -> None:
    here = Addresses(host="127.0.0.1", api=8000, dashboards=8050, kiosk=8080, broker=1883)
    (api,) = (part for part in server_parts(here, "auditor") if part.name == "api")
    assert api.arguments[-2:] == ("--trial-role", "auditor")
    more = trial_as(Role.AUDITOR).reaches.keys() - trial_as(Role.ADMINISTRATOR).reaches.keys()
    assert more >= {Right.READ_OFFICERS, Right.READ_COMMENTS, Right.READ_AUDIT}
