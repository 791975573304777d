"""The data annex inside the PDF: every addressed figure of a dispatch, one a line."""

import csv
import io
from collections.abc import Iterable, Mapping

from etl.core.reports.model import ReportModel
from etl.core.reports.records import recorded


def figures_csv(model: ReportModel) -> str:
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


def _addressed(model: ReportModel) -> Iterable[tuple[object, ...]]:
    yield from _addressed_figures(model)
    yield from _addressed_rows(model)
    name = model["edition"]["name"]
    for row in model["practice"]["activities"]:
        where, zh = row["address"], row["zh"]
        yield f"{where}@entries", name, zh, row["entries"], row["entries_text"]
        yield f"{where}@person_times", name, zh, row["person_times"], row["person_times_text"]
        yield f"{where}@branches", name, zh, row["branches"], row["branches_text"]
    for duty in recorded(model)["duties"]:
        if duty["owed"] is not None:
            yield f"{duty['address']}@owed", name, duty["zh"], duty["owed"], str(duty["owed"])
        yield f"{duty['address']}@done", name, duty["zh"], duty["done"], str(duty["done"])
    for fact in recorded(model)["facts"]:
        yield f"{fact['address']}@branches", name, fact["zh"], fact["branches"], str(fact["branches"])
        if fact["members"] is not None:
            yield f"{fact['address']}@members", name, fact["zh"], fact["members"], fact["members_text"]
    for issue in model["issues"]:
        yield issue["address"], name, issue["title"], issue["count"], str(issue["count"])
    counts: Mapping[str, object] = model["quality"]
    for key, where in model["quality"]["addresses"].items():
        yield where, name, key, counts[key], str(counts[key])


def _addressed_figures(model: ReportModel) -> Iterable[tuple[object, ...]]:
    name = model["edition"]["name"]
    for figure in (*model["headline"], model["ranking"]["figure"]):
        yield figure["address"], name, figure["zh"], figure["number"], figure["text"]
        for base, change in (("previous", figure["previous"]), ("last_year", figure["last_year"])):
            if change:
                yield f"{figure['address']}@{base}", name, figure["zh"], change["base"], change["base_text"]


def _addressed_rows(model: ReportModel) -> Iterable[tuple[object, ...]]:
    ranked = model["ranking"]
    for group in ranked["groups"]:
        for row in group["rows"]:
            yield row["address"], row["name"], ranked["figure"]["zh"], row["number"], row["cell"]
            for column, number, text in zip(ranked["columns"], row["numbers"], row["cells"], strict=True):
                yield f"{row['node_id']}#{column['key']}", row["name"], column["zh"], number, text
