"""Airflow reads its settings when it is first imported, so this file sets them before any test module loads."""

import os
import tempfile
import warnings
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
HOME = tempfile.mkdtemp(prefix="sanji-airflow-")

os.environ["AIRFLOW_HOME"] = HOME
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(REPO / "dags")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"


@pytest.fixture(scope="session")
def bag():
    """All DAG files of the repository, parsed."""
    from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415  only now are the settings set

    with warnings.catch_warnings():
        # The standard provider's sensor module (1.21.0) uses a name that Airflow has moved.
        warnings.filterwarnings("ignore", message=".*operator_helpers.determine_kwargs.*")
        return DagBag(REPO / "dags")
