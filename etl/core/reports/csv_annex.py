"""The data annex inside the PDF: every addressed figure of a dispatch, one a line."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from etl.core.reports.records import recorded


def figures_csv(model: Mapping[str, Any]) -> str:
    """Every addressed figure of the model, one a line: `address, place, figure, number, text`; UTF-8 text with a BOM."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(("address", "place", "figure", "number", "text"))
    for line in _addressed(model):
        writer.writerow([_inert(each) for each in line])
    return "\ufeff" + sink.getvalue()


def _inert(value: object) -> object:
    """Text that a spreadsheet would run is quoted: names come from outside."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "@", "\t") else value


def _addressed(model: Mapping[str, Any]) -> Iterable[tuple[object, ...]]:
    yield from _addressed_figures(model)
    yield from _addressed_rows(model)
    name = model["edition"]["name"]
    for row in model["practice"]["activities"]:
        for measure in ("entries", "person_times", "branches"):
            yield f"{row['address']}@{measure}", name, row["zh"], row[measure], row[f"{measure}_text"]
    for duty in recorded(model)["duties"]:
        for measure in ("owed", "done") if duty["owed"] is not None else ("done",):
            yield f"{duty['address']}@{measure}", name, duty["zh"], duty[measure], str(duty[measure])
    for fact in recorded(model)["facts"]:
        yield f"{fact['address']}@branches", name, fact["zh"], fact["branches"], str(fact["branches"])
        if fact["members"] is not None:
            yield f"{fact['address']}@members", name, fact["zh"], fact["members"], fact["members_text"]
    for issue in model["issues"]:
        yield issue["address"], name, issue["title"], issue["count"], str(issue["count"])
    for key, where in model["quality"]["addresses"].items():
        yield where, name, key, model["quality"][key], str(model["quality"][key])


def _addressed_figures(model: Mapping[str, Any]) -> Iterable[tuple[object, ...]]:
    name = model["edition"]["name"]
    for figure in (*model["headline"], model["ranking"]["figure"]):
        yield figure["address"], name, figure["zh"], figure["number"], figure["text"]
        for base in ("previous", "last_year"):
            if figure[base]:
                yield (
                    f"{figure['address']}@{base}",
                    name,
                    figure["zh"],
                    figure[base]["base"],
                    figure[base]["base_text"],
                )


def _addressed_rows(model: Mapping[str, Any]) -> Iterable[tuple[object, ...]]:
    ranked = model["ranking"]
    for group in ranked["groups"]:
        for row in group["rows"]:
            yield row["address"], row["name"], ranked["figure"]["zh"], row["number"], row["cell"]
            for column, number, text in zip(ranked["columns"], row["numbers"], row["cells"], strict=True):
                yield f"{row['node_id']}#{column['key']}", row["name"], column["zh"], number, text
