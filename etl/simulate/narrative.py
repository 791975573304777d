"""What a unit writes about itself in its return: practices, difficulties, plans. All invented; nobody is named."""

import numpy as np

from etl.simulate.profile import names

MOST = 9  # the small numbers that stand in sentences are 1 to this
SENTENCES = {"main_practices": 2}  # of the others one
SUBJECT_FIRST = ("difficulties",)  # whose sentences begin with what they are about
LEFT_EMPTY = 0.1  # share of the optional texts that a unit does not fill in


def narrative_text(key: str, rng: np.random.Generator) -> str | None:
    """The unit's text under an indicator; None where it left the cell empty. KeyError for a text nobody words."""
    if rng.uniform() < LEFT_EMPTY:
        return None
    columns = names()["narrative"][key]
    count = SENTENCES.get(key, 1)
    chosen = [rng.permutation(column)[:count] for column in columns]
    clauses = [[str(column[at]) for column in chosen] for at in range(count)]
    if key in SUBJECT_FIRST:
        clauses = [[first + second, *rest] for first, second, *rest in clauses]
    sentences = ("，".join(each) for each in clauses)
    filled = "；".join(sentences)
    while "N" in filled:
        filled = filled.replace("N", str(rng.integers(1, MOST + 1)), 1)
    return f"{filled}。"
