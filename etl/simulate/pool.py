"""Makes units in several processes, in the order of their plans."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from etl.core.period import Period
from etl.core.programmes.forms import Forms, OwnForms
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.programme import Programme
from etl.core.register import SideUnit
from etl.edges.programmes import Bundle
from etl.progress import Progress, counted, silent
from etl.simulate.plan import Options, UnitPlan
from etl.simulate.unit import UnitResult, make_unit


@dataclass(frozen=True)
class _Sent:
    """What a process is given: a bundle's models as plain data, since generic models cannot be pickled."""

    models: tuple[Mapping[str, Any], ...]
    side_units: tuple[SideUnit, ...]
    period: Period
    options: Options
    folder: Path


def make_units(
    bundle: Bundle, plans: Sequence[UnitPlan], period: Period, options: Options, folder: Path, processes: int,
    progress: Progress = silent,
) -> list[UnitResult]:
    """Make and write all units; what came of each."""
    if processes == 1:
        layout = bundle.layout(period)
        made = (make_unit(bundle, layout, plan, period, options, folder) for plan in plans)
        return list(counted(made, len(plans), progress))
    models = (bundle.programme, bundle.catalogue, bundle.forms, bundle.own_forms)
    sent = _Sent(
        tuple(model.model_dump(mode="json") for model in models), bundle.side_units, period, options, folder
    )
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start, initargs=(sent,)) as pool:
        return list(counted(pool.map(_make_one, plans, chunksize=4), len(plans), progress))


_worker: list[partial[UnitResult]] = []  # what the process makes units with, set once when it starts


def _start(sent: _Sent) -> None:
    programme, catalogue, forms, own_forms = sent.models
    bundle = Bundle(
        Programme.model_validate(programme),
        IndicatorCatalogue.model_validate(catalogue),
        Forms.model_validate(forms),
        OwnForms.model_validate(own_forms),
        sent.side_units,
    )
    layout = bundle.layout(sent.period)
    _worker[:] = [
        partial(make_unit, bundle, layout, period=sent.period, options=sent.options, folder=sent.folder)
    ]


def _make_one(plan: UnitPlan) -> UnitResult:
    return _worker[0](plan)
