r"""Draws the picture of a year's papers: chosen pages of the demo's decision and summary, side by side.

SANJI_HOME=demo python docs/pictures/year.py yunnan-model-branch 2017 530000 \
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
from etl.stages.context import open_year
from etl.stages.editions import kept_model

TARGET = Path(__file__).parent / "year.png"
SHEET = """
#set page(width: auto, height: auto, margin: 4pt, fill: luma(225))
#grid(columns: {count}, gutter: 4pt, {images})
"""


def main(programme: str, year: str, code: str, *pages: str) -> None:
    """Write the chosen pages (`report:page`, from 1) of a place's papers to year.png."""
    context = open_year(programme, year)
    node = next(each for each in context.register.nodes if each.code == code and each.node_id.startswith("P"))
    fonts = resolve_fonts(context.settings.fonts_dir)
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for page in pages:
            report, _, number = page.partition(":")
            edition = latest_editions(context.store, *context.key, report)[node.node_id]
            model = kept_model(context.landing, edition)
            day = dt.date.fromisoformat(edition["issued_on"])
            drawn = pictures(model, f"{model['kind']}/{model['kind']}.typ", day, fonts, 64)
            names.append(f"{report}-{number}.png")
            (Path(folder) / names[-1]).write_bytes(drawn[int(number) - 1])
        images = ", ".join(f'image("{name}", width: 300pt)' for name in names)
        source = Path(folder) / "sheet.typ"
        source.write_text(SHEET.format(count=len(pages), images=images), encoding="utf-8")
        TARGET.write_bytes(typst.compile(str(source), format="png", ppi=110))


if __name__ == "__main__":
    main(*sys.argv[1:])
