"""No command tells, prints or publishes anything out of a run folder that is not as the run wrote it."""

from __future__ import annotations

import importlib
import inspect
import shutil
from pathlib import Path

import pytest

from api import cli
from api.cli import COMMANDS, Lazy
from domain.period import Period
from engine.folder.execute import execute
from engine.policy.configs import load_configs

SMALL = Path(__file__).parents[1] / "small"
CALLS = {
    "explain": ["explain", "{run}", "T1"],
    "report": ["report", "{run}", "A1", "--out", "{out}"],
    "disclose": ["disclose", "{run}", "--out", "{out}"],
}
"""Every command that is given a run folder, but `verify`, which tells everything at once; one more is added here."""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "out"
    execute(load_configs(), SMALL / "plan.yaml", SMALL / "data", Period.parse("2026Q3"), out)
    return out


@pytest.fixture
def run(done: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(done, tmp_path / "run"))


def called(run: Path, name: str) -> tuple[int, Path]:
    out = run.parent / "out.xlsx"
    return cli.main([word.format(run=run, out=out) for word in CALLS[name]]), out


def test_every_command_that_reads_a_run_folder_is_asked() -> None:
    reading = set()
    for name, entry in COMMANDS.items():
        if isinstance(entry, Lazy):
            module, _, function = entry.target.partition(":")
            if "folder" in inspect.signature(getattr(importlib.import_module(module), function)).parameters:
                reading.add(name)
    assert reading == {*CALLS, "verify"}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("inputs/plan/plan.yaml", "small", "smell"),
        ("inputs/data/money.csv", "1700.00", "1900.00"),
        ("allocations.csv", "250.00", "260.00"),
        ("explain.json", "250.00", "260.00"),
        ("explain.json", "250.00", "25o.00"),
        ("manifest.json", '"warnings": []', '"warnings": ["x"]'),
    ],
)
def test_a_changed_file_is_told_and_nothing_written(
    run: Path, capsys: pytest.CaptureFixture[str], *, name: str, file: str, old: str, new: str
) -> None:
    text = (run / file).read_text(encoding="utf-8")
    assert old in text
    (run / file).write_text(text.replace(old, new), encoding="utf-8")
    code, out = called(run, name)
    said = capsys.readouterr()
    assert code == 2
    assert f"{run}/{file}: " in said.err
    assert "(RUN-CHANGED)" in said.err
    assert not said.out
    assert not out.exists()


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    ("file", "said"), [("pools.parquet", "清单里没有"), ("inputs/data/more.csv", "清单里没有"), ("permits.csv", "缺失")]
)
def test_a_file_too_many_or_too_few_is_told(
    run: Path, capsys: pytest.CaptureFixture[str], *, name: str, file: str, said: str
) -> None:
    if said == "缺失":
        (run / file).unlink()
    else:
        (run / file).write_bytes(b"unit_code\n")
    assert called(run, name)[0] == 2
    err = capsys.readouterr().err
    assert f"{run}/{file}: " in err
    assert said in err


@pytest.mark.parametrize("name", CALLS)
def test_what_nobody_reads_may_be_anything(run: Path, *, name: str) -> None:
    """Notes typed into the report, a protocol laid beside it: the numbers are still the run's."""
    with (run / "report.xlsx").open("ab") as file:
        file.write(b"a note")
    (run / "会议纪要.docx").write_bytes(b"minutes")
    assert called(run, name)[0] == 0
