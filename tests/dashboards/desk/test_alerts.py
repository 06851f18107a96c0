"""The page of alerts: what it shows of what the API says."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from plotly.utils import PlotlyJSONEncoder

from contract.readings import Unit
from contract.texts import Language
from dashboards.api.alerts import Alert, Alerts, Rule, RuleInForce, Said
from dashboards.api.rest import Answer
from dashboards.desk.alerts import AlertsPage
from dashboards.look.texts import speaking
from tests import coroutines


class Api:
    """Two alerts, one of them of the province."""

    async def units(self) -> Answer:
        unit = Unit(
            id="a", parent=None, kind="ward", name_vi="Phường A", name_en="Ward A", simulated=False
        )
        return Answer(value=(unit,))

    async def alerts(self) -> Answer:
        at = datetime(2026, 11, 26, 3, tzinfo=UTC)
        same = {"state": "raised", "raised_at": at, "n": 1}
        found = (
            Alert(
                id="1", rule="device_silent", name_vi="Thiết bị không gửi", name_en="Device silent",
                severity="serious", unit="a", subjects=("quay-1/edge-1",), **same,
            ),
            Alert(
                id="2", rule="gone", name_vi="gone", name_en="gone", severity="critical", **same
            ),
        )  # fmt: skip
        return Answer(value=Alerts(alerts=found))

    async def alert_rules(self) -> Answer:
        rule = Rule(id="device_silent", runbook=Said(vi="Kiểm tra nguồn", en="Check power"))
        return Answer(value=(RuleInForce(rule=rule, changed=False),))


class Refused(Api):
    """An API that has no right for whoever looks."""

    async def alerts(self) -> Answer:
        return Answer(value=None, error="may not read alerts")


def shown(api: Api, language: Language) -> str:
    page = AlertsPage(api).page()

    async def read():
        with speaking(language):
            return await page.layout(page.read(""))

    return json.dumps(coroutines.run(read()), cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_each_alert_says_where_since_when_and_what_to_do():
    said = shown(Api(), Language.VI)
    for text in (
        "Phường A", "Thiết bị không gửi", "quay-1/edge-1", "Kiểm tra nguồn", "Nghiêm trọng",
        "26/11/2026", "Toàn tỉnh", "Khẩn cấp", "Chưa tiếp nhận",
    ):  # fmt: skip
        assert text in said
    said = shown(Api(), Language.EN)
    for text in ("Ward A", "Device silent", "Check power", "Nobody has taken it"):
        assert text in said


def test_who_may_not_see_alerts_is_told_so():
    assert "may not read alerts" in shown(Refused(), Language.EN)
