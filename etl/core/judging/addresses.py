"""Which column of the sheet a finding points at: the view columns that stand for a column of the form."""

from collections.abc import Mapping

FORM_COLUMN: Mapping[str, Mapping[str, str]] = {
    "rows": {
        "missing_branch_id": "branch_id", "branch_id": "branch_id", "table_name | branch_id": "branch_id",
        "missing_branch_name": "branch_name", "name_noise": "branch_name", "unknown_branch_kind": "branch_kind",
        "missing_township": "township", "wrong_scope": "figures_scope", "repeated_unit_row": "unit_name",
    },
    "activities": {
        "unknown_branch": "branch_id", "unreadable_day": "held_on", "day_outside_period": "held_on",
        "unknown_kind": "activity_kind", "unreadable_count": "attendance_due", "repeated_entry": "activity_title",
        "attendance_due | attended_or_excused": "attendance_present",
    },
    "honours": {
        "unknown_kind": "honour_kind", "unknown_branch": "branch_id", "level_below_missing": "level",
        "still_rectifying": "branch_id", "missing_recipient": "recipient", "unknown_level": "level",
        "unreadable_day": "decided_on", "unknown_tier": "conferred_tier", "unknown_recipient_kind": "recipient_kind",
    },
}
"""Suite → column (or columns joined by " | ") of its view → column key of the form."""


def form_column(suite: str, view_columns: str) -> str | None:
    """The form's column key for a failing rule of a suite; None when the whole row is meant."""
    return FORM_COLUMN.get(suite, {}).get(view_columns)
