"""What is wrong with a request is said in the language of whoever asks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.texts import Language
from server import errors
from server.errors import ServerError
from server.web.details import VALUE, in_language, sentences
from server.web.problems import CODES
from tests.server.requesting import Client

SERVER = Path(errors.__file__).parent
BESIDE_HTTP = {
    "alerts/channels/channels.py": "settings, read when the worker starts",
    "alerts/cli.py": "a command",
    "alerts/library.py": "files of rules, read when the worker starts",
    "alerts/settings.py": "likewise",
    "db/connection.py": "commands; the API says nothing of where its database is",
}
REFUSALS = {"refuse", "HTTPException", "TableUnreadable", "TableTooLarge"}
"""Calls that say something over HTTP as well."""


def told() -> set[str]:
    """Return the names of the errors that are told over HTTP."""
    found = {kind.__name__ for kind in CODES}
    return found | {kind.__name__ for error in CODES for kind in below(error)} | REFUSALS


def below(error: type[ServerError]) -> Iterator[type[ServerError]]:
    for kind in error.__subclasses__():
        yield kind
        yield from below(kind)


def sentence(node: ast.expr) -> str | None:
    """Return a text as the table names it, with {} for each value; None for anything else."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                part.value if isinstance(part, ast.Constant) else VALUE for part in parts
            )
    return None


def written() -> Iterator[tuple[str, str]]:
    """Yield where each sentence is written in the code, and the sentence."""
    names = told()
    for path in sorted(SERVER.rglob("*.py")):
        where = path.relative_to(SERVER).as_posix()
        if where in BESIDE_HTTP:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in names:
                for text in filter(None, map(sentence, node.args)):
                    if " " in text:
                        yield f"server/{where}:{node.lineno}", text


def test_every_detail_is_said_in_vietnamese():
    known = sentences()
    missing = [
        f"{where}: {text!r}"
        for where, text in written()
        if text.replace(VALUE * 2, VALUE) not in known
    ]
    assert not missing, "add to server/texts/details.vi.toml:\n" + "\n".join(missing)


def test_what_is_wrong_in_a_schemes_file_is_said_in_vietnamese():
    """It is refused by a method, which `written` does not see, and stands within a sentence."""
    known, missing = sentences(), set[str]()
    for name in ("files.py", "tables.py"):
        for node in ast.walk(ast.parse((SERVER / "schemes" / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "refuse":
                problem = node.args[1]
                told = (
                    (problem.body, problem.orelse) if isinstance(problem, ast.IfExp) else (problem,)
                )
                missing |= {text for text in map(sentence, told) if text and text not in known}
    assert not missing


def test_no_sentence_loses_a_value_or_names_one_too_many():
    for english, vietnamese in sentences().items():
        count = english.count(VALUE)
        values = [f"<{number}>" for number in range(count)]
        parts = english.split(VALUE)
        said = in_language(
            "".join(part + value for part, value in zip(parts, [*values, ""], strict=True)),
            Language.VI,
        )
        assert "{0}" not in said, english
        places = {number for number in range(10) if f"{{{number}}}" in vietnamese}
        assert places <= set(range(count)), english


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("ioc may not read devices", "ioc không có quyền đọc tình trạng thiết bị"),
        ("ioc may not read figures of province", "ioc không có quyền đọc số liệu của toàn tỉnh"),
        ("unit 'a is not known; b' is not known; import it first",
         "không có đơn vị 'a is not known; b'; hãy nhập đơn vị trước"),
        ("the scheme's file is not right: file: groups[a].maximum: is 5, but its terms add up to 4",
         "tệp bộ tiêu chí chưa đúng: groups[a].maximum: là 5, nhưng tổng của terms là 4"),
        ("the scheme's file is not right: file: id: may hold small letters, digits, - and _ alone, "
         "not 'A b'",
         "tệp bộ tiêu chí chưa đúng: id: chỉ được gồm chữ thường không dấu, chữ số, - và _, "
         "không phải 'A b'"),
        ("the scheme's file is not right: file: is no TOML: Invalid value (at line 3, column 5)",
         "tệp bộ tiêu chí chưa đúng: không đọc được theo định dạng TOML: giá trị không hợp lệ "
         "(dòng 3, cột 5)"),
        ("rule 'a': title: Field required", "quy tắc 'a': title: thiếu trường bắt buộc"),
        ("'2026-10 is not closed'", "'2026-10 is not closed'"),
        ("what nobody has translated", "what nobody has translated"),
    ],
)  # fmt: skip
def test_values_stand_in_the_sentence_as_they_were_sent(english, vietnamese):
    assert in_language(english, Language.VI) == vietnamese
    assert in_language(english, Language.EN) == english


@pytest.mark.timeout(10)
def test_a_long_text_takes_no_longer_than_it_is():
    hostile = "scores of a version b (" + "a version b (" * 20_000
    assert in_language(hostile, Language.VI) == hostile


@pytest.mark.parametrize(
    ("query", "accepted", "vietnamese"),
    [
        ("", "vi", True), ("", "en", False), ("?lang=en", "vi", False), ("?lang=vi", "en", True),
        ("?a=1&lang=en&b=2", "vi", False), ("?lang=fr", "en", False),
    ],
)  # fmt: skip
def test_title_and_detail_are_in_one_language(module_database_url, query, accepted, vietnamese):
    asked = f"/api/v1/quarantine{query}" + ("&" if query else "?") + "limit=0"
    answer = Client(module_database_url).send("GET", asked, headers={"Accept-Language": accepted})
    said = answer.json()
    assert (answer.status_code, said["code"]) == (422, "fields_invalid")
    assert (said["title"], said["errors"][0]["detail"], said["detail"]) == (
        (
            "Một số trường của yêu cầu không hợp lệ",
            "phải lớn hơn hoặc bằng 1",
            "query/limit: phải lớn hơn hoặc bằng 1",
        )
        if vietnamese
        else (
            "Fields of the request are not valid",
            "Input should be greater than or equal to 1",
            "query/limit: Input should be greater than or equal to 1",
        )
    )


def test_what_is_refused_before_a_route_is_told_in_vietnamese(module_database_url):
    answer = Client(module_database_url).send("GET", "/api/v1/units?lang=vi&a=" + "1" * 20_000)
    assert answer.json()["detail"].startswith("phần truy vấn dài hơn 16,384 byte")
