"""Looks into a workbook's archive before a parser does: bombs, far cells, entities, uncalculated formulas.

The parser (calamine) keeps a sheet as one dense rectangle and clones shared strings, so two cells can cost
hundreds of gigabytes. Everything here is bounded by ``Limits`` and by the size of the file.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from etl.core.reading.grids import CellFault, Limits, Refusal, column_index, shortened

# Deflate cannot shrink below 1 : 1032, so a member never unpacks to more than that times its packed size.
_DEFLATE_RATIO = 1_032
_AFTER_NAME = (b" ", b">", b"/", b"\n", b"\t", b"\r")
_CELL_REF = re.compile(rb'<c r="([A-Za-z]+)([0-9]+)"')
_FAR_REF = re.compile(rb'<c r="(?:[A-Za-z]{3,}[0-9]|[A-Za-z]+[0-9]{5,})')
_STRING_CELL = re.compile(rb"""\st\s*=\s*["']s["']""")
_STRING_INDEX = re.compile(rb"<v>([0-9]{1,9})</v>")
_STRING_END = re.compile(rb"</(?:[\w.-]+:)?si\s*>")
_UNCACHED = re.compile(
    rb'<c r="([A-Z]+)([0-9]+)"[^>]*><f(?:/>|[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_SHEET = re.compile(rb"<(?:[\w.-]+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:[\w.-]+:)?Relationship\s[^>]*>")
_PLAIN_ROWS, _PLAIN_COLUMNS = 9_999, 702  # what a sheet without a far reference can reach: ZZ9999


@dataclass(frozen=True)
class WorkbookFacts:
    """What the archive tells beyond the cells: macros, and formulas without a stored result, by sheet."""

    macros: bool
    uncached: dict[str, tuple[CellFault, ...]]


def inspect_archive(content: bytes, limits: Limits) -> WorkbookFacts:
    """Facts about an XLSX archive that is safe to parse.

    Raises ``Refusal``: R04 damaged, R05 encrypted, R08 dangerous, R09 too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _inspect(archive, len(content), limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise Refusal("R04") from error
    except expat.ExpatError as error:
        raise Refusal("R04", observed=shortened(str(error))) from error


def _inspect(archive: zipfile.ZipFile, size: int, limits: Limits) -> WorkbookFacts:
    members = archive.infolist()
    _check_directory(members, size, limits)
    parts = {m.filename: m for m in members if m.filename.lower().endswith((".xml", ".rels"))}
    sheets = {name for name in parts if name.startswith("xl/") and "sheet" in name.lower()}
    budget = limits.unpacked_size
    lengths: list[int] = []
    others: dict[str, bytes] = {}
    for name in sorted(parts.keys() - sheets):
        text = _unpacked(archive, parts[name], budget)
        budget -= len(text)
        if name.lower().endswith("sharedstrings.xml"):
            lengths = [len(piece) for piece in _STRING_END.split(text)]
        elif name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
            others[name] = text
    names = _sheet_names(others)
    uncached: dict[str, tuple[CellFault, ...]] = {}
    for name in sorted(sheets):
        text = _unpacked(archive, parts[name], budget)
        budget -= len(text)
        _check_extent(text, limits)
        budget -= _string_cost(text, lengths, budget)
        if name in names and b"<f" in text:
            uncached[names[name]] = tuple(_formulas_without_result(text, limits))
    macros = any(m.filename.lower().endswith("vbaproject.bin") for m in members)
    return WorkbookFacts(macros, uncached)


def _check_directory(members: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    """Refuse by the archive's directory alone: nothing has been unpacked yet."""
    names = [member.filename for member in members]
    if len(members) > limits.archive_members or len(set(names)) != len(names):
        raise Refusal("R08", observed=f"{len(members)}", expected=f"{limits.archive_members}")
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names):
        raise Refusal("R08", observed="..")
    if any(member.flag_bits & 1 for member in members):
        raise Refusal("R05")
    # Members that overlap share one packed body: their sum exceeds the file that holds them.
    if sum(member.compress_size for member in members) > size:
        raise Refusal("R08", observed="overlap")
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.unpacked_size:
        raise Refusal("R08", observed=f"{unpacked:,}", expected=f"{limits.unpacked_size:,}")


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: int) -> bytes:
    """One member's bytes, at most ``budget``; a directory that lies about a size fails the CRC."""
    if member.file_size > min(budget, member.compress_size * _DEFLATE_RATIO + 64):
        raise Refusal("R08", observed=f"{member.file_size:,}")
    text = archive.read(member)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refusal("R08", observed="DOCTYPE")
    return text


def _check_extent(text: bytes, limits: Limits) -> None:
    rows, columns = _extent(text)
    if columns > limits.columns:
        raise Refusal("R09", observed=f"{columns:,}", expected=f"{limits.columns:,}")
    if rows > limits.rows or rows * columns > limits.sheet_cells:
        raise Refusal("R09", observed=f"{rows:,}", expected=f"{limits.rows:,}")


def _extent(text: bytes) -> tuple[int, int]:
    """At least the last row and last column that hold a cell. Exact where it matters."""
    cells = sum(text.count(b"<c" + after) for after in _AFTER_NAME)
    prefixed = any(b":c" + after in text for after in _AFTER_NAME)
    if prefixed or text.count(b'<c r="') != cells:
        return _extent_by_parser(text)
    if _FAR_REF.search(text) is None:
        return (1, 1)  # at most _PLAIN_ROWS x _PLAIN_COLUMNS: 7 million cells, affordable
    refs = _CELL_REF.findall(text)
    columns = max((column_index(letters.decode()) + 1 for letters in {ref[0] for ref in refs}), default=0)
    return max((int(ref[1]) for ref in refs), default=0), columns


def _extent_by_parser(text: bytes) -> tuple[int, int]:
    """The same for sheets whose cells carry a prefix or no reference (then they count up)."""
    row = column = rows = columns = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, rows, columns
        tag = name.rpartition(":")[2]
        reference = attributes.get("r", "")
        if tag == "row":
            row, column = (int(reference) if reference.isdigit() else row + 1), 0
        elif tag == "c":
            match = re.fullmatch(r"([A-Za-z]{1,7})([0-9]{1,10})", reference)
            column = column_index(match[1]) + 1 if match else column + 1
            row = int(match[2]) if match else row
            rows, columns = max(rows, row), max(columns, column)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(text, True)
    return rows, columns


def _string_cost(text: bytes, lengths: list[int], budget: int) -> int:
    """The bytes this sheet's shared strings take once cloned into its cells; R08 beyond the budget."""
    if not lengths:
        return 0
    longest = max(lengths)
    cost = text.count(b"<") * longest
    if cost > budget:
        cells = len(_STRING_CELL.findall(text))
        found = [int(index) for index in _STRING_INDEX.findall(text)]
        cost = sum(lengths[index] for index in found if index < len(lengths))
        cost += max(0, cells - len(found)) * longest
    if cost > budget:
        raise Refusal("R08", observed=f"{cost:,}", expected=f"{budget:,}")
    return cost


def _formulas_without_result(text: bytes, limits: Limits) -> Iterator[CellFault]:
    for count, match in enumerate(_UNCACHED.finditer(text)):
        if count > limits.findings_per_rule:
            return
        yield CellFault("R24", int(match[2]), column_index(match[1].decode()), "")


def _sheet_names(parts: dict[str, bytes]) -> dict[str, str]:
    """Archive path -> sheet name, so that a place in the archive can be named to the user."""
    paths = {}
    for relation in _RELATION.findall(parts.get("xl/_rels/workbook.xml.rels", b"")):
        target = _attribute(relation, "Target").lstrip("/")
        paths[_attribute(relation, "Id")] = target if target.startswith("xl/") else f"xl/{target}"
    names = {}
    for sheet in _SHEET.findall(parts.get("xl/workbook.xml", b"")):
        path = paths.get(_attribute(sheet, "r:id"))
        if path:
            names[path] = _attribute(sheet, "name")
    return names


def _attribute(tag: bytes, name: str) -> str:
    match = re.search(rf"""\s{name}\s*=\s*["']([^"']*)["']""", tag.decode("utf-8", errors="replace"))
    return match[1] if match else ""
