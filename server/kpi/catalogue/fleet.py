"""Whether the devices that give the data are up, and how old the data are."""

from __future__ import annotations

from datetime import datetime

from contract.readings import Direction, KpiFamily, Measure
from server.facts.connections import CONNECTIONS, ONLINE_FOR_S, ConnectionTotals
from server.facts.sources import newest
from server.kpi.definition import NO_DATA, Kpi, Moment, Result


def devices_online(_kpi: Kpi[ConnectionTotals], totals: ConnectionTotals, moment: Moment) -> Result:
    """Count the devices heard from within 30 s and whose session has not ended."""
    known = len(totals.devices)
    if known == 0:
        return NO_DATA
    online = sum(device.online(moment.now) for device in totals.devices)
    return Result(
        n=known,
        value=float(online),
        parts={"online": float(online), "known": float(known)},
        observed_at=_newest(totals, moment),
    )


def data_age(_kpi: Kpi[ConnectionTotals], totals: ConnectionTotals, moment: Moment) -> Result:
    """Return the seconds since anything was last observed."""
    observed_at = _newest(totals, moment)
    if observed_at is None:
        return NO_DATA
    return Result(n=len(totals.devices), value=moment.age_s(observed_at), observed_at=observed_at)


def _newest(totals: ConnectionTotals, moment: Moment) -> datetime | None:
    """Return when anything was last observed; times ahead of the clock are not believed."""
    times = (device.last_seen for device in totals.devices)
    return newest(*(at for at in times if at is not None and moment.believes(at)))


KPIS = (
    Kpi(
        id="devices_online",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.COUNT,
        source=CONNECTIONS,
        compute=devices_online,
        live=True,
        minimum_n=1,
        fresh_for_s=None,
        direction=Direction.HIGHER,
    ),
    Kpi(
        id="data_age",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.AGE,
        source=CONNECTIONS,
        compute=data_age,
        live=True,
        minimum_n=1,
        fresh_for_s=ONLINE_FOR_S,
        direction=Direction.LOWER,
    ),
)
