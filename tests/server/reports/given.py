"""Documents for tests of the writers: only what a test cares about has to be named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from contract.texts import Language
from server.reports.document import (
    CellKind,
    Column,
    Definition,
    Document,
    Figure,
    FunnelChart,
    Interval,
    Line,
    Missing,
    Named,
    Point,
    RankBar,
    RankChart,
    Row,
    Table,
)

CUT_OFF = datetime(2026, 10, 31, 17, tzinfo=UTC)
COLUMNS = (
    Column(id="number", title="TT", kind=CellKind.COUNT, width=4),
    Column(id="unit", title="Đơn vị", kind=CellKind.TEXT, width=26),
    Column(
        id="share", title="Tỷ lệ hài lòng", kind=CellKind.SHARE, n_in="n", interval_in="interval"
    ),
    Column(id="interval", title="Khoảng tin cậy", kind=CellKind.INTERVAL, width=14),
    Column(id="n", title="n", kind=CellKind.COUNT),
    Column(id="points", title="Điểm", kind=CellKind.POINTS),
    Column(id="ranks", title="Khoảng hạng", kind=CellKind.RANKS),
    Column(id="value", title="Giá trị", kind=CellKind.MIXED),
)


def row(number: int, name: str, share: float | None = 0.8512, n: int = 1455) -> Row:
    """Return a row of COLUMNS; without a share there are too few cases."""
    few = Missing(reason="chưa đủ mẫu")
    return Row(
        key=f"unit-{number}",
        cells=(
            number,
            name,
            few if share is None else share,
            None
            if share is None
            else Interval(low=round(share - 0.02, 4), high=round(share + 0.02, 4)),
            n,
            Decimal("92.80"),
            Interval(low=number, high=number + 3),
            Figure(kind=CellKind.MINUTES, value=12.5),
        ),
    )


def table(*rows: Row, id_: str = "units", title: str = "Xếp hạng: Phường") -> Table:
    """Return a table of COLUMNS."""
    return Table(id=id_, title=title, columns=COLUMNS, rows=rows, empty="Không có dữ liệu.")


def charts(names: list[str]) -> tuple[RankChart, FunnelChart]:
    """Return a chart of ranks and a funnel of these members."""
    bars = [
        RankBar(label=name, low=rank, middle=rank + 1, high=rank + 2)
        for rank, name in enumerate(names, 1)
    ]
    points = [
        Point(x=10.0 + rank, y=0.3 if rank == 1 else 1.0, label=name, outside=rank == 1)
        for rank, name in enumerate(names, 1)
    ]
    xs = (5.0, 50.0, 500.0)
    lines = [
        Line(name=name, xs=xs, ys=ys, broken=broken)
        for name, ys, broken in (
            ("giới hạn 95 %", (0.2, 0.7, 0.9), True),
            ("giới hạn 95 %", (2.1, 1.4, 1.1), True),
            ("giới hạn 99,8 %", (0.1, 0.5, 0.8), False),
            ("giới hạn 99,8 %", (2.9, 1.7, 1.2), False),
        )
    ]
    return (
        RankChart(title="Khoảng hạng", axis="hạng", bars=tuple(bars), members=len(names) + 2),
        FunnelChart(
            title="Biểu đồ phễu",
            x_axis="kỳ vọng",
            y_axis="thực tế / kỳ vọng",
            points=tuple(points),
            lines=tuple(lines),
        ),
    )


def document(*tables: Table, **changes: object) -> Document:
    """Return a report of October 2026."""
    made = Document(
        kind="rankings",
        language=Language.VI,
        title="Báo cáo xếp hạng",
        subtitle="Toàn tỉnh, tháng 10 năm 2026",
        period="2026-10",
        draft=False,
        cut_off=CUT_OFF,
        filters=(Named(name="Kỳ báo cáo", value="tháng 10 năm 2026"),),
        versions=(Named(name="Danh mục", value="1"),),
        tables=tables or (table(row(1, "Phường Đình Bảng"), row(2, "Xã Ngũ Thái", None, 12)),),
        definitions=(Definition(name="Hạng", text="Trung vị của hạng.", version="1"),),
        signatures=("NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"),
    )
    return replace(made, **changes)
