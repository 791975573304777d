"""A unit's namings, praise, honours and medals of one period."""

import datetime as dt
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from etl.simulate.figures import Context
from etl.simulate.profile import names, ordinal

COLUMNS = (
    "honour_kind", "level", "branch_id", "recipient", "recipient_kind", "conferred_tier", "honour_title", "decided_on",
    "document_number",
)


def named_branches(context: Context, standing: pd.DataFrame) -> dict[str, list[int]]:
    """Level → places (in `standing`) of the branches whose highest naming of the period it is.

    They are those whom the year's simulated reviews have named, of which there may be none; without such reviews each period
    takes its turn in one drawn order of the branches, so that hardly one is named twice.
    """
    awarded = context.plan.awarded
    if awarded is not None:
        at_level = [None if changing else awarded.get(branch) for branch, changing in
                    zip(standing["branch_id"], standing["rectifying"], strict=True)]
        return {
            level.key: [at for at, each in enumerate(at_level) if each == level.key]
            for level in context.bundle.programme.levels
        }
    able = np.flatnonzero((~standing["rectifying"]).to_numpy() & standing["pool"].to_numpy())
    order = context.rng("named order", stock=True).permutation(able)
    wanted = sum(context.plan.named.values())
    start = (ordinal(context.period) * wanted) % len(order) if len(order) else 0
    turn = np.roll(order, -start).tolist()
    return {
        level: [turn.pop() for _ in range(min(count, len(turn)))]
        for level, count in context.plan.named.items()
    }


def named_counts(context: Context, named: Mapping[str, list[int]]) -> dict[str, int]:
    """Level → how many the unit says were named: all whom decisions named, also those that its list may not have any more because
    they were dissolved or are put right since."""
    if context.plan.awarded is None:
        return {level: len(places) for level, places in named.items()}
    return Counter(context.plan.awarded.values())


def honours_table(
    context: Context, standing: pd.DataFrame, named: Mapping[str, list[int]], own: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """The table as filed, and `branch`: the place of a named branch, -1 for praise."""
    rng = context.rng("honours")
    rows = [*_namings(context, standing, named, rng), *_praise(context, standing, own, rng)]
    return {
        name: np.array([row[at] for row in rows], dtype=object)
        for at, name in enumerate([*COLUMNS, "branch"])
    }


def word_of(context: Context, column: str, key: str) -> str:
    """The first Chinese word that stands for a choice in the honours table."""
    choices = next(each.choices for each in context.layout.table("honours").columns if each.key == column)
    return next((word for word, meaning in choices.items() if meaning == key), key)


def day_in(context: Context, rng: np.random.Generator, low: float = 0.1, high: float = 0.9) -> str:
    """A day of the period as ISO text, between two shares of its length."""
    days = (context.period.last_day - context.period.first_day).days
    return (context.period.first_day + dt.timedelta(days=int(days * rng.uniform(low, high)))).isoformat()


def person(rng: np.random.Generator) -> str:
    """An invented person's name."""
    word = names()
    return f"{rng.choice(word['surnames'])}{rng.choice(word['given_names'])}"


def _namings(
    context: Context, standing: pd.DataFrame, named: Mapping[str, list[int]], rng: np.random.Generator
) -> Iterator[tuple[object, ...]]:
    levels = {level.key: level for level in context.bundle.programme.levels}
    naming = word_of(context, "honour_kind", "naming")
    for key, places in named.items():
        for at in places:
            ladder = [*_below(levels[key].needs, {k: v.needs for k, v in levels.items()}), key]
            for step, level in enumerate(ladder):
                title = levels[level].title
                decided = day_in(context, rng, step / len(ladder), (step + 0.9) / len(ladder))
                branch = standing.iloc[at]
                yield (
                    naming, levels[level].zh, branch["branch_id"], branch["branch_name"],
                    word_of(context, "recipient_kind", "organisation"), word_of(context, "conferred_tier", levels[level].tier),
                    title, decided, _document(context, rng), at,
                )


def _below(needs: tuple[str, ...], all_needs: Mapping[str, tuple[str, ...]]) -> list[str]:
    found: list[str] = []
    for need in needs:
        found += [each for each in (*_below(all_needs[need], all_needs), need) if each not in found]
    return found


def _praise(
    context: Context, standing: pd.DataFrame, own: Mapping[str, float], rng: np.random.Generator
) -> Iterator[tuple[object, ...]]:
    commendation = context.bundle.programme.commendation
    if commendation is None:
        return
    kinds = [kind for kind in commendation.kinds if kind != "naming"]
    if not kinds:
        return
    low, high = context.profile["praised_per_unit"]
    titles = names()["praise_titles"]
    organisations = int(own.get("organisations_commended", 0))
    people = int(own.get("members_commended", rng.integers(low, high + 1)))
    for at in _praised_branches(context, standing, organisations):
        branch = standing.iloc[at]
        yield (
            word_of(context, "honour_kind", kinds[0]), None, branch["branch_id"], branch["branch_name"],
            word_of(context, "recipient_kind", "organisation"), _tier(context, rng), titles["organisation"],
            day_in(context, rng), _document(context, rng), -1,
        )
    others = names()["titles_of_organisations"]
    personal = [title for title in commendation.titles if not any(word in title for word in others)] or [titles["person"]]
    for number in range(people):
        kind, title = kinds[number % len(kinds)], personal[number % len(personal)]
        yield (
            word_of(context, "honour_kind", kind), None, None, person(rng), word_of(context, "recipient_kind", "member"),
            _tier(context, rng), title, day_in(context, rng), _document(context, rng), -1,
        )


def _praised_branches(context: Context, standing: pd.DataFrame, wanted: int) -> list[int]:
    """Places of the branches praised: the halves of a year take from the two ends of the year's drawn order.

    So a branch is praised twice in a year only where more are wanted than there are.
    """
    year, seed = context.period.year, context.options.seed
    lots = [zlib.crc32(f"{seed}|{year}|{branch_id}".encode()) for branch_id in standing["branch_id"]]
    order = np.argsort(lots, kind="stable")
    order = order[::-1] if context.period.number == 2 else order
    return [int(order[at % len(order)]) for at in range(wanted if len(order) else 0)]


def _tier(context: Context, rng: np.random.Generator) -> str:
    """The word for the tier whose praise it is: mostly the unit's own, now and then one above."""
    programme = context.bundle.programme
    above = programme.tier_keys()[programme.height(programme.submitting_tier or programme.top.tier) :]
    shares = context.profile["praised_by"][: len(above)]
    tier = above[int(rng.choice(len(above), p=np.asarray(shares) / sum(shares)))]
    return word_of(context, "conferred_tier", tier)


def _document(context: Context, rng: np.random.Generator) -> str:
    return f"示例发〔{context.period.year}〕{int(rng.integers(1, 90))}号"
