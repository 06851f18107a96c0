"""What a figure says of one officer, as a colleague would put it: clear only where it is. Pure."""

from __future__ import annotations

from contract.readings import Reading
from dashboards.look import formats
from dashboards.look.texts import Bilingual, say

_AS_USUAL = 100.0


def advice(reading: Reading) -> Bilingual | None:
    """Return a sentence on the reading; None where only counting is to be told.

    Different from what is expected is only what the interval sets apart from it.
    """
    if reading.value is None or reading.low is None or reading.high is None:
        return say("officer.too_few") if reading.kpi.startswith("officer_") else None
    parts = reading.parts or {}
    match reading.kpi:
        case "officer_service_ratio":
            names = ("faster", "usual_time", "slower")
            key = names[_side(reading.low, reading.high, _AS_USUAL)]
            own, expected = (
                formats.number(parts[name] / 60, 1) for name in ("observed_s", "expected_s")
            )
            return say(f"officer.says.{key}", own=own, expected=expected)
        case "officer_satisfaction":
            names = ("below", "usual_satisfaction", "above")
            key = names[_side(reading.low, reading.high, parts["expected"])]
            return say(f"officer.says.{key}", expected=str(formats.share(parts["expected"])))
        case "officer_prompt_discipline":
            names = ("fewer_asked", "as_often_asked", "more_asked")
            key = names[_side(reading.low, reading.high, 0.0)]
            hard, other = (str(formats.share(parts[name])) for name in ("hard", "other"))
            return say(f"officer.says.{key}", hard=hard, other=other)
        case _:
            return None


def _side(low: float, high: float, expected: float) -> int:
    """Return 0 where the interval lies below what is expected, 2 where above, else 1."""
    if high < expected:
        return 0
    return 2 if low > expected else 1
