import pytest

from server.errors import ScopeInvalid
from server.scopes import PROVINCE, Scope


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("province", PROVINCE),
        ("subtree:tu-son", Scope.subtree("tu-son")),
        ("unit:tu-son", Scope.of_unit("tu-son")),
        ("counter:tu-son/quay-1", Scope.of_counter("tu-son", "quay-1")),
    ],
)
def test_scope_is_its_text(text, scope):
    assert Scope.parse(text) == scope
    assert str(scope) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tu-son",
        "subtree:",
        "unit:A",
        "counter:tu-son",
        "counter:/a",
        "province:x",
        "subtree:a/b",
    ],
)
def test_other_texts_name_no_scope(text):
    with pytest.raises(ScopeInvalid, match="none of province"):
        Scope.parse(text)
