"""Whether this folder is as it was made and this machine can run it; run by the installer with the Python it found."""

import hashlib
import platform
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
GLIBC = (2, 28)


def problems() -> list[str]:
    """What keeps it from being installed."""
    found = []
    pythons = (HERE / "PYTHONS").read_text(encoding="utf-8").split()
    have = f"{sys.version_info.major}.{sys.version_info.minor}"
    if have not in pythons:
        found.append(f"这个安装包支持 Python {'、'.join(pythons)}, 找到的是 {have} (PYTHON-VERSION)")
    built = (HERE / "PLATFORM").read_text(encoding="utf-8").strip()
    machine = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    here = f"{platform.system().lower()}-{machine}"
    if built != here:
        found.append(f"这个安装包用于 {built}, 本机是 {here} (PLATFORM)")
    name, version = platform.libc_ver()
    if built.startswith("linux") and (name != "glibc" or tuple(map(int, version.split(".")[:2])) < GLIBC):
        found.append(f"需要 glibc 2.28 或更新, 本机是 {name} {version} (GLIBC)")
    for line in (HERE / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        wanted, _, path = line.partition("  ")
        try:
            said = hashlib.sha256((HERE / path).read_bytes()).hexdigest()
        except OSError:
            said = ""
        if said != wanted:
            found.append(f"{path} 缺少或已改动, 重新拷贝安装包 (SHA256)")
    return found


if __name__ == "__main__":
    told = problems()
    sys.stderr.writelines(f"{line}\n" for line in told)
    sys.exit(4 if told else 0)
