"""Editions of any report: digest, revision number, files in the landing, rows in the store.

A report says what it is made of (a `Paper` a node) and how its files are written; all else is here, the same for every
report. An edition is kept as soon as it is made, so what was done before a kill is not done again.
"""

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from etl.core.reports.editions import Document, Model
from etl.core.reports.model import Report, as_report
from etl.core.rows import DocumentRow, EditionRow, NewDocument, NewFinding
from etl.edges.fonts import FontChain, MissingGlyphError
from etl.edges.landing import Landing
from etl.edges.mail import Attachment
from etl.edges.store.editions import add_edition, documents_of, latest_editions
from etl.edges.store.findings import replace_document_findings
from etl.edges.templates import TEMPLATES
from etl.stages.context import Context
from etl.stages.inputs import keep_inputs

NO_GLYPH = "D01"
DIGEST_SHOWN = 16
"""Hexadecimal digits of the digest that a paper prints of itself."""


@dataclass(frozen=True)
class Paper:
    """One report of one node, not yet made. `model` gives its narrated model for a revision number."""

    node_id: str
    name: str
    issued_on: dt.date
    model: Callable[[int], Model]


Writer = Callable[[Model, dt.date], Sequence[Document]]
"""A model and its day → its files."""


def make_editions(
    context: Context,
    report: str,
    papers: Iterable[Paper],
    write: Writer,
    drawn_with: str,
) -> dict[str, Any]:
    """Make an edition of every paper whose inputs have changed; `drawn_with` stands for templates and fonts.

    Gives back the ids of the editions in force, how many are new, how many of them had lost files in the landing that were
    made `again`, and the nodes `refused`: a paper with a character that no font draws is not made, a finding on its node says
    which and where, and the other papers are made.
    """
    known = latest_editions(context.store, *context.key, report)
    files = documents_of(context.store, [edition["edition_id"] for edition in known.values()])
    inputs = keep_inputs(context, drawn_with)
    current, new, again, refused, looked_at = [], 0, 0, [], []
    for paper in papers:
        looked_at.append(paper.node_id)
        last = known.get(paper.node_id)
        revision = last["number"] if last else 1
        model, digest = _fixed(paper, revision, drawn_with)
        if last and last["inputs_digest"] == digest:
            lost = _lost(context.landing, last, files.get(last["edition_id"], []))
            if not lost or _made_again(context.landing, paper, model, write, lost):
                current.append(last["edition_id"])
                again += bool(lost)
                continue
        if last:
            revision += 1
            model, digest = _fixed(paper, revision, drawn_with)
        try:
            current.append(_keep(context, report, paper, revision, model, digest, write, inputs))
            new += 1
        except MissingGlyphError as error:
            refused.append((paper, error))
    found = [row for paper, error in refused for row in _glyph_findings(context, report, paper, error)]
    replace_document_findings(context.store, *context.key, looked_at, found)
    return {"editions": current, "new": new, "again": again, "refused": [paper.node_id for paper, _ in refused]}


def _lost(landing: Landing, edition: EditionRow, files: Sequence[DocumentRow]) -> set[str]:
    """The paths of an edition's files, its model among them, that are gone from the landing."""
    paths = [edition["model_path"], *(row["path"] for row in files)]
    return landing.gone(path for path in paths if path)


def _made_again(landing: Landing, paper: Paper, model: Model, write: Writer, lost: set[str]) -> bool:
    """Put back an edition's lost files; False if this version draws other ones, which are another edition."""
    content = _json(model)
    landing.keep_document(content.encode(), ".json")
    for each in write(json.loads(content), paper.issued_on):
        landing.keep_document(each.content, f".{each.format}")
    return not landing.gone(lost)


def _glyph_findings(context: Context, report: str, paper: Paper, error: MissingGlyphError) -> list[NewFinding]:
    """A finding a character: its code point and Unicode name, and where in the report's model it stands first."""
    programme, period = context.key
    return [
        {
            "programme": programme, "period": period, "unit_id": paper.node_id, "stage": "render", "batch_id": paper.node_id,
            "subject_id": None, "receipt_id": None, "table_name": None, "sheet": None, "row_number": None, "column_letter": None,
            "rule": NO_GLYPH, "level": "file", "heading": place, "column_key": report, "shown": None, "expected": None,
            "observed": f"{character}（U+{ord(character):04X} {unicodedata.name(character, '-')}）",
        }
        for character, place in sorted(error.missing.items())
    ]


def _fixed(paper: Paper, revision: int, drawn_with: str) -> tuple[Model, str]:
    """The model carrying its own digest, and the digest: what the documents depend on."""
    model = paper.model(revision)
    digest = hashlib.sha256(f"{_json(model)}\n{drawn_with}".encode()).hexdigest()
    return {**model, "edition": {**model["edition"], "digest": digest[:DIGEST_SHOWN]}}, digest


def _keep(
    context: Context,
    report: str,
    paper: Paper,
    revision: int,
    model: Model,
    digest: str,
    write: Writer,
    inputs: str,
) -> str:
    content = _json(model)
    _, model_path = context.landing.keep_document(content.encode(), ".json")
    # Drawn from the model as it is kept, so that it can be drawn from it again: reading sorts the keys.
    documents = [_document_row(context.landing, each) for each in write(json.loads(content), paper.issued_on)]
    programme, period = context.key
    identity = "|".join((programme, period, report, paper.node_id, digest))
    row: EditionRow = {
        "edition_id": hashlib.sha256(identity.encode()).hexdigest()[:24],
        "programme": programme,
        "period": period,
        "report": report,
        "node_id": paper.node_id,
        "number": revision,
        "issued_on": paper.issued_on.isoformat(),
        "inputs_digest": digest,
        "model_path": model_path,
    }
    add_edition(context.store, row, documents, inputs)
    return row["edition_id"]


def _document_row(landing: Landing, document: Document) -> NewDocument:
    sha256, path = landing.keep_document(document.content, f".{document.format}")
    return {
        "format": document.format,
        "sha256": sha256,
        "path": path,
        "name": document.name,
        "media_type": document.media_type,
    }


def kept_model(landing: Landing, edition: EditionRow) -> Model:
    """The narrated model an edition was made from. LookupError for an edition made before models were kept."""
    if not edition["model_path"]:
        raise LookupError(f"edition {edition['edition_id']} keeps no model")
    model: Model = json.loads(landing.read(edition["model_path"]))
    return model


def kept_report(landing: Landing, edition: EditionRow) -> Report:
    """The narrated dispatch an edition was made from. Raises as `kept_model`, and ValueError for an edition of another report."""
    return as_report(kept_model(landing, edition))


def kept_files(context: Context, edition_id: str) -> list[Attachment]:
    """The files of an edition, PDF first."""
    kept = documents_of(context.store, [edition_id]).get(edition_id, [])
    return [Attachment(row["name"], row["media_type"], context.landing.read(row["path"])) for row in kept]


def drawing_digest(fonts: FontChain, *folders: str) -> str:
    """What stands for the fonts and for the templates of pages and of Word's tables in some folders, read once a run."""
    files = sorted(
        path
        for folder in folders
        for suffix in ("typ", "xml.j2")
        for path in (TEMPLATES / folder).glob(f"*.{suffix}")
    )
    parts = [json.dumps(fonts.settings(), sort_keys=True)]
    parts += [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _json(model: Model) -> str:
    return json.dumps(model, sort_keys=True, ensure_ascii=False, allow_nan=False)
