"""Whether what stands in a run folder is what the run wrote: every file against the manifest's hash of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from domain.problems import InputProblems, Problem
from engine.folder.output import INPUTS, MANIFEST, RUN, Kind, digest, hashes, read_manifest

SAID = {
    "MANIFEST-CHANGED": "清单被改动过",
    "FILE-MISSING": "文件缺失",
    "FILE-EXTRA": "清单里没有这个文件",
    "FILE-CHANGED": "文件被改动过, 校验和与清单不符",
}
_READ = (".csv", ".parquet", ".json")  # besides the inputs; nothing reads report.xlsx, which people write notes into


def intact(folder: Path, kind: Kind = RUN) -> dict[str, Any]:
    """The manifest of a run folder (or one of another kind) of which all that a command may read is as it was written.

    Whoever tells, prints or publishes anything out of a run folder asks for the manifest here. A file beside those of
    the run counts where it would be taken for one of them. Raises InputProblems: as `read_manifest`, and RUN-CHANGED.
    """
    manifest = read_manifest(folder, kind)
    found = {name: SAID[code] for name, code in differences(manifest, hashes(folder)) if _read(name)}
    if found:
        remedy = "用 liangyun verify 核对, 从备份取回或重新运行"
        raise InputProblems(Problem(f"{folder}/{name}", "RUN-CHANGED", said, remedy) for name, said in found.items())
    return manifest


def differences(manifest: Mapping[str, Any], found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every file that is not as the manifest says, itself among them, with the code of what is wrong (see `SAID`).

    found: hash of each file there is.
    """
    if manifest["digest"] != digest(dict(manifest)):
        yield MANIFEST, "MANIFEST-CHANGED"
    recorded = manifest["files"]
    for name in sorted(recorded.keys() | found.keys()):
        if name not in found:
            yield name, "FILE-MISSING"
        elif name not in recorded:
            yield name, "FILE-EXTRA"
        elif recorded[name] != found[name]:
            yield name, "FILE-CHANGED"


def _read(name: str) -> bool:
    path = Path(name)
    return path.parts[0] == INPUTS or (len(path.parts) == 1 and path.suffix in _READ)
