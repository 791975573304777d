"""What a year leaves: scores, reviews, award runs, notices, titles, and the records that the rules of a year need.

Reviews, objections, titles and records are only ever added. Points are kept exactly, as hundredths.
"""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from etl.edges.store.schema.base import metadata


class Points(sa.TypeDecorator[Decimal]):
    """Points with two decimals, stored as whole hundredths so that both databases keep them exactly."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Any) -> int | None:
        """Hundredths; ValueError for more than two decimals."""
        if value is None:
            return None
        hundredths = value * 100
        if hundredths != hundredths.to_integral_value():
            raise ValueError(f"{value} has more than two decimals")
        return int(hundredths)

    def process_result_value(self, value: int | None, _dialect: Any) -> Decimal | None:
        """The points again."""
        return None if value is None else Decimal(value).scaleb(-2)


def _record(name: str, key: str, *columns: sa.schema.SchemaItem, comment: str) -> sa.Table:
    """A table of records that people enter: never changed, each with its author and hour."""
    return sa.Table(
        name, metadata, sa.Column(key, sa.String(24), primary_key=True),
        sa.Column("programme", sa.String(64), nullable=False), *columns,
        sa.Column("actor", sa.Text, nullable=False), sa.Column("entered_at", sa.String(32), nullable=False),
        comment=comment,
    )


score_runs = sa.Table(
    "score_runs",
    metadata,
    sa.Column("programme", sa.String(64), primary_key=True),
    sa.Column("period", sa.String(8), primary_key=True),
    sa.Column("inputs_digest", sa.String(64), nullable=False),
    sa.Column("rubric_digest", sa.String(64), nullable=False),
    sa.Column("items_path", sa.Text, nullable=False),
    sa.Column("scored", sa.Integer, nullable=False),
    comment="What the scores of a year rest on; items_path: every item's value and points, as Parquet in the landing.",
)

scores = sa.Table(
    "scores",
    metadata,
    sa.Column("programme", sa.String(64), primary_key=True),
    sa.Column("period", sa.String(8), primary_key=True),
    sa.Column("branch_id", sa.String(96), primary_key=True),
    sa.Column("unit_id", sa.String(64), nullable=False),
    sa.Column("node_id", sa.String(128), nullable=False),
    sa.Column("branch_name", sa.Text, nullable=False),
    sa.Column("branch_kind", sa.String(32), nullable=False),
    sa.Column("members", sa.Integer),
    sa.Column("points", Points, nullable=False),
    sa.Column("bonus", Points, nullable=False),
    sa.Column("deduction", Points, nullable=False),
    sa.Column("self_points", Points),  # the score that the branch filed for itself
    sa.Column("dimensions", sa.JSON, nullable=False),  # dimension key → hundredths of points
    sa.Column("rectifying", sa.Boolean, nullable=False),
    sa.Column("sweeps", sa.Integer, nullable=False),  # half-years in which it filed members swept
    comment="One row a branch and year: what its filed figures alone are worth, before any review.",
)

reviews = _record(
    "reviews", "review_id",
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column("branch_id", sa.String(96), nullable=False),
    sa.Column("tier", sa.String(32), nullable=False),
    sa.Column("node_id", sa.String(128), nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),  # apply, recommend, return, refuse
    sa.Column("level", sa.String(32)),
    sa.Column("points", Points),
    sa.Column("item_points", sa.JSON),  # item key → points as text
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("visit", sa.JSON),  # visited_on, steps, places, findings of an inspection
    sa.Column("supersedes", sa.String(24)),
    sa.Index(None, "programme", "period", "branch_id"),
    comment="One judgement by one office; a later one that supersedes it is another row.",
)

award_runs = sa.Table(
    "award_runs",
    metadata,
    sa.Column("run_id", sa.String(24), primary_key=True),
    sa.Column("programme", sa.String(64), nullable=False),
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # counts the runs of a year
    sa.Column("as_of", sa.String(10), nullable=False),
    sa.Column("inputs_path", sa.Text, nullable=False),
    sa.Column("inputs_sha256", sa.String(64), nullable=False),
    sa.Column("result_path", sa.Text, nullable=False),
    sa.Column("result_sha256", sa.String(64), nullable=False),
    sa.Column("code_version", sa.String(96), nullable=False),
    sa.Column("named", sa.JSON, nullable=False),  # level → branches whose highest naming it is
    sa.Column("answers", sa.JSON, nullable=False),  # what the run has to say: quota overdrawn, ties
    sa.UniqueConstraint("programme", "period", "number"),
    comment="One working out of a year's awards, with everything that it rests on sealed in the landing.",
)

awards = sa.Table(
    "awards",
    metadata,
    sa.Column("run_id", sa.ForeignKey("award_runs.run_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("level", sa.String(32), primary_key=True),
    sa.Column("branch_id", sa.String(96), primary_key=True),
    sa.Column("unit_id", sa.String(64), nullable=False),
    sa.Column("node_id", sa.String(128), nullable=False),  # who names: the place of the level's tier
    sa.Column("branch_name", sa.Text, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),  # named, waiting, held
    sa.Column("score", Points, nullable=False),
    sa.Column("rank", sa.Integer),
    sa.Column("highest", sa.Boolean, nullable=False),  # whether it is the level at which the branch counts
    comment="Who is named, who waits, who holds the level already; the whole result stands in the landing.",
)

notices = _record(
    "notices", "notice_id",
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column("run_id", sa.ForeignKey("award_runs.run_id"), nullable=False),
    sa.Column("level", sa.String(32), nullable=False),
    sa.Column("node_id", sa.String(128), nullable=False),
    sa.Column("opened_on", sa.String(10), nullable=False),
    sa.Column("closes_on", sa.String(10), nullable=False),
    sa.Column("working_days", sa.Integer, nullable=False),
    sa.Column("branch_ids", sa.JSON, nullable=False),
    comment="A public notice (公示) of the branches that one place means to name at one level.",
)

objections = _record(
    "objections", "objection_id",
    sa.Column("notice_id", sa.ForeignKey("notices.notice_id"), nullable=False),
    sa.Column("branch_id", sa.String(96), nullable=False),
    sa.Column("raised_on", sa.String(10), nullable=False),
    sa.Column("statement", sa.Text, nullable=False),
    sa.Column("in_time", sa.Boolean, nullable=False),
    comment="What was said against a naming; one after the deadline is kept and answered, and stops nothing.",
)

rulings = _record(
    "rulings", "ruling_id",
    sa.Column("objection_id", sa.ForeignKey("objections.objection_id"), nullable=False),
    sa.Column("upheld", sa.Boolean, nullable=False),
    sa.Column("ruled_on", sa.String(10), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    comment="What became of an objection: upheld (the branch is not named) or not.",
)

titles = _record(
    "titles", "title_id",
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column("branch_id", sa.String(96), nullable=False),
    sa.Column("level", sa.String(32), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("node_id", sa.String(128), nullable=False),
    sa.Column("conferred_by", sa.Text, nullable=False),
    sa.Column("decided_on", sa.String(10), nullable=False),
    sa.Column("valid_until", sa.String(10)),
    sa.Column("document_number", sa.Text, nullable=False),
    sa.Column("branch_name", sa.Text, nullable=False),
    sa.Column("unit_id", sa.String(64), nullable=False),
    sa.Column("unit_code", sa.String(64), nullable=False),
    sa.Column("unit_name", sa.Text, nullable=False),
    sa.Column("highest", sa.Boolean, nullable=False),
    sa.Column("run_id", sa.String(24)),
    sa.UniqueConstraint("programme", "period", "branch_id", "level"),
    comment="A level conferred on a branch, with the names of its day.",
)

withdrawals = _record(
    "withdrawals", "withdrawal_id",
    sa.Column("title_id", sa.ForeignKey("titles.title_id"), nullable=False),
    sa.Column("withdrawn_on", sa.String(10), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.UniqueConstraint("title_id"),
    comment="A title taken back; the title's own row stays.",
)

successions = _record(
    "successions", "succession_id",
    sa.Column("from_branch_id", sa.String(96), nullable=False),
    sa.Column("to_branch_id", sa.String(96)),
    sa.Column("kind", sa.String(16), nullable=False),  # recode, move, merge, split, dissolve
    sa.Column("effective_on", sa.String(10), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    comment="What became of a branch: it goes on under another id, was merged, split or dissolved.",
)

quota_moves = _record(
    "quota_moves", "move_id",
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column("level", sa.String(32), nullable=False),
    sa.Column("from_node", sa.String(128)),
    sa.Column("to_node", sa.String(128)),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    comment="Places of a quota moved between nodes; without a from they are granted, without a to withdrawn.",
)

duty_records = _record(
    "duty_records", "record_id",
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column("duty", sa.String(48), nullable=False),
    sa.Column("node_id", sa.String(128), nullable=False),
    sa.Column("done_on", sa.String(10), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("taken_back", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(None, "programme", "duty"),
    comment="A duty of the programme done for a year: a plan made by a place or unit, a supervision or visit that it was given.",
)

branch_records = _record(
    "branch_records", "record_id",
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("branch_id", sa.String(96), nullable=False),
    sa.Column("node_id", sa.String(128), nullable=False),
    sa.Column("other_node_id", sa.String(128)),
    sa.Column("since", sa.String(10), nullable=False),
    sa.Column("until", sa.String(10)),
    sa.Column("members", sa.Integer),
    sa.Column("outcome", sa.String(48)),
    sa.Column("note", sa.Text, nullable=False),
    sa.Index(None, "programme", "branch_id"),
    comment="Rectifications, sweeps, contact points, dual management, members away: facts with a beginning and an end.",
)
