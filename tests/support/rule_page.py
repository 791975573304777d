"""Writes docs/rule-book.md out of `expectations/`; `tests/config/test_docs.py` compares.

python -m tests.support.rule_page > docs/rule-book.md
"""

import sys
from collections.abc import Mapping
from typing import Any

import pandas as pd

from etl.listings import rules_listing

HEAD = """# Rule book

Every rule in the words that submitters read, generated from `expectations/`: edit those files, then run
`python -m tests.support.rule_page > docs/rule-book.md`. How to [add a rule](how-to/add-a-rule.md), how to
[explain or waive](how-to/explain-or-waive.md).

- *severity*: `file` holds the table, `row` the row, `warning` nothing: it asks for an explanation. A threshold says its own.
- *since*: the first day in force (and the last, if it has ended). A half-year is judged by the rules of its own last day.
- *waived by*: the lowest tier that may let a held row count as it is; `–` nobody.
"""
TITLES: Mapping[str, str] = {
    "reading": "Reading a file", "rows": "Whose row it is", "figures": "A figure", "ratios": "Ratios against thresholds",
    "unit_sums": "A unit's sums against the period before", "activities": "The activity ledger", "honours": "Honours",
    "peer_figures": "A branch against its own past and its peers",
    "unit_patterns": "What a unit's branches file together", "copies": "Copied texts and rows",
    "evidence": "Reported without a trace in the ledger", "totals": "Totals of a place", "corrections": "Declared corrections",
    "documents": "Making a paper", "year": "A year against what is asked of it",
}
"""Suite → title, in the order of the page."""


def page() -> str:
    """The text of docs/rule-book.md. KeyError for a suite without a title."""
    rules = rules_listing(None)
    suites = sorted(rules["suite"].unique(), key=list(TITLES).index)
    return HEAD + "".join(_section(TITLES[suite], rules[rules["suite"] == suite]) for suite in suites)


def _section(title: str, rules: pd.DataFrame) -> str:
    names = "| rule | sentence | severity | remedy | example | since | waived by |"
    return f"\n## {title}\n\n{names}\n|{'---|' * 7}\n" + "".join(_row(rule) for rule in rules.to_dict("records"))


def _row(rule: Mapping[Any, Any]) -> str:
    since = " – ".join(str(day) for day in (rule["since"], rule["until"]) if day)
    cells = (
        rule["rule"], rule["sentence"], rule["level"], rule["remedy"], rule["example"], since or "always",
        rule["waivable_by"] or "–",
    )
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
