"""A visit rated on a telephone: from the device's configuration to the rating and its comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest

from contract.codec import decode
from contract.local_time import LOCAL_TIME
from contract.messages import Config
from contract.topics import Address, Stream
from contract.visit_tokens import VisitToken, make_token
from edge.kiosk.secrets import make_hash
from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.db.connection import connect
from server.db.pool import Database, PoolSettings
from server.devices.settings import PhoneSettings
from server.ingest.batch import Times
from server.ingest.configs import publish_configs
from server.ingest.telephones import carry_ratings
from server.phone.jobs import purge_old
from tests.coroutines import run
from tests.server import build
from tests.server.access.office import FOREIGN, OWN, Desk, acts, at_desk, settle, sign_in
from tests.server.asking import store

pytestmark = pytest.mark.integration

AT = Address(unit=OWN, counter="quay-1", device="edge-1")
CONFIG = f"/api/v1/devices/{OWN}/quay-1/edge-1/config"
PAGE = "https://danhgia.example.vn/danh-gia"
CONTENT = {"phone": {"questions": "sipas"}, "service": "Hộ tịch"}


@pytest.fixture
def office(database_url, monkeypatch) -> Iterator[str]:
    monkeypatch.setenv("MOTCUA_PHONE_ADDRESS", PAGE)
    settle(database_url)
    store(database_url, (build.rating(datetime.now(UTC) - timedelta(days=3), address=AT), AT))
    return database_url


@dataclass
class Broker:
    """What the broker would retain, by topic."""

    retained: dict[str, bytes] = field(default_factory=dict)

    def retain(self, topic: str, payload: bytes) -> None:
        self.retained[topic] = payload

    def config(self) -> Config:
        found = decode(Stream.CONFIG, self.retained[AT.topic(Stream.CONFIG)], address=AT)
        assert isinstance(found, Config)
        return found


def published(url: str, *, later: timedelta = timedelta()) -> Broker:
    broker = Broker()
    with connect(url, autocommit=True) as connection:
        publish_configs(connection, broker.retain, datetime.now(UTC) + later)
    return broker


def carried(url: str) -> int:
    now = datetime.now(UTC)
    with connect(url, autocommit=True) as connection:
        batch = carry_ratings(connection, Times(received_at=now, confirmed=True), now)
    return 0 if batch is None else len(batch.accepted)


def rows(url: str, sql: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(sql).fetchall()


def token(config: Config, **changes: object) -> str:
    assert config.phone is not None
    said = {"number": config.phone.number, "issued_at": datetime.now(UTC), "request": uuid4()}
    return make_token(VisitToken(**(said | changes)), bytes.fromhex(config.phone.key))


def form_of(page: httpx.Response) -> str:
    return re.search(r'name="form" value="([^"]+)"', page.text)[1]


async def rate(desk: Desk, text: str, form: str | None = None, **given: str) -> httpx.Response:
    path = f"/danh-gia/{text}"
    form = form or form_of(await desk.client.get(path))
    fields = {"score": "2", "form": form, "language": "vi"} | given
    return await desk.client.post(path, data=fields)


def administrator(url: str) -> str:
    return sign_in(url, "root", RoleHeld(role=Role.ADMINISTRATOR))


async def configured(desk: Desk, who: str, **content: object) -> Mapping:
    answer = await desk.ask(CONFIG, who, method="PUT", json=CONTENT | content)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_configuration_is_kept_by_version_published_and_renewed(office):
    root = administrator(office)
    pin, badge = make_hash("1234", log2_n=4), make_hash("99887766", log2_n=4)
    an = {"officer": "CB-1", "name": "Nguyễn An"}

    async def work(desk: Desk) -> tuple[Config, Config]:
        assert (await desk.ask(CONFIG, root)).status_code == 404
        await configured(desk, root, officers=[an | {"pin": pin, "badge": badge}])
        first = published(office).config()
        assert published(office).retained == {}  # once
        seen = await configured(desk, root, officers=[an | {"badge": None}], notice="Nghỉ 16:30")
        assert seen["content"]["officers"] == [
            an | {"has_pin": True, "has_badge": False, "has_photo": False}
        ]
        assert [one["version"] for one in seen["history"]] == [2, 1]
        assert (seen["version"], seen["reported_version"]) == (2, None)
        old = (await desk.ask(f"{CONFIG}?version=1", root)).json()
        assert (old["version"], old["content"]["notice"]) == (1, None)
        return first, published(office).config()

    first, second = at_desk(office, work)
    assert (first.version, second.version) == (1, 2)
    assert (first.kiosk_officers[0].pin, first.kiosk_officers[0].badge) == (pin, badge)
    assert (second.kiosk_officers[0].pin, second.kiosk_officers[0].badge) == (pin, None)
    assert first.phone == second.phone
    assert second.kiosk_notice == "Nghỉ 16:30"
    assert acts(office) == ["device_configured"] * 2
    # A device that goes on reporting another version is told again; one that has it is not.
    store(office, (build.health(datetime.now(UTC), address=AT, config_version=1), AT))
    assert published(office).retained == {}
    store(office, (build.health(datetime.now(UTC), address=AT, config_version=1), AT))
    with connect(office, autocommit=True) as connection:
        connection.execute("UPDATE device_config SET published_at = published_at - interval '1 h'")
    assert published(office).config().version == 2
    # The next one stands above what the device has, even where the database was put back.
    store(office, (build.health(datetime.now(UTC), address=AT, config_version=41), AT))

    async def again(desk: Desk) -> Mapping:
        answer = await desk.ask(f"{CONFIG}?renew_key=true", root, method="PUT", json=CONTENT)
        return answer.json()

    assert at_desk(office, again)["version"] == 42
    renewed = published(office).config()
    assert renewed.phone.number != second.phone.number
    assert renewed.phone.key != second.phone.key


REFUSED = [
    ({"reset_s": 1}, "reset_s"),
    ({"hours": "always"}, "hours"),
    ({"officers": [{"officer": "A", "pin": "1234"}]}, "pin"),
    ({"officers": [{"officer": "A"}, {"officer": "A"}]}, "twice"),
    ({"services": {"Quầy 2": "x"}}, "services"),
    ({"colour": "red"}, "colour"),
    ({"notice": "a\0b"}, "NUL"),
    (
        {"officers": [{"officer": str(n), "photo": "A" * 39_000} for n in range(4)]},
        "smaller photos",
    ),
]


def test_what_a_device_would_not_understand_is_refused(module_office):
    url, root = module_office

    async def work(desk: Desk) -> None:
        for content, said in REFUSED:
            answer = await desk.ask(CONFIG, root, method="PUT", json=content)
            assert (answer.status_code, said in answer.text) == (422, True), answer.text

    at_desk(url, work)


@pytest.fixture(scope="module")
def module_office(module_database_url) -> tuple[str, str]:
    settle(module_database_url)
    store(module_database_url, (build.rating(datetime.now(UTC), address=AT), AT))
    return module_database_url, administrator(module_database_url)


def test_qr_codes_need_the_page_s_address(module_office):
    url, root = module_office

    async def work(desk: Desk) -> httpx.Response:
        return await desk.ask(CONFIG, root, method="PUT", json=CONTENT)

    answer = at_desk(url, work)
    assert (answer.status_code, "MOTCUA_PHONE_ADDRESS" in answer.text) == (409, True)


def test_a_visit_is_rated_once_on_a_telephone_and_counts_like_any_other(office):
    root = administrator(office)
    visit = build.visit(datetime.now(UTC), address=AT)
    store(office, (visit, AT))

    async def work(desk: Desk) -> None:
        await configured(desk, root)
        config = published(office).config()
        text = token(config, visit=visit.id, issued_at=visit.observed_at)
        page = await desk.client.get(f"/danh-gia/{text}")
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        assert 'lang="vi"' in page.text
        assert "Công chức giải quyết công việc" in page.text
        assert not re.search(r'(src|href)="https?:', page.text)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        form = form_of(page)
        more = {"answer_officer": "2", "comment": "Gợi ý phong bì", "reason": "informal_payment"}
        first = await rate(desk, text, form, **more)
        assert (first.status_code, "Cảm ơn" in first.text) == (200, True)
        again = await rate(desk, text, form, **more)  # the answer was lost: the same rating
        assert again.status_code == 200
        other = await rate(desk, text, str(uuid4()))
        assert (other.status_code, "đã được đánh giá" in other.text) == (409, True)
        assert (await desk.client.get(f"/danh-gia/{text}")).status_code == 409

    at_desk(office, work)
    assert carried(office) == 1
    assert carried(office) == 0
    assert rows(
        office,
        "SELECT score, source, standing, visit, device, counter FROM rating WHERE source = 'qr'",
    ) == [(2, "qr", "official", visit.id, "edge-1", "quay-1")]
    assert rows(office, "SELECT reason FROM rating_reason") == [("informal_payment",)]
    assert rows(office, "SELECT question, answer FROM phone_answer") == [("officer", 2)]
    assert rows(office, "SELECT marks, read_at FROM comment") == [("urgent", None)]


def test_what_cannot_be_rated_says_why(office):
    root = administrator(office)
    tapped = build.visit(datetime.now(UTC), address=AT)
    store(office, (tapped, AT), (build.rating(datetime.now(UTC), address=AT, visit=tapped.id), AT))

    async def work(desk: Desk) -> list[tuple[int, bool]]:
        await configured(desk, root)
        config = published(office).config()
        now = datetime.now(UTC)
        assert config.phone is not None
        forged = make_token(
            VisitToken(number=config.phone.number, issued_at=now, request=uuid4()), bytes(32)
        )
        wanted = {
            "nonsense": 404,
            forged: 404,
            token(config, number=10**6): 404,
            token(config, counter="quay-99"): 404,
            token(config, issued_at=now - timedelta(days=2)): 410,
            token(config, issued_at=now + timedelta(days=2)): 410,
            token(config, visit=tapped.id): 409,
        }
        found = {}
        for text in wanted:
            page = await desk.client.get(f"/danh-gia/{text}?lang=en")
            sent = await rate(desk, text, str(uuid4()))
            assert page.status_code == sent.status_code
            assert '<html lang="en">' in page.text
            found[text] = page.status_code
        assert found == wanted
        good = token(config)
        empty = await rate(desk, good, score="")
        assert (empty.status_code, "Hãy chọn" in empty.text) == (422, True)
        huge = await rate(desk, good, str(uuid4()), comment="x" * 50_000)
        assert huge.status_code == 422
        many = await rate(desk, good, str(uuid4()), **{f"x{n}": "1" for n in range(50)})
        assert many.status_code == 422
        old = token(config)
        await desk.ask(f"{CONFIG}?renew_key=true", root, method="PUT", json=CONTENT)
        assert (await rate(desk, old)).status_code == 200  # signed before it was renewed
        late = token(config, issued_at=datetime.now(UTC) + timedelta(minutes=1))
        assert (await desk.client.get(f"/danh-gia/{late}")).status_code == 404
        return []

    at_desk(office, work)
    assert rows(office, "SELECT count(*) FROM phone_rating") == [(1,)]


def test_one_address_is_slowed_down(office, monkeypatch):
    monkeypatch.setenv("MOTCUA_PHONE_PER_MINUTE", "3")

    async def work(desk: Desk) -> list[int]:
        return [(await desk.client.get("/danh-gia/x")).status_code for _ in range(5)]

    assert at_desk(office, work) == [404, 404, 404, 429, 429]


def test_comments_are_held_back_until_somebody_of_the_unit_has_read_them(office):
    root = administrator(office)
    people = {
        "head": sign_in(office, "head", RoleHeld(role=Role.UNIT_HEAD, unit=OWN)),
        "other": sign_in(office, "other", RoleHeld(role=Role.UNIT_HEAD, unit=FOREIGN)),
        "leader": sign_in(office, "leader", RoleHeld(role=Role.PROVINCE_LEADER)),
        "officer": sign_in(
            office, "officer", RoleHeld(role=Role.OFFICER, unit=OWN), officer="CB-1"
        ),
    }
    path = f"/api/v1/comments?unit={OWN}"

    async def seen(desk: Desk, who: str) -> list[str] | int:
        answer = await desk.ask(path, people[who])
        if answer.status_code != 200:
            return answer.status_code
        return [one["text"] for one in answer.json()]

    async def read(desk: Desk, who: str, comment: str, *, shown: bool) -> int:
        where = f"/api/v1/comments/{comment}/reading"
        answer = await desk.ask(where, people[who], method="PUT", json={"shown": shown})
        return answer.status_code

    async def work(desk: Desk) -> None:
        await configured(desk, root)
        config = published(office).config()
        for said in ("Chờ lâu", "đồ ngu"):
            assert (await rate(desk, token(config), comment=said)).status_code == 200
        assert await seen(desk, "head") == ["đồ ngu", "Chờ lâu"]  # marked first
        assert await seen(desk, "leader") == []
        assert [await seen(desk, who) for who in ("other", "officer")] == [403, 403]
        (abusive, plain) = (await desk.ask(path, people["head"])).json()
        assert abusive["marks"] == ["abusive"]
        assert await read(desk, "other", plain["rating"], shown=True) == 404
        assert await read(desk, "leader", plain["rating"], shown=True) == 403
        assert await read(desk, "head", plain["rating"], shown=True) == 200
        assert await read(desk, "head", abusive["rating"], shown=False) == 200
        assert await read(desk, "head", abusive["rating"], shown=True) == 409
        assert await seen(desk, "leader") == ["Chờ lâu"]
        assert await seen(desk, "head") == ["đồ ngu", "Chờ lâu"]
        assert await read(desk, "head", plain["rating"], shown=False) == 200
        assert await seen(desk, "leader") == []

    at_desk(office, work)
    assert acts(office).count("comment_read") == 3
    assert "comments_seen" in acts(office)


def test_comments_and_what_was_sent_long_ago_are_removed(office):
    root = administrator(office)

    async def work(desk: Desk) -> None:
        await configured(desk, root)
        config = published(office).config()
        given = await rate(desk, token(config), comment="Chờ lâu", answer_officer="2")
        assert given.status_code == 200

    at_desk(office, work)
    assert carried(office) == 1

    async def purge(days: float) -> tuple[int, int]:
        database = Database(office, PoolSettings())
        await database.open()
        try:
            return await purge_old(
                database, PhoneSettings(), datetime.now(UTC) + timedelta(days=days)
            )
        finally:
            await database.close()

    assert run(purge(89)) == (0, 0)
    assert run(purge(91)) == (1, 0)
    assert run(purge(401)) == (0, 1)
    assert rows(office, "SELECT count(*) FROM phone_answer") == [(0,)]
    assert rows(office, "SELECT count(*) FROM rating WHERE source = 'qr'") == [(1,)]


def test_whoever_rates_reads_nothing_of_others(office):
    """Below the routes' own checks: the role that writes sees no key, no rating and no comment."""
    root = administrator(office)

    async def work(desk: Desk) -> None:
        await configured(desk, root)
        config = published(office).config()
        assert (await rate(desk, token(config), comment="Chờ lâu")).status_code == 200

    at_desk(office, work)
    with psycopg.connect(office) as connection:
        connection.execute("SET ROLE motcua_writer")
        for table in ("phone_key", "device_config", "phone_rating", "phone_answer", "comment"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)], table


def test_answers_are_told_in_groups_of_ten_to_whoever_may_read_the_comments(office, monkeypatch):
    monkeypatch.setenv("MOTCUA_PHONE_PER_MINUTE", "600")
    root = administrator(office)
    head = sign_in(office, "head", RoleHeld(role=Role.UNIT_HEAD, unit=OWN))
    other = sign_in(office, "other", RoleHeld(role=Role.UNIT_HEAD, unit=FOREIGN))
    year = datetime.now(LOCAL_TIME).year
    path = f"/api/v1/answers?unit={OWN}&period={year}"
    now, minutes = datetime.now(UTC), iter([5 * n + n * n % 4 for n in range(1, 40)])

    async def give(desk: Desk, config: Config, count: int, answer: int) -> None:
        for _ in range(count):
            at = now - timedelta(minutes=next(minutes))  # as people come: no burst, no cadence
            text = token(config, issued_at=at)
            given = await rate(desk, text, str(uuid4()), answer_officer=str(answer))
            assert given.status_code == 200
        assert carried(office) == count

    async def told(desk: Desk) -> list[tuple[int, float | None]]:
        answer = (await desk.ask(path, head)).json()
        assert all(one["vi"].startswith("Công chức") for one in answer["questions"])
        return [(one["n"], one["share_satisfied"]) for one in answer["questions"]]

    async def work(desk: Desk) -> None:
        await configured(desk, root)
        config = published(office).config()
        await give(desk, config, 9, 5)
        assert await told(desk) == []
        await give(desk, config, 3, 1)
        assert await told(desk) == [(12, None)]  # all that waited; too few for a share
        await give(desk, config, 9, 5)
        assert await told(desk) == [(12, None)]
        await give(desk, config, 9, 4)
        assert await told(desk) == [(30, 0.9)]
        assert (await desk.ask(path, other)).status_code == 403
        ranged = path.replace(f"={year}", f"={year}-01-01..{year}-12-30")
        assert (await desk.ask(ranged, head)).status_code == 422

    at_desk(office, work)
