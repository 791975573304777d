"""The outbox of real editions: each owed once, replaced while it has not left, never sent a second time in silence."""

import datetime as dt
import email
import email.policy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl import tasks
from etl.core.mail.offices import Offices
from etl.edges.copies import read_word
from etl.edges.pdf_pages import page_texts
from etl.edges.programmes import load_offices
from etl.edges.store import messages as ledger
from etl.edges.store.editions import latest_editions
from etl.edges.store.schema import editions, messages
from etl.stages.context import Context, open_context, open_year
from etl.stages.editions import kept_model
from etl.stages.errata import make_errata
from etl.stages.mail_listings import deliveries_listing, history_listing, outbox_listing, release_request
from etl.stages.outbox import compose_editions
from etl.tasks import annual
from tests.support.filing import run, unit, write

PROGRAMME, PERIOD = "dongxihu-small-gear", "2018H1"
AT = dt.datetime(2018, 8, 6, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
File = Callable[[int], None]


@pytest.fixture
def context(home: Path) -> Context:
    return open_context(PROGRAMME, PERIOD)


@pytest.fixture
def file(home: Path) -> File:
    """Files a return with so many branches, and makes the edition of it."""

    def make(branches: int) -> None:
        returned = unit(PROGRAMME, PERIOD, "420112-001", branches=branches)
        returned.arrived += dt.timedelta(days=branches)
        write(home, PROGRAMME, PERIOD, [returned])
        run(PROGRAMME, PERIOD, "2018-07-31")
        tasks.render(PROGRAMME, PERIOD)

    return make


def composed(context: Context) -> tuple[int, int]:
    told = compose_editions(context, AT)
    return told["new"], told["withdrawn"]


def send(context: Context, count: int) -> None:
    for row in ledger.messages_of(context.store, *context.key, states=["queued"])[:count]:
        key = row["message_key"]
        ledger.release(context.store, [key], "甲", 1, AT.isoformat())
        ledger.claim(context.store, key, "test", AT.isoformat())
        ledger.settle(context.store, key, "sent", "test", AT.isoformat())


def test_a_bureau_that_asks_for_letters_gets_one_addressed_to_it_alone(
    context: Context, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(3)
    raw = load_offices().model_dump(mode="json")
    raw["offices"]["organisation_department"]["form"] = "letter"
    monkeypatch.setattr("etl.stages.outbox.load_offices", lambda *_: Offices.model_validate(raw))
    owed, _ = composed(context)
    assert owed > 1
    by_office = {row["office"]: row for row in ledger.messages_of(context.store, *context.key, kinds=["edition"])}
    for office, row in by_office.items():
        pages, paragraphs = attached(context, row)
        letter = office.endswith("组织部")
        assert row["reason"] == ("own, letter" if letter else "own")
        assert any(text.startswith(f"{office}：") for text in paragraphs) == letter
        assert ("文件" in pages[0].splitlines()[0]) != letter
        assert ("— 1 —" in pages[0]) != letter  # a letter's first page bears no number
    assert "信函格式" in release_request(context)["body"]


def test_an_erratum_in_the_form_that_an_office_asks_for_is_read_back_too(
    context: Context, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter bears the office's name, which the paper as it is kept does not: here with a telephone number in it."""
    file(3)
    owed, _ = composed(context)
    send(context, owed)
    file(4)
    raw = load_offices().model_dump(mode="json")
    raw["offices"]["organisation_department"]["form"] = "letter"
    monkeypatch.setattr("etl.stages.errata.load_offices", lambda *_: Offices.model_validate(raw))
    named = sa.update(messages).where(messages.c.office.endswith("组织部"))
    with context.store.begin() as connection:
        connection.execute(named.values(office="某组织部13800000000"))
    late = AT + dt.timedelta(days=1)
    told = make_errata(context, "某单位补报一个支部", late)
    assert (told["queued"], told["blocked"]) == (0, 1)
    with context.store.begin() as connection:
        connection.execute(sa.update(messages).where(messages.c.office.contains("138")).values(office="某组织部"))
    told = make_errata(context, "某单位补报一个支部", late)
    assert (told["queued"], told["blocked"]) == (owed, 0)


def test_a_years_paper_goes_out_again_when_it_tells_something_else_not_when_it_is_only_drawn_anew(
    home: Path, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    year, summary = open_year(PROGRAMME, "2018"), (PROGRAMME, "2018", "commendation_summary")
    file(3)
    annual.render_paper(*summary)
    owed, _ = composed(year)
    send(year, owed)
    monkeypatch.setattr("etl.stages.annual_papers.drawing_digest", lambda *_: "other templates")
    assert (annual.render_paper(*summary)["new"], composed(year)) == (1, (0, 0))
    write(home, PROGRAMME, "2018H2", [unit(PROGRAMME, "2018H2", "420112-001")])
    run(PROGRAMME, "2018H2", "2019-01-31")
    assert (annual.render_paper(*summary)["new"], composed(year)) == (1, (owed, 0))


def test_a_years_paper_that_left_keeps_its_number_when_the_programme_numbers_otherwise(
    file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    year, summary = open_year(PROGRAMME, "2018"), (PROGRAMME, "2018", "commendation_summary")
    file(3)
    annual.render_paper(*summary)
    owed, _ = composed(year)
    other = {"number": {"default": "东老干情〔{year}〕{number}号"}}
    documents = year.bundle.programme.documents
    assert documents is not None
    assert documents.commendation_summary is not None
    settings = documents.commendation_summary.model_copy(update=other)
    with monkeypatch.context() as patch:
        patch.setattr("etl.stages.annual_papers.paper_settings", lambda *_: settings)
        assert (annual.render_paper(*summary)["new"], composed(year)) == (1, (owed, owed))  # nothing has left yet
        send(year, owed)
    assert (annual.render_paper(*summary)["new"], composed(year)) == (0, (0, 0))
    [edition] = latest_editions(year.store, *year.key, "commendation_summary").values()
    assert kept_model(year.landing, edition)["head"]["number"] == "东老干情〔2019〕1号"


def attached(context: Context, row: dict[str, object]) -> tuple[list[str], list[str]]:
    """The pages of a message's PDF, and the paragraphs of its Word copy."""
    raw = (context.settings.outbox_dir / str(row["path"])).read_bytes()
    parts = email.message_from_bytes(raw, policy=email.policy.default).iter_attachments()  # type: ignore[attr-defined]  # of EmailMessage
    files = {part.get_filename().rpartition(".")[2]: part.get_payload(decode=True) for part in parts}
    return list(page_texts(files["pdf"])), list(read_word(files["docx"])[0])


def test_an_edition_is_owed_once_replaced_before_it_left_and_never_sent_again_in_silence(
    context: Context, file: File
) -> None:
    file(3)
    owed, _ = composed(context)
    assert owed > 1
    assert composed(context) == (0, 0)
    names = {path.name for path in context.settings.outbox_dir.rglob("*.eml")}
    assert names == {Path(row["path"]).name for row in ledger.messages_of(context.store, *context.key)}
    [lost, *_] = context.settings.outbox_dir.rglob("*.eml")
    said = lost.read_bytes()
    lost.unlink()
    assert (composed(context), lost.read_bytes()) == ((0, 0), said)
    waiting = outbox_listing(context)
    assert set(waiting["reason"]) <= {"own", "child", "unit"}
    assert (waiting["kilobytes"] > 10).all()
    send(context, 1)
    file(4)
    assert composed(context) == (owed - 1, owed - 1)  # who has the first edition is told by an erratum
    assert set(outbox_listing(context)["edition"]) == {"2"}
    assert sorted(deliveries_listing(context)["state"]) == sorted(["sent", *["withdrawn", "queued"] * (owed - 1)])
    assert deliveries_listing(context, uncertain=True).empty
    [sent] = [row for row in ledger.messages_of(context.store, *context.key) if row["state"] == "sent"]
    assert list(history_listing(context, sent["message_key"])["state"]) == ["queued", "released", "claimed", "sent"]


@pytest.fixture
def winter(home: Path) -> Context:
    """The half-year before, with its edition: issued in January of the year in whose July the other one is."""
    filed = unit(PROGRAMME, "2017H2", "420112-001")
    filed.arrived = filed.arrived.replace(month=1)
    write(home, PROGRAMME, "2017H2", [filed])
    run(PROGRAMME, "2017H2", "2018-01-31")
    tasks.render(PROGRAMME, "2017H2")
    return open_context(PROGRAMME, "2017H2")


def numbered(context: Context) -> str:
    """The document number of the edition in force."""
    [edition] = latest_editions(context.store, *context.key, "dispatch").values()
    return str(kept_model(context.landing, edition)["head"]["number"])


def test_papers_are_numbered_in_the_order_in_which_they_are_issued(winter: Context, context: Context, file: File) -> None:
    file(3)
    assert (numbered(winter), numbered(context)) == ("东老干通〔2018〕1号", "东老干通〔2018〕2号")
    owed, _ = composed(winter)
    send(winter, owed)
    for each in (winter, context):
        assert tasks.render(*each.key)["new"] == 0


def test_a_paper_that_left_before_papers_were_numbered_by_issue_keeps_its_number(
    winter: Context, context: Context, file: File
) -> None:
    """Then a paper bore the number of its half-year and did not keep it in its model."""
    [edition] = latest_editions(winter.store, *winter.key, "dispatch").values()
    model = kept_model(winter.landing, edition)
    del model["edition"]["number_in_year"]
    model["head"]["number"] = "东老干通〔2018〕2号"
    _, path = winter.landing.keep_document(json.dumps(model).encode(), ".json")
    with winter.store.begin() as connection:
        connection.execute(sa.update(editions).values(model_path=path, inputs_digest="older version"))
    owed, _ = composed(winter)
    send(winter, owed)
    assert (tasks.render(*winter.key)["new"], composed(winter)) == (1, (0, 0))
    file(3)
    assert (numbered(winter), numbered(context)) == ("东老干通〔2018〕2号", "东老干通〔2018〕1号")
    assert tasks.render(*winter.key)["new"] == 0


def test_a_paper_that_left_is_made_again_under_its_number_when_its_files_are_lost(winter: Context) -> None:
    owed, _ = composed(winter)
    send(winter, owed)
    [edition] = latest_editions(winter.store, *winter.key, "dispatch").values()
    winter.landing.at(edition["model_path"]).unlink()
    assert (tasks.render(*winter.key)["new"], numbered(winter)) == (0, "东老干通〔2018〕1号")
