"""What the operator of the machine does from the command line; audited as `via: command` where there is a database.

Each function opens the installation that the settings name and closes it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.problems import InputProblems, Problem, Refused
from engine.printing.files import check_out
from engine.printing.system import machine_login
from engine.storage import audit, install
from engine.storage.archive import Told
from engine.storage.audit import Broken, Record
from engine.storage.backup import write_backup
from engine.storage.connect import Busy
from engine.storage.desk import Actor, Store, open_desk, program
from engine.storage.install import Place
from engine.storage.keys import export_keys, import_keys, save_keys
from engine.workflow import people, sign_in
from engine.workflow.anchors import write_anchor
from engine.workflow.people import UserView, Wanted
from engine.workflow.settings import read_settings


@dataclass(frozen=True)
class Verified:
    """What looking through the audit chain came to. found: the record whose hash a sheet bears, if it was asked for."""

    size: int
    head: str
    broken: tuple[Broken, ...]
    found: dict[str, Any] | None


def operator() -> Actor:
    """Whoever sits at the machine, by the login of its system."""
    return program("command", f"os:{machine_login()}")


@contextmanager
def answering() -> Iterator[None]:
    """A database that does not answer, in words for whoever set its address. Raises Refused (DATABASE-SILENT)."""
    try:
        yield
    except Busy as error:
        said = "连不上数据库, 或别的程序正占着它: 核对它是否在运行, LIANGYUN_DATABASE 的地址、用户和密码, 然后重试"
        raise Refused(f"{said} (DATABASE-SILENT)") from error


@contextmanager
def opened() -> Iterator[Store]:
    """The installation of the settings. Raises Refused, InputProblems."""
    with answering():
        store = install.open_store(read_settings().place())
    try:
        yield store
    finally:
        store.engine.dispose()


@dataclass(frozen=True)
class Migrated:
    """version: of the schema now; backup: what was written first, where there was something to lose."""

    version: str
    backup: Path | None


def migrate(report: Told, down: str = "") -> Migrated:
    """Make what is not there and bring the schema up to date, or take it back. Raises Refused, InputProblems."""
    settings = read_settings()
    place = settings.place()
    with answering():
        backup = _keep(place, settings.backup, report) if install.would_change(place, down) else None
        if not down:
            return Migrated(install.bring_up(place), backup)
        install.take_down(place, down)
        return Migrated(down, backup)


def create_admin(login: str, name: str, password: str, person: str) -> UserView:
    """The first security administrator. Raises Refused (ADMIN-THERE) while there is one."""
    with opened() as store, open_desk(store, operator()) as desk:
        if people.holders(desk, "security_admin"):
            raise Refused("已有安全管理员: 其他账号由他授权, 或用 liangyun user create (ADMIN-THERE)")
        grants = [Wanted(role="security_admin")]
        return people.create_user(desk, login=login, name=name, password=password, grants=grants, person=person)


def create_user(login: str, name: str, password: str, roles: Sequence[str], person: str, mail: str) -> UserView:
    """A user with roles, each `ROLE` or `ROLE@UNIT`."""
    with opened() as store, open_desk(store, operator()) as desk:
        grants = [Wanted.parse(role) for role in roles]
        return people.create_user(
            desk, login=login, name=name, password=password, grants=grants, person=person, mail=mail
        )


def reset_user(login: str, *, totp: bool) -> str:
    """A one-time password."""
    with opened() as store, open_desk(store, operator()) as desk:
        return people.reset(desk, login, totp=totp)


def make_token(login: str, days: int) -> str:
    """A token."""
    with opened() as store, open_desk(store, operator()) as desk:
        return sign_in.make_token(desk, login, days)


def verify_audit(anchors: Sequence[Path], printed: str) -> Verified:
    """Look through the whole chain; anchors: files or folders of them. Raises InputProblems."""
    said = anchors_of(anchors)
    if printed and (len(printed) != 16 or set(printed.lower()) - set("0123456789abcdef")):
        raise InputProblems([Problem("--printed", "PRINTED", f"{printed} 不是 16 位十六进制数", "照表上印的写")])
    with opened() as store, open_desk(store, operator(), writes=False) as desk:
        broken = audit.verify(desk.session, said, store.keys, store.origin)
        last = audit.anchor(desk.session, store.keys, store.origin, desk.now)
        row = audit.printed(desk.session, printed) if printed else None
    found = None
    if row is not None:
        found = {"seq": row.seq, "at": row.at.isoformat(), "action": row.action, "subject": row.subject}
    return Verified(int(last["size"]), str(last["head"]), tuple(broken), found)


def anchor_audit() -> tuple[Path, dict[str, Any]]:
    """Write an anchor of the chain as it is."""
    with opened() as store:
        path, said = write_anchor(store)
        with open_desk(store, operator()) as desk:
            detail = {"size": said["size"], "head": said["head"]}
            desk.audit(Record("audit.anchor", f"audit/{said['size']}", detail=detail))
        return path, said


def write_keys(path: Path, passphrase: str) -> None:
    """Export the keys under a passphrase; recorded before they leave."""
    check_out(path, force=None)
    with opened() as store:
        with open_desk(store, operator()) as desk:
            desk.audit(Record("keys.export", "keys"))
        export_keys(store.keys, path, passphrase)


def read_keys(path: Path, passphrase: str) -> Path:
    """Take exported keys in; the folder that holds them. Not recorded: there may be no database yet."""
    place = read_settings().place()
    install.take_keys(place, import_keys(path, passphrase))
    return place.home / install.KEYS


def rotate_keys() -> int:
    """A new column key, under which everything is written from now on; how many there are. Servers start again."""
    with opened() as store:
        rotated = store.keys.rotated()
        save_keys(store.home / install.KEYS, rotated)
        with open_desk(store, operator()) as desk:
            desk.audit(Record("keys.rotate", "keys", detail={"columns": len(rotated.columns)}))
        return len(rotated.columns)


def first_line(path: Path, option: str) -> str:
    """The first line of a file, as a password stands in one. Raises InputProblems."""
    try:
        lines = _bytes(path, option).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputProblems([Problem(option, "FILE", f"{path} 不是 UTF-8 文本", "另存为 UTF-8")]) from None
    if not lines or not lines[0]:
        raise InputProblems([Problem(option, "FILE", f"{path} 的第一行是空的", "写在第一行")])
    return lines[0]


def _keep(place: Place, folder: Path | None, report: Told) -> Path:
    if folder is None:
        folder = place.home / "backups"
        folder.mkdir(mode=0o700, exist_ok=True)
    store = install.open_as_is(place)
    try:
        path = folder / f"before-migrate-{store.clock():%Y%m%dT%H%M%SZ}.zip"
        write_backup(store, path, report)
    finally:
        store.engine.dispose()
    return path


def anchors_of(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """The anchors of files, or of folders of them. Raises InputProblems."""
    files = [file for path in paths for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    return [one for file in files for one in audit.read_anchor(_bytes(file, "--anchor"), str(file))]


def _bytes(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise InputProblems([Problem(option, "FILE", f"读不到 {path}", "核对路径和权限")]) from None
