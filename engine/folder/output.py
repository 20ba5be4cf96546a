"""What a run folder holds: tables, stories, report and the manifest over all of it.

Nothing written holds the time of day or a path: same inputs, same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from allocation.solvers import METHODS
from domain.problems import InputProblems, Problem
from domain.sheets import FORMULA, neutral
from domain.step import step_data, warning_data
from engine.exchange.written import answer_json, conflict_json, problem_json
from engine.folder.lines import by_line
from engine.run.result import Allocation, Result
from engine.run.say import Speaker
from engine.run.tables import texts


@dataclass(frozen=True)
class Kind:
    """What a folder is: its manifest's format, the fields that it must have, the command that writes it."""

    format: str
    fields: Mapping[str, type]
    command: str


_FIELDS = {"plan": str, "period": str, "warnings": list, "versions": dict, "files": dict, "digest": str}
RUN = Kind("liangyun-run/1", {"batch": bool, **_FIELDS}, "liangyun run")
PAYMENT = Kind("liangyun-pay/1", {"month": str, **_FIELDS}, "liangyun pay run")
MANIFEST = "manifest.json"
PROGRAM = "liangyun"
INPUTS = "inputs"
AMOUNTS = frozenset({"amount", "distributed", "undistributed", "old", "new", "delta"})


def write_outputs(result: Result, folder: Path, *, batch: bool = False) -> None:
    """Write the outputs of `result` beside `folder`/inputs, and the manifest over everything last.

    batch: Parquet tables and the manifest only.
    """
    for name, table in texts(result).items():
        if batch:
            write_parquet(table, folder / f"{name}.parquet")
        else:
            write_csv(table, folder / f"{name}.csv")
    if not batch:
        write_explanation(result, folder / "explain.json")
        from engine.report.workbook import write_report  # noqa: PLC0415  (a batch never loads the workbook writer)

        write_report(result, folder / "report.xlsx")
    write_manifest(result, folder, batch=batch)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """One table as UTF-8 CSV with a header row and LF line ends; no text of it is a formula to a spreadsheet."""
    safe = {name: column.map(neutral) for name, column in frame.items() if column.str.startswith(FORMULA).any()}
    frame.assign(**{str(name): column for name, column in safe.items()}).to_csv(
        path, index=False, encoding="utf-8", lineterminator="\n"
    )


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """One table as Parquet: amounts decimal(18, 2), everything else text."""
    import pyarrow as pa  # noqa: PLC0415  (only batches need it)
    from pyarrow import parquet  # noqa: PLC0415

    plain = pa.Table.from_pandas(frame.astype("string"), preserve_index=False).replace_schema_metadata(None)
    fields = [pa.field(name, pa.decimal128(18, 2) if name in AMOUNTS else pa.string()) for name in frame.columns]
    parquet.write_table(plain.cast(pa.schema(fields)), path, compression="zstd")


def explanation(result: Result) -> dict[str, Any]:
    """What explain.json holds: steps by key, in words and as data; problems put to the optimizer with their answers."""
    speaker, ordered = Speaker(result.labels), sorted(result.steps, key=lambda step: step.key)
    return {
        "allocations": [_allocation(one) for one in result.allocations],
        "contradictions": {alliance: conflict_json(told) for alliance, told in result.contradictions.items()},
        "items": result.indicators,
        "measured": result.measured,
        "period": str(result.period),
        "plan": result.plan_id,
        "traces": {step.key: {**speaker.told(step), "step": step_data(step)} for step in ordered},
        "warnings": speaker.warnings(result.warnings),
    }


def _allocation(one: Allocation) -> dict[str, Any]:
    """One pool as put to the optimizer, and its answer, in the format of the allocation contract."""
    return {
        "alliance_code": one.alliance_code,
        "pool": one.pool,
        "title": one.title,
        "problem": problem_json(one.problem),
        "answer": answer_json(one.answer),
    }


def frame_of(folder: Path, name: str) -> pd.DataFrame:
    """One table of a run folder, every cell text, whichever way it was written."""
    packed = folder / f"{name}.parquet"
    return table_of(packed if packed.exists() else folder / f"{name}.csv")


def table_of(path: Path) -> pd.DataFrame:
    """One table as it stands in this file, every cell text."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).fillna("").astype(str)
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def write_explanation(result: Result, path: Path) -> None:
    """explain.json: a line for every story; inside one the numbers stay in the order of the formula."""
    path.write_text(by_line(explanation(result)), encoding="utf-8", newline="\n")


def write_manifest(result: Result, folder: Path, *, batch: bool) -> None:
    """manifest.json: the hash of every file in `folder`, the versions, and a digest over all of it."""
    manifest: dict[str, Any] = {
        "format": RUN.format,
        "batch": batch,
        "plan": result.plan_id,
        "period": str(result.period),
        "solver": {"name": result.solver, "method": METHODS[result.solver]},
        "warnings": Speaker(result.labels).warnings(result.warnings),
        "warned": [warning_data(one) for one in result.warnings],
        "contradictions": sorted(result.contradictions),
        "versions": versions(),
        "files": hashes(folder),
    }
    if result.before:
        manifest["before"] = result.before
    if result.earlier:
        manifest["earlier"] = list(result.earlier)
    manifest["digest"] = digest(manifest)
    (folder / MANIFEST).write_text(canonical(manifest), encoding="utf-8", newline="\n")


def versions() -> dict[str, str]:
    """Versions of the program and of the solver."""
    return {name: version(name) for name in (PROGRAM, "pulp", "highspy")}


def version_of(manifest: Mapping[str, Any]) -> str:
    """The version of the program that a manifest says wrote it."""
    return str(manifest["versions"].get(PROGRAM))


def hashes(folder: Path) -> dict[str, str]:
    """sha256 of every file under `folder` but the manifest, by its place in it."""
    return {name: sha256(folder / name) for name in files(folder)}


def files(folder: Path) -> list[str]:
    """Every file under `folder` but the manifest, by its place in it."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if name != MANIFEST)


def sha256(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(manifest: dict[str, Any]) -> str:
    """sha256 over the manifest without its own digest: the run's number."""
    rest = {key: value for key, value in manifest.items() if key != "digest"}
    return hashlib.sha256(canonical(rest).encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON in one way only: sorted keys, two blanks, UTF-8, LF at the end."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False) + "\n"


def read_manifest(folder: Path, kind: Kind = RUN) -> dict[str, Any]:
    """The manifest of a folder of a kind. Raises InputProblems if `folder` is none."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        said = f"{folder} 里没有 {MANIFEST}" if not folder.is_file() else f"{folder} 是文件, 不是文件夹"
        problem = Problem(str(folder), "NOT-A-RUN", said, f"给出 {kind.command} 写出的结果文件夹")
        raise InputProblems([problem]) from error
    except (ValueError, UnicodeDecodeError) as error:
        problem = Problem(str(path), "MANIFEST-UNREADABLE", "清单不是 JSON", "从备份取回, 或重新运行")
        raise InputProblems([problem]) from error
    if not isinstance(manifest, dict) or manifest.get("format") != kind.format:
        remedy = f"给出 {kind.command} 写出的结果文件夹"
        problem = Problem(str(path), "NOT-A-RUN", f"清单格式不是 {kind.format}", remedy)
        raise InputProblems([problem])
    torn = [key for key, made in kind.fields.items() if not isinstance(manifest.get(key), made)]
    if torn:
        problem = Problem(
            str(path), "MANIFEST-UNREADABLE", f"清单缺少或写坏了 {'、'.join(torn)}", "从备份取回, 或重新运行"
        )
        raise InputProblems([problem])
    return manifest
