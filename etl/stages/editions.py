"""Editions of any report: digest, revision number, files in the landing, rows in the store.

A report says what it is made of (a `Paper` a node) and how its files are written; all else is here, the same for every
report. An edition is kept as soon as it is made, so what was done before a kill is not done again.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.core.editions import Document, Model
from etl.edges.fonts import FontChain
from etl.edges.landing import Landing
from etl.edges.store.editions import Row, add_edition, latest_editions
from etl.edges.templates import TEMPLATES
from etl.stages.context import Context

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
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Make an edition of every paper whose inputs have changed; `drawn_with` stands for templates and fonts.

    Gives back the ids of the editions in force and how many are new.
    """
    known = latest_editions(context.store, *context.key, report)
    current, new = [], 0
    for paper in papers:
        progress(paper.name)
        last = known.get(paper.node_id)
        revision = last["number"] if last else 1
        model, digest = _fixed(paper, revision, drawn_with)
        if last and last["inputs_digest"] == digest:
            current.append(last["edition_id"])
            continue
        if last:
            revision += 1
            model, digest = _fixed(paper, revision, drawn_with)
        current.append(_keep(context, report, paper, revision, model, digest, write))
        new += 1
    return {"editions": current, "new": new}


def _fixed(paper: Paper, revision: int, drawn_with: str) -> tuple[Model, str]:
    """The model carrying its own digest, and the digest: what the documents depend on."""
    model = paper.model(revision)
    digest = hashlib.sha256(f"{_json(model)}\n{drawn_with}".encode()).hexdigest()
    return {**model, "edition": {**model["edition"], "digest": digest[:DIGEST_SHOWN]}}, digest


def _keep(
    context: Context, report: str, paper: Paper, revision: int, model: Model, digest: str, write: Writer
) -> str:
    documents = [_document_row(context.landing, each) for each in write(model, paper.issued_on)]
    _, model_path = context.landing.keep_document(_json(model).encode(), ".json")
    programme, period = context.key
    identity = "|".join((programme, period, report, paper.node_id, digest))
    row: Row = {
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
    add_edition(context.store, row, documents)
    return str(row["edition_id"])


def _document_row(landing: Landing, document: Document) -> Row:
    sha256, path = landing.keep_document(document.content, f".{document.format}")
    return {
        "format": document.format,
        "sha256": sha256,
        "path": path,
        "name": document.name,
        "media_type": document.media_type,
    }


def kept_model(landing: Landing, edition: Mapping[str, Any]) -> Model:
    """The narrated model an edition was made from. LookupError for an edition made before models were kept."""
    if not edition["model_path"]:
        raise LookupError(f"edition {edition['edition_id']} keeps no model")
    model: Model = json.loads(landing.at(edition["model_path"]).read_bytes())
    return model


def drawing_digest(fonts: FontChain, *folders: str) -> str:
    """What stands for the fonts and for the page templates of some folders, read once a run."""
    files = sorted(
        path
        for folder in folders
        for suffix in ("typ", "docx")
        for path in (TEMPLATES / folder).glob(f"*.{suffix}")
    )
    parts = [json.dumps(fonts.settings(), sort_keys=True)]
    parts += [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _json(model: Model) -> str:
    return json.dumps(model, sort_keys=True, ensure_ascii=False, allow_nan=False)
