"""What proves a report, over one small simulated half-year: the lint keeps back what does not agree."""

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from etl import tasks
from etl.edges.store.editions import latest_editions
from etl.edges.store.proofs import blocked_editions
from etl.edges.store.schema import editions
from etl.settings import settings
from etl.simulated import simulate_period
from etl.stages.context import Context, open_context
from etl.stages.lint import faults_listing
from tests.support.filing import home_at, run

PROGRAMME, PERIOD, TOP = "zaozhuang-true-colour-home", "2021H1", "P370400"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    with home_at(tmp_path_factory.mktemp("proof")):
        simulate_period(PROGRAMME, PERIOD, settings().feeds_dir, scale=0.05, faults="0.02", seed=3)
        run(PROGRAMME, PERIOD, "2030-01-01")
        tasks.render(PROGRAMME, PERIOD)
        yield open_context(PROGRAMME, PERIOD)


def test_a_report_with_a_wrong_figure_is_kept_back_and_said_where(context: Context) -> None:
    assert tasks.lint(PROGRAMME, PERIOD) == {"editions": 7, "blocked": 0}
    edition = latest_editions(context.store, PROGRAMME, PERIOD, "dispatch")[TOP]
    model = json.loads(context.landing.at(edition["model_path"]).read_bytes())
    model["blocks"][0]["text"] = model["blocks"][0]["text"].replace("应报送单位", "应报送单位9")
    _, spoilt = context.landing.keep_document(json.dumps(model, ensure_ascii=False).encode(), ".json")
    _set_model(context, edition["edition_id"], spoilt)
    assert tasks.lint(PROGRAMME, PERIOD)["blocked"] == 1
    assert blocked_editions(context.store, PROGRAMME, PERIOD) == {edition["edition_id"]: 1}
    fault = faults_listing(context).iloc[0]
    assert (fault["rule"], fault["place"], fault["found"][0]) == ("figure", "blocks/0", "9")
    assert fault["remedy"]
    others = tasks.dispatch(PROGRAMME, PERIOD)
    assert (others["blocked"], others["new"] > 0) == (1, True)  # the other editions go on
    _set_model(context, edition["edition_id"], edition["model_path"])
    assert tasks.dispatch(PROGRAMME, PERIOD)["new"] > 0
    assert blocked_editions(context.store, PROGRAMME, PERIOD) == {}


def _set_model(context: Context, edition_id: str, path: str) -> None:
    with context.store.begin() as connection:
        mine = editions.c.edition_id == edition_id
        connection.execute(sa.update(editions).where(mine).values(model_path=path))
