"""The KPI catalogue: each KPI once, as data; API, screens and documents derive from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contract.readings import KpiDefinition, KpiFamily, KpiUnit, Reading
from server.kpi import computations
from server.kpi.computations import Moment
from server.kpi.inputs import ANONYMITY_FLOOR, ONLINE_FOR_S, Inputs
from server.kpi.statistics import MEDIAN_MINIMUM_N

SHARE_MINIMUM_N = 30
"""Below 30 answers a share's interval is wider than 35 points and misleads."""

WAITING_FRESH_FOR_S = 15.0
"""Three windows of 5 s: one lost window does not blank the wall, a dead camera soon does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A definition and the function that computes it."""

    definition: KpiDefinition
    compute: Callable[[KpiDefinition, Inputs, Moment], Reading]

    def reading(self, inputs: Inputs, moment: Moment) -> Reading:
        """Return this KPI for these inputs at this moment."""
        return self.compute(self.definition, inputs, moment)


CATALOGUE: tuple[Kpi, ...] = (
    Kpi(
        definition=KpiDefinition(
            id="ratings_today",
            version=1,
            family=KpiFamily.OFFICIAL,
            unit=KpiUnit.COUNT,
            name_vi="Lượt đánh giá hôm nay",
            name_en="Ratings today",
            description_vi="Số lượt đánh giá trong ngày, theo năm mức. Lý do bổ sung không tính là "
            "lượt mới.",
            description_en="Ratings given today, by the five levels. Reasons added later are not "
            "counted as another rating.",
            minimum_n=0,
            fresh_for_s=None,
        ),
        compute=computations.ratings_today,
    ),
    Kpi(
        definition=KpiDefinition(
            id="share_satisfied_today",
            version=1,
            family=KpiFamily.OFFICIAL,
            unit=KpiUnit.SHARE,
            name_vi="Tỷ lệ hài lòng hôm nay",
            name_en="Share satisfied today",
            description_vi="(Hài lòng + Rất hài lòng) / tổng lượt đánh giá trong ngày, khoảng tin "
            "cậy Wilson 95 %.",
            description_en="(Satisfied + very satisfied) / all ratings today, with the 95 % Wilson "
            "interval.",
            minimum_n=SHARE_MINIMUM_N,
            fresh_for_s=None,
        ),
        compute=computations.share_satisfied_today,
    ),
    Kpi(
        definition=KpiDefinition(
            id="people_waiting_now",
            version=1,
            family=KpiFamily.OPERATION,
            unit=KpiUnit.COUNT,
            name_vi="Đang chờ",
            name_en="People waiting now",
            description_vi="Tổng số người trong khu vực chờ theo quan sát mới nhất của từng quầy; "
            "n là số quầy có quan sát còn mới.",
            description_en="People in the waiting zones by each counter's newest observation; n is "
            "the number of counters whose observation is fresh.",
            minimum_n=1,
            fresh_for_s=WAITING_FRESH_FOR_S,
        ),
        compute=computations.people_waiting_now,
    ),
    Kpi(
        definition=KpiDefinition(
            id="visits_today",
            version=1,
            family=KpiFamily.OPERATION,
            unit=KpiUnit.COUNT,
            name_vi="Lượt phục vụ hôm nay",
            name_en="Visits today",
            description_vi="Số lượt người dân rời quầy trong ngày sau khi được phục vụ, kể cả lượt "
            "bị ngắt do thiết bị dừng.",
            description_en="Stays at a counter that ended today, also those that a unit's stop cut "
            "off.",
            minimum_n=0,
            fresh_for_s=None,
        ),
        compute=computations.visits_today,
    ),
    Kpi(
        definition=KpiDefinition(
            id="median_service_today",
            version=1,
            family=KpiFamily.OPERATION,
            unit=KpiUnit.SECONDS,
            name_vi="Thời gian phục vụ trung vị",
            name_en="Median service time today",
            description_vi="Trung vị thời gian tại quầy của các lượt trọn vẹn trong ngày, khoảng "
            "tin cậy 95 % theo thống kê thứ tự.",
            description_en="Median time at the counter over today's complete visits, with the 95 % "
            "interval of order statistics.",
            minimum_n=MEDIAN_MINIMUM_N,
            fresh_for_s=None,
        ),
        compute=computations.median_service_today,
    ),
    Kpi(
        definition=KpiDefinition(
            id="expression_mix_today",
            version=1,
            family=KpiFamily.EXPERIENCE,
            unit=KpiUnit.MIX,
            name_vi="Biểu cảm hôm nay",
            name_en="Expression mix today",
            description_vi="Trung bình tỷ lệ biểu cảm tiêu cực, trung tính, tích cực của các lượt "
            f"có ghi nhận, tính theo từng nhóm đủ {ANONYMITY_FLOOR} lượt của mỗi đơn vị; giá trị "
            "chính là tỷ lệ tích cực. Không dùng để xếp loại theo quy định.",
            description_en="Mean of the visits' negative, neutral and positive shares, told in "
            f"whole groups of {ANONYMITY_FLOOR} visits to a unit; the value is the positive share. "
            "It carries no weight in any legal class.",
            minimum_n=max(SHARE_MINIMUM_N, ANONYMITY_FLOOR),
            fresh_for_s=None,
        ),
        compute=computations.expression_mix_today,
    ),
    Kpi(
        definition=KpiDefinition(
            id="devices_online",
            version=1,
            family=KpiFamily.OPERATION,
            unit=KpiUnit.COUNT,
            name_vi="Thiết bị trực tuyến",
            name_en="Devices online",
            description_vi="Số thiết bị có dữ liệu trong 30 giây qua và chưa ngắt kết nối, trên "
            "tổng số thiết bị đã biết.",
            description_en="Devices heard within the last 30 s whose session has not ended, of all "
            "known devices.",
            minimum_n=1,
            fresh_for_s=None,
        ),
        compute=computations.devices_online,
    ),
    Kpi(
        definition=KpiDefinition(
            id="data_age",
            version=1,
            family=KpiFamily.OPERATION,
            unit=KpiUnit.SECONDS,
            name_vi="Tuổi dữ liệu",
            name_en="Data age",
            description_vi="Số giây từ quan sát mới nhất của bất kỳ thiết bị nào.",
            description_en="Seconds since any device last observed something.",
            minimum_n=1,
            fresh_for_s=ONLINE_FOR_S,
        ),
        compute=computations.data_age,
    ),
)

DEFINITIONS: tuple[KpiDefinition, ...] = tuple(kpi.definition for kpi in CATALOGUE)
