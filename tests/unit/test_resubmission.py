"""When is a returned version better than the one in force?"""

import pytest

from etl.core.resubmission import Objection, Standing, objection

IN_FORCE = Standing(rows_accepted=40, rows_held=10, faults=12, warnings=3)


@pytest.mark.parametrize(
    ("accepted", "held", "faults", "warnings", "no"),
    [
        (50, 0, 0, 3, None),
        (50, 0, 0, 9, None),  # rows that come back may bring warnings with them
        (40, 9, 12, 3, None),
        (40, 10, 11, 3, None),
        (40, 10, 12, 2, None),
        (40, 10, 12, 3, "not_fewer"),
        (40, 10, 12, 4, "not_fewer"),
        (60, 11, 2, 0, "more_held"),
        (39, 0, 0, 0, "fewer_accepted"),
    ],
)
def test_a_version_must_be_better_in_what_weighs_most(
    accepted: int, held: int, faults: int, warnings: int, no: Objection | None
) -> None:
    assert objection(IN_FORCE, Standing(accepted, held, faults, warnings), equal_is_enough=False) == no


def test_what_is_not_worse_is_enough_for_a_value_fixed_by_a_person() -> None:
    assert objection(IN_FORCE, IN_FORCE, equal_is_enough=True) is None
    assert objection(IN_FORCE, Standing(40, 10, 13, 3), equal_is_enough=True) == "not_fewer"


def test_where_nothing_is_in_force_anything_is_better() -> None:
    assert objection(None, Standing(0, 5, 9, 9), equal_is_enough=False) is None
