"""Reads settings from the environment and says which value is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from runtime.errors import SettingInvalid

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

S = TypeVar("S", bound="BaseSettings")


def read_settings(kind: type[S], **given: Any) -> S:  # noqa: ANN401 - whatever the fields take
    """Return `kind` as the environment and `given` set it; None in `given` means not given.

    Raises SettingInvalid, which names the variable and its value.
    """
    from pydantic import ValidationError

    try:
        return kind(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        prefix = kind.model_config.get("env_prefix", "")
        said = "_".join(map(str, first["loc"])).upper()
        name = said if said.startswith(prefix.upper()) else f"{prefix}{said}".upper()
        raise SettingInvalid(f"{name}={first['input']}: {first['msg']}") from error
