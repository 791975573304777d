"""A function a stage, for DAGs and the command line alike: ids in, ids and counts out, nothing else travels.

Imports of the stages are inside the functions: a task pays for what it uses, and `sanji --help` for nothing.
"""

import datetime as dt
from typing import Any

from etl.progress import Progress, silent
from etl.stages.context import open_context
from etl.tasks.mail import dispatch as dispatch
from etl.tasks.proofs import errata as errata
from etl.tasks.proofs import lint as lint

Result = dict[str, Any]


def plan(period: str, programmes: list[str] | None = None) -> list[Result]:
    """One entry per programme in force and batch, with the batch's Chinese name and number of units."""
    from etl.partitions import programmes_in_force

    plans = []
    for programme in programmes or programmes_in_force(period):
        context = open_context(programme, period)
        top = context.register.top
        for batch_id in context.register.batch_ids():
            node = context.register.node(batch_id)
            name = top.name if node == top else f"{top.name}·{node.name}"
            units = len(context.units(batch_id))
            plans.append(
                {"programme": programme, "period": period, "batch_id": batch_id, "name": name, "units": units}
            )
    return plans


def gather(programme: str, period: str, batch_id: str | None, as_of: str) -> Result:
    """Take in the files that arrived up to the day `as_of`."""
    from etl.stages.gather import gather as stage

    return stage(open_context(programme, period), batch_id, dt.date.fromisoformat(as_of[:10]))


def read(programme: str, period: str, batch_id: str | None, progress: Progress = silent) -> Result:
    """Read the batch's files into text tables."""
    from etl.stages.read import read as stage

    return stage(open_context(programme, period), batch_id, progress)


def validate(programme: str, period: str, batch_id: str | None) -> Result:
    """Judge the batch's rows and make ready what is accepted."""
    from etl.stages.validate import validate as stage

    return stage(open_context(programme, period), batch_id)


def publish(programme: str, period: str, batch_id: str | None) -> Result:
    """Make the batch's accepted rows current."""
    from etl.stages.publish import publish as stage

    return stage(open_context(programme, period), batch_id)


def settled_keys(programme: str, period: str, batch_id: str, as_of: str) -> list[str]:
    """Partition keys of the units whose submission is settled: published, or missing after the cut-off."""
    from etl.stages.gather import settled_units

    units = settled_units(open_context(programme, period), batch_id, dt.date.fromisoformat(as_of[:10]))
    return [f"{period}|{programme}|{batch_id}|{unit_id}" for unit_id in units]


def roll_up(programme: str, period: str, node_id: str | None = None) -> Result:
    """Add up a node and all below it; the whole programme without `node_id`."""
    from etl.stages.rollup import roll_up as stage

    return stage(open_context(programme, period), node_id)


def render(
    programme: str, period: str, node_id: str | None = None, report: str = "dispatch", progress: Progress = silent
) -> Result:
    """Make the reports of one kind of every node that the programme says, or of one: the half-year's, or a year's paper."""
    if report != "dispatch":
        from etl.tasks.annual import render_paper

        return render_paper(programme, period, report, node_id, progress)
    from etl.stages.render import render as stage

    return stage(open_context(programme, period), node_id, progress)
