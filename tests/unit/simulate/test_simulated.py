"""The simulator behind plain words: what it enters is counted by what was taken."""

import datetime as dt
from pathlib import Path

import pytest

from etl import simulated
from etl.simulate.records import Done, duties_for
from tests.support.naming import COUNTY, YUNNAN


def test_duties_that_were_not_taken_are_counted_as_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = simulated.simulate_duties(YUNNAN, "2018H1", seed=1)
    assert taken["duties"] > 0
    assert taken["refused"] == 0
    owed_by_no_county = Done("yearly_scheme", COUNTY, dt.date(2018, 3, 1))
    monkeypatch.setattr(simulated, "duties_for", lambda *known: [*duties_for(*known), owed_by_no_county])
    assert simulated.simulate_duties(YUNNAN, "2018H1", seed=1) == {"duties": taken["duties"], "refused": 1}
