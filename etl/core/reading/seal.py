"""What makes a fix-me workbook ours: its programme, period, unit, receipts and row keys under an HMAC."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

SHEET = "_sanji"  # the very hidden sheet that carries the sealed words
VERSION = 1


class SealedTable(BaseModel):
    """A table of the workbook: which receipt it was written from, on which sheet, the digest of its row keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    receipt_id: str
    sheet: str
    keys_digest: str


class Sealed(BaseModel):
    """What the seal is put over. `aside`: our own sheets; `key_heading`, `mark_heading`: our own columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int = VERSION
    programme: str
    period: str
    unit_id: str
    receipts: tuple[str, ...]
    tables: Mapping[str, SealedTable]
    aside: tuple[str, ...]
    warnings_sheet: str
    key_heading: str
    mark_heading: str

    def text(self) -> str:
        """The canonical JSON that is written and sealed."""
        return json.dumps(
            self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )


def seal(text: str, secret: bytes) -> str:
    """The HMAC-SHA256 of the canonical text, in hexadecimal."""
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def opened(text: str, mark: str, secret: bytes) -> Sealed | None:
    """The sealed content, or None when the seal does not fit or the content is not one of ours."""
    if not hmac.compare_digest(seal(text, secret), mark.strip().lower()):
        return None
    try:
        return Sealed.model_validate_json(text)
    except ValidationError:
        return None


def row_key(receipt_id: str, row: int) -> str:
    """The key of a row of a receipt, as it stands in the hidden column."""
    return f"{receipt_id[:8]}-{row}"


def keys_digest(keys: Sequence[str]) -> str:
    """The digest over the keys of rows, in their order."""
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()
