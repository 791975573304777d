"""Letters about a unit's return: one an outcome, overtaken ones withdrawn, one reminder a rung, names inert."""

import datetime as dt
import email
import email.policy
from pathlib import Path

import pandas as pd
import pytest

from etl.edges.store.messages import messages_of, queue
from etl.stages import letters
from etl.stages.context import Context, open_context
from etl.stages.mail_listings import outbox_listing, release_request
from tests.support.filing import run, unit, write
from tests.unit.test_messages import row

PROGRAMME, PERIOD = "yunnan-model-branch", "2018H1"
AT = dt.datetime(2018, 8, 6, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
LATER = AT + dt.timedelta(days=1)
COUNTY, CLEAN = "P530102", "P530103"


@pytest.fixture
def context(home: Path) -> Context:
    """One county with a fault, one without."""
    write(home, PROGRAMME, PERIOD, [
        unit(PROGRAMME, PERIOD, "530102").set("branches", 0, secretaries_trained=""), unit(PROGRAMME, PERIOD, "530103"),
    ])  # fmt: skip
    run(PROGRAMME, PERIOD, "2018-07-31", roll_up=False)
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


def test_a_newer_outcome_takes_the_older_letter_back_if_it_has_not_left(context: Context, home: Path) -> None:
    letters.queue_feedback(context, [COUNTY], AT)
    wrong = unit(PROGRAMME, PERIOD, "530102").set("branches", 1, secretaries_trained="").set("branches", 2, members="")
    wrong.arrived += dt.timedelta(days=1)
    write(home, PROGRAMME, PERIOD, [wrong])
    run(PROGRAMME, PERIOD, "2018-07-31", roll_up=False)
    assert letters.queue_feedback(context, [COUNTY], LATER) == {"units": 1, "new": 1, "withdrawn": 1}
    assert sorted(state for _, state in told(context)) == ["queued", "withdrawn"]


def remind(context: Context, step: str, days: int, names: tuple[str, ...] = (), at: dt.datetime = AT) -> dict[str, int]:
    due = pd.DataFrame([{"unit_id": CLEAN, "step": step, "days_after_due": days, "names": list(names)}])
    return letters.queue_reminders(context, due, at)


def test_a_rung_reminds_once(context: Context) -> None:
    assert remind(context, "-3", -3)["new"] == 1
    assert remind(context, "-3", -2, at=LATER)["new"] == 0
    assert remind(context, "+3", 3) == {"units": 1, "new": 1, "withdrawn": 1}


@pytest.mark.parametrize(
    ("days", "said"),
    [(-3, "距截止还有3个工作日"), (0, "今日截止"), (3, "已逾期3个工作日")],
)  # fmt: skip
def test_a_reminder_says_how_long(context: Context, days: int, said: str) -> None:
    remind(context, str(days), days)
    [sent] = messages_of(context.store, *context.key)
    raw = (context.settings.outbox_dir / sent["path"]).read_bytes()
    text = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))  # type: ignore[arg-type,attr-defined]  # typed for the older policy
    assert said in text.get_content()


def test_the_tier_above_gets_names_of_units_and_no_markup_in_them(context: Context) -> None:
    remind(context, "+3", 3, ("甲县<script>", "乙\n县"))
    [sent] = messages_of(context.store, *context.key)
    assert "（2个单位）" in sent["subject"]
    raw = (context.settings.outbox_dir / sent["path"]).read_bytes()
    html = email.message_from_bytes(raw, policy=email.policy.default).get_body(("html",))  # type: ignore[arg-type,attr-defined]  # typed for the older policy
    assert "甲县&lt;script&gt;、乙 县" in html.get_content()


def test_who_signs_sees_every_message_and_names_stay_names(context: Context) -> None:
    hostile = row() | {"programme": PROGRAMME, "period": PERIOD, "node_id": "P530000", "office": "局|<img src=x>`*[a](b)"}
    queue(context.store, [hostile, *(row(f"office{n}@x.example") | {"programme": PROGRAMME, "period": PERIOD} for n in range(300))],
          "test", AT.isoformat())  # fmt: skip
    asked = release_request(context)
    assert asked["waiting"] == len(outbox_listing(context)) == 301
    assert asked["body"].count("@x.example") == 300
    assert "局｜＜img src=x>＊［a](b)" in asked["body"]
