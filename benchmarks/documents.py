"""Full sets of papers (PDF, Word, workbook, mail with its chart): seconds of work, beside the bare engines.

Goals: 146 sets (a province, its 16 prefectures, 129 counties) within 60 s of work on two cores; at most 1.3 times what the
engines alone take in the same run (Typst, docxtpl, xlsxwriter, the standard email package); a set costs the same among
3,300 nodes as among 146; a rerun makes nothing. Beside it stands what it takes to read the copies back, as the lint does before
anything leaves. The figures are invented (tests/unit/invented_report.py), each unit with activities, themes and words of its own.

    python -m benchmarks.documents
"""

import argparse
import datetime as dt
import json
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from docxtpl import DocxTemplate

from etl.core.lint.copies import Copies, lint_copies
from etl.core.reports.dispatch import ReportFrames, build_dispatch
from etl.edges import annex_workbook, mail, typesetting
from etl.edges.copies import read_mail, read_word, read_workbook
from etl.edges.fonts import FontChain, resolve_fonts
from etl.edges.landing import Landing
from etl.edges.mail import Attachment, Envelope, Mailbox, build_message
from etl.edges.programmes import load_bundle
from etl.edges.store.database import open_store
from etl.edges.store.editions import documents_of, latest_editions
from etl.edges.templates import narrate, wording
from etl.stages import render
from etl.stages.editions import Paper, drawing_digest, kept_model, make_editions
from tests.support.linting import BUSY, busy
from tests.unit.reports.invented_report import EDITION, MEASURES, edition_of, invented

SETS, COUNTRY = 146, 3_300
MOST_SECONDS, MOST_RATIO, MOST_GROWTH = 60.0, 1.3, 1.25
SENT_AT = dt.datetime(2018, 8, 6, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
Timed = dict[str, float]


def papers(frames: ReportFrames, wanted: int) -> list[Paper]:
    """`wanted` papers, evenly out of all nodes, the top among them."""
    nodes = list(frames.nodes)
    step = max(len(nodes) // wanted, 1)

    def model(node_id: str, revision: int) -> dict[str, Any]:
        edition = edition_of(node_id, revision=revision)
        return narrate(build_dispatch(frames, edition, BUSY, MEASURES, wording()))

    return [Paper(node, node, EDITION.issued_on, partial(model, node)) for node in nodes[::step][:wanted]]


def full_set(fonts: FontChain, model: dict[str, Any], issued_on: Any) -> list[Any]:
    """The files of an edition, and the message with them, as the stages make them."""
    documents = render.draw_documents(fonts, model, issued_on)
    attached = [Attachment(each.name, each.media_type, each.content) for each in documents]
    sender, to = Mailbox("某局", "a@sender.example"), Mailbox("某处", "b@office.example")
    key = model["edition"]["digest"]
    build_message(model, sender, to, attached, SENT_AT, envelope=Envelope(key))
    return documents


@contextmanager
def engines_timed(spent: Timed) -> Iterator[None]:
    """Add up what each engine takes while the block runs."""

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                spent[name] += time.process_time() - start

        return call

    compiler = typesetting._compiler

    def proxy(*key: Any) -> SimpleNamespace:
        return SimpleNamespace(compile=timed("typst", compiler(*key).compile))

    with (
        mock.patch.object(typesetting, "_compiler", proxy),
        mock.patch.object(DocxTemplate, "render", timed("docxtpl", DocxTemplate.render)),
        mock.patch.object(DocxTemplate, "save", timed("docxtpl", DocxTemplate.save)),
        mock.patch.object(render, "annex_workbook", timed("xlsxwriter", annex_workbook.annex_workbook)),
        mock.patch.object(mail.EmailMessage, "as_bytes", timed("email", mail.EmailMessage.as_bytes)),
        mock.patch.object(mail.EmailMessage, "add_attachment", timed("email", mail.EmailMessage.add_attachment)),
    ):
        yield


def measured(frames: ReportFrames, wanted: int, fonts: FontChain) -> dict[str, Any]:
    """Seconds of work (all cores) for the sets and for a rerun, by engine and in all."""
    spent: Timed = defaultdict(float)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'store.sqlite'}")
        bundle = load_bundle("yunnan-model-branch")  # whose validity and digest are kept with each edition
        context: Any = SimpleNamespace(
            key=("invented", "2018H1"), period=EDITION.period, bundle=bundle, store=store, landing=Landing(Path(folder))
        )
        drawn_with = drawing_digest(fonts, "common", "dispatch")

        def run() -> tuple[int, float]:
            start = time.process_time()
            made = make_editions(context, "dispatch", papers(frames, wanted), partial(full_set, fonts), drawn_with)
            return made["new"], time.process_time() - start

        with engines_timed(spent):
            new, seconds = run()
        again, rerun = run()
        read_back = _read_back(context)
    engines = sum(spent.values())
    return {
        "sets": new, "seconds": round(seconds, 1), "a set": round(seconds / new, 3), "engines": dict(spent),
        "ratio": round(seconds / engines, 2), "rerun": {"new": again, "seconds": round(rerun, 1)},
        "copies read back": round(read_back, 1),
    }


def _read_back(context: Any) -> float:
    """Seconds of work to read the Word copy, the workbook and the mail of every edition back; they must agree."""
    start = time.process_time()
    for edition in latest_editions(context.store, *context.key, "dispatch").values():
        kept = documents_of(context.store, [edition["edition_id"]])[edition["edition_id"]]
        files = {each["format"]: context.landing.at(each["path"]).read_bytes() for each in kept}
        model = kept_model(context.landing, edition)
        copies = Copies(read_word(files["docx"]), read_workbook(files["xlsx"]), read_mail(model))
        if faults := lint_copies(model, copies):
            raise AssertionError(faults[0])
    return time.process_time() - start


def main() -> None:
    """Measure, print, and say of each goal whether it is met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peers-python", help="not used: the peers are the engines")
    given = parser.parse_args()
    fonts = resolve_fonts()
    province = measured(busy(invented(16, 9)), SETS, fonts)
    country = measured(busy(invented(COUNTRY // 10, 9)), SETS, fonts)
    result = {
        "province": province,
        "country": country,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "goals": {
            "seconds": province["seconds"] <= MOST_SECONDS,
            "ratio": province["ratio"] <= MOST_RATIO,
            "flat": country["a set"] <= MOST_GROWTH * province["a set"],
            "rerun": province["rerun"]["new"] == country["rerun"]["new"] == 0,
        },
    }
    text = json.dumps(result, ensure_ascii=False, indent=2)
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(text, encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
