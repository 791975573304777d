"""Scoring and awarding a province (6,256 branches) and a nation (600,000): seconds of work, without files and the store.

Figures of two half-years are made in DuckDB; what is timed is the statement that takes the year together, the items, the sums,
the sealing of the inputs, and the awards at every level with a review of every tier for one branch in ten.
Goals: a province in 1 second, 600,000 branches in 60, time a branch not growing with their number.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

YUNNAN = "yunnan-model-branch"
SIZES = (6_256, 60_000, 600_000)


def run(sizes: tuple[int, ...] = SIZES) -> list[dict[str, float]]:
    """One row a size: branches, seconds to score, to award, in all, and microseconds a branch."""
    from etl.edges.programmes import load_bundle

    bundle = load_bundle(YUNNAN)
    measure(bundle, 500)  # imports and first statements are not the work
    return [measure(bundle, size) for size in sizes]


def measure(bundle: Any, branches: int) -> dict[str, float]:
    """The seconds of one size."""
    engine, day = _figures(bundle, branches), pd.Timestamp("2017-12-31").date()
    scored, score_seconds = _timed(lambda: _score(bundle, engine, day))
    inputs = _inputs(bundle, scored)
    result, award_seconds = _timed(lambda: _award(inputs))
    assert len(result.table) >= branches
    total = score_seconds + award_seconds
    return {
        "branches": branches, "score": round(score_seconds, 3), "award": round(award_seconds, 3), "total": round(total, 3),
        "microseconds_a_branch": round(total / branches * 1e6, 1),
    }


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    done = work()
    return done, time.perf_counter() - start


def _figures(bundle: Any, branches: int) -> Any:
    """`year_figures` of invented branches in 200 units: every indicator that the rubric needs, in both half-years."""
    from etl.core.awards.score_values import values_statement  # noqa: F401 - loaded before the clock starts
    from etl.core.awards.scoring import judged_items
    from etl.edges.engine import memory_engine

    day = pd.Timestamp("2017-12-31").date()
    items = judged_items(bundle.programme, bundle.catalogue, day)
    keys = {
        name for judged in items for wanted in judged.wanted for name in _parts(bundle, wanted.indicator)
    } | {"members"}
    engine = memory_engine()
    listed = ", ".join(f"('{key}')" for key in sorted(keys))
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "create table year_figures as select 'P' || (b % 200) as unit_id, 'P' || (b % 200) as node_id, "
            "'branches' as table_name, 'B' || lpad(b::varchar, 7, '0') as subject_id, k.indicator, '' as part, "
            "((hash(b, k.indicator, half) % 20) + 3)::decimal(18, 4) as value, "
            "case when k.indicator = 'last_election_on' then date '2016-01-01' + (b % 700)::integer end as day, "
            "cast(null as varchar) as text, half = 2 as last "
            f"from range({branches}) as r(b), (values {listed}) as k(indicator), range(1, 3) as h(half)"
        )
    return engine


def _parts(bundle: Any, key: str) -> tuple[str, ...]:
    indicator = bundle.catalogue.indicators[key]
    return indicator.parsed_formula.names if indicator.formula else (key,)


def _score(bundle: Any, engine: Any, day: Any) -> pd.DataFrame:
    from etl.core.awards.score_values import values_statement
    from etl.core.awards.scoring import judged_items, score_table
    from etl.edges.engine import fetch

    items = judged_items(bundle.programme, bundle.catalogue, day)
    wanted = [each for judged in items for each in judged.wanted]
    nullable = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype()}
    statement = values_statement(bundle.programme, bundle.catalogue, wanted, day)
    return score_table(fetch(engine, statement).to_pandas(types_mapper=nullable.get), bundle.programme, items)


def _inputs(bundle: Any, scores: pd.DataFrame) -> Any:
    from etl.core.awards.award_inputs import REVIEWS, TITLES, AwardInputs
    from etl.core.period import Period

    period = Period.parse("2017")
    paths = {f"P{n}": {"county": f"P{n}", "prefecture": f"Q{n % 16}", "province": "R"} for n in range(200)}
    chosen = scores["branch_id"].to_numpy()[::10]
    reviews = pd.concat(
        [pd.DataFrame({"branch_id": chosen, "tier": tier, "verdict": "recommend", "level": "province",
                       "points": pd.array(np.random.default_rng(1).integers(9000, 10000, len(chosen)), dtype="Int64"),
                       "visited": False}) for tier in ("county", "prefecture", "province")]
    )[list(REVIEWS)]
    titles = pd.DataFrame([], columns=list(TITLES))
    return AwardInputs(
        bundle.programme, period, period.last_day, scores.assign(rectifying=False, sweeps=2), paths, reviews, titles, (), {}, {}
    )


def _award(inputs: Any) -> Any:
    from etl.core.awards.award_inputs import seal
    from etl.core.awards.award_table import award

    seal(inputs)
    return award(inputs)


if __name__ == "__main__":
    print(pd.DataFrame(run()).to_string(index=False))
