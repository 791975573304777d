"""Draws the picture of the READMEs: pages of one report of the demo, side by side.

SANJI_HOME=demo python docs/pictures/make.py yunnan-model-branch 2018H1 530000 1 3 8 9
"""

import datetime as dt
import sys
import tempfile
from pathlib import Path

import typst

from etl.edges.fonts import resolve_fonts
from etl.edges.store.editions import latest_editions
from etl.edges.typesetting import pictures
from etl.stages.context import open_context
from etl.stages.editions import kept_model
from etl.stages.render import REPORT, TEMPLATE

TARGET = Path(__file__).parent / "dispatch.png"
SHEET = """
#set page(width: auto, height: auto, margin: 4pt, fill: luma(225))
#grid(columns: {count}, gutter: 4pt, {images})
"""


def main(programme: str, period: str, code: str, *pages: str) -> None:
    """Write the chosen pages (from 1) of a place's report to dispatch.png."""
    context = open_context(programme, period)
    node = next(each for each in context.register.nodes if each.code == code and each.node_id.startswith("P"))
    edition = latest_editions(context.store, *context.key, REPORT)[node.node_id]
    day, fonts = dt.date.fromisoformat(edition["issued_on"]), resolve_fonts(context.settings.fonts_dir)
    drawn = pictures(kept_model(context.landing, edition), TEMPLATE, day, fonts, 64)
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{page}.png" for page in pages]
        for name, page in zip(names, pages, strict=True):
            (Path(folder) / name).write_bytes(drawn[int(page) - 1])
        images = ", ".join(f'image("{name}", width: 300pt)' for name in names)
        source = Path(folder) / "sheet.typ"
        source.write_text(SHEET.format(count=len(pages), images=images), encoding="utf-8")
        TARGET.write_bytes(typst.compile(str(source), format="png", ppi=110))


if __name__ == "__main__":
    main(*sys.argv[1:])
