"""Which columns a unit's sheet has, in which order and under which headings."""

from dataclasses import dataclass

import numpy as np

from etl.core.programmes.layout import TableLayout
from etl.simulate.wording import Style


@dataclass(frozen=True)
class Heading:
    """A column as it stands in a sheet; `group` is the upper line of a heading over two lines."""

    key: str
    text: str
    group: str | None = None


def sheet_headings(
    layout: TableLayout, filled: set[str], style: Style, rng: np.random.Generator
) -> list[Heading]:
    """The headings of the columns that the unit fills in or must have; a total stays before its parts."""
    blocks: dict[str, list[Heading]] = {}
    for column in layout.columns:
        if column.key not in filled:
            continue
        text = str(rng.choice(column.headings)) if style.synonyms and not column.part else column.headings[0]
        group, _, part = text.rpartition("/") if column.part else ("", "", text)
        blocks.setdefault(column.indicator or column.key, []).append(
            Heading(column.key, part, group) if column.part else Heading(column.key, text)
        )
    order = list(blocks)
    if style.shuffled:
        identity = [key for key in order if key == blocks[key][0].key and layout.columns[0].key == key]
        rest = [key for key in order if key not in identity]
        order = identity + [rest[at] for at in rng.permutation(len(rest))]
    return [heading for key in order for heading in blocks[key]]


def flat(heading: Heading) -> str:
    """The heading on one line."""
    return f"{heading.group}/{heading.text}" if heading.group else heading.text
