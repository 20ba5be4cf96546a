"""Backup, restore and migration killed at any moment: the last good backup stands, or an empty place does."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from select import select
from typing import Self

import pytest

from engine.storage import migrate
from engine.storage.archive import is_backup, reading
from engine.storage.connect import open_database
from engine.storage.install import Place, open_store
from engine.storage.keys import save_keys
from tests.engine.storage.filled import fill, laid, stand
from tests.soaking import reliability

ROOM = Path(__file__).parents[3]
ROUNDS = 100
FORGE = """
import gc, json, os, sys
import api.cli, api.commands.backup, api.commands.migrate, api.commands.restore
gc.freeze()
for line in sys.stdin:
    command, said = json.loads(line)
    number = os.fork()
    if number == 0:
        os.environ |= said
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 1
        try:
            code = api.cli.main(command)
        finally:
            os._exit(code)
    print(number, flush=True)
    print(os.waitpid(number, 0)[1], flush=True)
"""
"""Every command is a process of its own, forked from one that has imported all: imports take longer than commands."""


class Killer:
    """Runs commands in a place and kills them at a moment of their usual time."""

    def __init__(self, place: Place) -> None:
        self.chance = random.Random(9)
        self.usual = 0.0
        self.killed = 0
        self.at(place)
        self.forge = subprocess.Popen([sys.executable, "-c", FORGE], cwd=ROOM, text=True, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.forge.communicate()

    def at(self, place: Place) -> None:
        """Where the commands are run from now on."""
        self.environment = {"LIANGYUN_HOME": str(place.home), "LIANGYUN_DATABASE": place.url}

    def whole(self, *command: str) -> None:
        self._begun(command)
        began = time.monotonic()
        assert self._read() == 0
        self.usual = max(self.usual, time.monotonic() - began)

    def cut(self, *command: str) -> bool:
        """Whether it was killed, and not over before."""
        number = self._begun(command)
        is_over, *_ = select([self.forge.stdout], [], [], self.chance.uniform(0, self.usual * 0.95))
        if not is_over:
            with suppress(ProcessLookupError):  # it ended just now
                os.kill(number, signal.SIGKILL)
        killed = self._read() == signal.SIGKILL
        self.killed += killed
        return killed

    def _begun(self, command: tuple[str, ...]) -> int:
        assert self.forge.stdin is not None
        self.forge.stdin.write(json.dumps([command, self.environment]) + "\n")
        self.forge.stdin.flush()
        return self._read()

    def _read(self) -> int:
        assert self.forge.stdout is not None
        return int(self.forge.stdout.readline())


def killed_backups(store, place, path, rounds):
    fill(store)
    landed = 0
    with Killer(place) as killer:
        killer.whole("backup", str(path))
        with reading(path) as archive:
            last = archive.manifest.at
        while killer.killed < rounds:
            killed = killer.cut("backup", str(path))
            assert is_backup(path)
            with reading(path) as archive:
                landed += killed and archive.manifest.at != last
                last = archive.manifest.at
    return {"moments": rounds, "landed": landed}


def killed_restores(path, places, store, rounds):
    """Each in an empty place; the last one brings everything."""
    before, files, landed = stand(store.engine), laid(store.home), 0
    place = next(places)
    save_keys(place.home / "keys", store.keys)
    with Killer(place) as killer:
        killer.whole("restore", str(path))
        while killer.killed < rounds:
            if current(place) is not None:
                place = next(places)
                save_keys(place.home / "keys", store.keys)
                killer.at(place)
            landed += killer.cut("restore", str(path)) and current(place) is not None
        if current(place) is None:
            killer.whole("restore", str(path))
    opened = open_store(place)
    after = stand(opened.engine)
    opened.engine.dispose()
    assert all(after[name] == before[name] for name in ("unit", "amount", "run", "fact"))
    found = {name: content for name, content in laid(place.home).items() if "/.part-" not in name}
    assert found == files  # what a killed one had begun is swept after a day
    return {"moments": rounds, "landed": landed}


def killed_migrations(places, rounds):
    place, landed = next(places), 0
    with Killer(place) as killer:
        killer.whole("migrate")
        while killer.killed < rounds:
            place = next(places)
            killer.at(place)
            killed, version = killer.cut("migrate"), current(place)
            assert version in {None, migrate.newest()}
            landed += killed and version is not None
            killer.whole("migrate")
    return {"moments": rounds, "landed": landed}


def current(place):
    engine = open_database(place.database)
    try:
        return migrate.current(engine)
    finally:
        engine.dispose()


@pytest.fixture
def places(store, tmp_path, request):
    """Empty places, one after the other, of the store's kind of database."""
    made = []

    def one_more():
        while True:
            home = tmp_path / f"place-{len(made)}"
            home.mkdir(mode=0o700)
            name = f"t_{secrets.token_hex(6)}"
            made.append(name)
            sqlite = store.engine.dialect.name == "sqlite"
            yield Place(home) if sqlite else Place(home, request.getfixturevalue("postgres")(name))

    yield one_more()
    if store.engine.dialect.name != "sqlite":
        for name in made:
            request.getfixturevalue("postgres").drop(name)


def test_a_killed_backup_leaves_the_last_good_one(store, place, tmp_path):
    assert killed_backups(store, place, tmp_path / "b.zip", 2)["moments"] == 2


@pytest.mark.soak
def test_killed_at_any_moment(store, place, places, tmp_path):
    path = tmp_path / "b.zip"
    for act, killed in {
        "backup": lambda: killed_backups(store, place, path, ROUNDS),
        "restore": lambda: killed_restores(path, places, store, ROUNDS),
        "migrate": lambda: killed_migrations(places, ROUNDS),
    }.items():
        seen = killed()
        reliability(f"command killed in {act} on {store.engine.dialect.name}", seen)
        assert seen["moments"] == ROUNDS
