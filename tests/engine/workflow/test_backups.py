"""After a restore nobody is signed in, nothing is told or paid again, and the payer has the first word."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from api.cli import main
from domain.problems import InputProblems
from engine.schedule.worker import do_due
from engine.storage import migrate
from engine.storage.audit import Record
from engine.storage.connect import open_database
from engine.storage.desk import Actor, Held, open_desk, program
from engine.storage.install import open_store
from engine.storage.scope import EVERYWHERE, Scope
from engine.storage.tables.facts import Dataset
from engine.storage.tables.people import Idempotency, SignIn, Token, User
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.proof import Audit
from engine.storage.tables.work import Job, Webhook
from engine.workflow import backups, idempotency
from engine.workflow.anchors import write_anchor
from engine.workflow.doing import kinds
from engine.workflow.inbox import inbox
from engine.workflow.jobs import request
from engine.workflow.refusals import NotAllowed, Unmet
from engine.workflow.settings import read_settings

REGION = "330103"
ROOT = program("command")
ROOM = Path(__file__).parents[3]
STATES = ("collecting", "reviewing", "approved", "disclosed", "payable", "paid", "closed")


def payer(*, signed_in=True, role="payer"):
    home = Scope(regions=frozenset({REGION}))
    return Actor("qian", "http", person="p", held=(Held(role, REGION, home),), scope=home, signed_in=signed_in)


@pytest.fixture
def settings(place, monkeypatch):
    monkeypatch.setenv("LIANGYUN_HOME", str(place.home))
    monkeypatch.setenv("LIANGYUN_DATABASE", place.url)
    return monkeypatch


@pytest.fixture
def used(settings, store):
    """A batch in every state, jobs of every sort, a session, a token, a webhook."""
    with open_desk(store, ROOT) as desk:
        user = desk.add(User(login="zhao", name="赵（示例）", person="p1", hash="x", at=desk.now))
        for number, state in enumerate(STATES, start=1):
            period = desk.add(PeriodRow(region=REGION, plan="p", code=f"2026Q{number}"))
            desk.add(Batch(region=REGION, unit=REGION, period=period.id, number=1, kind="regular", state=state,
                           opened_at=desk.now))  # fmt: skip
        later = desk.now + timedelta(days=1)
        desk.add(SignIn(sha="a" * 64, user=user.id, at=desk.now, seen=desk.now, expires=later))
        desk.add(Token(sha="b" * 64, user=user.id, at=desk.now, expires=later))
        desk.add(Webhook(region=REGION, unit=REGION, url="https://example.invalid/", sent=0, at=desk.now))
        for kind in ("webhook", "mail", "score", "unheard-of"):
            request(desk, f"{kind}:1", kind, {}, title="任务", region=REGION, unit=REGION)
        desk.change(Job, Job.kind == "score", state="running", attempt=3, owner="w1", lease=desk.now)
        desk.audit(Record("thing.change", "thing/1"))
    return store


@pytest.fixture
def elsewhere(used, settings, tmp_path, request):
    """The settings of an empty place of the other kind of database; its keys come by export and import."""
    secret = tmp_path / "secret"
    secret.write_text("a passphrase that is long\n")
    assert main(["keys", "export", str(tmp_path / "keys.json"), "--passphrase-file", str(secret)]) == 0
    url = name = ""
    if used.engine.dialect.name == "sqlite":
        name = f"t_{secrets.token_hex(6)}"
        url = request.getfixturevalue("postgres")(name)

    def go():
        settings.setenv("LIANGYUN_HOME", str(tmp_path / "elsewhere"))
        settings.setenv("LIANGYUN_DATABASE", url)
        assert main(["keys", "import", str(tmp_path / "keys.json"), "--passphrase-file", str(secret)]) == 0

    yield go
    if name:
        request.getfixturevalue("postgres").drop(name)


@pytest.fixture
def restored(used, elsewhere, tmp_path, capsys):
    file = tmp_path / "b.zip"
    assert main(["backup", str(file)]) == 0
    anchor, _ = write_anchor(used)
    with open_desk(used, ROOT) as desk:
        desk.audit(Record("thing.change", "thing/2"))
    last, _ = write_anchor(used)
    elsewhere()
    capsys.readouterr()
    assert main(["restore", str(file), "--anchor", str(anchor), "--anchor", str(last.parent), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lost"] == 2  # the record of the backup itself, and the one after it
    opened = open_store(read_settings().place())
    yield opened
    opened.engine.dispose()


def test_nothing_happens_again(restored):
    with open_desk(restored, ROOT, writes=False) as desk:
        assert desk.rows(SignIn) == []
        assert [row.revoked for row in desk.rows(Token)] == [True]
        marked = {row.state: row.restored for row in desk.rows(Batch)}
        assert marked == {state: state != "closed" for state in STATES}
        states = {row.kind: (row.state, row.owner) for row in desk.rows(Job)}
        over = ("cancelled", None)
        assert states == {"webhook": over, "mail": over, "score": ("queued", None), "unheard-of": over}
        assert [row.sent for row in desk.rows(Webhook)] == [2]  # two jobs of the four are told of
        said = desk.rows(Audit, Audit.action == "service.restore")
        assert [(row.via, row.actor.startswith("os:")) for row in said] == [("command", True)]
    assert main(["audit", "verify"]) == 0


def test_a_restore_that_is_killed_leaves_a_place_to_restore_into(used, elsewhere, tmp_path):
    file = tmp_path / "b.zip"
    assert main(["backup", str(file)]) == 0
    elsewhere()
    command = [sys.executable, "-m", "api.cli", "restore", str(file)]
    for moment in ("核对备份", "恢复数据表", "核对数据表"):
        with subprocess.Popen(command, stderr=subprocess.PIPE, cwd=ROOM, text=True, encoding="utf-8") as process:
            assert process.stderr is not None
            assert any(line.strip() == moment for line in process.stderr)
            process.kill()
        engine = open_database(read_settings().place().database)
        assert migrate.current(engine) is None
        engine.dispose()
    assert main(["restore", str(file)]) == 0
    assert main(["audit", "verify"]) == 0


def test_the_payer_has_the_first_word(restored):
    with open_desk(restored, ROOT, writes=False) as desk:
        number = next(row.id for row in desk.rows(Batch) if row.state == "payable")
        other = next(row.id for row in desk.rows(Batch) if row.state == "closed")

    def say(actor, about=number, said="备份之后未办理付款"):
        with open_desk(restored, actor) as desk:
            return backups.acknowledge_restored(desk, about, said)

    for actor, code in ((payer(role="maker"), "ROLE"), (payer(signed_in=False), "SIGN-IN-NEEDED")):
        with pytest.raises(NotAllowed) as told:
            say(actor)
        assert told.value.code == code
    with pytest.raises(InputProblems, match="SAID"):
        say(payer(), said=" ")
    with pytest.raises(Unmet, match="STATE"):
        say(payer(), other)
    assert f"batch/{number}" in waiting(restored)
    before = say(payer())
    assert not before.restored
    assert before.version == 3
    assert f"batch/{number}" not in waiting(restored)
    with pytest.raises(Unmet, match="STATE"):
        say(payer())


def waiting(store):
    """The batches of which the payer's word is wanted."""
    with open_desk(store, payer(), writes=False) as desk:
        return {one.subject for one in inbox(desk).waiting if one.what == "restored"}


def test_a_folder_gets_dated_files_and_a_missing_disk_is_no_place(used, settings, tmp_path, capsys):
    folder = tmp_path / "disk"
    settings.setenv("LIANGYUN_BACKUP", str(folder))
    assert main(["backup"]) == 2
    assert "BACKUP-FOLDER" in capsys.readouterr().err
    folder.mkdir()
    assert main(["backup"]) == 0
    (made,) = folder.iterdir()
    assert made.name.startswith("liangyun-20")
    assert made.suffix == ".zip"
    assert made.stat().st_mode & 0o777 == 0o600
    settings.delenv("LIANGYUN_BACKUP")
    assert main(["backup"]) == 0
    assert len(list((used.home / "backups").iterdir())) == 1
    assert main(["backup", str(folder)]) == 0
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    assert main(["backup", str(mine)]) == 2
    assert mine.read_text() == "mine"
    assert main(["backup", str(made)]) == 0


FULL = """
mount -t tmpfs -o size={size} tmpfs {disk}
cp {good} {disk}/b.zip
code=0
{python} -m api.cli backup {disk}/b.zip || code=$?
cmp {good} {disk}/b.zip
ls -A {disk}
exit $code
"""


def test_a_full_disk_leaves_the_last_good_backup(used, settings, tmp_path):
    good, disk = tmp_path / "b.zip", tmp_path / "disk"
    disk.mkdir()
    assert main(["backup", str(good)]) == 0
    size = good.stat().st_size // 4096 * 4096 + 3 * 4096
    script = FULL.format(size=size, disk=disk, good=good, python=sys.executable)
    apart = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    done = subprocess.run([*apart, "sh", "-euc", script], cwd=ROOM, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{disk}/b.zip: 磁盘已满" in done.stderr
    assert done.stdout.split() == ["b.zip"]


def test_what_is_missing_is_told_by_the_exit_code(used, settings, tmp_path, capsys):
    with open_desk(used, ROOT) as desk:
        number = desk.rows(Batch)[0].id
        desk.add(Dataset(sha="c" * 64, region=REGION, unit=REGION, batch=number, at=desk.now))
    assert main(["backup", str(tmp_path / "b.zip")]) == 1
    assert f"datasets/{'c' * 64}" in capsys.readouterr().err


def test_a_schedule_s_backup_and_sweep_are_jobs(settings, store, monkeypatch):
    store.files.put(b"orphan")
    with open_desk(store, ROOT) as desk:
        gone = desk.add(User(login="gone", name="系统（示例）", person="p9", hash="x", at=desk.now))
        for key, age in {"old": idempotency.KEPT + timedelta(seconds=1), "young": idempotency.KEPT}.items():
            desk.add(Idempotency(client=gone.id, key=key, request="", headers={}, at=desk.now - age))
    monkeypatch.setattr("engine.storage.files.time.time", lambda: 1e11)
    clockwork = Actor("clock", "worker", scope=EVERYWHERE)
    with open_desk(store, clockwork) as desk:
        request(desk, "backup:1", "backup", {}, title="备份", region="000000", unit="000000")
        request(desk, "sweep:1", "sweep", {}, title="清理", region="000000", unit="000000")
    assert do_due(store, kinds()) == 2
    with open_desk(store, ROOT, writes=False) as desk:
        done = {row.kind: (row.state, row.result) for row in desk.rows(Job)}
        actions = {row.action for row in desk.rows(Audit)}
        kept = [row.key for row in desk.rows(Idempotency)]
    (made,) = (store.home / "backups").iterdir()
    swept = {"gone": 1, "answers": 1}
    assert done == {"backup": ("done", {"file": made.name, "missing": 0}), "sweep": ("done", swept)}
    assert actions == {"service.backup", "file.sweep"}
    assert kept == ["young"]
