"""CSV files as rows of texts: UTF-8 (with or without a mark) or GB18030, quotes strictly paired."""

from __future__ import annotations

import csv
import io


class NotText(ValueError):
    """The bytes are neither UTF-8 nor GB18030."""


def csv_rows(raw: bytes) -> list[list[str]]:
    """The rows of a CSV file. Raises NotText, and csv.Error where it is no whole CSV."""
    return list(csv.reader(io.StringIO(_text(raw), newline=""), strict=True))


def _text(raw: bytes) -> str:
    for coding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise NotText
