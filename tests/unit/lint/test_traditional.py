"""Editions in traditional characters read back by the claims of the simplified one: as made they pass, a change is found."""

import re
from pathlib import Path
from typing import Any

import pytest

import etl.places
from etl.core.lint.claims import Fault
from etl.core.lint.edition import lint
from etl.core.lint.facts import NodeFacts
from etl.core.reports.dispatch import ReportFrames, build_dispatch
from etl.edges.templates import TEMPLATES, narrate, wording
from etl.edges.traditional import folded, in_simplified, in_traditional
from tests.support.linting import BUSY, Linted, busy, checks
from tests.unit.lint.test_edition import SHAPES, spoil
from tests.unit.reports.invented_report import MEASURES, TOP, edition_of, invented

PLACES = Path(next(iter(etl.places.__path__)))
AWKWARD = ("乾县", "余庆县", "台江县", "里水区", "干谷县", "龙里县", "后山区", "面店县")


class Traditional(Linted):
    """An invented report in traditional characters."""

    def faults(self, people: tuple[str, ...] = ()) -> list[Fault]:
        return lint(in_simplified(self.model), self.facts, checks(people))


def traditional(frames: ReportFrames, node: str = TOP, **edition: Any) -> Traditional:
    about = edition_of(node, **edition)
    model = narrate(build_dispatch(frames, about, BUSY, MEASURES, wording()), "zh-Hant")
    return Traditional(model, NodeFacts(folded(frames), about, BUSY, MEASURES, wording()))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_as_it_is_made_passes(shape: str) -> None:
    size, how, node, edition = SHAPES[shape]
    assert traditional(invented(*size, **how), node, **edition).told() == []


def test_names_whose_characters_fold_otherwise_pass() -> None:
    report = traditional(busy(invented(8, names=AWKWARD, missing=0.2, late=0.3, seed=3)))
    assert report.told() == []
    assert any("乾縣" in block["text"] for block in report.model["blocks"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("16個，已報送", "17個，已報送"), ("居前三位的是", "居後三位的是"), ("較上期增加", "較上期減少"),
        ("個單位應於2018年", "個單位應於2017年"),
    ],
)
def test_what_is_not_so_is_found(old: str, new: str) -> None:
    report = traditional(busy(invented(16, missing=0.2, late=0.2, findings=1)))
    assert report.told() == []
    assert spoil(report, old, new)


def test_every_character_folds_to_what_its_conversion_folds_to() -> None:
    written = {line for path in TEMPLATES.rglob("*") if path.suffix in (".j2", ".yaml") for line in path.read_text().splitlines()}
    names = {name for path in PLACES.glob("*.csv") for name in re.findall(r"[\u4e00-\u9fff]+", path.read_text(encoding="utf-8"))}
    assert len(names) > 2_000
    wrong = {text for text in written | names if in_simplified(in_traditional(text)) != in_simplified(text)}
    assert not wrong
