"""The simulator behind plain words: a programme's key, a period, a folder, a share of faults or "each"."""

import os
import shutil
from pathlib import Path
from typing import Any, Literal

from etl.core.period import Period
from etl.edges.programmes import load_bundle
from etl.errors import Misuse
from etl.settings import settings
from etl.simulate import Options, simulate

MANY_BRANCHES = 0.2  # from this scale on, starting more processes is worth it


def simulate_period(
    programme: str,
    period: str,
    out: Path,
    *,
    scale: float,
    faults: str,
    seed: int,
    late: int = 0,
    missing: int = 0,
) -> dict[str, Any]:
    """Write a period's feeds and truth afresh; counts of units, rows and faults. Misuse for a bad period or rate."""
    try:
        rate: float | Literal["each"] = "each" if faults == "each" else float(faults)
        when = Period.parse(period)
    except ValueError as error:
        raise Misuse(str(error)) from error
    bundle = load_bundle(programme, settings().programmes_dir)
    folder = out / programme / period
    if folder.exists():
        shutil.rmtree(folder)
    options = Options(scale=scale, fault_rate=rate, seed=seed, late=late, missing=missing)
    processes = (os.cpu_count() or 1) if scale >= MANY_BRANCHES else 1
    summary = simulate(bundle, when, out, options, processes=processes)
    return {
        "units": sum(summary.units.values()),
        "rows": sum(summary.rows.values()),
        "faults": sum(summary.faults.values()),
    }
