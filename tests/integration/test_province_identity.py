"""One identity, set once in the environment: walls, desks, kiosk, e-mails and reports bear it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pypdfium2
import pytest
from fastapi import FastAPI

from contract.texts import Language
from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from edge.kiosk.app import make_app
from edge.settings import KioskSettings
from edge.store.outbox import Outbox
from runtime.errors import SettingInvalid
from runtime.identity import Identity
from runtime.settings import read_settings
from server.briefs.briefs import Brief
from server.briefs.briefs import compose as compose_brief
from server.reports.document import Format
from server.reports.messages import compose as compose_report
from server.reports.writers import write
from tests.coroutines import run
from tests.dashboards.stand_in import Served, served
from tests.server.reports.given import document

NAME, ENGLISH, ACCENT = "Tỉnh Thử & Nghiệm", "Trial <Province>", "#ffd166"
AT = datetime(2026, 11, 2, tzinfo=UTC)
EMBLEM = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'
    '<circle cx="5" cy="5" r="4" fill="#ffd166"/></svg>'
)


@pytest.fixture(autouse=True)
def _province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emblem = tmp_path / "emblem.svg"
    emblem.write_text(EMBLEM, encoding="utf-8")
    given = {"NAME": NAME, "NAME_EN": ENGLISH, "ACCENT": ACCENT, "EMBLEM": str(emblem)}
    for name, value in given.items():
        monkeypatch.setenv(f"MOTCUA_IDENTITY__{name}", value)


def fetched(app: FastAPI, path: str) -> str:
    """Return what the application answers to this machine."""

    async def fetch() -> str:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return (await client.get(path)).text

    return run(fetch())


def test_screens_bear_the_name_and_the_colour() -> None:
    settings = DashboardsSettings(api_url="http://127.0.0.1:9")
    app = create_app(settings, identity=Identity(), trial=True)
    with served(Served(app)) as screens:
        pages = {path: httpx.get(f"{screens.url}{path}").text for path in ("/wall", "/rankings")}
    for path, page in pages.items():
        assert ACCENT in page, path
        assert "Thử &amp; Nghiệm" in page or NAME in page, path


def test_the_kiosk_bears_name_and_emblem_in_both_languages(tmp_path: Path) -> None:
    with Outbox.open(tmp_path / "store.sqlite", max_rows=10, reserve_mb=0) as outbox:
        app = make_app(outbox, device="edge-1", settings=KioskSettings())
        page = fetched(app, "/")
        assert "Tỉnh Thử &amp; Nghiệm" in page
        assert "Trial &lt;Province&gt;" in page
        assert fetched(app, "/emblem") == EMBLEM


def test_e_mails_are_from_the_province() -> None:
    common = {"sender": "motcua@example.vn", "address": "a@example.vn", "identifier": "<1@x>"}
    brief = compose_brief(Brief(subject="s", body="b"), **common, at=AT, language=Language.VI)
    report = compose_report(
        **common, at=AT, language=Language.VI, title="t", period="p", cut_off="c", digest="0" * 64,
        name="a.pdf", written=Format.PDF, content=b"%PDF",
    )  # fmt: skip
    for message in (brief, report):
        (sender,) = message["From"].addresses
        assert (sender.display_name, sender.addr_spec) == (NAME, "motcua@example.vn")
    own = compose_brief(
        Brief(subject="s", body="b"), **common | {"sender": "Motcua <m@example.vn>"}, at=AT,
        language=Language.VI,
    )  # fmt: skip
    assert own["From"].addresses[0].display_name == "Motcua"


def test_reports_bear_name_and_emblem_on_paper_and_in_a_workbook() -> None:
    bare = write(document(), Format.PDF, Identity(emblem=None))
    content = write(document(), Format.PDF, Identity())
    with pypdfium2.PdfDocument(content) as printed:
        assert NAME.upper() in printed[0].get_textpage().get_text_range()
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert content != bare
    with zipfile.ZipFile(io.BytesIO(write(document(), Format.XLSX, Identity()))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "Tỉnh Thử &amp;&amp; Nghiệm" in sheet or "Thử &amp;&amp; Nghiệm" in sheet


def test_a_colour_that_cannot_be_read_is_refused_when_it_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOTCUA_IDENTITY__ACCENT", "#003399")
    with pytest.raises(SettingInvalid, match="contrast"):
        read_settings(Identity)
