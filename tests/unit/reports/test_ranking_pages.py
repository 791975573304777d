"""A long ranking over pages: no page carries a handful of its rows alone."""

import datetime as dt
import re

import pytest

from etl.core.reports.dispatch import build_dispatch
from etl.edges.fonts import resolve_fonts
from etl.edges.pdf_pages import page_texts
from etl.edges.templates import narrate, wording
from etl.edges.typesetting import typeset
from tests.unit.reports.invented_report import EDITION, MEASURES, SETTINGS, invented


def rows_by_page(children: int) -> list[int]:
    """How many places of the ranking stand on each page of its table."""
    model = build_dispatch(invented(children, missing=0, findings=0), EDITION, SETTINGS, MEASURES, wording())
    names = {row["name"] for group in model["ranking"]["groups"] for row in group["rows"]}
    pdf = typeset(narrate(model), "dispatch/dispatch.typ", dt.date(2018, 8, 6), resolve_fonts(), {})
    pages = [text for text in page_texts(pdf) if "名次 州（市）" in text.replace("\n", " ")]
    return [len(names & set(re.findall(r"第\d+县|\S+?[州市](?=\s)", text))) for text in pages]


@pytest.mark.parametrize("children", [35, 37, 40, 80])
def test_no_page_carries_a_handful_of_rows_alone(children: int) -> None:
    on_pages = rows_by_page(children)
    assert sum(on_pages) == children
    assert len(on_pages) == 1 or on_pages[-1] >= 8
