"""Folders of code: what counts as a file of a folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from domain.modules import modules, names


def test_what_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder_of_code"
    (folder / "inner").mkdir(parents=True)
    for name in ("__init__", "_shared", "two", "one", "inner/__init__"):
        (folder / f"{name}.py").write_text(f'NAME = "{name}"\n', encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert names("folder_of_code") == ("one", "two")
    assert not [name for name in sys.modules if name.startswith("folder_of_code.")]
    assert {name: code.NAME for name, code in modules("folder_of_code").items()} == {"one": "one", "two": "two"}


@pytest.mark.parametrize("folder", ["allocation.rules", "indicators.curves"])
def test_helpers_are_no_files_of_a_folder(folder: str) -> None:
    assert names(folder)
    assert not [name for name in names(folder) if name.startswith("_")]
