"""Files made to break a reader."""

import io
import struct
import zipfile

from tests.unit.reading.hostile.sheets import workbook

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEADINGS = ["支部编码", "支部名称", "党员人数"]
ROW = ["B001", "甲县第一党支部", 12]


def ordinary() -> bytes:
    return workbook({"支部": [HEADINGS, ROW]})


def rebuilt(content: bytes, replace: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The archive with members replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", compression) as new:
        for name in old.namelist():
            if name not in replace:
                new.writestr(name, old.read(name))
        for name, body in replace.items():
            new.writestr(name, body)
    return out.getvalue()


def with_sheet(xml: str) -> bytes:
    return rebuilt(ordinary(), {"xl/worksheets/sheet1.xml": xml.encode()})


def sheet_xml(cells: str) -> str:
    return f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>'


def bomb() -> bytes:
    """400 MB of blanks in a sheet, packed to less than half a megabyte."""
    return rebuilt(ordinary(), {"xl/worksheets/sheet1.xml": b" " * 400_000_000})


def nested_bomb() -> bytes:
    """Archives inside: the reader must not open them."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", b"0" * 50_000_000)
    return rebuilt(ordinary(), {f"xl/embeddings/{n}.zip": inner.getvalue() for n in range(20)})


def lying_bomb() -> bytes:
    """The directory says that the sheet unpacks to 100 bytes."""
    content = bytearray(rebuilt(ordinary(), {"xl/worksheets/sheet1.xml": b" " * 5_000_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            if content[at + offset : at + offset + 4] == struct.pack("<I", 5_000_000):
                content[at + offset : at + offset + 4] = struct.pack("<I", 100)
    return bytes(content)


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return with_sheet(
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "ha">{entities}]>'
        f'<worksheet xmlns="{_MAIN}">&l9;</worksheet>'
    )


def outside_entity() -> bytes:
    return with_sheet(
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        f'<worksheet xmlns="{_MAIN}">'
        '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>'
    )


def far_cell(reference: str = "XFD1048576") -> bytes:
    """Two cells that span 17 thousand million."""
    return with_sheet(sheet_xml(f'<row r="1"><c r="A1"><v>1</v></c><c r="{reference}"><v>1</v></c></row>'))


def far_cell_unreferenced() -> bytes:
    """The same with a prefix and counted cells, as some writers do."""
    return with_sheet(
        f'<?xml version="1.0"?><x:worksheet xmlns:x="{_MAIN}"><x:sheetData>'
        f'<x:row r="1000000">{"<x:c/>" * 900}<x:c><x:v>1</x:v></x:c></x:row>'
        '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )


def million_columns() -> bytes:
    return with_sheet(sheet_xml('<row r="1">' + "<c><v>1</v></c>" * 1_000_000 + "</row>"))


def cloned_strings() -> bytes:
    """One long shared string, told 100,000 times: a few kilobytes that unpack to gigabytes."""
    strings = f'<sst xmlns="{_MAIN}"><si><t>{"长" * 30_000}</t></si></sst>'
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 100_001))
    sheet = sheet_xml(cells).encode()
    return rebuilt(ordinary(), {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": strings.encode()})


def climbing_member() -> bytes:
    return rebuilt(ordinary(), {"../../outside.xml": b"<x/>"})


def macros() -> bytes:
    return rebuilt(ordinary(), {"xl/vbaProject.bin": b"Sub Auto_Open()"})


def _compound(name: str, stream: bytes) -> bytes:
    """A compound file (version 3) with one stream, laid out as [MS-CFB] says."""
    stream = stream.ljust(4_096, b"\0")  # below that a stream would go into the small sectors
    sectors = -(-len(stream) // 512)
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    table = [0xFFFFFFFD, end, *range(3, sectors + 2), end]
    table += [free] * (128 - len(table))
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    )
    header += struct.pack("<9I", 0, 1, 1, 0, 4_096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)
    directory = _entry("Root Entry", 5, end, 0, child=1) + _entry(name, 2, 2, len(stream)) + bytes(256)
    return header + struct.pack("<128I", *table) + directory + stream.ljust(sectors * 512, b"\0")


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    encoded = name.encode("utf-16-le")
    links = struct.pack("<3I", 0xFFFFFFFF, 0xFFFFFFFF, child)
    head = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded) + 2, kind, 1) + links
    return head + bytes(36) + struct.pack("<IQ", start, size)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def xls(extra: bytes = b"") -> bytes:
    """A BIFF8 workbook of one sheet with the headings and one row; ``extra`` records go into the sheet."""
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 6))
    name = "支部"
    sheet_begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 1997, 0, 6))
    cells = b"".join(
        _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))
        for row, line in enumerate([HEADINGS, [str(cell) for cell in ROW]])
        for column, text in enumerate(line)
    )
    bound_size = 4 + 8 + 2 * len(name)
    offset = len(begin) + bound_size + 4
    bound = _record(0x0085, struct.pack("<IBBBB", offset, 0, 0, len(name), 1) + name.encode("utf-16-le"))
    end = _record(0x000A, b"")
    return _compound("Workbook", begin + bound + end + sheet_begin + cells + extra + end)


def xls_far_cell() -> bytes:
    return xls(_record(0x0203, struct.pack("<HHHd", 65_535, 65_535, 0, 1.0)))


def xls_false_dimensions() -> bytes:
    return xls(_record(0x0200, struct.pack("<IIHHH", 9, 3, 0, 3, 0)))


def xls_panic() -> bytes:
    """A record of merged cells without its count: the parser panics."""
    return xls(_record(0x00E5, b""))


def xls_loop() -> bytes:
    """The sector chain of the stream leads back to its start."""
    content = bytearray(xls())
    content[512 + 4 * 4 : 512 + 4 * 5] = struct.pack("<I", 2)
    return bytes(content)


def encrypted() -> bytes:
    """What Excel makes of a workbook with a password to open it."""
    return _compound("EncryptedPackage", bytes(5_000))
