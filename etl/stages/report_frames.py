"""The frames that reports are built from: totals, returns, findings and how they stand, doings, words, registers."""

import pandas as pd

from etl.core.reports.dispatch import ReportFrames
from etl.core.reports.index import STANDING_COLUMNS
from etl.edges.store.results import frame
from etl.stages.context import Context
from etl.stages.explanations import faults_that_stand, findings_with_answers
from etl.stages.frames import findings_by_rule, rule_texts, unit_states
from etl.stages.report_records import record_frames
from etl.stages.report_slices import activity_frames
from etl.stages.two_maps import division_changes


def report_frames(context: Context) -> ReportFrames:
    """The frames of a programme and period; columns as `ReportFrames` says."""
    found = faults_that_stand(context)
    return ReportFrames(
        totals=frame(context.store, "totals", *context.key),
        completeness=frame(context.store, "completeness", *context.key),
        units=unit_states(context, found),
        findings=findings_by_rule(context, found),
        standing=standing_frame(context),
        **activity_frames(context),
        divisions=division_changes(context),
        **record_frames(context),
    )


def standing_frame(context: Context) -> pd.DataFrame:
    """What the figures rest on though a rule asked: warnings, open or explained, and waived rows.

    One row a unit, rule, state and answer; columns as `ReportFrames` says.
    """
    found = findings_with_answers(context, None)
    found = found[(found["level"] == "warning") | (found["state"] == "waived")]
    units = context.register.units_by_id
    found = found[found["unit_id"].isin(list(units))]
    texts = rule_texts(context)
    counts = found.fillna({"answer": ""}).groupby(["unit_id", "rule", "state", "answer"]).size()
    rows = [
        (unit_id, units[unit_id].name, rule, texts[rule][0], state, answer, int(count))
        for (unit_id, rule, state, answer), count in counts.items()
    ]
    return pd.DataFrame(rows, columns=STANDING_COLUMNS)
