"""Fields that the forms of several pages have."""

import datetime as dt
from typing import Annotated

from fastapi import Form
from pydantic import BeforeValidator


def as_counted(text: str) -> str:
    """What was typed in several lines, each ended as the browser counts it: it sends two characters where it counted one."""
    return text.replace("\r\n", "\n")


Text = Annotated[str, BeforeValidator(as_counted), Form(max_length=2000)]
Day = Annotated[dt.date, Form()]
