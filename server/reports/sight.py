"""Who may ask for a report, and who may see one that somebody asked for."""

from __future__ import annotations

from server.access.principals import Principal, PrincipalKind
from server.access.rights import Right
from server.access.sessions import view_of
from server.db.viewers import ALL
from server.errors import Forbidden
from server.reports.questions import ReportKind, ReportQuestion
from server.reports.store import Asked, Asker


def require_asking(who: Principal, question: ReportQuestion) -> None:
    """Raise Forbidden unless the principal may see what such a report tells."""
    if who.kind is PrincipalKind.SCREEN:
        raise Forbidden("a screen shows figures and asks for no reports")
    own = question.officer is not None and question.officer == who.officer
    if question.kind is ReportKind.APPRAISAL:
        _require(who, Right.READ_APPRAISALS, question, own=own)
    elif not own:
        _require(who, Right.READ_FIGURES, question)
    if question.officer is not None and not own:
        assert question.unit is not None
        if not who.reach(Right.READ_OFFICERS).has(question.unit):
            raise Forbidden(f"{who.name} may not read figures of officers in {question.unit}")


def asker_of(who: Principal, question: ReportQuestion) -> Asker:
    """Return who asks, and what of officers they may know."""
    view = view_of(who)
    own = question.officer is not None and question.officer == who.officer
    return Asker(name=who.name, kind=who.kind, officers=view.officers, staff=view.staff, own=own)


def may_see(who: Principal, asked: Asked, question: ReportQuestion) -> bool:
    """Return whether the principal may see a report: its asker, or whoever may see as much."""
    try:
        require_asking(who, question)
    except Forbidden:
        return False
    asker = asked.asker
    if (asker.name, asker.kind) == (who.name, who.kind):
        return True
    view = view_of(who)
    return _takes_in(view.officers, asker.officers) and _takes_in(view.staff, asker.staff)


def _takes_in(mine: str, theirs: str) -> bool:
    """Return whether the units that one may know are all among those of the other."""
    if mine == ALL or not theirs:
        return True
    return theirs != ALL and set(theirs.split(",")) <= set(mine.split(","))


def _require(who: Principal, right: Right, question: ReportQuestion, *, own: bool = False) -> None:
    reach = who.reach(right)
    if own or reach.takes_in(question.place):
        return
    # A right in the unit alone is enough for what is of the unit alone.
    of_unit = question.unit is not None and question.kind in (
        ReportKind.APPRAISAL,
        ReportKind.OFFICER,
    )
    if of_unit and question.unit is not None and reach.has(question.unit):
        return
    raise Forbidden(f"{who.name} may not {right.replace('_', ' ')} of {question.place}")
