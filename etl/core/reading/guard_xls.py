"""Walks an old .xls (a compound file) before a parser does: loops, false lengths, far cells, encryption.

The parser follows sector chains without looking for loops and reserves memory by the lengths the file
claims; a dozen changed bytes cost it gigabytes or its life (seen by fuzzing). So the claims are checked here.
Source of the layout: [MS-CFB] 2.2-2.6 and [MS-XLS] 2.4.
"""

import struct
from dataclasses import dataclass

from etl.core.reading.grids import Limits, Refusal

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FIRST_SPECIAL = 0xFFFFFFFA  # sector numbers from here on are marks: free, end of chain, ...
_SMALL_STREAM, _SMALL_SECTOR = 4_096, 64
_DIMENSIONS, _SHARED_STRINGS, _FILEPASS = 0x0200, 0x00FC, 0x002F
_BEGIN, _BOUND_SHEET = 0x0809, 0x0085
_CELLS = frozenset({0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E, 0x00BD, 0x00BE})


@dataclass(frozen=True)
class _Compound:
    content: bytes
    sector: int
    table: tuple[int, ...]

    def chain(self, start: int) -> bytes:
        """The bytes of one chain; ``Refusal`` when it loops or leaves the file."""
        pieces, seen, number = [], 0, start
        while number < _FIRST_SPECIAL:
            offset = (number + 1) * self.sector
            seen += 1
            if seen > len(self.table) or number >= len(self.table) or offset >= len(self.content):
                raise Refusal("R04", observed="FAT")
            pieces.append(self.content[offset : offset + self.sector])
            number = self.table[number]
        return b"".join(pieces)


def inspect_xls(content: bytes, limits: Limits) -> None:
    """Return when the compound file holds a workbook that is safe to parse.

    Raises ``Refusal``: R03 another kind of document, R04 damaged, R05 encrypted, R09 too large.
    """
    try:
        _inspect(content, limits)
    except (struct.error, IndexError) as error:
        raise Refusal("R04") from error


def _inspect(content: bytes, limits: Limits) -> None:
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    if shift not in (9, 12) or small_shift != 6:
        raise Refusal("R04", observed="sector size")
    sector = 1 << shift
    claims = struct.unpack_from("<9I", content, 40)
    directories, tables, directory_start, _, _, small_start, small_count, extra_start, extra_count = claims
    if max(directories, tables, small_count, extra_count) * sector > len(content):
        raise Refusal("R04", observed="header")
    table_sectors = _table_sectors(content, sector, extra_start)
    numbers = b"".join(content[(n + 1) * sector : (n + 2) * sector] for n in table_sectors)
    compound = _Compound(content, sector, _numbers(numbers))
    directory = compound.chain(directory_start)
    entries = [directory[i : i + 128] for i in range(0, len(directory) - 127, 128)]
    small_numbers = compound.chain(small_start)
    _check_streams(entries, compound, _numbers(small_numbers), limits)


def _numbers(body: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(body) // 4}I", body[: len(body) // 4 * 4])


def _table_sectors(content: bytes, sector: int, extra_start: int) -> list[int]:
    """The sectors that hold the allocation table, 109 from the header and the rest from a chain."""
    numbers = list(struct.unpack_from("<109I", content, 76))
    following, seen = extra_start, 0
    while following < _FIRST_SPECIAL:
        seen += 1
        if seen * sector > len(content):
            raise Refusal("R04", observed="DIFAT")
        *more, following = struct.unpack_from(f"<{sector // 4}I", content, (following + 1) * sector)
        numbers.extend(more)
    return [number for number in numbers if number < _FIRST_SPECIAL]


def _check_streams(entries: list[bytes], compound: _Compound, small: tuple[int, ...], limits: Limits) -> None:
    streams: dict[str, bytes] = {}
    small_body = b""
    for index, entry in enumerate(entries):
        name_size, kind = struct.unpack_from("<HB", entry, 64)
        start, size = struct.unpack_from("<II", entry, 116)
        name = entry[: max(0, min(name_size, 64) - 2)].decode("utf-16-le", errors="replace")
        if kind not in (2, 5):
            continue
        if size > len(compound.content):
            raise Refusal("R04", observed="size")
        if index == 0:
            small_body = compound.chain(start) if size else b""
        elif size >= _SMALL_STREAM:
            streams[name] = compound.chain(start)[:size]
        elif size:
            streams[name] = _small_chain(start, small, small_body)[:size]
    if "EncryptedPackage" in streams or "EncryptionInfo" in streams:
        raise Refusal("R05")
    book = streams.get("Workbook") or streams.get("Book")
    if book is None:
        raise Refusal("R03", observed="Word" if "WordDocument" in streams else "OLE")
    _check_records(book, limits)


def _small_chain(start: int, table: tuple[int, ...], body: bytes) -> bytes:
    pieces: list[bytes] = []
    number = start
    while number < _FIRST_SPECIAL:
        if len(pieces) > len(table) or number >= len(table):
            raise Refusal("R04", observed="mini FAT")
        pieces.append(body[number * _SMALL_SECTOR : (number + 1) * _SMALL_SECTOR])
        number = table[number]
    return b"".join(pieces)


def _check_records(book: bytes, limits: Limits) -> None:
    """Refuse what the records claim beyond the limits; a sheet is bounded by the book's far corner."""
    offset, rows, columns = 0, 0, 0
    sheet_starts: set[int] = set()
    begins: set[int] = set()
    while offset + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, offset)
        body = book[offset + 4 : offset + 4 + size]
        if kind in _CELLS and size >= 4:
            row, column = struct.unpack_from("<HH", body)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind == _DIMENSIONS:
            last_row, last_column = _dimensions(body)
            rows, columns = max(rows, last_row), max(columns, last_column)
        elif kind == _BEGIN:
            begins.add(offset)
        elif kind == _BOUND_SHEET:
            sheet_starts.add(struct.unpack_from("<I", body)[0])
        elif kind in (_FILEPASS, _SHARED_STRINGS):
            _check_claim(kind, body, len(book))
        offset += 4 + size
    # A sheet that starts inside another record would be read as records nobody has looked at.
    if not sheet_starts <= begins:
        raise Refusal("R04", observed="BOUNDSHEET")
    if columns > limits.columns:
        raise Refusal("R09", observed=f"{columns:,}", expected=f"{limits.columns:,}")
    if rows > limits.rows or rows * columns > limits.sheet_cells:
        raise Refusal("R09", observed=f"{rows:,}", expected=f"{limits.rows:,}")


def _check_claim(kind: int, body: bytes, size: int) -> None:
    if kind == _FILEPASS:
        raise Refusal("R05")
    if struct.unpack_from("<II", body)[1] > size:
        raise Refusal("R04", observed="SST")


def _dimensions(body: bytes) -> tuple[int, int]:
    """The rows and columns a sheet says it has; a first past the last makes the parser reserve it all."""
    if len(body) not in (10, 14):
        raise Refusal("R04", observed="DIMENSIONS")
    layout = "<HHHH" if len(body) == 10 else "<IIHH"
    first_row, last_row, first_column, last_column = struct.unpack_from(layout, body)
    if (last_row and first_row >= last_row) or (last_column and first_column >= last_column):
        raise Refusal("R04", observed="DIMENSIONS")
    return last_row, last_column
