"""Make the folders: wheels of the hashed lock for each platform and Python, the program, examples, documents, font.

    python -m scripts.bundle [--out FOLDER] [--platform linux-x86_64 …] [--python 3.11 …]

Wheels come by way of pip and its cache, whatever index this machine is set up with; what is written names none.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements" / "bundle.txt"
PYTHONS = ("3.14", "3.13", "3.12", "3.11")
_GLIBC = range(28, 4, -1)
PLATFORMS = {
    "linux-x86_64": [*(f"manylinux_2_{minor}_x86_64" for minor in _GLIBC), "manylinux2014_x86_64", "manylinux1_x86_64"],
    "linux-aarch64": [*(f"manylinux_2_{minor}_aarch64" for minor in _GLIBC), "manylinux2014_aarch64"],
    "windows-x86_64": ["win_amd64"],
}
"""Name → the tags of wheels that run there."""
_ABOUT = {"linux": ("linux", "Linux", "posix"), "windows": ("win32", "Windows", "nt")}


def main() -> None:
    """Make what was asked for."""
    parser = argparse.ArgumentParser(prog="bundle")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bundle")
    parser.add_argument("--platform", nargs="+", choices=PLATFORMS, default=list(PLATFORMS))
    parser.add_argument("--python", nargs="+", choices=PYTHONS, default=list(PYTHONS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        program = _program(Path(scratch))
        for platform in given.platform:
            sys.stdout.write(f"{make(given.out, platform, given.python, program)}\n")


def make(out: Path, platform: str, pythons: list[str], program: Path) -> Path:
    """The folder of a platform, made anew; program: the program's wheel."""
    folder = out / f"liangyun-{version('liangyun')}-{platform}"
    shutil.rmtree(folder, ignore_errors=True)
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    for python in pythons:
        _download(platform, python, wheels)
    shutil.copy(program, wheels)
    sha = hashlib.sha256(program.read_bytes()).hexdigest()
    _text(folder / "program.txt", f"liangyun=={version('liangyun')} --hash=sha256:{sha}\n")
    shutil.copy(LOCK, folder / "requirements.txt")
    _text(folder / "PYTHONS", "".join(f"{python}\n" for python in pythons))
    _text(folder / "PLATFORM", f"{platform}\n")
    _text(folder / "VERSION", f"{version('liangyun')}\n")
    source = Path(__file__).parent
    shutil.copy(source / "check.py", folder)
    if platform.startswith("windows"):
        script = (source / "install.cmd").read_text(encoding="utf-8")
        (folder / "install.cmd").write_bytes(script.replace("\n", "\r\n").encode())
    else:
        shutil.copy(source / "install.sh", folder)
    for name in ("examples", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.py", "images"))
    shutil.copytree(ROOT / "engine" / "printing" / "fonts", folder / "fonts")
    for name in ("README.zh-CN.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}" for path in files]
    _text(folder / "SHA256SUMS", "".join(f"{line}\n" for line in sums))
    return folder


def _program(scratch: Path) -> Path:
    """The program's wheel, built of a copy: a build leaves nothing here."""
    copy = scratch / "source"
    left_out = shutil.ignore_patterns(".*", "out", "build", "*.egg-info", "__pycache__", "tests", "docs", "benchmarks")
    shutil.copytree(ROOT, copy, ignore=left_out)
    command = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(scratch), str(copy)]
    _pip(*command)
    return next(scratch.glob("liangyun-*.whl"))


def _download(platform: str, python: str, wheels: Path) -> None:
    tags = [part for tag in PLATFORMS[platform] for part in ("--platform", tag)]
    abis = [part for abi in (f"cp{python.replace('.', '')}", "abi3", "none") for part in ("--abi", abi)]
    with tempfile.TemporaryDirectory() as scratch:
        asked = Path(scratch) / "wanted.txt"
        _text(asked, wanted(LOCK.read_text(encoding="utf-8"), platform, python))
        target = ["--python-version", python, "--implementation", "cp", *tags, *abis]
        _pip("download", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", *target,
             "--requirement", str(asked), "--dest", str(wheels))  # fmt: skip


def wanted(lock: str, platform: str, python: str) -> str:
    """The lines of a lock that hold on a platform, without their markers: pip would ask this machine instead."""
    system, machine = platform.split("-")
    sys_platform, name, os_name = _ABOUT[system]
    about = {
        "sys_platform": sys_platform,
        "platform_system": name,
        "os_name": os_name,
        "platform_machine": "AMD64" if system == "windows" else machine,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    kept = []
    joined = lock.replace("\\\n", " ").splitlines()
    for line in (line.split(" #")[0] for line in joined if line.strip() and not line.strip().startswith("#")):
        said, *hashes = line.split("--hash=")
        one = Requirement(said)
        if one.marker is None or one.marker.evaluate(about):
            kept.append(" ".join([f"{one.name}{one.specifier}", *(f"--hash={sha.strip()}" for sha in hashes)]))
    return "".join(f"{line}\n" for line in kept)


def _pip(*command: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *command], check=True)


def _text(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


if __name__ == "__main__":
    main()
