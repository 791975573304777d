"""A 更正通报 read back: as it is made it may leave, and each wrong figure, list or row keeps it back."""

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from etl.core.lint.claims import Fault
from etl.core.lint.copies import Copies, lint_copies
from etl.core.lint.edition import Checks, lint_erratum
from etl.core.lint.errata import ErratumFacts
from etl.core.reports.dispatch import build_dispatch
from etl.core.reports.editions import Model
from etl.core.reports.errata import build_erratum, moved_figures
from etl.edges.copies import read_mail
from etl.edges.fonts import resolve_fonts
from etl.edges.lint_files import count_names, plain_grammar, private
from etl.edges.mail import bodies
from etl.edges.templates import narrate, wording
from etl.edges.typesetting import typeset
from tests.support.linting import BUSY, busy
from tests.unit.reports.invented_report import EDITION, MEASURES, TOP, edition_of, invented

DAY = dt.date(2018, 9, 3)
REASON = "某区2个党支部补报3名党员"


def dispatch(seed: int = 5, revision: int = 1, node_id: str = TOP) -> Model:
    frames = busy(invented(8, 2, missing=0), seed)
    made = build_dispatch(frames, edition_of(node_id, revision=revision), BUSY, MEASURES, wording())
    return {**made, "edition": {**made["edition"], "digest": f"{revision}c15876998317c55"}}


OLD, NEW = dispatch(), dispatch(6, 2)


def one_figure_more() -> Model:
    new = copy.deepcopy(OLD)
    new["edition"]["revision"] = 2
    new["quality"]["rows_accepted"] += 3
    return new


def erratum(old: Model, new: Model) -> tuple[Model, ErratumFacts]:
    moved = moved_figures(old, new, count_names(), wording())
    model = narrate(build_erratum(old, new, moved, REASON, DAY, 1, wording()))
    return model, ErratumFacts(old, new, count_names(), wording())


def faults(model: Model, facts: ErratumFacts) -> list[Fault]:
    return lint_erratum(model, facts, Checks(plain_grammar("erratum"), private(), ()))


def test_an_erratum_as_it_is_made_passes() -> None:
    model, facts = erratum(OLD, NEW)
    assert len(model["rows"]) > 10
    assert any(row["came"] or row["left"] for row in model["rows"])
    assert faults(model, facts) == []


def test_an_erratum_of_one_figure_passes_and_tells_it() -> None:
    model, facts = erratum(OLD, one_figure_more())
    was = OLD["quality"]["rows_accepted"]
    assert f"由{was:,}行更正为{was + 3:,}行" in "".join(block["text"] for block in model["blocks"])
    assert faults(model, facts) == []


def test_an_erratum_of_ranks_and_of_findings_that_there_were_not_passes_with_its_mail() -> None:
    old = copy.deepcopy(OLD)
    old["problems"] = OLD["problems"][1:]
    new = copy.deepcopy(OLD)
    new["edition"]["revision"] = 2
    ranked = new["ranking"]["groups"][0]["rows"]
    ranked[0]["rank"], ranked[1]["rank"] = ranked[1]["rank"], ranked[0]["rank"]
    model, facts = erratum(old, new)
    assert {("0", f"+{OLD['problems'][0]['count']:,}")} <= {(row["old"], row["by"]) for row in model["rows"]}
    assert any("@" in row["key"] and row["key"].endswith(".ranks") for row in model["rows"])
    assert faults(model, facts) == []
    assert lint_copies(model, Copies(mail=read_mail(model))) == []


def test_an_erratum_of_a_units_words_alone_names_the_unit_and_shows_both_texts() -> None:
    new = copy.deepcopy(OLD)
    new["edition"]["revision"] = 2
    row = new["practice"]["practices"][0]
    row["text"] = "送学上门7次。"
    model, facts = erratum(OLD, new)
    assert f"{row['name']}介绍的做法文字有改动" in "".join(block["text"] for block in model["blocks"])
    assert faults(model, facts) == []
    for body in bodies(model):
        assert OLD["practice"]["practices"][0]["text"] in body
        assert "送学上门7次。" in body
    assert typeset(model, "erratum/erratum.typ", DAY, resolve_fonts()).startswith(b"%PDF")
    _say(model, row["name"], "别处")
    assert faults(model, facts)


def _say(model: Model, old: str, new: str) -> None:
    block = next(block for block in model["blocks"] if old in block["text"])
    block["text"] = block["text"].replace(old, new, 1)


CHANGES: dict[str, tuple[Callable[[Model], Any], str]] = {
    "how many": (lambda m: _say(m, "项数据需要", "1项数据需要"), "figure"),
    "how many of its own": (lambda m: _say(m, "所属单位数据", "所属单位数据1"), "figure"),
    "which edition": (lambda m: _say(m, "（第2版）", "（第3版）"), "figure"),
    "which paper": (lambda m: _say(m, "号，第1版", "0号，第1版"), "underived"),
    "which day": (lambda m: _say(m, f"{EDITION.issued_on.day}日印发", "9日印发"), "underived"),
    "title": (lambda m: m["labels"].update(subject="关于更正数据的通报"), "whole"),
    "before": (lambda m: m["rows"][0].update(old="7"), "figure"),
    "now": (lambda m: m["rows"][0].update(new="7"), "figure"),
    "by how much": (lambda m: next(row for row in m["rows"] if row["by"]).update(by="+77"), "figure"),
    "which way": (
        lambda m: next(row for row in m["rows"] if row["by"].startswith("+")).update(by="−1"), "figure"
    ),
    "nothing by which": (lambda m: next(row for row in m["rows"] if row["by"]).update(by=""), "figure"),
    "whose": (lambda m: m["rows"][0].update(name="别处"), "figure"),
    "who came in": (lambda m: next(row for row in m["rows"] if row["came"]).update(came=()), "list"),
    "a row less": (lambda m: m["rows"].pop(), "list"),
    "a row more": (lambda m: m["rows"].append({**m["rows"][0], "key": "nothing"}), "list"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_each_part_of_an_erratum_is_held_against_the_two_editions(what: str) -> None:
    model, facts = erratum(OLD, NEW)
    model = copy.deepcopy(model)
    change, rule = CHANGES[what]
    change(model)
    assert rule in {fault.rule for fault in faults(model, facts)}


def test_a_wrong_figure_in_the_one_sentence_is_found() -> None:
    model, facts = erratum(OLD, one_figure_more())
    _say(model, f"更正为{OLD['quality']['rows_accepted'] + 3:,}", f"更正为{OLD['quality']['rows_accepted'] + 4:,}")
    assert "figure" in {fault.rule for fault in faults(model, facts)}
