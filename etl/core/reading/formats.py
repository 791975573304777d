"""Tells a file's format by its content, and names the function that reads it."""

import re
from collections.abc import Iterator

from etl.core.reading.delimited import read_csv
from etl.core.reading.grids import FileFinding, Limits, Reader, Refusal
from etl.core.reading.guard_xls import MAGIC as COMPOUND_FILE
from etl.core.reading.json_records import read_json
from etl.core.reading.workbooks import read_xls, read_xlsx

READERS: dict[str, Reader] = {"xlsx": read_xlsx, "xls": read_xls, "csv": read_csv, "json": read_json}
"""Format -> the function that reads it into grids. A new format: an entry here, its mark in ``sniff``."""

ENDINGS = {
    "xlsx": {"xlsx", "xlsm"},
    "xls": {"xls", "et"},
    "csv": {"csv", "txt", "tsv"},
    "json": {"json"},
}
"""Format -> the endings of its files' names."""
_OTHER_FORMATS = {
    b"%PDF": "PDF",
    b"\x1f\x8b": "GZ",
    b"7z\xbc\xaf": "7Z",
    b"Rar!": "RAR",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"{\\rtf": "RTF",
}
_END_OF_ARCHIVE = b"PK\x05\x06"  # lost when a transfer broke off
_BLANKS = b" \t\r\n\0"
_MARK = b"\xef\xbb\xbf"
_HEAD = 4_096


def ending_findings(file_name: str, file_format: str) -> Iterator[FileFinding]:
    """R06 when the ending of ``file_name`` says another format. Nothing but the ending is used of a name."""
    match = re.search(r"\.([A-Za-z0-9]{1,8})$", file_name)
    ending = match[1].lower() if match else ""
    if ending not in ENDINGS[file_format]:
        yield FileFinding("R06", observed=ending, expected=file_format)


def check_file(content: bytes, limits: Limits) -> None:
    """Raises ``Refusal``: R01 nothing in the file, R02 too large."""
    if len(content) > limits.file_size:
        raise Refusal("R02", observed=f"{len(content):,}", expected=f"{limits.file_size:,}")
    if not content.removeprefix(_MARK).strip(_BLANKS):
        raise Refusal("R01", observed=f"{len(content):,}")


def sniff(content: bytes) -> str:
    """The format, a key of ``READERS``, by the content. Raises ``Refusal`` R03 for what is no table."""
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_archive(content)
    if content.startswith(COMPOUND_FILE):
        return "xls"
    for mark, name in _OTHER_FORMATS.items():
        if content.startswith(mark):
            raise Refusal("R03", observed=name)
    head = content[:_HEAD].removeprefix(_MARK).lstrip()
    if head.startswith(b"<"):  # web systems export pages that call themselves .xls
        page = b"<html" in head.lower() or b"<table" in head.lower()
        raise Refusal("R03", observed="HTML" if page else "XML")
    tail = content[-_HEAD:].rstrip()
    if (head[:1], tail[-1:]) in ((b"{", b"}"), (b"[", b"]")):
        return "json"
    return "csv"


def _kind_of_archive(content: bytes) -> str:
    """XLSX, also when damaged, by its members' names, which stand uncompressed. R03 for other kinds."""
    kinds = {b"xl/workbook.bin": "XLSB", b"word/document.xml": "DOCX", b"ppt/presentation.xml": "PPTX"}
    if b"xl/workbook.xml" in content or _END_OF_ARCHIVE not in content:
        return "xlsx"
    other = next((name for mark, name in kinds.items() if mark in content), None)
    if other or b"[Content_Types].xml" not in content:
        raise Refusal("R03", observed=other or "ZIP")
    return "xlsx"
