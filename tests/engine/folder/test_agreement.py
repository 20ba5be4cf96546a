"""Words may change between versions, numbers may not: what verify holds a folder against is its typed content."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from allocation import permit_lines
from domain.period import Period
from domain.step import Words
from engine.folder.execute import execute
from engine.folder.lines import by_line
from engine.folder.output import canonical, digest, hashes
from engine.folder.verify import Verdict, verify
from engine.policy.configs import load_configs
from engine.run import words

HERE = Path(__file__).parent
SMALL = HERE.parent / "small"
EARLIER = sorted((HERE / "written-by-0.1.0").iterdir())


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "out"
    execute(load_configs(), SMALL / "plan.yaml", SMALL / "data", Period.parse("2026Q3"), out)
    return out


@pytest.fixture
def folder(done: Path, tmp_path: Path) -> Path:
    shutil.copytree(done, tmp_path / "folder")
    return tmp_path / "folder"


def seal(folder: Path) -> None:
    """Make the manifest agree with the files, as a forger would."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = hashes(folder)
    manifest["digest"] = digest(manifest)
    (folder / "manifest.json").write_text(canonical(manifest), encoding="utf-8")


def places(verdict: Verdict) -> set[str]:
    return {problem.where.split("!")[0].split(" ")[0] for problem in verdict.problems}


@pytest.mark.parametrize("earlier", EARLIER, ids=lambda path: path.name)
def test_a_folder_of_an_earlier_version_verifies_with_a_note(earlier: Path) -> None:
    verdict = verify(earlier)
    assert verdict.problems == ()
    assert any("0.1.0" in note for note in verdict.notes)


@pytest.mark.parametrize("earlier", EARLIER, ids=lambda path: path.name)
def test_a_forged_folder_of_an_earlier_version_is_found(earlier: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(earlier, folder)
    path = folder / "totals.csv"
    head, first, *rest = path.read_text(encoding="utf-8").splitlines()
    cells = first.split(",")
    path.write_text("\n".join([head, ",".join([*cells[:5], "99.5", *cells[6:]]), *rest]) + "\n", encoding="utf-8")
    seal(folder)
    assert places(verify(folder)) == {"totals.csv"}


def test_other_words_are_a_note(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = permit_lines.WORDS["risk_fund"]
    assert isinstance(known, Words)
    monkeypatch.setitem(permit_lines.WORDS, "risk_fund", Words("本期风险基金", known.formula, known.numbers))
    monkeypatch.setitem(words.PURPOSES, "staff_reward", "职工奖励")
    verdict = verify(folder)
    assert verdict.problems == ()
    assert any("说法" in note for note in verdict.notes)


def test_the_installed_catalogue_and_packs_do_not_matter(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import configs  # noqa: PLC0415  (what is installed is replaced)

    elsewhere = tmp_path / "configs"
    shutil.copytree(configs.folder(), elsewhere, ignore=shutil.ignore_patterns("__pycache__"))
    yaml = YAML()
    catalogue = yaml.load((elsewhere / "metrics.yaml").read_text(encoding="utf-8"))
    for metric in (*catalogue["metrics"], *catalogue["items"]):
        metric["title"] = f"另称{metric['title']}"
    with (elsewhere / "metrics.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(catalogue, file)
    shutil.rmtree(elsewhere / "packs")
    (elsewhere / "packs").mkdir()
    monkeypatch.setattr(configs, "folder", lambda: elsewhere)
    verdict = verify(folder)
    assert verdict.problems == ()
    assert not any("说法" in note for note in verdict.notes)


def edit_json(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        told = json.loads((folder / "explain.json").read_text(encoding="utf-8"))
        change(told)
        (folder / "explain.json").write_text(by_line(told), encoding="utf-8")

    return edit


def edit_text(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def drop_row(folder: Path) -> None:
    lines = (folder / "allocations.csv").read_text(encoding="utf-8").splitlines()
    (folder / "allocations.csv").write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")


def swap_rows(folder: Path) -> None:
    head, first, second, *rest = (folder / "totals.csv").read_text(encoding="utf-8").splitlines()
    (folder / "totals.csv").write_text("\n".join([head, second, first, *rest]) + "\n", encoding="utf-8")


def edit_workbook(old: bytes, new: bytes) -> Callable[[Path], None]:
    """Change what stands in one part of the workbook, wherever it stands first."""

    def edit(folder: Path) -> None:
        path = folder / "report.xlsx"
        with zipfile.ZipFile(path) as book:
            parts = {info.filename: book.read(info) for info in book.infolist()}
        name = next(name for name, raw in sorted(parts.items()) if old in raw)
        parts[name] = parts[name].replace(old, new, 1)
        with zipfile.ZipFile(path, "w") as book:
            for part, raw in parts.items():
                book.writestr(part, raw)

    return edit


def _allocation(told: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = told["traces"]["allocation/A1/reward/T1"]
    return found


FORGED = {
    "an amount in a table": (edit_text("allocations.csv", "250.00", "251.00"), "allocations.csv"),
    "a rule that held": (edit_text("allocations.csv", "wage_cap", "income_cap"), "allocations.csv"),
    "a score": (edit_text("scores.csv", ",75,", ",76,"), "scores.csv"),
    "a row dropped": (drop_row, "allocations.csv"),
    "rows swapped": (swap_rows, "totals.csv"),
    "an amount in a formula": (edit_text("pools.csv", "= 1700.00", "= 1800.00"), "pools.csv"),
    "an amount of a story": (edit_json(lambda told: _allocation(told).update(result="1.00")), "explain.json"),
    "a number put in": (
        edit_json(lambda told: _allocation(told)["numbers"].update({next(iter(_allocation(told)["numbers"])): "1.00"})),
        "explain.json",
    ),
    "a cell address": (edit_json(lambda told: _allocation(told).update(cells=["facts.csv!A1"])), "explain.json"),
    "a clause": (edit_json(lambda told: _allocation(told).update(cites=["some 九(九)"])), "explain.json"),
    "a story dropped": (edit_json(lambda told: told["traces"].pop("allocation/A1/reward/T1")), "explain.json"),
    "an answer": (
        edit_json(lambda told: told["allocations"][0]["answer"].update(undistributed="1.00")),
        "explain.json",
    ),
    "a warning dropped": (edit_json(lambda told: told.update(warnings=["x"])), "explain.json"),
    "an amount in the report": (edit_workbook(b"<v>143.2</v>", b"<v>144.2</v>"), "report.xlsx"),
    "an amount in capitals": (edit_workbook("壹佰贰拾壹元".encode(), "壹佰叁拾壹元".encode()), "report.xlsx"),
}


@pytest.mark.parametrize("how", FORGED)
def test_whatever_is_forged_is_found_in_its_file(folder: Path, how: str) -> None:
    forge, name = FORGED[how]
    forge(folder)
    seal(folder)
    assert name in places(verify(folder))


def test_a_forged_number_in_an_earlier_report_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(next(one for one in EARLIER if one.name == "small"), folder)
    edit_workbook(b"<v>143.2</v>", b"<v>144.2</v>")(folder)
    seal(folder)
    assert places(verify(folder)) == {"report.xlsx"}
