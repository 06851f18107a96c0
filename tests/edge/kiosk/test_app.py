"""The kiosk's calls: what is stored, what is refused, and what each failure answers."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import structlog.testing
import uvicorn

from contract.codec import decode
from contract.identifiers import new_id
from contract.messages import (
    Command,
    CommandName,
    Config,
    PhonePage,
    PromptOpener,
    Rating,
    RatingReason,
)
from contract.problems import other
from contract.texts import Language, texts
from contract.visit_tokens import VisitToken, read_token, verify_token
from edge.kiosk.app import make_app, make_presentation
from edge.kiosk.origins import Refusal
from edge.kiosk.qr_codes import qr_svg
from edge.kiosk.ratings import Tap
from edge.kiosk.security import MAX_BODY_BYTES
from edge.sections import KioskSettings
from edge.store.outbox import Outbox, ProcessName, ProcessStatus
from runtime.expected_wait import ExpectedWait
from tests.waiting import eventually


@pytest.fixture
def outbox(tmp_path: Path, connections: list[sqlite3.Connection]) -> Iterator[Outbox]:
    with Outbox.open(tmp_path / "edge.sqlite3", max_rows=1000, reserve_mb=0) as outbox:
        yield outbox


@pytest.fixture
def kiosk(outbox: Outbox) -> Iterator[httpx.Client]:
    with serving(outbox) as client:
        yield client


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Outbox]]:
    """One kiosk for the tests that leave nothing behind but waiting ratings."""
    path = tmp_path_factory.mktemp("kiosk") / "edge.sqlite3"
    with (
        Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox,
        serving(outbox) as client,
    ):
        yield client, outbox


@pytest.fixture
def shared_outbox(shared: tuple[httpx.Client, Outbox]) -> Outbox:
    _, outbox = shared
    outbox.delete(row.id for row in outbox.waiting(100))
    return outbox


@pytest.fixture
def shared_kiosk(shared: tuple[httpx.Client, Outbox]) -> httpx.Client:
    return shared[0]


@contextmanager
def serving(outbox: Outbox, counters: tuple[str, ...] = ()) -> Iterator[httpx.Client]:
    settings = KioskSettings(
        reset_s=25, hosts=("danhgia.example.vn", "Quầy.vn:8443", "[fd00::5]"), counters=counters
    )
    app = make_app(outbox, device="edge-1", settings=settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        port = listener.getsockname()[1]
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Host": "kiosk:8080"}
        ) as client:
            yield client
        server.should_exit = True
        thread.join()


def fresh_id() -> str:
    return str(new_id(datetime.now(UTC)))


def ratings(outbox: Outbox) -> list[Rating]:
    messages = [decode(row.stream, row.payload) for row in outbox.waiting(100)]
    return [message for message in messages if isinstance(message, Rating)]


def test_tap_is_on_disk_when_it_is_answered(kiosk: httpx.Client, outbox: Outbox) -> None:
    identity = fresh_id()
    answer = kiosk.post("/api/v1/ratings", json={"id": identity, "score": 5, "language": "en"})
    assert answer.status_code == 201
    (rating,) = ratings(outbox)
    assert (str(rating.id), rating.score, rating.language) == (identity, 5, "en")
    assert (rating.device, rating.seq) == ("edge-1", 1)
    assert datetime.fromisoformat(answer.json()["observed_at"]) == rating.observed_at


def test_repeated_tap_counts_once_even_after_it_was_sent(
    kiosk: httpx.Client, outbox: Outbox
) -> None:
    body = {"id": fresh_id(), "score": 4}
    first, second = (kiosk.post("/api/v1/ratings", json=body) for _ in range(2))
    outbox.delete([UUID(body["id"])])
    third = kiosk.post("/api/v1/ratings", json={**body, "score": 1})
    assert [answer.status_code for answer in (first, second, third)] == [201, 200, 200]
    assert first.json() == second.json() == third.json()
    assert outbox.depth() == 0


@pytest.mark.parametrize(
    "body",
    [
        {"id": str(uuid4()), "score": 5},
        {"id": "not an id", "score": 5},
        {"score": 5},
        {"id": fresh_id(), "score": 0},
        {"id": fresh_id(), "score": 6},
        {"id": fresh_id(), "score": "5"},
        {"id": fresh_id(), "score": 5, "language": "fr"},
        {"id": fresh_id(), "score": 5, "officer": "an"},
    ],
)
def test_wrong_tap_is_refused_and_not_stored(
    shared_kiosk: httpx.Client, shared_outbox: Outbox, body: dict[str, object]
) -> None:
    assert shared_kiosk.post("/api/v1/ratings", json=body).status_code == 422
    assert shared_outbox.depth() == 0


def test_a_second_screen_rates_its_own_counter_and_no_other(outbox: Outbox) -> None:
    with serving(outbox, counters=("counter-2",)) as kiosk:
        for counter, code in (("counter-2", 201), ("counter-9", 422), (None, 201)):
            body = {"id": str(new_id(datetime.now(UTC))), "score": 2, "counter": counter}
            assert kiosk.post("/api/v1/ratings", json=body).status_code == code
            if counter == "counter-2":
                reasons = {"reasons": ["waiting"]}
                path = f"/api/v1/ratings/{body['id']}/reasons"
                assert kiosk.post(path, json=reasons).status_code == 201
    stored = [decode(row.stream, row.payload) for row in outbox.waiting(10)]
    assert [rating.counter for rating in stored] == ["counter-2", "counter-2", None]


def test_reasons_follow_as_one_amendment(kiosk: httpx.Client, outbox: Outbox) -> None:
    identity = fresh_id()
    kiosk.post("/api/v1/ratings", json={"id": identity, "score": 2})
    path = f"/api/v1/ratings/{identity}/reasons"
    first = kiosk.post(path, json={"reasons": ["waiting", "attitude"]})
    again = kiosk.post(path, json={"reasons": ["waiting", "attitude"]})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    rating, amendment = ratings(outbox)
    assert amendment.amends == rating.id
    assert amendment.score == rating.score == 2
    assert amendment.reasons == (RatingReason.ATTITUDE, RatingReason.WAITING)
    assert rating.reasons == ()


def test_reasons_still_find_a_rating_that_was_sent(kiosk: httpx.Client, outbox: Outbox) -> None:
    identity = fresh_id()
    kiosk.post("/api/v1/ratings", json={"id": identity, "score": 1})
    outbox.delete([UUID(identity)])
    answer = kiosk.post(f"/api/v1/ratings/{identity}/reasons", json={"reasons": ["waiting"]})
    assert answer.status_code == 201


def test_reasons_without_a_rating_of_theirs_are_refused(
    kiosk: httpx.Client, outbox: Outbox
) -> None:
    happy, sad = fresh_id(), fresh_id()
    kiosk.post("/api/v1/ratings", json={"id": happy, "score": 4})
    kiosk.post("/api/v1/ratings", json={"id": sad, "score": 1})
    reasons = {"reasons": ["waiting"]}

    def answer(identity: str, body: dict[str, list[str]]) -> int:
        return kiosk.post(f"/api/v1/ratings/{identity}/reasons", json=body).status_code

    assert answer(fresh_id(), reasons) == 404
    assert answer(happy, reasons) == 409
    assert answer(sad, {"reasons": []}) == 422
    assert answer(sad, {"reasons": ["weather"]}) == 422
    amendment = kiosk.post(f"/api/v1/ratings/{sad}/reasons", json=reasons).json()["id"]
    assert answer(amendment, reasons) == 404, "an amendment is not amended"


def test_full_disk_is_answered_honestly(
    kiosk: httpx.Client, connections: list[sqlite3.Connection]
) -> None:
    (connection,) = connections
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    codes = []
    while len(codes) < 60 and 507 not in codes:
        rating = {"id": fresh_id(), "score": 5}
        codes.append(kiosk.post("/api/v1/ratings", json=rating).status_code)
    assert codes[-1] == 507
    assert set(codes) <= {201, 507}
    assert kiosk.get("/api/v1/state").status_code == 200
    connection.execute("PRAGMA max_page_count = 1000000")
    assert kiosk.post("/api/v1/ratings", json={"id": fresh_id(), "score": 5}).status_code == 201


def test_a_failure_with_a_long_text_stops_neither_page_nor_relay(
    kiosk: httpx.Client, outbox: Outbox
) -> None:
    """The text names the store's path, which may be long."""
    outbox.put_status(ProcessName.KIOSK, ProcessStatus(problem_reports=(other("x" * 1000),)))
    assert kiosk.get("/api/v1/state").status_code == 200
    assert ProcessName.KIOSK in outbox.statuses()


def test_kiosk_reports_that_it_is_there(kiosk: httpx.Client, outbox: Outbox) -> None:
    kiosk.get("/api/v1/state")
    assert outbox.statuses()[ProcessName.KIOSK].status == ProcessStatus()


def message(outbox: Outbox) -> dict[str, object]:
    now = datetime.now(UTC)
    return {"id": new_id(now), "device": "edge-1", "seq": 0, "observed_at": now, "schema": 1}


def test_state_is_the_units_own_until_the_server_says_otherwise(
    kiosk: httpx.Client, outbox: Outbox
) -> None:
    state = kiosk.get("/api/v1/state").json()
    assert (state["language"], state["reset_s"], state["notice"]) == ("vi", 25, None)
    assert state["connected"] is None
    outbox.put_config(
        Config(version=1, kiosk_language="en", kiosk_notice="Nghỉ lễ", **message(outbox))
    )
    outbox.put_status(ProcessName.RELAY, ProcessStatus(connected=False))
    state = kiosk.get("/api/v1/state").json()
    assert (state["language"], state["reset_s"], state["notice"]) == ("en", 25, "Nghỉ lễ")
    assert state["connected"] is False


def test_the_page_is_told_what_wait_watch_expects_at_its_counter(
    kiosk: httpx.Client, outbox: Outbox
) -> None:
    assert kiosk.get("/api/v1/state").json()["expected_wait"] is None
    expected = ExpectedWait(wait_s=400, low_s=250, high_s=545, services=12)
    outbox.put_status(ProcessName.WATCH, ProcessStatus(expected_waits={"counter-1": expected}))
    state = kiosk.get("/api/v1/state").json()
    assert state["expected_wait"] == {"low_min": 4, "high_min": 10}
    assert kiosk.get("/api/v1/state?counter=counter-2").json()["expected_wait"] is None


def test_prompt_is_shown_until_someone_rates(kiosk: httpx.Client, outbox: Outbox) -> None:
    now = datetime.now(UTC)
    command = Command(
        name=CommandName.SHOW_PROMPT, expires_at=now + timedelta(minutes=1), **message(outbox)
    )
    outbox.put_command(command, now=now)
    assert kiosk.get("/api/v1/state").json()["prompt"]["id"] == str(command.id)
    kiosk.post("/api/v1/ratings", json={"id": fresh_id(), "score": 5})
    assert kiosk.get("/api/v1/state").json()["prompt"] is None


def test_a_request_is_answered_on_a_telephone_by_a_token_of_its_visit(
    kiosk: httpx.Client, outbox: Outbox
) -> None:
    """Offline: the key and the page's address came ahead, with the configuration."""
    now = datetime.now(UTC)
    visit = new_id(now)
    book = make_presentation(outbox, device="edge-1", settings=KioskSettings()).book
    book.open(
        "counter-2", PromptOpener.VISIT_END, now=now, expires_at=now + timedelta(minutes=1),
        visit=visit,
    )  # fmt: skip
    where = "/api/v1/state?counter=counter-2"
    prompt = kiosk.get(where).json()["prompt"]
    assert prompt["phone"] is False
    assert kiosk.get(f"/api/v1/prompts/{prompt['id']}/qr.svg").status_code == 404
    key = bytes(range(32))
    page = PhonePage(address="https://example.vn/danh-gia", number=7, key=key.hex())
    services = {"counter-2": "Đất đai"}
    outbox.put_config(
        Config(
            version=1,
            phone=page,
            kiosk_service="Hộ tịch",
            kiosk_services=services,
            **message(outbox),
        )
    )
    state = kiosk.get(where).json()
    assert (state["prompt"]["phone"], state["service"]) == (True, "Đất đai")
    assert kiosk.get("/api/v1/state").json()["service"] == "Hộ tịch"
    drawn = kiosk.get(f"/api/v1/prompts/{prompt['id']}/qr.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    presentation = make_presentation(outbox, device="edge-1", settings=KioskSettings())
    link = presentation.phone_link(UUID(prompt["id"]), now=now)
    assert link is not None
    assert drawn.text == qr_svg(link)
    address, _, token = link.rpartition("/")
    assert address == "https://example.vn/danh-gia"
    verify_token(token, key)
    assert read_token(token) == VisitToken(
        number=7, issued_at=now.replace(microsecond=0), request=UUID(prompt["id"]), visit=visit,
        counter="counter-2",
    )  # fmt: skip
    assert presentation.phone_link(UUID(prompt["id"]), now=now + timedelta(minutes=2)) is None


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 201),
        ({"Origin": "http://kiosk:8080", "Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "http://elsewhere"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://danhgia.example.vn"}, 201),
        ({"Origin": "https://danhgia.example.vn:8443"}, 201),
        ({"Origin": "https://xn--quy-ihz.vn:8443"}, 201),
        ({"Origin": "https://xn--quy-ihz.vn"}, 403),
        ({"Origin": "http://[fd00::5]:81"}, 201),
        ({"Origin": "https://proxy", "Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "https://danhgia.example.vn", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://kiosk:9090", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_only_the_kiosks_own_page_may_rate(
    shared_kiosk: httpx.Client, shared_outbox: Outbox, headers: dict[str, str], code: int
) -> None:
    body = {"id": fresh_id(), "score": 5}
    assert shared_kiosk.post("/api/v1/ratings", json=body, headers=headers).status_code == code
    assert shared_outbox.depth() == (code == 201)


def test_a_refused_page_is_named_in_log_answer_and_health(outbox: Outbox) -> None:
    headers = {"Origin": "http://proxy.example.vn"}
    with structlog.testing.capture_logs() as logs, serving(outbox) as kiosk:
        for _ in range(2):
            answer = kiosk.post(
                "/api/v1/ratings", json={"id": fresh_id(), "score": 5}, headers=headers
            )
        assert answer.status_code == 403
        assert "from http://proxy.example.vn and reached the kiosk as kiosk:8080" in answer.text
        eventually(lambda: outbox.statuses()[ProcessName.KIOSK].status.problem_reports, 30)
        (problem,) = outbox.statuses()[ProcessName.KIOSK].status.problem_reports
    assert problem.code == "page_refused"
    assert problem.parameters == {"origin": "http://proxy.example.vn", "host": "kiosk:8080"}
    refused = [entry for entry in logs if entry["event"] == "page_refused"]
    assert len(refused) == 1
    assert "[kiosk] hosts" in refused[0]["problem"]


def test_the_report_of_a_refused_page_ends_when_a_rating_is_stored(outbox: Outbox) -> None:
    shown = make_presentation(outbox, device="edge-1", settings=KioskSettings())

    def problems() -> list[str]:
        shown.upkeep(now=datetime.now(UTC))
        report = outbox.statuses()[ProcessName.KIOSK].status
        return [problem.code for problem in report.problem_reports]

    shown.refuse_page(Refusal(origin="http://proxy", host="127.0.0.1:8080"))
    assert problems() == ["page_refused"]
    shown.ratings.rate(Tap(id=UUID(fresh_id()), score=5), now=datetime.now(UTC))
    shown.accept_page()
    assert problems() == []


def test_large_bodies_are_refused(shared_kiosk: httpx.Client, shared_outbox: Outbox) -> None:
    large = b" " * (MAX_BODY_BYTES + 1)
    declared = shared_kiosk.post("/api/v1/ratings", content=large)
    streamed = shared_kiosk.post("/api/v1/ratings", content=iter([large]))
    assert (declared.status_code, streamed.status_code) == (413, 413)
    assert shared_outbox.depth() == 0


@pytest.mark.parametrize("path", ["/", "/static/kiosk.js", "/static/kiosk.css", "/api/v1/state"])
def test_every_answer_keeps_other_sites_out(shared_kiosk: httpx.Client, path: str) -> None:
    answer = shared_kiosk.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_page_needs_nothing_from_elsewhere(shared_kiosk: httpx.Client) -> None:
    for path in ("/", "/static/shared_kiosk.js", "/static/shared_kiosk.css"):
        text = shared_kiosk.get(path).text.replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text
        assert "https:" not in text
        assert "//cdn" not in text


def test_page_says_that_no_image_is_stored(shared_kiosk: httpx.Client) -> None:
    page = shared_kiosk.get("/").text
    assert "Không lưu hình ảnh" in page
    assert "No image is stored" in page
    assert all(f'data-reason="{reason}"' in page for reason in RatingReason)


def test_page_says_every_text_of_the_kiosk_in_both_languages(shared_kiosk: httpx.Client) -> None:
    page = shared_kiosk.get("/").text
    assert "{{" not in page
    for language in Language:
        said = texts("edge", language).below("kiosk")
        assert len(said) > 20
        assert [key for key, text in said.items() if escape(text, quote=False) not in page] == []
