"""One thing changed in the prose of a report that was right: the lint says so, whatever it is."""

import re
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.core.lint.claims import check_text
from etl.core.lint.edition import texts_of
from etl.core.lint.reading import report_facts
from tests.support.linting import BUSY, Linted, busy, checks, linted
from tests.unit.reports.invented_report import TOP, invented

SWAPS = {
    "增加": "减少", "减少": "增加", "提高": "下降", "下降": "提高", "增长": "下降", "上升": "下降", "持平": "增加", "万": "",
    "以上": "", "余": "", "约": "", "前三位": "前两位", "最大": "最小", "升幅": "降幅", "降幅": "升幅",
}
MANY = settings(max_examples=300, derandomize=True, suppress_health_check=list(HealthCheck))


@cache
def reports() -> tuple[Linted, ...]:
    """A province, a prefecture, and one where many are late or missing."""
    return (
        linted(invented(16, 3)),
        linted(invented(16, 3), "P530010"),
        linted(invented(40, missing=0.4, late=0.4)),
        linted(invented(5, missing=0.4, late=0.3), TOP),
        linted(busy(invented(16, 3, missing=0)), settings=BUSY),
    )


@MANY
@given(data=st.data())
def test_a_changed_digit_word_or_name_is_found(data: st.DataObject) -> None:
    report = data.draw(st.sampled_from(reports()))
    told = report_facts(report.facts, report.model["annexes"])
    names = sorted({row.name for rows in report.facts.groups for row in rows} | set(told.scalars.names["units"]))
    tokens = re.compile(r"\d|" + "|".join([*map(re.escape, sorted(names, key=len, reverse=True)), *SWAPS]))
    telling = [text for text in texts_of(report.model) if re.search(r"\d", text[1]) or any(n in text[1] for n in names)]
    place, text, scope = data.draw(st.sampled_from(telling))
    found = data.draw(st.sampled_from(list(tokens.finditer(text))))
    if found[0].isdigit():
        other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != found[0]]))
    elif found[0] in SWAPS:
        other = SWAPS[found[0]]
    else:
        other = data.draw(st.sampled_from([name for name in names if name not in (found[0], report.facts.node["name"])]))
    spoilt = text[: found.start()] + other + text[found.end() :]
    if "升降" in text[found.start() - 1 : found.end() + 1]:
        return  # the name of a column, which tells nothing
    assert check_text(place, spoilt, checks().grammar, told.lexicon, told, scope), spoilt
