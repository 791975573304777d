"""The validation views: typed values beside their raw text, their relations worked out, one row a filed cell.

With these, every rule of every programme is a plain column or column-pair expectation (expectations/*.yaml), and a new
programme needs no new rule. All functions return SQLAlchemy Core statements over DuckDB tables named here:

- `<table>_text`: receipt_id, unit_id, sheet, file_number (in the order of these three), row_number and the layout's
  columns as text; a view of the text files for the ledger, a table for all others;
- `<table>_files`: file_number, receipt_id, sheet of each file;
- `units_ref`: unit_id, must_report, own_tier; `column_ref`: what the layout says of each figure column;
- `previous_figures`: unit_id, subject_id, indicator, part, value, counted of the period before;
- `filed_branches`: unit_id, branch_id of all files of the period; `levels_held`: branch_id, level named before;
- `titles_recorded`: what was named by the programme's own decisions, as `etl.core.awards.titles` says;
- `name_folds`: raw name → folded name, what is wrong with it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from etl.core import casts
from etl.core.programmes.layout import Column, TableLayout

ROW_KEY = ("receipt_id", "unit_id", "table_name", "sheet", "row_number")

Statement = sa.Select[Any] | sa.CompoundSelect[Any]


def table(name: str, columns: Iterable[str]) -> sa.TableClause:
    """A lightweight handle on a DuckDB table."""
    return sa.table(name, *(sa.column(column) for column in columns))


def same(left: sa.FromClause, right: sa.FromClause, names: Iterable[str]) -> sa.ColumnElement[bool]:
    """The condition that both sides hold the same under each of the names."""
    return sa.and_(*(left.c[name] == right.c[name] for name in names))


def text_table(layout: TableLayout) -> sa.TableClause:
    """The handle on a text table of the layout."""
    keys = [column.key for column in layout.columns]
    return table(f"{layout.key}_text", ["receipt_id", "unit_id", "sheet", "file_number", "row_number", *keys])


def branch_key(source: sa.FromClause) -> sa.ColumnElement[Any]:
    """A branch id as it is compared: half-width, without blanks, upper case."""
    return sa.func.upper(casts.cleaned(source.c.branch_id))


def figure_columns(layout: TableLayout) -> tuple[Column, ...]:
    """The columns that hold figures (the others say whose row it is)."""
    return tuple(column for column in layout.columns if column.indicator is not None)


def cells(layouts: Sequence[TableLayout]) -> Statement:
    """Every figure cell that could have been filed, long: row key, subject, column key, raw text."""
    sources = {layout.key: _with_subject(layout) for layout in layouts}
    selects = [_cell(layout, sources[layout.key], column) for layout in layouts for column in figure_columns(layout)]
    return sa.union_all(*selects) if len(selects) > 1 else selects[0]


def _with_subject(layout: TableLayout) -> sa.CTE:
    """The rows with whose they are, worked out once for all their columns."""
    source = text_table(layout)
    subject = branch_key(source) if layout.key == "branches" else source.c.unit_id
    kept = [source.c[name] for name in ("receipt_id", "unit_id", "sheet", "row_number")]
    figures = [source.c[column.key] for column in figure_columns(layout)]
    rows = sa.select(*kept, subject.label("subject_id"), *figures).cte(f"{layout.key}_rows")
    return rows.prefix_with("MATERIALIZED")


def _cell(layout: TableLayout, source: sa.CTE, column: Column) -> sa.Select[Any]:
    return sa.select(
        source.c.receipt_id, source.c.unit_id, casts.literal(layout.key).label("table_name"), source.c.sheet,
        source.c.row_number, source.c.subject_id, casts.literal(column.key).label("column_key"),
        source.c[column.key].label("text"),
    )  # fmt: skip


def typed_cells(yes_no_words: dict[str, str]) -> Statement:
    """`cells` with value, day, qualifier, the unit written, and the text that could not be read.

    The value of a date is left NULL; its day stands in `day`. A figure with a wrong unit word has no value.
    Of a column's texts, which are few and come again and again, each is typed once.
    """
    cell = table("cells", [*ROW_KEY, "subject_id", "column_key", "text"])
    typed = _typed_texts(cell, yes_no_words).cte("typed")
    kept = [cell.c[name] for name in (*ROW_KEY, "subject_id")]
    facts = [column for column in typed.c if column.name != "table_name"]
    same_text = cell.c.text.is_not_distinct_from(typed.c.text)
    return sa.select(*kept, *facts).select_from(
        cell.join(typed, sa.and_(same(cell, typed, ("table_name", "column_key")), same_text))
    )


def _typed_texts(cell: sa.FromClause, yes_no_words: dict[str, str]) -> sa.Select[Any]:
    """The different texts of each column, typed, with what the layout says of the column."""
    text = sa.select(cell.c.table_name, cell.c.column_key, cell.c.text).distinct().cte("different")
    ref = table("column_ref", _REF)
    joined = text.join(ref, same(text, ref, ("table_name", "column_key")))
    clean = sa.case((is_number_type(ref), casts.cleaned(text.c.text)))
    facts = [ref.c[name] for name in _REF]
    one = sa.select(*facts, text.c.text, clean.label("clean")).select_from(joined).cte("one")
    two = sa.select(one, casts.plain_number(one.c.clean).label("plain")).cte("two")
    three = sa.select(two, casts.worded_number(two.c.clean, two.c.plain).label("parts")).cte("three")
    word = casts.unit_word(three.c.parts)
    wrong = sa.case((sa.and_(word.isnot(None), sa.not_(casts.one_of(word, three.c.unit_words))), word))
    four = sa.select(
        three,
        wrong.label("wrong_unit"),
        casts.qualifier(three.c.parts).label("qualifier"),
        sa.case((three.c.value_type == "yes_no", casts.choice(three.c.text, yes_no_words))).label("answer"),
        sa.case((three.c.value_type == "date", casts.day(three.c.text))).label("day"),
    ).cte("four")
    number = sa.func.coalesce(four.c.plain, casts.worded_value(four.c.parts))
    value = sa.case(
        (four.c.value_type == "yes_no", sa.try_cast(four.c.answer, casts.VALUE)),
        (four.c.wrong_unit.is_(None), number),
    )
    unread = sa.and_(
        four.c.text.isnot(None),
        four.c.value_type != "text",
        four.c.wrong_unit.is_(None),
        value.is_(None),
        four.c.day.is_(None),
    )
    otherwise = sa.and_(
        is_number_type(four), value.isnot(None), sa.or_(four.c.plain.is_(None), four.c.clean != four.c.text)
    )
    rest = [c for c in four.c if c.name not in ("clean", "plain", "parts", "answer")]
    return sa.select(
        *rest,
        value.label("value"),
        sa.case((unread, four.c.text)).label("unreadable_text"),
        sa.func.coalesce(otherwise, sa.false()).label("read_otherwise"),
    )


def is_number_type(source: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether a cell's column holds numbers."""
    return source.c.value_type.in_([casts.literal(kind) for kind in ("whole", "number", "money", "share")])


def repairs(layouts: Sequence[TableLayout]) -> Statement:
    """What was read otherwise than written: worded or full-width numbers, folded names. The raw text stays as it is."""
    cell = table("typed_cells", [*ROW_KEY, "column_key", "text", "value", "read_otherwise"])
    selects = [
        sa.select(
            *(cell.c[name] for name in ROW_KEY), cell.c.column_key, cell.c.text.label("text_before"),
            sa.cast(sa.cast(cell.c.value, sa.Double), sa.String).label("text_after"),
        ).where(cell.c.read_otherwise)
    ]  # fmt: skip
    fold = table("name_folds", ["raw", "folded"])
    for layout in layouts:
        source = text_table(layout)
        for column in layout.columns:
            if column.type == "name":
                keys = [
                    casts.literal(layout.key) if name == "table_name" else source.c[name] for name in ROW_KEY
                ]
                selects.append(
                    sa.select(*keys, casts.literal(column.key), source.c[column.key], fold.c.folded)
                    .select_from(source.join(fold, fold.c.raw == source.c[column.key]))
                    .where(fold.c.raw != fold.c.folded)
                )
    return sa.union_all(*selects)


def repaired() -> Statement:
    """What `repairs` found, out of the table that keeps it."""
    kept = table("repaired", [*ROW_KEY, "column_key", "text_before", "text_after"])
    return sa.select(*kept.c)


_REF = (
    "table_name", "column_key", "indicator", "part", "value_type", "unit_zh", "unit_words", "wanted", "required",
    "own_tier", "minimum", "maximum", "of_members",
)  # fmt: skip


def row_values(layout: TableLayout) -> Statement:
    """The numbers of a table wide again: one row a filed row, one column a figure; for relations within the row."""
    cell = table("typed_cells", [*ROW_KEY, "column_key", "value"])
    picked = [
        sa.func.max(sa.case((cell.c.column_key == column.key, cell.c.value))).label(column.key)
        for column in figure_columns(layout)
    ]
    keys = [cell.c[name] for name in ROW_KEY]
    return sa.select(*keys, *picked).where(cell.c.table_name == layout.key).group_by(*keys)


def rows(layouts: Sequence[TableLayout], kinds: Sequence[str], kinds_zh: str) -> Statement:
    """One row a row of the figure tables, with what is wrong about whose row it is."""
    selects = [_identity(layout, kinds, kinds_zh) for layout in layouts]
    return sa.union_all(*selects) if len(selects) > 1 else selects[0]


def _identity(layout: TableLayout, kinds: Sequence[str], kinds_zh: str) -> sa.Select[Any]:
    source, is_branch = text_table(layout), layout.key == "branches"
    has = {column.key for column in layout.columns}
    by_key = {column.key: column for column in layout.columns}
    nothing = sa.cast(sa.null(), sa.String)

    def raw(key: str) -> sa.ColumnElement[Any]:
        return source.c[key] if key in has else nothing

    def picked(key: str) -> sa.ColumnElement[Any]:
        return casts.choice(source.c[key], dict(by_key[key].choices)) if key in has else nothing

    def missing(key: str) -> sa.ColumnElement[Any]:
        return sa.case((source.c[key].is_(None), casts.literal(casts.NOT_FILLED))) if key in has else nothing

    name = "branch_name" if is_branch else "unit_name"
    fold = table("name_folds", ["raw", "folded", "noise"]).alias("fold")
    township = table("name_folds", ["raw", "folded", "noise"]).alias("township_fold")
    kind = picked("branch_kind")
    scope = picked("figures_scope")
    count = sa.func.count().over(partition_by=source.c.unit_id)
    return (
        sa.select(
            source.c.receipt_id, source.c.unit_id, casts.literal(layout.key).label("table_name"), source.c.sheet,
            source.c.row_number,
            (branch_key(source) if is_branch else source.c.unit_id).label("subject_id"),
            (branch_key(source) if is_branch else nothing).label("branch_id"),
            (missing("branch_id") if is_branch else nothing).label("missing_branch_id"),
            sa.func.coalesce(fold.c.folded, raw(name)).label("name"),
            (missing("branch_name") if is_branch else nothing).label("missing_branch_name"),
            fold.c.noise.label("name_noise"),
            sa.func.coalesce(kind, casts.literal(kinds[0] if is_branch and kinds else None)).label("branch_kind"),
            sa.case((sa.and_(raw("branch_kind").isnot(None), kind.is_(None)), raw("branch_kind")))
            .label("unknown_branch_kind"),
            casts.literal(kinds_zh).label("known_branch_kinds"),
            sa.func.coalesce(township.c.folded, raw("township")).label("township"),
            (missing("township") if is_branch and "township" in has else nothing).label("missing_township"),
            sa.case((sa.and_(raw("figures_scope").isnot(None), sa.func.coalesce(scope, "?") != "retired_cadre"),
                     raw("figures_scope"))).label("wrong_scope"),
            sa.case((sa.and_(sa.literal(not is_branch, literal_execute=True), count > 1), casts.literal("重复行")))
            .label("repeated_unit_row"),
            (picked("rectifying") if is_branch else nothing).label("rectifying"),
        )
        .select_from(
            source.outerjoin(fold, fold.c.raw == raw(name)).outerjoin(township, township.c.raw == raw("township"))
        )
    )  # fmt: skip


ROWS = (
    *ROW_KEY, "subject_id", "branch_id", "missing_branch_id", "name", "missing_branch_name", "name_noise", "branch_kind",
    "unknown_branch_kind", "known_branch_kinds", "township", "missing_township", "wrong_scope", "repeated_unit_row",
    "rectifying",
)  # fmt: skip
