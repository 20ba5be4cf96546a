"""What `make bundle` makes is installed and used where there is no network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.bundle.__main__ import LOCK, PLATFORMS, PYTHONS, ROOT, wanted

pytestmark = pytest.mark.xdist_group("bundle")  # the folder is made once
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
ALONE = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]

SERVED = """
import fcntl, socket, struct, subprocess, sys, time, urllib.request
with socket.socket() as any:
    fcntl.ioctl(any, 0x8914, struct.pack("16sH22x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP: it has none yet
server = subprocess.Popen(["liangyun", "serve"])
for path in ("/readyz", "/api/docs", "/api/v1/openapi.json"):
    for _ in range(300):
        try:
            with urllib.request.urlopen("http://127.0.0.1:8080" + path) as answer:
                print(path, answer.status)
                break
        except OSError:
            time.sleep(0.2)
server.terminate()
sys.exit(server.wait(20))
"""


def bundle(out: Path, *more: str) -> None:
    subprocess.run([sys.executable, "-m", "scripts.bundle", "--out", str(out), *more], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle")
    bundle(out, "--platform", "linux-x86_64", "--python", HERE)
    (folder,) = out.iterdir()
    return folder


def alone(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A shell without network and without anything of this environment."""
    plain = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment}
    return subprocess.run([*ALONE, "sh", "-euc", script], capture_output=True, text=True, env=plain, check=False)


def test_it_is_installed_and_used_without_a_network(made: Path, tmp_path: Path) -> None:
    nobody = alone(f"{sys.executable} -c 'import socket; socket.create_connection((\"192.0.2.1\", 80), 3)'")
    assert "Network is unreachable" in nobody.stderr
    home, binaries = tmp_path / "home", tmp_path / "home" / ".local" / "bin"
    home.mkdir()
    done = alone(f"sh {made}/install.sh --prefix {tmp_path}/app --bin {binaries}", HOME=str(home))
    assert done.returncode == 0, done.stderr + done.stdout
    assert str(binaries) in (home / ".profile").read_text(encoding="utf-8")
    (tmp_path / "served.py").write_text(SERVED, encoding="utf-8")
    used = alone(
        f"""
        . $HOME/.profile
        cd {tmp_path}
        liangyun --version
        liangyun run demo-county {made}/examples/county/2026Q3.xlsx --period 2026Q3 --out out
        liangyun verify out
        printf '单位,甲,乙\\nA院,1,2\\nB院,3,1\\nC院,2,2\\n' > t.csv
        printf 'columns: {{}}\\n' > s.yaml
        liangyun analyse topsis t.csv --spec s.yaml --out r.csv --picture p.png
        liangyun migrate
        liangyun backup {tmp_path}/b.zip
        {tmp_path}/app/*/bin/python served.py
        """,
        HOME=str(home),
    )
    assert used.returncode == 0, used.stderr + used.stdout
    for path in ("/readyz", "/api/docs", "/api/v1/openapi.json"):
        assert f"{path} 200" in used.stdout
    assert "findfont" not in used.stderr
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert (home / ".local/share/liangyun/liangyun.db").is_file()
    assert str(tmp_path / "app") in os.path.realpath(binaries / "liangyun")


def test_what_was_changed_on_the_way_is_not_installed(made: Path, tmp_path: Path) -> None:
    place = made / "docs" / "glossary.md"
    whole = place.read_bytes()
    place.write_bytes(whole + b"\n")
    try:
        done = alone(f"sh {made}/install.sh --prefix {tmp_path}/app --bin {tmp_path}/bin", HOME=str(tmp_path))
    finally:
        place.write_bytes(whole)
    assert done.returncode == 4
    assert "docs/glossary.md" in done.stderr
    assert not (tmp_path / "app").exists()


def test_it_has_all_that_it_says(made: Path) -> None:
    names = {path.name for path in made.iterdir()}
    assert names >= {"wheels", "examples", "docs", "fonts", "SHA256SUMS", "install.sh", "requirements.txt", "LICENSE"}
    said = {line.partition("  ")[2] for line in (made / "SHA256SUMS").read_text(encoding="utf-8").splitlines()}
    assert said == {p.relative_to(made).as_posix() for p in made.rglob("*") if p.is_file()} - {"SHA256SUMS"}
    texts = [path for path in made.iterdir() if path.is_file()]
    assert not [path.name for path in texts if re.search(r"https?://\S*/simple|pypi\.|pythonhosted", path.read_text())]


def test_the_lock_is_for_every_platform() -> None:
    lock = LOCK.read_text(encoding="utf-8")
    run = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    pins = {line.split(" ")[0] for line in lock.splitlines() if "==" in line}
    assert {line.split(" ")[0] for line in run.splitlines() if "==" in line} < pins
    for platform in PLATFORMS:
        for python in PYTHONS:
            kept = wanted(lock, platform, python).splitlines()
            assert ("colorama" in {line.partition("==")[0] for line in kept}) == platform.startswith("windows")
            assert len(kept) > 60
            assert all("--hash=sha256:" in line for line in kept)


@pytest.mark.soak
def test_every_platform_has_its_wheels(tmp_path: Path) -> None:
    bundle(tmp_path)
    for platform, folder in zip(sorted(PLATFORMS), sorted(tmp_path.iterdir()), strict=True):
        wheels = {path.name for path in (folder / "wheels").iterdir()}
        for python in PYTHONS:
            assert any("pandas-" in name and f"cp{python.replace('.', '')}-" in name for name in wheels), platform
