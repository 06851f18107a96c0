"""What models and their files may be called: what every disk, address and shell takes."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

ModelName: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")]
"""A model's name; its manifest and what it is called in messages are made of it."""

WeightsFile: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,122}\.onnx\Z")]
"""The file of a model's weights: a name without a folder, and none of ours such as an index's."""
