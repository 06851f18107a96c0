import httpx
import pytest

from tests.dashboards.stand_in import Served


def get(dashboards: Served, path: str) -> httpx.Response:
    return httpx.get(f"{dashboards.url}{path}", trust_env=False)


def test_the_root_leads_to_the_wall(dashboards: Served) -> None:
    answer = get(dashboards, "/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/wall")


@pytest.mark.parametrize("path", ["/wall", "/units", "/devices"])
def test_pages_are_served_and_kept_out_of_caches(dashboards: Served, path: str) -> None:
    answer = get(dashboards, path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert 'lang="vi"' in answer.text


def test_an_unknown_page_is_not_found(dashboards: Served) -> None:
    answer = get(dashboards, "/nowhere")
    assert answer.status_code == 404
    assert "/wall /rankings /indicators /alerts /classes /appraisal /contests" in answer.text


def test_health_names_this_process_and_its_pages_version(dashboards: Served) -> None:
    health = get(dashboards, "/healthz").json()
    assert f'data-version="{health["version"]}"' in get(dashboards, "/wall").text
    assert health["instance"]


@pytest.mark.parametrize(
    ("path", "language", "kept"),
    [
        ("/units?lang=en", "vi", "motcua-language=en"),  # its script reads the cookie
        ("/wall?lang=en", "en", ""),
        ("/wall", "vi", ""),
        ("/wall?lang=xx", "vi", ""),
    ],
)
def test_a_desk_keeps_the_language_and_a_walls_is_its_address(
    dashboards: Served, path: str, language: str, kept: str
) -> None:
    answer = get(dashboards, path)
    assert f'<html lang="{language}"' in answer.text
    assert answer.headers.get("set-cookie", "").startswith(kept)
    assert bool(answer.headers.get("set-cookie")) is bool(kept)


def test_a_walls_document_lets_nothing_from_elsewhere_run(dashboards: Served) -> None:
    policy = get(dashboards, "/wall").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
