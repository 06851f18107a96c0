import pytest

from dashboards.look.collation import fold, sort_key


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Đại Sơn", "dai son"),
        ("Phường Kinh Bắc", "phuong kinh bac"),
        ("Ưu Ớt", "uu ot"),
        ("Đa\u0323i", "dai"),
    ],
)
def test_search_ignores_diacritics_and_case(name: str, folded: str) -> None:
    assert fold(name) == folded


def test_names_sort_without_regard_to_diacritics() -> None:
    names = ["Yên Phong", "Đông Anh", "Dũng", "Đa Mai", "Ân Thi", "Bắc Giang"]
    expected = ["Ân Thi", "Bắc Giang", "Đa Mai", "Đông Anh", "Dũng", "Yên Phong"]
    assert sorted(names, key=sort_key) == expected


def test_names_that_differ_in_diacritics_alone_keep_one_order() -> None:
    assert sorted(["Hòa", "Hoa", "Hoà"], key=sort_key) == sorted(
        ["Hoà", "Hòa", "Hoa"], key=sort_key
    )
