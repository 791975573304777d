"""Our read → totals of a whole programme in one process; `half_year.py` runs and measures it.

    python -m benchmarks.half_year_ours HOME PROGRAMME PERIOD [import-first]

The files must have been gathered into HOME. Says the seconds of each stage, and of importing Great Expectations if that is
to happen before them.
"""

import os
import sys
from collections.abc import Callable

from benchmarks.measure import answer, timed


def main() -> None:
    """Run the stages and say what each took."""
    home, programme, period, *first = sys.argv[1:]
    os.environ["SANJI_HOME"] = home
    seconds = {"import": timed(lambda: __import__("etl.edges.gx_duckdb"))} if first else {}
    from etl import tasks

    steps: dict[str, Callable[[], object]] = {
        "read": lambda: tasks.read(programme, period, None),
        "validate": lambda: tasks.validate(programme, period, None),
        "publish": lambda: tasks.publish(programme, period, None),
        "rollup": lambda: tasks.roll_up(programme, period),
    }
    answer(seconds | {name: timed(step) for name, step in steps.items()})


if __name__ == "__main__":
    main()
