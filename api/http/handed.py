"""Tables that are handed in as files: laid out in a folder for the reader, under names that are never paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import UploadFile

from api.http.problems import wrong

_SUFFIXES = (".xlsx", ".xls", ".csv", ".parquet")


@contextmanager
def laid_out(files: Sequence[UploadFile]) -> Iterator[Path]:
    """The one file, or the folder of several, while the block lasts. Raises Wrong 422 for a name that is no table's."""
    with TemporaryDirectory() as name:
        folder, seen = Path(name), set[str]()
        for one in files:
            plain = Path((one.filename or "").replace("\\", "/")).name
            stem, suffix = Path(plain).stem, Path(plain).suffix.lower()
            if suffix not in _SUFFIXES or not stem.isidentifier() or len(stem) > 60 or plain in seen:
                remedy = "一个工作簿 .xlsx, 或以表名为名的 .csv、.parquet, 如 institutions.csv"
                raise wrong(422, "FILE-NAME", "文件名不是表名", remedy, where="$.file")
            seen.add(plain)
            (folder / plain).write_bytes(one.file.read())
        yield folder if len(files) > 1 else folder / plain
