"""A paper in the form that its recipient asks for: as a letter to that office alone, or as a document with its red head."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from etl.core.documents import PaperForm
from etl.core.editions import Document, Model
from etl.edges.mail import Attachment

Row = dict[str, Any]
Draw = Callable[[Model, dt.date], Sequence[Document]]


def in_form(model: Model, form: PaperForm | None, office: str) -> Model | None:
    """The model in the form asked for; None where it has that form already, none is asked for, or the paper has no choice.

    A letter is addressed to the office that asked for it, and goes to nobody in copy.
    """
    has = model["head"].get("form")
    if form is None or has is None or form == has:
        return None
    single = {"to": office, "cc": ""} if form == "letter" else {}
    return {**model, "head": {**model["head"], "form": form, **single}}


def drawn_anew(model: Model, issued_on: dt.date, draw: Draw) -> list[Attachment]:
    """The files of a paper in another form than they are kept in, under the same names."""
    return [Attachment(each.name, each.media_type, each.content) for each in draw(model, issued_on)]
