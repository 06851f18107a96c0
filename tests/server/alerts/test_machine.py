"""What is known of the machine itself: free disks, the newest backup, and nothing invented."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from server.alerts.judging import Place, judge
from server.alerts.library import shipped
from server.alerts.machine import look

NOW = datetime.now(UTC)
PLACE = Place(units=3, silenced={})


def test_a_disk_tells_what_is_free_and_one_that_is_not_there_tells_nothing(tmp_path):
    free, gone = look((tmp_path, tmp_path / "gone"), None, NOW)["server_disk_free"]
    assert 0 < free.value <= 1
    assert (gone.value, gone.subject) == (None, str(tmp_path / "gone"))


def backup(folder, name: str, *, age: timedelta, content: bytes = b"PGDMP") -> None:
    file = folder / name
    file.write_bytes(content)
    at_s = (NOW - age).timestamp()
    os.utime(file, (at_s, at_s))


def test_the_newest_backup_that_holds_anything_counts(tmp_path):
    backup(tmp_path, "old.dump", age=timedelta(days=3))
    backup(tmp_path, "new.dump", age=timedelta(hours=40))
    backup(tmp_path, "failed.dump", age=timedelta(hours=1), content=b"")
    (age,) = look((), tmp_path, NOW)["backup_age"]
    assert abs(age.value - 40 * 3600) < 1
    raised = judge(shipped()["backup_missing"], [age], {}, [], PLACE, NOW)
    assert raised.held, "40 hours are more than the 36 that are allowed"


def test_without_a_folder_nothing_is_said_and_without_a_backup_it_is_as_old_as_the_folder(tmp_path):
    assert look((), None, NOW)["backup_age"] == []
    (age,) = look((), tmp_path, datetime.now(UTC) + timedelta(days=2))["backup_age"]
    assert age.value >= timedelta(days=2).total_seconds() - 60
    (unknown,) = look((), tmp_path / "gone", NOW)["backup_age"]
    assert unknown.value is None
    assert not judge(shipped()["backup_missing"], [unknown], {}, [], PLACE, NOW).held
