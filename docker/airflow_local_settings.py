"""Copied to `$AIRFLOW_HOME/config/`: loads the slow libraries once, in the processes that fork a child per task.

Sixteen tasks that each import Great Expectations: 56 s without this, 4 s with it (two cores).
"""

import sys

if sys.argv[1:2] == ["scheduler"] or sys.argv[1:3] == ["celery", "worker"]:
    import duckdb  # noqa: F401 - loaded for the children to share
    import great_expectations  # noqa: F401 - loaded for the children to share
    import pandas  # noqa: F401 - loaded for the children to share
    import pyarrow.parquet  # noqa: F401 - loaded for the children to share
