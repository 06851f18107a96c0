"""`motcua run`: the whole system on one machine, supervised."""

from motcua.run.cli import command

__all__ = ["command"]
