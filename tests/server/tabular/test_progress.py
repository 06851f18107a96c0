"""How fast an import goes and how long it will take; and that a large file takes no more memory."""

from __future__ import annotations

import tracemalloc

from server.staff.imports import ASSIGNMENT
from server.tabular.files import open_table
from server.tabular.imports import Progress
from server.tabular.progress import Pace
from server.tabular.records import Entry, RowReader


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_line_tells_rows_rate_share_and_time_left():
    clock = Clock()
    pace = Pace(clock, every_s=1.0)
    assert pace.line(Progress(rows=5, share=0.1)) is None
    clock.now_s += 10
    line = pace.line(Progress(rows=50_000, share=0.1))
    assert line == "50,000 rows, 5,000 rows/s, 10%, 1:30 left"
    clock.now_s += 0.5
    assert pace.line(Progress(rows=60_000, share=0.2)) is None


def test_reading_takes_the_same_memory_however_long_the_file_is(tmp_path):
    peaks = []
    for rows in (20_000, 60_000):  # both longer than a block of 1 MB
        file = tmp_path / f"{rows}.csv"
        line = "CB-{},tu-son,2026-10-05 07:30,2026-10-06 11:30"
        lines = "\n".join(line.format(number) for number in range(rows))
        file.write_text(f"officer,unit,starts_at,ends_at\n{lines}", encoding="utf-8")
        del lines
        tracemalloc.start()
        with open_table(file, ASSIGNMENT) as table:
            reader = RowReader(record=ASSIGNMENT, titles=table.titles, places=table.places)
            read = sum(1 for row in table.rows if isinstance(reader.read(row), Entry))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert read == rows
    assert peaks[1] < 1.2 * peaks[0]
