"""Says what is wrong with a device's clock or identity, with the server's own clock, and with its
rules of alerts. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contract.messages import ReportedProblem
from contract.problems import ProblemCode, report, sentence
from contract.readings import ClockTrust, DeviceProblem, ServerState
from contract.texts import Language, texts
from server.devices.clocks import SKEW_S


def say(problem: ReportedProblem) -> DeviceProblem:
    """Return a problem in both languages."""
    return DeviceProblem(
        code=problem.code,
        text_vi=sentence(problem, Language.VI),
        text_en=sentence(problem, Language.EN),
        parameters=problem.parameters,
    )


def device_problems(
    device: str,
    *,
    offset_s: float | None,
    server: ServerState,
    shared_by: Sequence[str] | None,
) -> Iterator[ReportedProblem]:
    """Yield what the server sees of a device that the device itself cannot say.

    While the server's clock is suspect, a device's counts against that of the others.
    """
    if offset_s is not None and server.clock is ClockTrust.SUSPECT:
        offset_s -= server.clock_offset_s or 0.0
    if offset_s is not None and abs(offset_s) > SKEW_S:
        code = ProblemCode.CLOCK_BEHIND if offset_s > 0 else ProblemCode.CLOCK_AHEAD
        yield report(code, seconds=round(abs(offset_s)))
    if shared_by is not None:
        addresses = ", ".join(shared_by) or "?"
        yield report(ProblemCode.IDENTITY_SHARED, device=device, addresses=addresses)


def server_alarms(
    clock: ClockTrust, *, offset_s: float | None, devices: int, database_offset_s: float | None
) -> Iterator[ReportedProblem]:
    """Yield what everybody has to know of the server's clocks."""
    if clock is ClockTrust.SUSPECT and offset_s is not None:
        ahead = offset_s > 0
        code = ProblemCode.SERVER_CLOCK_AHEAD if ahead else ProblemCode.SERVER_CLOCK_BEHIND
        yield report(code, seconds=round(abs(offset_s)), devices=devices)
    if database_offset_s is not None and abs(database_offset_s) > SKEW_S:
        yield report(ProblemCode.DATABASE_CLOCK, seconds=round(abs(database_offset_s)))


def unjudged_alarms(rules: Sequence[str]) -> Iterator[DeviceProblem]:
    """Yield that alerts of these rules cannot come, where there are any."""
    if rules:
        said = {"rules": ", ".join(rules)}
        vi, en = (texts("server.alerts", each) for each in (Language.VI, Language.EN))
        yield DeviceProblem(
            code="alert_rules_unjudged",
            text_vi=vi.format("alarm.unjudged", **said),
            text_en=en.format("alarm.unjudged", **said),
            parameters=said,
        )
