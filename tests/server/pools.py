"""Settings of a pool on a busy machine."""

from __future__ import annotations

from server.db.pool import PoolSettings

PATIENT = PoolSettings(pool_wait_s=30.0, answer_s=30.0)
"""What is tested is what is answered, not how soon."""
