"""A DuckDB in memory with everything a batch is validated against: loads text, builds the views, runs the suites."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.schema import CreateView

from etl.core.judging import corrections, honours, ledger, ratios, relations, unit_sums, views
from etl.core.period import Period
from etl.core.programmes.layout import Layout, TableLayout
from etl.core.programmes.suspicion_limits import Suspicions
from etl.core.register import Register
from etl.core.repairs import fold_names, has_noise
from etl.core.totals.rollup import counted_columns
from etl.edges.engine import fetch, keep_table, memory_engine, number_texts, numbered, register
from etl.edges.landing import Landing
from etl.edges.programmes import Bundle
from etl.edges.store.receipts import TextFile
from etl.edges.suspicion_views import build_suspicions, find_copies

_FIGURES = pa.schema(
    [("unit_id", pa.string()), ("subject_id", pa.string()), ("indicator", pa.string()), ("part", pa.string()),
     ("value", pa.decimal128(18, 4)), ("counted", pa.bool_())]
)

_TITLES = pa.schema([(name, pa.string()) for name in ("basis", "branch_id", "unit_id", "level")])


class Workbench:
    """One batch on the bench. `engine` holds the tables that `core.judging.views` names."""

    def __init__(self, bundle: Bundle, period: Period, landing: Landing) -> None:
        self.bundle, self.period, self.landing = bundle, period, landing
        self.layout: Layout = bundle.layout(period)
        self.register: Register = bundle.register(period)
        dated = bundle.programme.suspicions
        self.suspicions: Suspicions = dated.on(period.last_day) if dated else Suspicions()
        self.engine = memory_engine()
        self._unit_ids: list[str] = []

    def load(
        self, texts: Sequence[TextFile], unit_ids: Sequence[str], before: Mapping[str, pa.Table]
    ) -> None:
        """Load the text tables of a batch (`unit_ids`) and, to find branches filed twice, the branches of all units.

        `before`: `previous_figures`, `levels_held` and `titles_recorded` as Arrow tables.
        """
        self._unit_ids, batch = list(unit_ids), set(unit_ids)
        for name in _NUMBERED:
            number_texts(self.engine, name, (getattr(text, name) for text in texts))
        for layout in self.layout.tables:
            mine = [text for text in texts if text.table_name == layout.key]
            if layout.key != "branches":
                mine = [text for text in mine if text.unit_id in batch]
            self._load_texts(layout, mine)
        self._correct()
        self._load_references(before)
        self.make("rows", views.rows(self.layout.figure_tables, self._kinds(), "、".join(self._kinds_zh())))
        row = views.table("rows", views.ROWS)
        branches = sa.select(row.c.unit_id, row.c.branch_id, row.c.rectifying).where(
            row.c.table_name == "branches"
        )
        known = branches.where(row.c.branch_id.isnot(None)).subquery()
        self.make("filed_branches", sa.select(known.c.unit_id, known.c.branch_id).distinct())
        self.make(
            "all_branches",
            sa.select(known.c.branch_id, sa.func.max(known.c.rectifying).label("rectifying")).group_by(
                known.c.branch_id
            ),
        )
        find_copies(self)
        for layout in self.layout.figure_tables:  # the figures of other batches are not looked at
            with self.engine.connect() as connection:
                text = views.text_table(layout)
                connection.execute(sa.delete(text).where(text.c.unit_id.not_in(unit_ids)))

    def build_views(self) -> None:
        """The view `activities`, the tables `honours`, `figures`, `ratios` and `unit_sums`, and what they are made of."""
        programme, catalogue = self.bundle.programme, self.bundle.catalogue
        by_key = {layout.key: layout for layout in self.layout.tables}
        filed = self.layout.figure_tables
        yes_no = {word: "1" if yes else "0" for word, yes in self.bundle.forms.yes_no.items()}
        if "activities" in by_key:
            self.make("ledger_entries", ledger.ledger_entries(by_key["activities"], self.period))
            with self.engine.connect() as connection:
                connection.execute(CreateView(ledger.activities(by_key["activities"], self.period), "activities"))
                connection.execute(ledger.mark_repeats())
            self.make("ledger_counts", ledger.ledger_counts())
            self.make("ledger_units", ledger.ledger_units())
        if "honours" in by_key:
            self.make("honours", honours.honours(by_key["honours"], programme.levels, self.period))
            self.make("honours_listed", honours.honours_listed())
        self.make("titles_counted", honours.titles_counted())
        self.make("cells", views.cells(filed))
        self.make("typed_cells", views.typed_cells(yes_no))
        self._drop("cells")
        for layout in filed:
            self.make(f"{layout.key}_values", views.row_values(layout))
        self.make("repaired", views.repairs(filed))
        self.make("branch_sums", unit_sums.branch_sums(catalogue))
        figures = [relations.figures(layout, programme, catalogue) for layout in filed]
        self.make("figures", sa.union_all(*figures) if len(figures) > 1 else figures[0])
        self.make("ratios", ratios.ratios(filed, programme, catalogue, self.period, ledger="activities" in by_key))
        counted = counted_columns(programme, catalogue)
        self.make("unit_sums", unit_sums.unit_sums(programme, catalogue, counted))
        build_suspicions(self, self._unit_ids)
        self._drop("typed_cells", *(f"{layout.key}_values" for layout in filed))

    def _correct(self) -> None:
        """Put known errors of sources right in the text; `declared_corrections` keeps what stood there, if there are any."""
        declared = self.bundle.corrections_in(self.period)
        if declared:
            self.make("declared_corrections", corrections.declared(self.layout, declared))
            with self.engine.connect() as connection:
                for statement in corrections.fixes(self.layout, declared):
                    connection.execute(statement)

    def make(self, name: str, statement: views.Statement) -> None:
        """Make a table out of a statement."""
        with self.engine.connect() as connection:
            connection.execute(statement.into(name))

    def _drop(self, *names: str) -> None:
        with self.engine.connect() as connection:
            for name in names:
                connection.exec_driver_sql(f'drop table "{name}"')

    def _load_texts(self, layout: TableLayout, texts: Sequence[TextFile]) -> None:
        """`<table>_text`: a table; of the ledger, which is read once, a view."""
        keys = [column.key for column in layout.columns]
        ordered = sorted(texts, key=lambda text: (text.unit_id, text.receipt_id, text.sheet))
        meta = pa.table(
            {
                "file_name": pa.array([str(self.landing.at(text.text_path)) for text in ordered], pa.string()),
                "file_number": pa.array(range(len(ordered)), pa.int32()),
                "receipt_id": pa.array([text.receipt_id for text in ordered], pa.string()),
                "unit_id": pa.array([text.unit_id for text in ordered], pa.string()),
                "sheet": pa.array([text.sheet for text in ordered], pa.string()),
            }
        )
        register(self.engine, f"{layout.key}_files", meta)
        where = ", ".join(numbered(name, "f.") for name in _NUMBERED)
        picked = ", ".join(f'nullif(trim(t."{key}"), \'\') as "{key}"' for key in keys)
        names = sorted(set(meta["file_name"].to_pylist()))
        source = self._source(layout, names)
        kind = "view" if layout.key == "activities" else "table"
        with self.engine.connect() as connection:
            connection.exec_driver_sql(
                f'create {kind} "{layout.key}_text" as select {where}, f.file_number, '  # noqa: S608 - names come from the layout model, not from files
                f"cast(t.row_number as integer) as row_number, {picked} "
                f'from {source} as t join "{layout.key}_files" as f on t.filename = f.file_name and t.receipt_id = f.receipt_id'
            )

    def _source(self, layout: TableLayout, names: Sequence[str]) -> str:
        """What to select cells from: the files; of branches, which every return asks for anew, what is kept of them."""
        if not names:
            return _nothing([column.key for column in layout.columns])
        if layout.key == "branches":
            register(self.engine, "branches_cells", pa.concat_tables([kept_cells(name) for name in names]))
            return "branches_cells"
        listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
        return f"read_parquet([{listed}], filename = true)"

    def _load_references(self, before: Mapping[str, pa.Table]) -> None:
        units = self.register.units
        own_tier = [self.register.node(u.parent_id or "").tier if u.kind == "own" else None for u in units]
        references = {
            "units_ref": pa.table(
                {
                    "unit_id": [u.unit_id for u in units],
                    "node_id": [u.node_id for u in units],
                    "must_report": [u.must_report for u in units],
                    "own_tier": pa.array(own_tier, pa.string()),
                }
            ),
            "column_ref": pa.Table.from_pylist(
                relations.column_ref(
                    self.layout.figure_tables, self.bundle.programme, self.bundle.catalogue, self.bundle.forms.value_types,
                    self.period.last_day,
                ),
                schema=_COLUMN_REF,
            ),
            "name_folds": self._folds(),
            **before,
        }
        for name, rows in references.items():
            keep_table(self.engine, name, rows)

    def _folds(self) -> pa.Table:
        """Raw name → folded name and what is left wrong with it, once for every distinct name."""
        names = [
            sa.select(views.text_table(layout).c[column.key].label("raw"))
            for layout in self.layout.figure_tables
            for column in layout.columns
            if column.type == "name"
        ]
        raw = (
            fetch(self.engine, sa.select(sa.union(*names).subquery("names")))["raw"]
            .drop_null()
            .combine_chunks()
        )
        folded = fold_names(raw)
        noise = [text if has_noise(text) else None for text in folded.to_pylist()]
        return pa.table({"raw": raw, "folded": folded, "noise": pa.array(noise, pa.string())})

    def _kinds(self) -> list[str]:
        return [kind.kind for kind in self.bundle.programme.branch_kinds]

    def _kinds_zh(self) -> list[str]:
        return [kind.zh for kind in self.bundle.programme.branch_kinds]


_NUMBERED = ("receipt_id", "unit_id", "sheet")
"""What every filed cell says and few different texts are; so is what `column_ref` says, as dictionaries."""

_FEW = pa.dictionary(pa.int32(), pa.string())
_COLUMN_REF = pa.schema(
    [
        *((name, _FEW) for name in ("table_name", "column_key", "indicator", "part", "value_type")),
        *((name, _FEW) for name in ("unit_zh", "unit_words", "wanted", "own_tier")),
        *((name, pa.decimal128(18, 4)) for name in ("minimum", "maximum")),
        *((name, pa.bool_()) for name in ("required", "of_members")),
    ]
)


@lru_cache(maxsize=1024)
def kept_cells(name: str) -> pa.Table:
    """Text tables with their file's name. They never change; a server is asked about the same province again and again."""
    with pq.ParquetFile(name) as file:
        cells = file.read(use_threads=False)
    return cells.append_column("filename", pa.array([name] * cells.num_rows, pa.string()))


def _nothing(keys: Sequence[str]) -> str:
    columns = ", ".join(f'cast(null as varchar) as "{key}"' for key in ("filename", "receipt_id", *keys))
    return f"(select 0 as row_number, {columns} where false)"


def titles_table(rows: Sequence[Mapping[str, str]] = ()) -> pa.Table:
    """The rows of `etl.core.awards.titles.titles_recorded` as the table `titles_recorded`."""
    return pa.Table.from_pylist([dict(row) for row in rows], schema=_TITLES)


def no_figures() -> pa.Table:
    """An empty `previous_figures`."""
    return _FIGURES.empty_table()
