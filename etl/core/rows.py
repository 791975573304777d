"""Rows of the store as they travel through stages and pages, column by column: a misspelt one is an error of types.

A test holds each to its table: the same columns, their types, and what may be None. `New…` rows are not in the store yet and
lack what it gives them.
"""

from typing import Any, TypedDict


class NewReceipt(TypedDict):
    """A delivered file that is to be kept as a row of `receipts`. `size`: bytes; `arrived_at`: ISO, China's time."""

    receipt_id: str
    programme: str
    period: str
    unit_id: str
    unit_code: str
    sha256: str
    file_name: str
    size: int
    arrived_at: str
    on_time: bool
    status: str


class ReceiptRow(NewReceipt):
    """A row of `receipts`. `layout_digest`: of the reader and the forms it was read by; None: not read yet."""

    layout_digest: str | None


class NewFinding(TypedDict):
    """What is wrong, where, and what was expected; the store gives it its number and its key.

    `shown`: what people read as found, None where that is `observed` itself.
    """

    programme: str
    period: str
    unit_id: str
    subject_id: str | None
    stage: str
    batch_id: str
    receipt_id: str | None
    table_name: str | None
    sheet: str | None
    row_number: int | None
    column_letter: str | None
    heading: str | None
    column_key: str | None
    rule: str
    level: str
    observed: str | None
    shown: str | None
    expected: str | None


class FindingRow(NewFinding):
    """A row of `findings`. The key lasts over reruns, the id until the next one."""

    finding_id: int
    finding_key: str


class SliceFile(TypedDict):
    """Where the accepted rows of a unit's table lie."""

    unit_id: str
    table_name: str
    path: str


class SliceRow(SliceFile):
    """A row of `current_slices` or `ready_slices`: a slice, what it was read out of, and how its rows add up."""

    programme: str
    period: str
    batch_id: str
    receipt_id: str | None
    rows_in: int
    rows_accepted: int
    rows_held: int
    rows_blank: int


class EventRow(TypedDict):
    """A row of `unit_events`, the audit trail of the returns. `detail`: what `core.returns.events` says of each kind of event."""

    event_number: int
    event_id: str
    programme: str
    period: str
    unit_id: str
    at: str
    actor: str
    event: str
    detail: dict[str, Any]


class EditionRow(TypedDict):
    """A row of `editions`. `model_path`: None of one made before models were kept."""

    edition_id: str
    programme: str
    period: str
    report: str
    node_id: str
    number: int
    issued_on: str
    inputs_digest: str
    model_path: str | None


class NewDocument(TypedDict):
    """A file that is to be one of an edition's. `path`: in the landing; `name`: as recipients see it."""

    format: str
    sha256: str
    path: str
    name: str
    media_type: str


class DocumentRow(NewDocument):
    """A row of `edition_documents`."""

    edition_id: str


class NewMessage(TypedDict):
    """A composed message that is to be queued. `path`: of its .eml, below the outbox folder; `attachments`: file names."""

    message_key: str
    kind: str
    subject_id: str
    recipient: str
    part: int
    parts: int
    programme: str
    period: str
    node_id: str
    office: str
    reason: str
    message_id: str
    subject: str
    attachments: list[str]
    size: int
    path: str


class MessageRow(NewMessage):
    """A row of `messages`, the ledger: what became of a message, and when."""

    state: str
    tries: int
    last_error: str | None
    queued_at: str
    released_at: str | None
    claimed_at: str | None
    settled_at: str | None


class Bound(TypedDict):
    """What an explanation or a waiver is bound to, the parts of `core.returns.explanations.binding_id`; who gave it, and when."""

    binding_id: str
    programme: str
    unit_id: str
    subject_id: str
    rule: str
    column_key: str
    observed: str
    actor: str
    at: str


class ExplanationRow(Bound):
    """A row of `explanations`. `period`: in which it was given."""

    period: str
    text: str


class WaiverRow(Bound):
    """A row of `waivers`: for which periods a held row counts, on the word of which tier. `until_period`: included."""

    since_period: str
    until_period: str
    reason: str
    tier: str
    withdrawn_reason: str | None
    withdrawn_by: str | None
    withdrawn_at: str | None
