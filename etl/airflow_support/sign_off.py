"""What waits for a person: buttons in Chinese, a time limit, and the people who may press them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from airflow.providers.standard.operators.hitl import ApprovalOperator

RESPONSE_TIMEOUT = timedelta(days=30)
"""How long a sign-off waits; then it counts as sent back, so that nothing ever leaves by itself."""


class SignOff(ApprovalOperator):  # type: ignore[misc]  # Airflow is not followed by mypy, so its bases are Any
    """Waits for 签发 or 退回; sent back, or without an answer in time, everything after it is skipped."""

    APPROVE = "签发"
    REJECT = "退回"
    ui_color: ClassVar[str] = "#fbe3d0"

    def __init__(self, **given: Any) -> None:
        given.setdefault("response_timeout", RESPONSE_TIMEOUT)
        given.setdefault("defaults", self.REJECT)
        super().__init__(**given)


class ReviewsDone(SignOff):
    """Waits until somebody says that all tiers have entered their reviews."""

    APPROVE = "评审完成"
    REJECT = "退回补评"


def signers(told: str) -> list[dict[str, str]] | None:
    """The people of a setting such as `chief:王局,deputy:李局`, as Airflow wants them; None lets everybody who may.

    >>> signers("chief:王局, deputy")
    [{'id': 'chief', 'name': '王局'}, {'id': 'deputy', 'name': 'deputy'}]
    """
    people = [each.strip().partition(":") for each in told.split(",") if each.strip()]
    return [{"id": user, "name": name or user} for user, _, name in people] or None
