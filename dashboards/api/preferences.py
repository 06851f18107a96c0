"""How pages look to whoever is signed in, as the API keeps it with their account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contract.access import Preferences
from dashboards.api.acts import Verdict
from dashboards.api.asking import asked_by, asking
from dashboards.api.rest import RestClient
from dashboards.api.visiting import visitor

_PATH = "/me/preferences"
_ACCOUNT = "account"


async def kept_preferences(api: RestClient) -> Preferences | None:
    """Return what whoever asks has chosen; None where nothing is kept for them.

    So it is for who has no account, and while the API does not say: then the browser keeps it.
    """
    found = visitor()
    if found is None or found.kind != _ACCOUNT:
        return None
    return (await api.read(_PATH, Preferences)).value


async def preferences_of(api: RestClient, token: str) -> Preferences:
    """Return what the account of a new sign-in has chosen; nothing while the API does not say."""
    with asked_by(replace(asking(), token=token)):
        return (await api.read(_PATH, Preferences)).value or Preferences()


async def keep(api: RestClient, chosen: Mapping[str, Any]) -> bool:
    """Keep what whoever asks has chosen with their account; return whether it is kept."""
    found = visitor()
    if found is None or found.kind != _ACCOUNT:
        return False
    return (await api.act("PUT", _PATH, body=chosen)).verdict is Verdict.DONE
