r"""Draws pages of the demo's papers side by side: dispatch.png of the READMEs, year.png of the how-to about a year.

SANJI_HOME=demo python docs/pictures/papers.py dispatch.png yunnan-model-branch 2017H2 530000 \
    dispatch:1 dispatch:3 dispatch:8 dispatch:9
SANJI_HOME=demo python docs/pictures/papers.py year.png yunnan-model-branch 2017 530000 \
    naming_decision:1 naming_decision:3 commendation_summary:4
"""

import datetime as dt
import sys
import tempfile
from pathlib import Path

import typst

from etl.edges.fonts import resolve_fonts
from etl.edges.store.editions import latest_editions
from etl.edges.typesetting import pictures
from etl.stages.context import Context, open_period
from etl.stages.editions import kept_model

SHEET = """
#set page(width: auto, height: auto, margin: 4pt, fill: luma(225))
#grid(columns: {count}, gutter: 4pt, {images})
"""


def main(target: str, programme: str, period: str, code: str, *pages: str) -> None:
    """Write the chosen pages (`report:page`, from 1) of a place's papers into this folder."""
    context = open_period(programme, period)
    with tempfile.TemporaryDirectory() as folder:
        for place, page in enumerate(pages):
            report, _, number = page.partition(":")
            (Path(folder) / f"{place}.png").write_bytes(drawn(context, report, code)[int(number) - 1])
        images = ", ".join(f'image("{place}.png", width: 300pt)' for place in range(len(pages)))
        source = Path(folder) / "sheet.typ"
        source.write_text(SHEET.format(count=len(pages), images=images), encoding="utf-8")
        (Path(__file__).parent / target).write_bytes(typst.compile(str(source), format="png", ppi=110))


def drawn(context: Context, report: str, code: str) -> list[bytes]:
    """All pages of the newest edition of a place's report."""
    node = next(each for each in context.register.nodes if each.code == code and each.node_id.startswith("P"))
    edition = latest_editions(context.store, *context.key, report)[node.node_id]
    model = kept_model(context.landing, edition)
    day, fonts = dt.date.fromisoformat(edition["issued_on"]), resolve_fonts(context.settings.fonts_dir)
    return pictures(model, f"{model['kind']}/{model['kind']}.typ", day, fonts, 64)


if __name__ == "__main__":
    main(*sys.argv[1:])
