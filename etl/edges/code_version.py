"""Which code works awards out: the package's version and a digest of the modules that decide."""

import functools
import hashlib
from importlib.metadata import version
from pathlib import Path

_CORE = Path(__file__).parent.parent / "core"
_DECIDE = (
    "awards/award",
    "awards/award_inputs",
    "awards/award_table",
    "awards/quota",
    "awards/score_values",
    "awards/scoring",
    "programmes/measures",
    "programmes/naming",
    "programmes/programme",
    "programmes/rubric",
)


@functools.cache
def code_version() -> str:
    """For example 0.1.0+3f2a…: other code, other digest."""
    content = b"".join((_CORE / f"{name}.py").read_bytes() for name in _DECIDE)
    return f"{version('sanji')}+{hashlib.sha256(content).hexdigest()[:16]}"
