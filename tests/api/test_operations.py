"""The commands of the machine's operator, on both databases; as a process where modes and streams matter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from api import cli
from engine.storage.connect import open_database
from engine.storage.desk import open_desk, program
from engine.storage.install import KEYS, open_store
from engine.storage.migrate import newest
from engine.storage.tables.proof import Audit
from engine.workflow import sign_in
from engine.workflow.sign_in import NotSignedIn
from tests.engine.storage.forging import without_triggers

PHRASE = "correct horse 1"


@pytest.fixture
def home(place, monkeypatch):
    """An installation that the settings name, and files to give: pw, pp."""
    monkeypatch.setenv("LIANGYUN_HOME", str(place.home))
    monkeypatch.setenv("LIANGYUN_DATABASE", place.url)
    (place.home.parent / "pw").write_text(f"{PHRASE}\nsecond line\n")
    (place.home.parent / "pp").write_text("a long passphrase\n")
    return place.home


@pytest.fixture
def run(home, capsys):
    """A command line; its exit code, what it printed, what it said beside."""

    def call(*args):
        code = cli.main([str(arg) for arg in args])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def files(home):
    return home.parent


def make(run, files, login, *roles, command="create"):
    more = [part for role in roles for part in ("--role", role)]
    return run("user", command, "--login", login, "--name", "王五", "--password-file", files / "pw", *more)


def actions(place):
    store = open_store(place)
    with open_desk(store, program("x"), writes=False) as desk:
        found = [(row.action, row.subject, row.via) for row in desk.rows(Audit)]
    store.engine.dispose()
    return found


def test_the_first_administrator_and_what_waits_for_him(run, files, place):
    assert make(run, files, "aqgly", command="create-admin") == (
        0, "已建立 aqgly (王五)\n  安全管理员 security_admin\n", "",
    )  # fmt: skip
    code, _, said = make(run, files, "other", command="create-admin")
    assert (code, "ADMIN-THERE" in said) == (4, True)
    code, out, _ = make(run, files, "clerk", "maker@330103", "approver")
    assert (code, out.splitlines()[1:]) == (0, ["  制表 maker@330103", "  审批 approver, 待安全管理员确认"])
    code, _, said = make(run, files, "clerk", "nix", "audit_admin@330103")
    assert (code, [word in said for word in ("ROLE-UNKNOWN", "ROLE-NO-UNIT", "LOGIN-TAKEN")]) == (2, [True] * 3)
    assert [one for one in actions(place) if one[0] == "user.create"] == [
        ("user.create", "user/aqgly", "command"), ("user.create", "user/clerk", "command"),
    ]  # fmt: skip


def test_a_reset_and_a_token_are_alone_on_their_line(run, files, place):
    make(run, files, "clerk", "maker@330103")
    code, once, _ = run("user", "reset", "--login", "clerk")
    assert (code, len(once.splitlines())) == (0, 1)
    code, token, said = run("user", "token", "--login", "clerk", "--days", "3")
    assert (code, len(token.splitlines()), said) == (0, 1, "")
    store = open_store(place)
    assert sign_in.sign_in(store, "clerk", once.strip(), via="http").must_change
    with pytest.raises(NotSignedIn):
        sign_in.sign_in(store, "clerk", PHRASE, via="http")
    assert sign_in.who(store, token.strip(), via="http").actor.roles == {"maker"}
    store.engine.dispose()
    assert [one[0] for one in actions(place)].count("token.make") == 1
    for args in (("reset", "--login", "nobody"), ("token", "--login", "nobody", "--days", "1")):
        code, out, said = run("user", *args)
        assert (code, out, "LOGIN-UNKNOWN" in said) == (2, "", True)
    assert run("user", "token", "--login", "clerk", "--days", "0")[0] == 2


def test_a_password_file_that_gives_none(run, files):
    for content in (b"", b"\n", b"short\n", b"\xff\xfe\x00"):
        (files / "pw").write_bytes(content)
        code, _, said = make(run, files, "clerk", "maker@330103")
        assert (code, "--password-file" in said) == (2, True)
    (files / "pw").unlink()
    assert make(run, files, "clerk", "maker@330103")[0] == 2


def test_an_audit_chain_is_verified_anchored_and_found_by_what_is_printed(run, files, place):
    make(run, files, "clerk", "maker@330103")
    code, path, _ = run("audit", "anchor")
    assert (code, Path(path.strip()).parent) == (0, place.home / "anchors")
    said = json.loads(Path(path.strip()).read_text())
    assert run("audit", "verify", "--anchor", path.strip())[0] == 0
    assert run("audit", "verify", "--anchor", place.home / "anchors")[0] == 0
    code, out, _ = run("audit", "verify", "--printed", said["head"][:16])
    assert (code, f"第 {said['size']} 条" in out) == (0, True)
    code, _, told = run("audit", "verify", "--printed", "0" * 16)
    assert (code, "PRINTED-NONE" in told) == (1, True)
    assert run("audit", "verify", "--printed", "head")[0] == 2
    (files / "none").write_text("x")
    assert run("audit", "verify", "--anchor", files / "none")[0] == 2
    other = {**said, "origin": "0" * 16}
    (files / "other").write_text(json.dumps(other))
    code, _, told = run("audit", "verify", "--anchor", files / "other")
    assert (code, "ANCHOR-ORIGIN" in told, "ANCHOR-SIGNATURE" in told) == (1, True, True)


def test_a_chain_that_was_changed_ends_with_1(run, files, place):
    make(run, files, "clerk", "maker@330103")
    engine = open_database(place.database)
    without_triggers(engine, "UPDATE audit SET subject = 'user/other' WHERE seq = 1")
    engine.dispose()
    code, out, said = run("audit", "verify")
    assert (code, out, said) == (1, "", "审计记录 1: 记录被改动 (AUDIT-CHANGED)\n")


def test_keys_are_exported_lost_and_taken_in_again(run, files, place):
    file = place.home / KEYS / "keys.json"
    mine = file.read_bytes()
    assert run("keys", "export", files / "k", "--passphrase-file", files / "pp")[0] == 0
    code, _, said = run("keys", "export", files / "k", "--passphrase-file", files / "pp")
    assert (code, "OUT-EXISTS" in said, "--force" in said) == (2, True, False)  # nothing is written over
    assert (files / "k").stat().st_mode & 0o777 == 0o600
    file.unlink()
    code, _, said = run("audit", "verify")
    assert (code, "KEY-MISSING" in said) == (4, True)
    assert run("keys", "import", files / "k", "--passphrase-file", files / "pw")[0] == 2
    assert not file.exists()
    for broken in (None, b"{", mine):
        if broken is not None:
            file.write_bytes(broken)
        assert run("keys", "import", files / "k", "--passphrase-file", files / "pp")[0] == 0
        assert file.read_bytes() == mine
    assert run("audit", "verify")[0] == 0
    assert ("keys.export", "keys", "command") in actions(place)


def test_a_renewed_key_stays_when_an_older_export_is_taken_in(run, files, place):
    file = place.home / KEYS / "keys.json"
    run("keys", "export", files / "k", "--passphrase-file", files / "pp")
    assert run("keys", "rotate")[0] == 0
    rotated = file.read_bytes()
    assert run("keys", "import", files / "k", "--passphrase-file", files / "pp")[0] == 0
    assert file.read_bytes() == rotated
    run("keys", "export", files / "k2", "--passphrase-file", files / "pp")
    file.unlink()
    run("keys", "import", files / "k", "--passphrase-file", files / "pp")
    run("keys", "import", files / "k2", "--passphrase-file", files / "pp")
    assert file.read_bytes() == rotated


def test_keys_of_another_installation_are_not_taken_in(run, files, place, monkeypatch, tmp_path):
    run("keys", "export", files / "k", "--passphrase-file", files / "pp")
    monkeypatch.setenv("LIANGYUN_HOME", str(tmp_path / "new"))
    monkeypatch.setenv("LIANGYUN_DATABASE", "")
    assert run("migrate")[0] == 0
    there = (tmp_path / "new" / KEYS / "keys.json").read_bytes()
    code, _, said = run("keys", "import", files / "k", "--passphrase-file", files / "pp")
    assert (code, "KEY-OTHER" in said) == (4, True)
    assert (tmp_path / "new" / KEYS / "keys.json").read_bytes() == there
    monkeypatch.setenv("LIANGYUN_HOME", str(tmp_path / "newer"))
    assert run("keys", "import", files / "k", "--passphrase-file", files / "pp")[0] == 0
    assert (tmp_path / "newer" / KEYS / "keys.json").stat().st_mode & 0o777 == 0o600


def test_the_schema_goes_down_and_up_and_a_backup_is_written_first(run, files, place, monkeypatch):
    make(run, files, "clerk", "maker@330103")
    code, _, said = run("migrate", "--down", "nix")
    assert (code, "SCHEMA-UNKNOWN" in said) == (4, True)
    assert run("migrate")[1:] == (f"数据库的结构版本: {newest()}\n", "")  # nothing changes, so nothing can be lost
    assert not (place.home / "backups").exists() or not list((place.home / "backups").iterdir())
    (files / "disk").mkdir()
    monkeypatch.setenv("LIANGYUN_BACKUP", str(files / "disk"))
    code, _, said = run("migrate", "--down", "base")
    (backup,) = (files / "disk").iterdir()
    assert (code, str(backup) in said) == (0, True)
    assert any(b"clerk" in part for part in unpacked(backup))
    code, _, said = run("audit", "verify")
    assert (code, "SCHEMA-OLD" in said) == (4, True)
    assert run("migrate")[0] == run("audit", "verify")[0] == 0
    assert len(list((files / "disk").iterdir())) == 1


def unpacked(backup):
    with zipfile.ZipFile(backup) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_a_new_installation_is_its_owners_alone_whatever_the_shell_gives_away(tmp_path):
    environment = {**os.environ, "LIANGYUN_HOME": str(tmp_path / "deep" / "home"), "LIANGYUN_DATABASE": ""}
    code = "import os; os.umask(0); import api.cli; raise SystemExit(api.cli.main())"

    def call(*args, given=b""):
        return subprocess.run(
            [sys.executable, "-c", code, *args], env=environment, input=given, capture_output=True, check=False
        )

    for args in (("user", "token", "--login", "x", "--days", "1"), ("migrate", "--down", "base")):
        refused = call(*args)
        assert (refused.returncode, b"DATABASE-NONE" in refused.stderr) == (4, True)
    assert not (tmp_path / "deep").exists()
    assert call("migrate").returncode == 0
    home = tmp_path / "deep" / "home"
    open_to_others = [path for path in (home, *home.rglob("*")) if path.stat().st_mode & 0o077]
    assert open_to_others == []
    (tmp_path / "pp").write_text("a long passphrase\n")
    assert call("keys", "export", str(tmp_path / "k"), "--passphrase-file", str(tmp_path / "pp")).returncode == 0
    (home / KEYS / "keys.json").unlink()
    assert call("keys", "import", str(tmp_path / "k"), given=b"a long passphrase\n").returncode == 0
    assert call("audit", "verify").returncode == 0
    home.chmod(0o755)
    opened = call("audit", "verify")
    assert (opened.returncode, b"HOME-OPEN" in opened.stderr) == (4, True)


def test_settings_are_shown_without_secrets(run, files, monkeypatch):
    file = files / "settings"
    file.write_text("# 邮件\nLIANGYUN_SMTP_PASSWORD=hunter2hunter2\nLIANGYUN_DATABASE=sqlite:///x\n")
    monkeypatch.setenv("LIANGYUN_SETTINGS", str(file))
    monkeypatch.setenv("LIANGYUN_DATABASE", "postgresql+psycopg://liangyun:s3/cret@h/db?sslpassword=t0p")
    code, out, _ = run("settings", "show")
    shown = {name: (value, source) for name, value, source in (line.split("\t") for line in out.splitlines()[2:-1])}
    assert code == 0
    assert shown["LIANGYUN_SMTP_PASSWORD"] == ("******", f"{file}:2")
    assert shown["LIANGYUN_DATABASE"] == (
        "postgresql+psycopg://liangyun:******@h/db?sslpassword=******", "环境变量",
    )  # fmt: skip
    assert shown["LIANGYUN_BIND"] == ("127.0.0.1:8080", "默认")
    file.write_text("LIANGYUN_SMTP_PASWORD=x\n")
    code, out, said = run("settings", "show")
    assert (code, out, f"{file}:1" in said) == (2, "", True)
