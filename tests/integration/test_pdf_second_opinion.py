"""What independent programs say of our PDF: qpdf of its structure, Poppler of its fonts, its tags and the standards it names."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl import tasks
from etl.edges.store.editions import documents_of, latest_editions
from etl.settings import settings
from etl.simulated import simulate_period
from etl.stages.context import open_context
from tests.support.filing import home_at

PROGRAMS = ("qpdf", "pdffonts", "pdfinfo")
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(any(shutil.which(name) is None for name in PROGRAMS), reason="qpdf and poppler-utils are not installed"),
]
YUNNAN, PERIOD = "yunnan-model-branch", "2018H1"


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """The half-year's reports of a small Yunnan as PDF files, in Chinese."""
    with home_at(tmp_path_factory.mktemp("home")):
        simulate_period(YUNNAN, PERIOD, settings().feeds_dir, scale=0.02, faults="0.01", seed=3, activities_per_branch=4)
        for stage in (tasks.gather, tasks.read, tasks.validate, tasks.publish):
            stage(YUNNAN, PERIOD, None, *(["2030-01-01"] if stage is tasks.gather else []))
        tasks.roll_up(YUNNAN, PERIOD)
        tasks.render(YUNNAN, PERIOD)
        context = open_context(YUNNAN, PERIOD)
        editions = [edition["edition_id"] for edition in latest_editions(context.store, *context.key, "dispatch").values()]
        documents = [document for kept in documents_of(context.store, editions).values() for document in kept]
        yield [context.landing.at(document["path"]) for document in documents if document["format"] == "pdf"]


def _said(*command: str | Path) -> str:
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, timeout=60).stdout


def test_qpdf_finds_no_fault_in_the_structure(papers: list[Path]) -> None:
    assert papers
    for paper in papers:
        assert "No syntax or stream encoding errors found" in _said("qpdf", "--check", paper)


def test_every_font_is_embedded_and_its_text_can_be_copied(papers: list[Path]) -> None:
    for paper in papers:
        fonts = _said("pdffonts", paper).splitlines()[2:]
        told = [re.findall(r"\b(?:yes|no)\b", line) for line in fonts]
        assert told
        assert {(embedded, unicode) for embedded, _subset, unicode in told} == {("yes", "yes")}, fonts


def test_papers_are_tagged_and_name_their_standards(papers: list[Path]) -> None:
    for paper in papers:
        told = dict(line.split(":", 1) for line in _said("pdfinfo", paper).splitlines() if ":" in line)
        assert told["Tagged"].strip() == "yes"
        assert (told["JavaScript"].strip(), told["Encrypted"].strip(), told["Form"].strip()) == ("no", "no", "none")
        standards = _said("pdfinfo", "-meta", paper)
        for named in ("<pdfaid:part>3<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
            assert named in standards
