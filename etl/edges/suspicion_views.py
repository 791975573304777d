"""Puts the views of `core.judging` for suspicions and copies onto a workbench, as far as the programme asks for them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from etl.core.judging import copy_views, suspicions
from etl.core.judging.copies import copied
from etl.core.programmes.suspicion_limits import Copies
from etl.edges.engine import fetch, register

if TYPE_CHECKING:
    from etl.edges.workbench import Workbench

_PEER_RULES = ("leap", "peers")
_PATTERN_RULES = ("ceilings", "heaps")


def find_copies(bench: "Workbench") -> None:
    """The tables `copied_texts` and `equal_rows`, over the text of all units: before that of other batches is dropped."""
    limits = bench.suspicions.copies
    if limits is None:
        return
    _compare_texts(bench, limits)
    for layout in bench.layout.tables:
        if layout.key == "branches":
            bench.make("equal_rows", copy_views.equal_rows(layout, limits.min_figures))


def _compare_texts(bench: "Workbench", limits: Copies) -> None:
    statement = copy_views.figure_texts(bench.layout.figure_tables)
    if statement is None:
        return
    texts = fetch(bench.engine, statement)
    owners = texts["subject_id"].to_pylist()
    equals, resembles = copied(
        texts["text"].to_pylist(), owners, _blocks(texts), limits.min_characters, limits.similarity
    )
    names = bench.register.names
    for name, found in (("copied_from", equals), ("resembles", resembles)):
        shown = [None if owner is None else names.get(owner, owner) for owner in found]
        texts = texts.append_column(name, pa.array(shown, pa.string()))
    register(bench.engine, "copied_texts", texts)


def _blocks(texts: pa.Table) -> list[str]:
    """Within what texts are held against each other for likeness: units' under one figure, branches' of one unit."""
    return [
        f"{column}|{unit if table == 'branches' else ''}"
        for table, unit, column in zip(
            *(texts[name].to_pylist() for name in ("table_name", "unit_id", "column_key")), strict=True
        )
    ]


def build_suspicions(bench: "Workbench", unit_ids: Sequence[str]) -> None:
    """The views `peer_figures`, `unit_patterns`, `copies` and `evidence`, each only where something is to be looked for."""
    limits, programme, catalogue = bench.suspicions, bench.bundle.programme, bench.bundle.catalogue
    keys = {layout.key for layout in bench.layout.tables}
    if "branches" not in keys:
        return
    if any(getattr(limits, name) for name in _PEER_RULES):
        bench.make("peer_figures", suspicions.peer_figures(limits, programme, catalogue))
    if any(getattr(limits, name) for name in _PATTERN_RULES):
        bench.make("unit_patterns", suspicions.unit_patterns(limits, programme, catalogue))
    if limits.copies is not None:
        before_zh = bench.period.previous().zh
        bench.make("unchanged_rows", copy_views.unchanged_rows(limits.copies.min_figures, catalogue, before_zh))
        bench.make("copies", copy_views.copies(unit_ids))
    if limits.evidence is not None and "activities" in keys:
        bench.make("evidence", suspicions.evidence(limits.evidence, catalogue))
