"""The text of a PDF's pages, as a reader would select it."""

import io
from collections.abc import Iterator

from pypdf import PdfReader

MOST_PAGES = 40
"""Pages of a paper's body that are looked at; annexes follow."""


def page_texts(document: bytes) -> Iterator[str]:
    """The pages' texts in order, read only as far as they are asked for."""
    for page in PdfReader(io.BytesIO(document)).pages[:MOST_PAGES]:
        yield page.extract_text()
