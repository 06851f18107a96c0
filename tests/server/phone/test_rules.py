"""What is asked on a telephone, how comments are marked, what a form may say: tables of rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contract.texts import Language
from contract.visit_tokens import VisitToken
from server.phone.limits import Limits
from server.phone.marking import Mark, marks_of
from server.phone.questions import parse_questions, question_sets
from server.phone.submissions import (
    LONGEST_COMMENT,
    SubmissionInvalid,
    is_expired,
    parse_submission,
)

FORM = "0199b1a8-4f00-7000-8000-000000000009"
SIPAS = question_sets()["sipas"]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Phục vụ nhanh, cảm ơn", ()),
        ("Bãi xe xa, mất ngủ vì chờ lâu", ()),  # "ngủ" is not "ngu"
        ("Cán bộ ở đây rất tốt", ()),
        ("Chi phong cho rong rai", ()),
        ("Bị gợi ý đưa phong bì", (Mark.URGENT,)),
        ("Bi goi y dua phong bi", (Mark.URGENT,)),
        ("HỐI LỘ!", (Mark.URGENT,)),
        ("đồ ngu", (Mark.ABUSIVE,)),
        ("ĐỒ NGU", (Mark.ABUSIVE,)),
        ("Chị Hoa rất nhiệt tình", (Mark.NAMES_PERSON,)),
        ("chi nguyen thi hoa rat tot", (Mark.NAMES_PERSON,)),
        ("Nguyễn Thị Hoa giúp tôi", (Mark.NAMES_PERSON,)),
        ("Gọi cho tôi 0912 345 678", (Mark.NAMES_PERSON,)),
        ("CCCD 001087654321", (Mark.NAMES_PERSON,)),
        ("Chờ 2 giờ, hẹn 15/10/2026", ()),
        ("ông Nam đòi tiền, đồ chó", (Mark.URGENT, Mark.ABUSIVE, Mark.NAMES_PERSON)),
        ("Mr. Nam was a threat", (Mark.URGENT, Mark.NAMES_PERSON)),
    ],
)
def test_comments_are_marked_by_rule(text, marks):
    assert marks_of(text, ["Nguyễn Thị Hoa", "An"]) == marks


def test_the_shipped_set_has_the_five_elements_in_both_languages():
    assert [one.key for one in SIPAS.questions] == [
        "access", "procedure", "officer", "result", "feedback",
    ]  # fmt: skip
    assert all(one.texts[language] for one in SIPAS.questions for language in Language)


@pytest.mark.parametrize("count", [0, 6])
def test_a_set_has_one_to_five_questions(count):
    text = 'name = "x"\nquestions = []' if count == 0 else 'name = "x"\n'
    text += "".join(f'[[questions]]\nkey = "q{n}"\nvi = "a"\nen = "b"\n' for n in range(count))
    with pytest.raises(ValueError, match="one to 5"):
        parse_questions("x", text)


def test_keys_of_a_set_are_distinct():
    one = '[[questions]]\nkey = "q"\nvi = "a"\nen = "b"\n'
    with pytest.raises(ValueError, match="key of its own"):
        parse_questions("x", f'name = "x"\n{one}{one}')


def fields(**given: str | list[str]) -> dict[str, list[str]]:
    said = {"score": "4", "form": FORM, "language": "vi"} | given
    return {name: value if isinstance(value, list) else [value] for name, value in said.items()}


@pytest.mark.parametrize(
    "wrong",
    [
        {"score": ""}, {"score": "6"}, {"score": "0"}, {"score": "4.5"}, {"score": "٤x"},
        {"form": "no"}, {"language": "fr"}, {"reason": ["rain"]}, {"answer_access": "9"},
        {"comment": "x" * (LONGEST_COMMENT + 1)},
    ],
)  # fmt: skip
def test_a_form_that_is_not_filled_in_is_refused(wrong):
    with pytest.raises(SubmissionInvalid):
        parse_submission(fields(**wrong), SIPAS, comments=True)


def test_what_was_not_asked_is_not_kept():
    said = fields(
        score="5",
        reason=["attitude"],
        answer_access="3",
        answer_other="1",
        comment=" tốt \0\r\n x ",
    )
    given = parse_submission(said, SIPAS, comments=True)
    assert (given.reasons, dict(given.answers), given.comment) == ((), {"access": 3}, "tốt \n x")
    given = parse_submission(said, None, comments=False)
    assert (dict(given.answers), given.comment) == ({}, "")


@pytest.mark.parametrize(
    ("hours", "expired"), [(-2, True), (-0.9, False), (0, False), (23.9, False), (24.1, True)]
)
def test_a_visit_can_be_rated_for_its_hours(hours, expired):
    now = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
    token = VisitToken(number=1, issued_at=now - timedelta(hours=hours), request=UUID(FORM))
    assert is_expired(token, now, lasts_h=24) is expired


def test_an_address_has_its_requests_a_minute():
    limits = Limits(per_minute=2)
    assert [limits.wait_s("a", at) for at in (0.0, 10.0, 20.0)] == [0.0, 0.0, 40.0]
    assert limits.wait_s("b", 20.0) == 0.0
    assert limits.wait_s("a", 60.0) == 0.0
    assert limits.wait_s("a", 61.0) == 9.0
