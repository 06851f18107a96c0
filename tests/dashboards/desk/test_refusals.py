"""What a page says where the API gives nothing: a refusal, another version, or no answer at all."""

from __future__ import annotations

import pytest

from dashboards.desk.acts import refused
from dashboards.errors import ApiRefused, ApiUnreachable, ApiUnreadable, FiguresMissing


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ApiRefused("Không tìm thấy"), "Máy chủ từ chối yêu cầu này: Không tìm thấy"),
        (FiguresMissing("còn 12 tháng"), "đang được tính: còn 12 tháng"),
        (ApiUnreadable("/readings says what this release cannot read"), "hai phiên bản khác nhau"),
        (ApiUnreachable("/readings: ReadTimeout"), "Máy chủ chưa trả lời"),
        (None, "Máy chủ chưa trả lời"),
    ],
)
def test_each_cause_has_its_own_sentence_without_words_of_programs(error, said):
    written = str(refused(error))
    assert said in written
    assert "readings" not in written
