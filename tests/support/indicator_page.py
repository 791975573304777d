"""Writes docs/indicators.md out of the catalogue and the programmes; `tests/config/test_docs.py` compares.

python -m tests.support.indicator_page > docs/indicators.md
"""

import sys

from etl.core.programmes.indicators import Indicator, IndicatorCatalogue
from etl.edges.programmes import load_bundle, programme_folders

HEAD = """# Indicators

Every figure of every programme, generated from `etl/programmes/indicators.yaml`: edit that file, then run
`python -m tests.support.indicator_page > docs/indicators.md`.

- *kind*: `stock` as of the period's last day, never added over time; `flow` within the period; `derived` recomputed from sums.
- *up*: how a place's figure comes of the places below it: `sum`, `recompute`, or `none` (no total; it stays where it was filed).
- *by*: who files it: `branch` a figure a branch, `unit` a figure a submitting unit, `ledger` counted from the activity ledger.
- *holds*: what validation compares it with in the same row, in the branches' rows, in the ledger or in the period before.
- *used by*: the programmes that ask for it, by the first word of their key.

| key | Chinese | unit | kind | up | by | holds | used by |
|---|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The text of docs/indicators.md."""
    bundles = [load_bundle(key) for key in programme_folders()]
    uses: dict[str, list[str]] = {}
    for bundle in bundles:
        for use in bundle.programme.indicators:
            uses.setdefault(use.key, []).append(bundle.programme.programme.split("-")[0])
    catalogue = bundles[0].catalogue
    rows = (_row(catalogue, each, uses.get(key, [])) for key, each in sorted(catalogue.indicators.items()))
    return HEAD + "\n".join(rows) + "\n"


def _row(catalogue: IndicatorCatalogue, each: Indicator, used_by: list[str]) -> str:
    by, unit = each.filed_by, catalogue.unit_of(each.key)
    cells = (
        f"`{each.key}`",
        each.zh,
        unit.zh,
        each.kind,
        each.rollup,
        by,
        _holds(each),
        ", ".join(used_by) or "–",
    )
    return "| " + " | ".join(cells) + " |"


def _holds(each: Indicator) -> str:
    claims = {
        "= {}": each.formula or each.must_equal,
        "= `{}` of the period before": each.previous,
        "≤ {}": each.part_of,
        "≤ the full score of the {}": each.within,
        "= rows of `{}`": each.counts_rows_of,
        "= {}s on the honours list": each.lists,
        "by level = titles {}": each.titles and each.titles.replace("_", " "),
        "= ledger entries of `{}`": each.ledger_kind,
        "= {} of the ledger": each.ledger_measure,
    }
    return "; ".join(text.format(value) for text, value in claims.items() if value) or "–"


if __name__ == "__main__":
    sys.stdout.write(page())
