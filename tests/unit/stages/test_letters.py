"""Letters about a unit's return: one an outcome, overtaken ones withdrawn, one reminder a rung, names inert."""

import datetime as dt
import email
import email.message
import email.policy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from etl.core.mail.offices import Recipient
from etl.core.returns.events import By
from etl.core.returns.explanations import Act
from etl.edges.store.findings import findings_of
from etl.edges.store.history import history_of
from etl.edges.store.messages import messages_of, queue
from etl.edges.templates import letter_subject
from etl.errors import Bug
from etl.stages import letters, reminders
from etl.stages.compose import Letter, compose
from etl.stages.context import Context, open_context
from etl.stages.frames import rule_texts
from etl.stages.lint_letters import letter_faults
from etl.stages.mail_listings import outbox_listing, release_request
from etl.stages.waivers import waive, withdraw
from tests.support.filing import copy_of, home_at, run, unit, write
from tests.unit.edges.test_messages import row

PROGRAMME, PERIOD = "yunnan-model-branch", "2018H1"
AT = dt.datetime(2018, 8, 6, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
LATER = AT + dt.timedelta(days=1)
COUNTY, CLEAN = "P530102", "P530103"


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One county with a fault, one without."""
    with home_at(tmp_path_factory.mktemp("filed")) as folder:
        write(folder, PROGRAMME, PERIOD, [
            unit(PROGRAMME, PERIOD, "530102").set("branches", 0, secretaries_trained=""), unit(PROGRAMME, PERIOD, "530103"),
        ])
        run(PROGRAMME, PERIOD, "2018-07-31", roll_up=False)
    return folder


@pytest.fixture
def home(filed: Path, tmp_path: Path) -> Iterator[Path]:
    with copy_of(filed, tmp_path / "home") as folder:
        yield folder


@pytest.fixture
def context(home: Path) -> Context:
    return open_context(PROGRAMME, PERIOD)


def told(context: Context) -> list[tuple[str, str]]:
    return [(each["recipient"], each["state"]) for each in messages_of(context.store, *context.key)]


def test_one_letter_an_outcome_and_none_to_who_has_nothing_to_do(context: Context) -> None:
    both = [COUNTY, CLEAN]
    assert letters.queue_feedback(context, both, AT) == {"units": 1, "new": 1, "withdrawn": 0}
    assert letters.queue_feedback(context, both, LATER) == {"units": 1, "new": 0, "withdrawn": 0}
    [sent] = messages_of(context.store, *context.key)
    assert sent["recipient"] == "dw-530102@example.test"
    assert sent["subject"] == "请核改：五华区2018年上半年报表（1项问题）"
    assert [name.endswith(".xlsx") for name in sent["attachments"]] == [True]


def test_newer_words_for_what_was_told_are_no_news(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an upgrade a rule may say its sentence and remedy otherwise."""
    letters.queue_feedback(context, [COUNTY], AT)
    reworded = {rule: (f"新的说法：{sentence}", "新的办法") for rule, (sentence, _) in rule_texts(context).items()}
    monkeypatch.setattr("etl.stages.feedback.rule_texts", lambda context: reworded)
    assert letters.queue_feedback(context, [COUNTY], LATER) == {"units": 1, "new": 0, "withdrawn": 0}
    assert told(context) == [("dw-530102@example.test", "queued")]


def test_a_newer_outcome_takes_the_older_letter_back_if_it_has_not_left(context: Context, home: Path) -> None:
    letters.queue_feedback(context, [COUNTY], AT)
    wrong = unit(PROGRAMME, PERIOD, "530102").set("branches", 1, secretaries_trained="").set("branches", 2, members="")
    wrong.arrived += dt.timedelta(days=1)
    write(home, PROGRAMME, PERIOD, [wrong])
    run(PROGRAMME, PERIOD, "2018-07-31", roll_up=False)
    assert letters.queue_feedback(context, [COUNTY], LATER) == {"units": 1, "new": 1, "withdrawn": 1}
    assert sorted(state for _, state in told(context)) == ["queued", "withdrawn"]


def test_a_letter_is_taken_back_when_nothing_is_left_to_fix_and_written_anew_when_it_is_back(context: Context) -> None:
    letters.queue_feedback(context, [COUNTY], AT)
    by, keys = By("省委老干部局", AT), [row["finding_key"] for row in findings_of(context.store, *context.key, COUNTY)]
    waive(context, keys, Act("属实", context.period, "province"), by)
    assert letters.queue_feedback(context, [COUNTY], LATER) == {"units": 0, "new": 0, "withdrawn": 1}
    assert letters.queue_feedback(context, [COUNTY], LATER) == {"units": 0, "new": 0, "withdrawn": 0}
    withdraw(context, keys, "不属实", "province", By("省委老干部局", LATER))
    assert letters.queue_feedback(context, [COUNTY], LATER) == {"units": 1, "new": 1, "withdrawn": 0}
    assert letters.queue_feedback(context, [COUNTY], LATER) == {"units": 1, "new": 0, "withdrawn": 0}
    assert sorted(state for _, state in told(context)) == ["queued", "withdrawn"]


def remind(context: Context, day: str) -> dict[str, int]:
    return reminders.remind(context, dt.date.fromisoformat(day), AT)


def text_of(context: Context, sent: dict[str, object], kind: str = "plain") -> str:
    raw = (context.settings.outbox_dir / str(sent["path"])).read_bytes()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def reminders_to(context: Context, recipient: str) -> list[dict[str, object]]:
    return [each for each in messages_of(context.store, *context.key) if each["recipient"] == recipient]


WAITING = "dw-530111@example.test"


@pytest.mark.parametrize(
    ("day", "said"),
    [("2018-07-05", "距截止还有3个工作日"), ("2018-07-10", "今日截止"), ("2018-07-13", "已逾期3个工作日")],
)
def test_a_unit_that_sent_nothing_is_told_how_long_it_has_and_the_others_are_not(
    context: Context, day: str, said: str
) -> None:
    assert remind(context, day)["new"] > 100
    [sent] = reminders_to(context, WAITING)
    assert said in text_of(context, sent)
    assert reminders_to(context, "dw-530102@example.test") == []


def test_a_step_reminds_once_and_the_next_takes_it_back_if_it_has_not_left(context: Context) -> None:
    first = remind(context, "2018-07-05")
    assert remind(context, "2018-07-06") == {"owed": first["owed"], "new": 0, "withdrawn": 0}
    assert remind(context, "2018-07-10")["withdrawn"] == first["new"]


def test_a_reminder_bears_the_day_for_which_it_was_written(context: Context) -> None:
    remind(context, "2018-07-10")
    [sent] = reminders_to(context, WAITING)
    text = text_of(context, sent)
    assert "委老干部局　2018年7月10日" in text
    assert "2018年8月6日" not in text  # the day on which the program ran, of which 今日截止 does not hold


def test_the_history_tells_a_step_once_on_the_day_of_its_letter(context: Context) -> None:
    remind(context, "2018-07-06")  # nobody ran on the day before, on which the step began
    remind(context, "2018-07-07")
    remind(context, "2018-07-13")
    events = history_of(context.store, *context.key, ["P530111"])
    assert [(each["event"], each["at"][:10]) for each in events] == [("reminded", "2018-07-06"), ("reminded", "2018-07-13")]


def test_a_day_that_is_past_neither_takes_back_nor_follows_a_later_step(context: Context) -> None:
    remind(context, "2018-07-05")
    remind(context, "2018-07-17")
    before = sorted(told(context))
    assert ("lgbj-530100@example.test", "queued") in before
    assert remind(context, "2018-07-06") == {"owed": 0, "new": 0, "withdrawn": 0}
    assert remind(context, "2018-07-10") == {"owed": 0, "new": 0, "withdrawn": 0}  # a step that was never written
    assert sorted(told(context)) == before
    assert remind(context, "2018-07-17")["owed"] > 100


def test_a_return_that_comes_takes_its_reminder_back(context: Context, home: Path) -> None:
    remind(context, "2018-07-05")
    write(home, PROGRAMME, PERIOD, [unit(PROGRAMME, PERIOD, "530111")])
    run(PROGRAMME, PERIOD, "2018-07-31", roll_up=False)
    assert remind(context, "2018-07-05")["withdrawn"] == 1
    assert [each["state"] for each in reminders_to(context, WAITING)] == ["withdrawn"]


def test_the_tier_above_gets_names_of_units_and_nothing_else(context: Context) -> None:
    remind(context, "2018-07-17")
    [sent] = reminders_to(context, "lgbj-530100@example.test")
    text = text_of(context, sent)
    assert "官渡区" in text
    assert "五华区" not in text
    events = history_of(context.store, *context.key, ["P530111"])
    assert [each["event"] for each in events] == ["reminded", "escalated"]


def test_who_has_nothing_to_explain_is_not_told_how(context: Context) -> None:
    first, second = letter_of(context).model["steps"]
    assert first.startswith("一、改：")
    assert "全部恢复计入" in first
    assert second.startswith("二、发回：")


def spoilt(letter: Letter, **changes: object) -> Letter:
    """The letter as if it had been written from other facts."""
    model = {**letter.model, **changes}
    return replace(letter, model=model | {"labels": {"subject": letter_subject(letter.kind, model)}})


def letter_of(context: Context) -> Letter:
    letter = letters.feedback_letter(context, COUNTY, AT)
    assert letter is not None
    return letter


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"summary": "已计入4行，未计入1行。"}, "txt"),
        ({"faults": 2}, "subject"),
        ({"questions": 3}, "subject"),
        ({"accepted": 77}, "html"),
        ({"unit_zh": "盘龙区"}, "txt/salutation"),
        ({"reply_by_zh": "2018年8月14日"}, "txt"),
        ({"day_zh": "2018年8月7日"}, "txt/head"),
        ({"period_zh": "2017年下半年"}, "subject"),
        ({"organ": "云南省委老干部局"}, "txt/head"),
        ({"problems": []}, "txt"),
        ({"steps": ["一、改：先改好附件第一张表前2项（共1行），90%的未计入行可恢复计入。"]}, "txt"),
    ],
)
def test_a_letter_is_read_back_before_it_is_queued(context: Context, changes: dict[str, object], place: str) -> None:
    letter = letter_of(context)
    assert letter_faults(context, letter) == []
    assert place in [fault.place for fault in letter_faults(context, spoilt(letter, **changes))]


@pytest.mark.parametrize("change", ["count", "text", "remedy"])
def test_every_listed_problem_is_the_units_own(context: Context, change: str) -> None:
    letter = letter_of(context)
    problem = {**letter.model["problems"][0]}
    problem[change] = 7 if change == "count" else problem[change] + "了"
    assert letter_faults(context, spoilt(letter, problems=[problem]))


def test_a_letter_that_does_not_agree_stays_and_the_others_are_queued(context: Context) -> None:
    wrong = spoilt(letter_of(context), summary="已计入4行，未计入1行。")
    right = replace(letter_of(context), subject_id="another", stem="another")
    with pytest.raises(Bug, match=f"about {COUNTY} does not agree .* figure in txt"):
        letters.queue_letters(context, [wrong, right], AT, None)
    assert [each["subject_id"] for each in messages_of(context.store, *context.key)] == ["another"]


def test_no_markup_of_a_name_reaches_the_page(context: Context) -> None:
    mailbox = Recipient("局\n<b>", "a@x.example", "unit", "unit")
    facts = {"kind": "reminder", "names": ["甲县<script>"], "days_after_due": 3, "due_zh": "7月10日"}
    place = letters.Place(CLEAN, "530103", "P530100", "局<b>")
    letter = letters.letter_to(context, mailbox, place, facts, AT, subject_id="s")
    queue(context.store, compose(context, letter, None), "test", AT.isoformat())  # as it is: no unit is called so
    [sent] = messages_of(context.store, *context.key)
    html = text_of(context, sent, "html")
    assert "甲县&lt;script&gt;" in html
    assert "<script>" not in html


def test_who_signs_sees_every_message_and_names_stay_names(context: Context) -> None:
    here = {"programme": PROGRAMME, "period": PERIOD}
    hostile = row() | here | {"node_id": "P530000", "office": "局|<img src=x>`*[a](b)"}
    others = [row(f"office{n}@x.example") | here for n in range(300)]
    queue(context.store, [hostile, *others], "test", AT.isoformat())
    asked = release_request(context)
    assert asked["waiting"] == len(outbox_listing(context)) == 301
    assert asked["body"].count("@x.example") == 300
    assert "局｜＜img src=x>＊［a](b)" in asked["body"]
