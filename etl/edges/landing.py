"""The landing: files named by content, written once and never rewritten."""

import errno
import hashlib
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.edges.whole_files import write_whole
from etl.errors import Lost


class Landing:
    """A folder of immutable files; paths in the store are relative to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep_raw(self, content: bytes) -> str:
        """Keep a delivered file and give back its SHA-256."""
        digest = hashlib.sha256(content).hexdigest()
        self._write(self.raw_path(digest), content)
        return digest

    def raw_path(self, digest: str) -> str:
        """Where a raw file lies."""
        return f"raw/{digest[:2]}/{digest}"

    def raw(self, digest: str) -> bytes:
        """The bytes of a raw file. Lost if it is gone."""
        return self.read(self.raw_path(digest))

    def read(self, path: str) -> bytes:
        """The bytes behind a stored path. Lost if they are gone."""
        return self.found(path).read_bytes()

    def found(self, path: str) -> Path:
        """The file behind a stored path. Lost if it is gone."""
        self.demand({path: path})
        return self.at(path)

    def gone(self, paths: Iterable[str]) -> set[str]:
        """Those of some stored paths behind which there is no file."""
        return {path for path in set(paths) if not self.at(path).exists()}

    def demand(self, paths: Mapping[str, str]) -> None:
        """Lost if one of these stored paths is gone; each is told by what stands beside it.

        FileNotFoundError if the whole folder is: then a disk is not mounted, and nothing is lost.
        """
        gone = sorted(self.gone(paths))
        if gone:
            folder = gone[0].partition("/")[0]
            if not self.at(folder).is_dir():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            raise Lost(folder, [paths[path] for path in gone])

    def keep_text(self, content: bytes) -> str:
        """Keep a Parquet file of text tables (`etl.edges.texts`)."""
        return self._keep_table("text", content)

    def keep_slice(self, rows: pa.Table | pa.RecordBatchReader) -> str:
        """Keep accepted rows; equal rows are the same file. Of a reader one batch at a time is in memory."""
        return self._keep_table("slices", _parquet(rows))

    def _keep_table(self, folder: str, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = f"{folder}/{digest[:2]}/{digest}.parquet"
        self._write(path, content)
        return path

    def keep_document(self, content: bytes, suffix: str) -> tuple[str, str]:
        """Keep a document; gives back its SHA-256 and path."""
        digest = hashlib.sha256(content).hexdigest()
        path = f"documents/{digest[:2]}/{digest}{suffix}"
        self._write(path, content)
        return digest, path

    def at(self, path: str) -> Path:
        """The file behind a stored path."""
        return self.folder / path

    def _write(self, path: str, content: bytes) -> None:
        target = self.folder / path
        if not target.exists():
            write_whole(target, content)


class ScratchLanding(Landing):
    """A landing for trying out: it reads what is there, and its new slices go to a folder that is thrown away."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        super().__init__(folder)
        self._scratch = Landing(scratch.resolve())

    def keep_slice(self, rows: pa.Table | pa.RecordBatchReader) -> str:
        """Keep rows in the scratch folder; the path is absolute, so that `at` finds it."""
        return str(self._scratch.at(self._scratch.keep_slice(rows)))


def _parquet(rows: pa.Table | pa.RecordBatchReader) -> bytes:
    sink = io.BytesIO()
    with pq.ParquetWriter(
        sink, rows.schema, compression="zstd", use_dictionary=True, write_statistics=False
    ) as writer:
        if isinstance(rows, pa.Table):
            writer.write_table(rows)
        else:
            for batch in rows:
                writer.write_batch(batch)
    return sink.getvalue()
