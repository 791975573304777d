"""A paper in the form that its recipient asks for: as a letter to that office alone, or as a document with its red head."""

import datetime as dt
from collections.abc import Callable, Sequence

from etl.core.programmes.documents import PaperForm
from etl.core.reports.editions import Document, Model
from etl.edges.mail import Attachment

Draw = Callable[[Model, dt.date], Sequence[Document]]
Paper = tuple[Model, Sequence[Attachment]]
"""A paper's model and its files."""


def as_asked(paper: Paper, form: PaperForm | None, office: str, issued_on: dt.date, draw: Draw) -> Paper:
    """The paper in the form asked for, its files drawn anew under the same names; the very same paper where that is its form,
    none is asked for, or it has no choice. What was drawn anew is to be read back before it leaves.

    A letter is addressed to the office that asked for it, and goes to nobody in copy.
    """
    head = paper[0]["head"]
    has = head.get("form")
    if form is None or has is None or form == has:
        return paper
    single = {"to": office, "cc": ""} if form == "letter" else {}
    model = {**paper[0], "head": {**head, "form": form, **single}}
    return model, [Attachment(each.name, each.media_type, each.content) for each in draw(model, issued_on)]
