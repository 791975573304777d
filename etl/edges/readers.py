"""Reads many delivered files and packs their text, in further processes where that pays: reading is Python, one core's work."""

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

from etl.core.programmes.layout import Layout
from etl.core.reading.carried import rests_on_others
from etl.core.reading.tables import FileFinding, Reading, TextTable, read_file
from etl.core.rows import NewReceipt
from etl.edges.landing import Landing
from etl.edges.texts import TextFiles

Row = dict[str, Any]

PART_FILES = 16
"""So many files are read by one process at a time, and their text lies in one file a record type."""
WORTH_A_PROCESS = 150
"""Files that are read while another process starts, which takes half a second."""


Part = Sequence[NewReceipt]


@dataclass(frozen=True)
class FileRead:
    """What came of one receipt: rows of `receipt_tables`, and the findings about the file.

    `resting`: the bytes and the reading of a file that can be read to its end only after those it names; nothing of it is
    packed yet.
    """

    receipt_id: str
    tables: Sequence[Row]
    findings: Sequence[FileFinding]
    resting: tuple[bytes, Reading] | None = None


Reader = Callable[[Part], list[FileRead]]


def read_files(
    landing: Landing,
    layout: Layout,
    receipts: Sequence[NewReceipt],
    progress: Callable[[NewReceipt], None],
    processes: int = 1,
) -> list[FileRead]:
    """What came of receipts, in their order, their text kept in the landing. Lost if the bytes of one are gone.

    `processes`: how many may read at once, this one among them; so many do where it pays. The same files are packed together,
    however many there are and whichever reads a part.
    """
    parts = [receipts[start : start + PART_FILES] for start in range(0, len(receipts), PART_FILES)]
    others = min(processes - 1, len(receipts) // WORTH_A_PROCESS)
    if others < 1:
        return [read for part in parts for read in _read_part(landing, layout, part, progress)]
    start = (landing.folder, layout)
    with _ending_in_order(), ProcessPoolExecutor(others, get_context("spawn"), initializer=_start, initargs=start) as pool:

        def here(part: Part) -> list[FileRead]:
            return _read_part(landing, layout, part, progress)

        def there(part: Part) -> list[FileRead]:
            found = pool.submit(_read_there, part).result()
            for receipt in part:
                progress(receipt)
            return found

        return _shared_out(parts, here, [there] * others)


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """SIGTERM ends the process as it would, but by an exit: killed, it leaves semaphores of its pool, of which Python warns.

    Where somebody else obeys SIGTERM already, he goes on; so it is in a task of Airflow.
    """
    mine = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    if mine:
        signal.signal(signal.SIGTERM, _exit_as_terminated)
    try:
        yield
    finally:
        if mine:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _exit_as_terminated(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _shared_out(parts: Sequence[Part], here: Reader, others: Sequence[Reader]) -> list[FileRead]:
    """What came of all parts. The others take them from the front one by one, this thread from the end what none has begun."""
    waiting, read = deque(enumerate(parts)), dict[int, list[FileRead]]()

    def read_on(take: Callable[[], tuple[int, Part]], reader: Reader) -> None:
        try:
            while True:
                try:
                    number, part = take()
                except IndexError:  # none waits any more
                    return
                read[number] = reader(part)
        except BaseException:
            waiting.clear()  # nobody begins another part for nothing
            raise

    with ThreadPoolExecutor(len(others), initializer=_without_interrupts) as givers:
        given = [givers.submit(read_on, waiting.popleft, other) for other in others]
        read_on(waiting.pop, here)
        for each in given:
            each.result()
    return [each for number in sorted(read) for each in read[number]]


def _without_interrupts() -> None:
    """For a thread that starts processes, which inherit it: Ctrl-C reaches all of them, and is for the first one to obey."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _read_part(
    landing: Landing, layout: Layout, receipts: Part, progress: Callable[[NewReceipt], None]
) -> list[FileRead]:
    """Read receipts one after the other and pack what came of them."""
    read: list[tuple[str, Reading]] = []
    resting: dict[str, tuple[bytes, Reading]] = {}
    for receipt in receipts:
        content = landing.raw(receipt["sha256"])
        reading = read_file(content, receipt["file_name"], layout)
        if rests_on_others(content, reading):
            resting[receipt["receipt_id"]] = content, reading
            reading = Reading((), ())
        read.append((receipt["receipt_id"], reading))
        progress(receipt)
    return [replace(each, resting=resting.get(each.receipt_id)) for each in pack(landing, read)]


def pack(landing: Landing, readings: Sequence[tuple[str, Reading]]) -> list[FileRead]:
    """Keep the text tables of receipts in the landing, those of a record type in one file."""
    texts = TextFiles()
    for receipt_id, reading in readings:
        for table in reading.tables:
            texts.add(table.table, receipt_id, table.cells)
    paths = texts.keep(landing)
    return [
        FileRead(receipt_id, [_table_row(receipt_id, table, paths[table.table]) for table in reading.tables], reading.findings)
        for receipt_id, reading in readings
    ]


def _table_row(receipt_id: str, table: TextTable, text_path: str) -> Row:
    return {
        "receipt_id": receipt_id,
        "table_name": table.table,
        "sheet": table.sheet,
        "rows_in": table.rows_in,
        "rows_blank": table.rows_blank,
        "columns": {key: [place.heading, place.letter] for key, place in table.columns.items()},
        "text_path": text_path,
    }


_here: list[tuple[Landing, Layout]] = []  # what another process reads with, set once when it starts


def _start(folder: Path, layout: Layout) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _here[:] = [(Landing(folder), layout)]


def _end_with_parent() -> None:
    """A process that waits for work does not notice when the one that gives it is killed."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def _read_there(receipts: Part) -> list[FileRead]:
    landing, layout = _here[0]
    return _read_part(landing, layout, receipts, lambda _: None)
