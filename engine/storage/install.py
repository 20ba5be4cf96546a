"""An installation: its folder, database and keys, made by `migrate`, opened by everything else.

    home/          0700            home/liangyun.db   SQLite, unless LIANGYUN_DATABASE names another
    home/keys/     keys.json       home/files  runs  datasets  policies

A key missing beside a database that is not empty, keys of another database, keys that others can read, a folder that
others can enter, an old schema: refused with the remedy (exit code 4), and nothing is made.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.problems import Refused
from engine.printing.system import keep_private, others_can
from engine.storage import migrate
from engine.storage.connect import WRITE, busy_is_told, is_sqlite, open_database
from engine.storage.desk import Store, now
from engine.storage.files import Files
from engine.storage.keys import Keys, KeysBroken, fresh_keys, load_keys, save_keys
from engine.storage.scope import EVERYWHERE, set_scope
from engine.storage.tables.proof import Setting

KEYS, DATABASE = "keys", "liangyun.db"
_ORIGIN, _FINGERPRINT = "origin", "keys"


@dataclass(frozen=True)
class Place:
    """Where an installation is. url: of the database ("": SQLite in `home`)."""

    home: Path
    url: str = ""

    @property
    def database(self) -> str:
        """The URL of its database."""
        return self.url or f"sqlite:///{self.home / DATABASE}"


def bring_up(place: Place) -> str:
    """Make what is not there, and bring the schema up to date; the version. Raises Refused."""
    place.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    check_closed(place.home)
    engine = open_database(place.database)
    try:
        empty = migrate.is_empty(engine)
        keys = load_keys(place.home / KEYS)
        if keys is None:
            if not empty:
                raise _no_keys(place)
            keys = fresh_keys()
            save_keys(place.home / KEYS, keys)
        if not empty:
            _check_version(engine, older=True)
        migrate.upgrade(engine)
        _settle(engine, keys)
        if is_sqlite(engine):
            keep_private(Path(str(engine.url.database)))
    finally:
        engine.dispose()
    return migrate.newest()


def open_store(place: Place, *, clock: Callable[[], datetime] = now) -> Store:
    """The installation, ready. Raises Refused where it is not there, not up to date, or its keys are not its own."""
    _check_there(place)
    engine = open_database(place.database)
    try:
        _check_version(engine, older=False)
        keys = keys_of(place)
        origin = _settle(engine, keys)
    except BaseException:
        engine.dispose()
        raise
    return Store(place.home, engine, Files(place.home, keys), keys, origin, clock)


def open_as_is(place: Place) -> Store:
    """The installation whatever its schema's version, to be backed up before it is migrated. Raises Refused."""
    _check_there(place)
    keys = keys_of(place)
    engine = open_database(place.database)
    try:
        _check_version(engine, older=True)
        origin = _settle(engine, keys)
    except BaseException:
        engine.dispose()
        raise
    return Store(place.home, engine, Files(place.home, keys), keys, origin)


def would_change(place: Place, to: str = "") -> bool:
    """Whether there is a schema that `bring_up`, or `take_down` to a version, would change.

    Raises Refused (SCHEMA-UNKNOWN).
    """
    if to not in {"", "base"} and not migrate.knows(to):
        raise Refused(f"没有 {to} 这一版结构 (SCHEMA-UNKNOWN)")
    if is_file_missing(place):
        return False
    engine = open_database(place.database)
    try:
        return migrate.current(engine) not in {None, to or migrate.newest()}
    finally:
        engine.dispose()


def take_down(place: Place, to: str) -> None:
    """Take the schema back to an older version (`base`: no table). Raises Refused."""
    store = open_as_is(place)
    try:
        migrate.downgrade(store.engine, to)
    finally:
        store.engine.dispose()


def take_keys(place: Place, keys: Keys) -> None:
    """Put keys that were exported where those of the installation are, beside what is there of the same database.

    Raises Refused (KEY-OTHER) where the database, or the keys of a place without one, are others'.
    """
    place.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    check_closed(place.home)
    try:
        there = load_keys(place.home / KEYS)
    except KeysBroken:
        there = None
    same = there is not None and there.fingerprint == keys.fingerprint
    wanted = _fingerprint(place) or (there.fingerprint if there is not None else keys.fingerprint)
    if wanted != keys.fingerprint:
        raise Refused(f"{place.home}: 导入的密钥不是这里的数据库的, 没有写入 (KEY-OTHER)")
    save_keys(place.home / KEYS, there.joined(keys) if there is not None and same else keys)


def _fingerprint(place: Place) -> str | None:
    """Which keys the database expects; None where there is none yet."""
    if is_file_missing(place):
        return None
    engine = open_database(place.database)
    try:
        if migrate.is_empty(engine) or migrate.current(engine) is None:
            return None
        with busy_is_told(), Session(engine) as session:
            set_scope(session, EVERYWHERE, writes=False)
            said = session.exec(select(Setting.value).where(Setting.name == _FINGERPRINT)).first()
        return None if said is None else str(said)
    finally:
        engine.dispose()


def is_file_missing(place: Place) -> bool:
    """Whether the database would be a file, and is not there: opening it would make an empty one."""
    name = place.database.removeprefix("sqlite:///")
    return place.database.startswith("sqlite") and not Path(name).is_file()


def _check_version(engine: Engine, *, older: bool) -> None:
    have, need = migrate.current(engine), migrate.newest()
    if have == need:
        return
    if not migrate.knows(have):
        raise Refused("数据库是较新版本的程序建立的: 换用新版本程序 (SCHEMA-NEWER)")
    if not older:
        raise Refused("数据库的结构不是本版本的: 先运行 liangyun migrate (SCHEMA-OLD)")


def _settle(engine: Engine, keys: Keys) -> str:
    """The origin of the installation, given at its first start. Raises Refused where the keys are another's."""
    with busy_is_told(), Session(engine.execution_options(**{WRITE: True})) as session:
        set_scope(session, EVERYWHERE, writes=True)
        said = {row.name: row.value for row in session.exec(select(Setting))}
        if said.get(_FINGERPRINT, keys.fingerprint) != keys.fingerprint:
            raise Refused("密钥不是这个数据库的: 用 liangyun keys import 取回 (KEY-OTHER)")
        if _ORIGIN not in said:
            session.add(Setting(name=_ORIGIN, value=secrets.token_hex(8)))
            session.add(Setting(name=_FINGERPRINT, value=keys.fingerprint))
            session.commit()
            return str(session.exec(select(Setting.value).where(Setting.name == _ORIGIN)).one())
        return str(said[_ORIGIN])


def _check_there(place: Place) -> None:
    if is_file_missing(place):
        raise Refused(f"{place.home} 还没有数据库, 先运行 liangyun migrate (DATABASE-NONE)")
    check_closed(place.home)


def check_closed(home: Path) -> None:
    """Refuse a folder that others can enter (HOME-OPEN)."""
    if others_can(home):
        raise Refused(f"{home}: 别人也能进入这个文件夹, 先 chmod 700 (HOME-OPEN)")


def keys_of(place: Place) -> Keys:
    """The keys that lie in the folder. Raises Refused where there are none (KEY-MISSING)."""
    keys = load_keys(place.home / KEYS)
    if keys is None:
        raise _no_keys(place)
    return keys


def _no_keys(place: Place) -> Refused:
    return Refused(f"数据库不是空的, 但 {place.home / KEYS} 里没有密钥: 用 liangyun keys import 取回 (KEY-MISSING)")
