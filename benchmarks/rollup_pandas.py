"""The roll-up in pandas, from the same Parquet tables; `rollup.py` runs it in the peers' environment.

    python -m benchmarks.rollup_pandas FOLDER PROVINCES REPEAT DERIVED.json

Loading and replicating are not timed. Says the median of seconds and the totals it came to.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import pandas as pd

from benchmarks.measure import answer

KEY = ["node_id", "indicator", "part"]


def replicate(frame, names, provinces):
    """The frame `provinces` times, ids numbered."""
    parts = [frame.assign(**{name: f"{i}|" + frame[name] for name in names}) for i in range(provinces)]
    return pd.concat(parts, ignore_index=True)


def totals(figures, ledger, nodes, closure, wanted, derived):
    """Sums, medians, ledger counts, ratios and ranks at every node."""
    counted = figures[figures["counted"]].merge(
        wanted[["indicator", "part", "rollup"]], on=["indicator", "part"]
    )
    climbed = counted.merge(closure, on="node_id")
    own = (climbed["rollup"] == "none") & climbed["own_step"] & (climbed["table_name"] == "unit_figures")
    climbed = climbed[(climbed["rollup"] == "sum") | own]
    grouped = climbed.groupby(["above_id", "indicator", "part"])["value"]
    summed = pd.DataFrame(
        {"value": grouped.sum(min_count=1), "filed": grouped.count(), "median": grouped.median()}
    )
    summed = summed.reset_index().rename(columns={"above_id": "node_id"})
    entries = (
        ledger.merge(closure, on="node_id")
        .groupby("above_id")
        .agg(
            ledger_entries=("entries", "sum"),
            ledger_person_times=("person_times", "sum"),
            ledger_active_branches=("branch_id", "nunique"),
        )
    )
    entries = (
        entries.rename_axis("node_id")
        .reset_index()
        .melt("node_id", var_name="indicator", value_name="value")
        .assign(part="")
    )
    wide = summed[summed["part"] == ""].pivot(index="node_id", columns="indicator", values="value")
    ratios = [
        wide.eval(formula).rename("value").reset_index().assign(indicator=key, part="")
        for key, formula in derived.items()
    ]
    found = pd.concat([summed, entries, *ratios], ignore_index=True)
    frame = nodes.merge(wanted, how="cross").merge(found, on=KEY, how="left")
    for name in ("previous_value", "last_year_value"):  # nothing is known of earlier periods, for any of the three
        frame = frame.merge(pd.DataFrame(columns=[*KEY, name]).astype("str"), on=KEY, how="left")
    frame["value"] = frame["value"].round(6)
    frame = frame.sort_values(["value", "code", "node_id"], ascending=[False, True, True])
    for label, peers in (("tier", ["tier"]), ("parent", ["parent_id", "tier"])):
        ranked = frame[frame["value"].notna()].groupby([*peers, "indicator", "part"], dropna=False)
        frame[f"rank_in_{label}"] = ranked.cumcount() + 1
        frame[f"rank_of_{label}"] = ranked["value"].transform("size")
    return frame.sort_values(["code", *KEY])


def main():
    """Load, replicate, time."""
    folder, provinces, repeat = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    derived = json.loads(Path(sys.argv[4]).read_text("utf-8"))
    tables = {
        name: pd.read_parquet(folder / f"{name}.parquet")
        for name in ("figures", "ledger", "nodes", "closure", "wanted")
    }
    tables["figures"]["value"] = tables["figures"]["value"].astype("float64")
    names = {
        "figures": ["node_id"],
        "ledger": ["node_id", "branch_id"],
        "nodes": ["node_id", "parent_id", "code"],
        "closure": ["node_id", "above_id"],
    }
    tables |= {name: replicate(tables[name], keys, provinces) for name, keys in names.items()}
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        made = totals(**tables, derived=derived)
        seconds.append(time.perf_counter() - start)
    checked = made.groupby("indicator")["value"].sum().round(3).to_dict()
    ranks = int(made["rank_in_tier"].sum())
    answer({"seconds": statistics.median(seconds), "rows": len(made), "checked": checked, "ranks": ranks})


if __name__ == "__main__":
    main()
