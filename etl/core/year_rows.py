"""Rows of the store that a year's namings travel in, column by column; as in `rows.py`, a test holds them to the tables."""

from decimal import Decimal
from typing import Any, TypedDict


class ScoreRunRow(TypedDict):
    """A row of `score_runs`: what the scores of a year rest on. `items_path`: every item's value and points."""

    programme: str
    period: str
    inputs_digest: str
    rubric_digest: str
    items_path: str
    scored: int


class NewAwardRun(TypedDict):
    """A working out of a year's awards that is to be kept. `named`: level → branches; `answers`: in Chinese."""

    run_id: str
    programme: str
    period: str
    as_of: str
    inputs_path: str
    inputs_sha256: str
    result_path: str
    result_sha256: str
    code_version: str
    named: dict[str, int]
    answers: list[str]


class AwardRunRow(NewAwardRun):
    """A row of `award_runs`. `number` counts the runs of a year."""

    number: int


class Entered(TypedDict):
    """Whose record it is: the columns that all tables of records share. `entered_at`: ISO, China's time."""

    programme: str
    actor: str
    entered_at: str


class NoticeRow(Entered):
    """A row of `notices`. `closes_on`: its last day."""

    notice_id: str
    period: str
    run_id: str
    level: str
    node_id: str
    opened_on: str
    closes_on: str
    working_days: int
    branch_ids: list[str]


class ObjectionRow(Entered):
    """A row of `objections`."""

    objection_id: str
    notice_id: str
    branch_id: str
    raised_on: str
    statement: str
    in_time: bool


class RulingRow(Entered):
    """A row of `rulings`. `upheld`: the branch is not named."""

    ruling_id: str
    objection_id: str
    upheld: bool
    ruled_on: str
    reason: str


class TitleRow(Entered):
    """A row of `titles`, with the names of its day. `highest`: the level at which the branch counts."""

    title_id: str
    period: str
    branch_id: str
    level: str
    title: str
    node_id: str
    conferred_by: str
    decided_on: str
    valid_until: str | None
    document_number: str
    branch_name: str
    unit_id: str
    unit_code: str
    unit_name: str
    highest: bool
    run_id: str | None


class WithdrawalRow(Entered):
    """A row of `withdrawals`."""

    withdrawal_id: str
    title_id: str
    withdrawn_on: str
    reason: str


class SuccessionRow(Entered):
    """A row of `successions`. `to_branch_id`: None after a split or a dissolution."""

    succession_id: str
    from_branch_id: str
    to_branch_id: str | None
    kind: str
    effective_on: str
    reason: str


class QuotaMoveRow(Entered):
    """A row of `quota_moves`. Without `from_node` the places are granted, without `to_node` withdrawn."""

    move_id: str
    period: str
    level: str
    from_node: str | None
    to_node: str | None
    places: int
    reason: str


class DutyRow(Entered):
    """A row of `duty_records`."""

    record_id: str
    period: str
    duty: str
    node_id: str
    done_on: str
    note: str
    taken_back: bool


class FactTold(TypedDict):
    """What a record of a fact about a branch says (`core.awards.branch_records.Fact`), its days as text."""

    kind: str
    branch_id: str
    node_id: str
    other_node_id: str | None
    since: str
    until: str | None
    members: int | None
    outcome: str | None
    note: str


class FactRow(Entered, FactTold):
    """A row of `branch_records`."""

    record_id: str


class ReviewRow(Entered):
    """A row of `reviews`. `item_points`: item → points as text; `visit`: as `core.awards.review.Entry` has it."""

    review_id: str
    period: str
    branch_id: str
    tier: str
    node_id: str
    verdict: str
    level: str | None
    points: Decimal | None
    item_points: dict[str, str] | None
    reason: str
    evidence: str
    visit: dict[str, Any] | None
    supersedes: str | None
