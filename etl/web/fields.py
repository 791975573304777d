"""Fields that the forms of several pages have."""

import datetime as dt
from typing import Annotated

from fastapi import Form
from pydantic import BeforeValidator


def as_counted(text: str) -> str:
    """What was typed in several lines, each ended as the browser counts it: it sends two characters where it counted one."""
    return text.replace("\r\n", "\n")


Word = Annotated[str, Form(max_length=64)]
"""A key, an id, a number, a day that may be left out."""
Line = Annotated[str, Form(max_length=128)]
Text = Annotated[str, BeforeValidator(as_counted), Form(max_length=2000)]
Day = Annotated[dt.date, Form()]
Tick = Annotated[str, Form(max_length=3)]
"""A box that is ticked, or empty."""
Many = Annotated[list[str], Form(default_factory=list)]
"""What stands in all fields of one name, in their order."""
