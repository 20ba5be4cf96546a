"""The run folder is written as a whole or not at all, and always as the same bytes."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from domain.money import exact_text
from domain.period import Period
from domain.problems import InputProblems
from domain.step import Place
from engine.folder import output, staging
from engine.printing.system import alone
from engine.run.labels import Labels
from engine.run.result import ALWAYS, Formation, Result, frame
from engine.run.tables import WORDED, numbers, texts
from tests.words import saying, step, warning


@pytest.fixture
def result() -> Result:
    place = {"alliance_code": "A1", "pool": "surplus"}
    paid = [
        {**place, "unit_code": "T02", "tier": "township", "merit": Fraction(2), "amount": 20000, "held_by": ()},
        {
            **place,
            "unit_code": "T01",
            "tier": "township",
            "merit": Fraction(1),
            "amount": 10000,
            "held_by": ("wage_cap",),
        },
    ]
    pool = {**place, "amount": 30000, "distributed": 30000, "undistributed": 0}
    given: dict[str, list[dict[str, object]]] = {"allocations": paid, "pools": [pool]}
    return Result(
        plan_id="p",
        plan_title="方案",
        period=Period.parse("2026"),
        region="330000",
        labels=Labels(names={"T01": "乡镇,一", "T02": "乡镇二"}),
        frames={name: frame(name, given.get(name, [])) for name in ALWAYS},
        steps=(step("allocation", Place("A1", "surplus", unit="T01"), "结余", "占比", {"绩效": "1"}, "100.00"),),
        warnings=(warning("草案"),),
        formations=(Formation("A1", "surplus", (), (saying("划入金额"),)),),
    )


def write(result: Result, out: Path, *, batch: bool = False) -> None:
    with staging.staged(out, result.plan_id, str(result.period)) as folder:
        (folder / "inputs").mkdir()
        (folder / "inputs" / "facts.csv").write_text("a\n", encoding="utf-8")
        output.write_outputs(result, folder, batch=batch)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_csv_is_exactly_as_the_contract_says(result: Result, tmp_path: Path) -> None:
    write(result, tmp_path / "out")
    assert (tmp_path / "out" / "allocations.csv").read_bytes().decode() == (
        "period,alliance_code,pool,unit_code,unit_name,tier,merit,amount,held_by\n"
        '2026,A1,surplus,T01,"乡镇,一",township,1,100.00,wage_cap\n'
        "2026,A1,surplus,T02,乡镇二,township,2,200.00,\n"
    )


def test_manifest_names_every_file_and_its_own_digest(result: Result, tmp_path: Path) -> None:
    write(result, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["files"]) == [
        "allocations.csv",
        "checks.csv",
        "explain.json",
        "indicators.csv",
        "inputs/facts.csv",
        "permits.csv",
        "pools.csv",
        "quota.csv",
        "report.xlsx",
        "scores.csv",
        "totals.csv",
    ]
    assert manifest["warnings"] == ["草案 (CODE)"]
    assert manifest["digest"] == output.digest(manifest)
    assert set(manifest["versions"]) == {"liangyun", "pulp", "highspy"}


def test_same_run_gives_same_bytes_anywhere(result: Result, tmp_path: Path) -> None:
    write(result, tmp_path / "one" / "out")
    time.sleep(1.1)  # zip members carry whole seconds
    write(result, tmp_path / "other" / "deeper" / "run")
    assert content(tmp_path / "one" / "out") == content(tmp_path / "other" / "deeper" / "run")


def test_batch_writes_parquet_and_the_manifest_only(result: Result, tmp_path: Path) -> None:
    write(result, tmp_path / "out", batch=True)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {f"{name}.parquet" for name in ALWAYS} | {"manifest.json", "inputs"}
    written = pd.read_parquet(tmp_path / "out" / "allocations.parquet")
    assert [str(amount) for amount in written["amount"]] == ["100.00", "200.00"]
    assert output.frame_of(tmp_path / "out", "allocations").equals(texts(result)["allocations"])


def test_an_earlier_run_is_replaced_as_a_whole(result: Result, tmp_path: Path) -> None:
    write(result, tmp_path / "out", batch=True)
    write(result, tmp_path / "out")
    assert not (tmp_path / "out" / "pools.parquet").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_replacing_without_exchange(result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "exchange", lambda one, other: False)
    write(result, tmp_path / "out", batch=True)
    write(result, tmp_path / "out")
    assert not (tmp_path / "out" / "pools.parquet").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_crash_between_two_renames_is_mended(result: Result, tmp_path: Path) -> None:
    write(result, tmp_path / "out")
    before = content(tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / ".out.earlier")
    with pytest.raises(RuntimeError), staging.staged(tmp_path / "out", "p", "2026"):
        raise RuntimeError
    assert content(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_not_a_run_is_never_replaced(result: Result, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine", encoding="utf-8")
    else:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "manifest.json").write_text("{}", encoding="utf-8")
        out.symlink_to(tmp_path / "mine") if kind == "link" else (tmp_path / "mine").rename(out)
    with pytest.raises(InputProblems) as raised:
        write(result, out)
    assert raised.value.problems[0].code == "OUT-EXISTS"
    assert out.read_text(encoding="utf-8") == "mine" if kind == "file" else (out / "manifest.json").exists()


def test_an_empty_folder_is_taken(result: Result, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write(result, tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").exists()


def test_an_error_leaves_nothing(result: Result, tmp_path: Path) -> None:
    def full(folder: Path) -> None:
        (folder / "half").write_text("x", encoding="utf-8")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space"), staging.staged(tmp_path / "out", "p", "2026") as folder:
        full(folder)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys, time
from pathlib import Path
from engine.folder.staging import staged
with staged(Path(sys.argv[1]), "p", "2026") as folder:
    (folder / "half").write_text("x")
    print("writing", flush=True)
    time.sleep(60)
"""


def test_kill_halfway_leaves_the_last_good_run(result: Result, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(result, out)
    before = content(out)
    with subprocess.Popen([sys.executable, "-c", KILLED, str(out)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(signal.SIGKILL)
    assert content(out) == before
    assert len(list(tmp_path.iterdir())) == 2  # the dead half, beside the good run
    write(result, out)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (Fraction(1, 8), "0.125"),
        (Fraction(1, 2**10), "0.0009765625"),  # ends: every digit
        (Fraction(2, 3), "0.666667"),  # 0.6666666… rounds up
        (Fraction(-1, 3), "-0.333333"),
        (Fraction(7), "7"),
        (Fraction(120), "120"),
        (Fraction(5, 10**7), "0.0000005"),
    ],
)
def test_exact_text(value: Fraction | None, text: str) -> None:
    assert exact_text(value) == text


def test_read_manifest_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(InputProblems, match="NOT-A-RUN"):
        output.read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputProblems, match="MANIFEST-UNREADABLE"):
        output.read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputProblems, match="NOT-A-RUN"):
        output.read_manifest(tmp_path)


def test_files_of_others_in_a_run_folder_are_not_deleted(result: Result, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(result, out)
    (out / ".DS_Store").write_bytes(b"")
    (out / "会议").mkdir()
    (out / "会议" / "会议纪要.txt").write_text("纪要", encoding="utf-8")
    with pytest.raises(InputProblems) as refused:
        write(result, out)
    said = "里面有不是 liangyun run 写出的 会议/会议纪要.txt, 不覆盖, 先移走, 或换一个输出文件夹 (OUT-FOREIGN)"
    assert str(refused.value) == f"{out}: {said}"
    (out / "会议" / "会议纪要.txt").unlink()
    write(result, out)
    assert not (out / ".DS_Store").exists()


def test_a_place_that_cannot_be_written_to_is_named_as_given(result: Result, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    out = tmp_path / "file" / "out"
    with pytest.raises(InputProblems) as refused:
        write(result, out)
    assert [(one.where, one.code) for one in refused.value.problems] == [(str(out), "OUT-UNWRITABLE")]


def test_no_text_of_a_csv_is_a_formula(tmp_path: Path) -> None:
    frame = pd.DataFrame({"formula": ["=池 = 收入", "池 = 收入"], "amount": ["-1.00", "2.00"]})
    output.write_csv(frame, tmp_path / "pools.csv")
    assert (tmp_path / "pools.csv").read_text(encoding="utf-8") == "formula,amount\n'=池 = 收入,-1.00\n池 = 收入,2.00\n"


@pytest.mark.parametrize("name", ["report.xlsx", "allocations.csv", "inputs/facts.csv"])
def test_a_file_that_somebody_changed_is_not_replaced(result: Result, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    write(result, out)
    with (out / name).open("ab") as file:
        file.write(b"a note")
    before = content(out)
    with pytest.raises(InputProblems) as refused:
        write(result, out)
    said = f"写出以后有人改动过里面的 {name}, 不覆盖, 先移走改过的文件, 或换一个输出文件夹 (OUT-CHANGED)"
    assert str(refused.value) == f"{out}: {said}"
    assert content(out) == before
    (out / name).unlink()
    write(result, out)
    assert b"a note" not in (out / name).read_bytes()


@pytest.mark.parametrize(("inside", "out"), [("", "."), ("inputs", ".."), ("", "../link/out")])
def test_the_folder_that_the_command_is_called_in_is_not_replaced(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, inside: str, out: str
) -> None:
    """The shell would stand in a folder that is gone."""
    write(result, tmp_path / "out")
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path / "out" / inside)
    before = content(tmp_path / "out")
    with pytest.raises(InputProblems, match="OUT-IS-HERE"):
        write(result, Path(out))
    assert content(tmp_path / "out") == before


@pytest.mark.parametrize("other", [{"plan_id": "q"}, {"period": Period.parse("2025")}])
@pytest.mark.parametrize("exchange", [True, False])
def test_a_run_of_another_that_came_first_stays(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, other: dict[str, Any], exchange: bool
) -> None:
    """Both began when nothing was there; the one that ends last is told."""
    if not exchange:
        monkeypatch.setattr(staging, "exchange", lambda one, other: False)
    out = tmp_path / "out"
    before: dict[str, bytes] = {}

    def overtaken() -> None:
        with staging.staged(out, "p", "2026") as folder:
            output.write_outputs(result, folder)
            monkeypatch.setattr(staging.os, "getpid", lambda: 1)  # another process
            write(replace(result, **other), out)
            before.update(content(out))

    with pytest.raises(InputProblems, match="OUT-OTHER-RUN"):
        overtaken()
    assert content(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


WAITING = """
import sys
from pathlib import Path
from engine.printing.system import alone
with alone(Path(sys.argv[1])):
    print("in", flush=True)
"""


def test_one_folder_at_a_time_is_put_in_place(tmp_path: Path) -> None:
    with alone(tmp_path):
        process = subprocess.Popen([sys.executable, "-c", WAITING, str(tmp_path)], stdout=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=3)
    assert process.communicate() == (b"in\n", None)


def test_numbers_are_the_tables_without_their_words(result: Result) -> None:
    found, whole = numbers(result), texts(result)
    assert list(found) == list(whole)
    assert any(set(WORDED.get(name, ())) & set(table) for name, table in whole.items())
    for name, table in whole.items():
        pd.testing.assert_frame_equal(found[name], table.drop(columns=sorted(WORDED.get(name, ()))))
