"""The ground: columns, scope, desk, audit chain, files, keys, schema; on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from sqlalchemy import delete, event, text, update
from sqlmodel import Session, col, select

from domain.problems import InputProblems, Refused
from engine.storage import audit, migrate
from engine.storage.audit import Record
from engine.storage.connect import Taken, open_database
from engine.storage.desk import Actor, open_desk, program
from engine.storage.install import KEYS, Place, bring_up, open_store
from engine.storage.keys import export_keys, fresh_keys, import_keys, save_keys
from engine.storage.query import among, begins, newest, unset
from engine.storage.schema import scoped_tables
from engine.storage.scope import OutOfScope, Scope
from engine.storage.tables.period import Batch, PeriodRow
from engine.storage.tables.place import Unit
from engine.storage.tables.proof import Audit, AuditDetail
from engine.storage.tables.results import Amount, Run, Score
from engine.storage.tables.work import Event, Job
from tests.engine.storage.forging import without_triggers

ROOT = program("command")
WIDE = 10**16
LONG = Fraction(int("9" * 28), int("7" * 27))


def job(now, key="k"):
    return Job(region="330103", unit="330103", key=key, kind="run", state="queued", due=now, at=now)


def run_row(desk, key="k"):
    made = job(desk.now, key)
    desk.session.add(made)
    desk.session.flush()
    row = Run(region="330103", unit="330103", kind="score", plan="p", period="2026Q3", policy="0" * 64, folder="f" * 64,
              program="0", job=made.id, at=desk.now)  # fmt: skip
    desk.session.add(row)
    desk.session.flush()
    return row


def units(desk, *pairs):
    for region, unit in pairs:
        desk.session.add(Unit(region=region, unit=unit, kind="institution", name=f"{unit}（示例）"))


def test_numbers_and_times_come_back_as_they_went_in(store):
    midnight = datetime(2026, 10, 1, 0, 30, tzinfo=timezone(timedelta(hours=8)))
    with open_desk(store, ROOT) as desk:
        row = run_row(desk)
        desk.session.add(Amount(region="330103", unit="A01", run=row.id, alliance="A", pool="surplus", amount=WIDE))
        desk.session.add(Score(region="330103", unit="A01", run=row.id, scope="m", scorecard="c", score=LONG))
        row.at = midnight
    with open_desk(store, ROOT, writes=False) as desk:
        assert desk.session.exec(select(Amount.amount)).one() == WIDE
        assert desk.session.exec(select(Score.score)).one() == LONG
        moment = desk.session.exec(select(Run.at)).one()
        assert moment == midnight
        assert moment.tzinfo is UTC


def test_a_float_or_a_time_without_zone_is_never_stored(store):
    def with_float(desk):
        row = run_row(desk)
        desk.session.add(Score(region="330103", unit="A", run=row.id, scope="m", scorecard="c", score=0.5))

    def without_zone(desk):
        run_row(desk).at = datetime(2026, 1, 1)  # noqa: DTZ001  (the mistake)

    for wrong in (with_float, without_zone):
        with pytest.raises(Exception, match=r"not exact|no time zone"), open_desk(store, ROOT) as desk:
            wrong(desk)
    with open_desk(store, ROOT, writes=False) as desk:
        assert not desk.session.exec(select(Run)).all()


def test_only_the_callers_places_are_there(store):
    mine = Actor("a", "http", scope=Scope(units=frozenset({"A01"}), homes=frozenset({"330103"})))
    county = Actor("b", "http", scope=Scope(regions=frozenset({"330100"})))
    with open_desk(store, ROOT) as desk:
        units(desk, ("330103", "A01"), ("330103", "A02"), ("330200", "B01"))
        period = PeriodRow(region="330103", plan="p", code="2026Q3")
        desk.session.add(period)
        desk.session.flush()
        for number, region in enumerate(("330103", "330200", "330100"), start=1):
            batch = Batch(region=region, unit=region, period=period.id, number=number, kind="regular",
                          state="collecting", opened_at=desk.now)  # fmt: skip
            desk.session.add(batch)
    with open_desk(store, mine, writes=False) as desk:
        assert desk.session.exec(select(Unit.unit)).all() == ["A01"]
        assert desk.session.exec(select(Batch.region).order_by(Batch.region)).all() == ["330100", "330103"]
        assert desk.session.get(Unit, 2) is None
    with open_desk(store, county, writes=False) as desk:
        assert desk.session.exec(select(Unit.unit).order_by(Unit.unit)).all() == ["A01", "A02"]
    with open_desk(store, Actor("c", "http"), writes=False) as desk:
        assert not desk.session.exec(select(Unit)).all()


def test_nothing_outside_is_changed_or_made(store):
    mine = Actor("a", "http", scope=Scope(units=frozenset({"A01"}), homes=frozenset({"330103"})))
    with open_desk(store, ROOT) as desk:
        units(desk, ("330103", "A01"), ("330103", "A02"))
    with open_desk(store, mine) as desk:
        assert desk.session.exec(update(Unit).values(name="x")).rowcount == 1
        assert desk.session.exec(delete(Unit).where(col(Unit.unit) == "A02")).rowcount == 0
    with pytest.raises(OutOfScope), open_desk(store, mine) as desk:
        units(desk, ("330103", "A03"))
    with open_desk(store, mine, writes=False) as desk:
        units(desk, ("330103", "A01"))
        with pytest.raises(OutOfScope):
            desk.session.flush()
    with open_desk(store, ROOT, writes=False) as desk:
        assert desk.session.exec(select(Unit.unit, Unit.name).order_by(Unit.unit)).all() == [
            ("A01", "x"),
            ("A02", "A02（示例）"),
        ]


def test_every_table_of_places_is_narrowed_whatever_is_done_to_it(store):
    """Read off the statements as the database gets them, so that a table nobody wrote a test for is among them."""
    mine = Actor("a", "http", scope=Scope(units=frozenset({"A01"}), homes=frozenset({"330103"})))
    sent: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    with open_desk(store, mine) as desk:
        desk.count(Unit)
        for table in scoped_tables():
            sent.clear()
            desk.rows(table)
            desk.values([table.region])
            desk.count(table)
            desk.change(table, region=table.region)
            desk.remove(table)
            name = desk.session.get_bind().dialect.identifier_preparer.quote(table.__tablename__)
            assert len(sent) == 5, table
            assert [one for one in sent if f"{name}.unit IN" not in one.partition("WHERE")[2]] == [], table


def test_a_session_without_scope_fails(store):
    with Session(store.engine) as session, pytest.raises(OutOfScope):
        session.exec(select(Unit)).all()


def test_beyond_looks_further_and_comes_back(store):
    with open_desk(store, ROOT) as desk:
        units(desk, ("330103", "A01"))
    with open_desk(store, Actor("c", "http"), writes=False) as desk:
        with desk.beyond():
            assert desk.get(Unit, 1) is not None
        assert desk.get(Unit, 1) is None
        assert not desk.session.exec(select(Unit)).all()


def chain(store, size):
    for number in range(size):
        with open_desk(store, ROOT) as desk:
            desk.audit(Record("thing.change", f"thing/{number}", detail={"number": number}))
            desk.event("thing.changed", f"thing/{number}", region="330103", unit="330103")


def verified(store, anchors=()):
    with open_desk(store, ROOT, writes=False) as desk:
        return audit.verify(desk.session, anchors, store.keys)


def test_the_chain_holds_and_a_failed_change_leaves_no_record(store):
    chain(store, 3)

    def failing(desk):
        desk.audit(Record("thing.change", "thing/9"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), open_desk(store, ROOT) as desk:
        failing(desk)
    assert verified(store) == []
    with open_desk(store, ROOT, writes=False) as desk:
        assert [row.seq for row in desk.session.exec(select(Audit).order_by(Audit.seq))] == [1, 2, 3]
        assert [row.seq for row in desk.session.exec(select(Event).order_by(Event.seq))] == [1, 2, 3]


def test_the_database_refuses_to_change_the_chain(store):
    chain(store, 1)
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="never changed"), store.engine.connect() as connection:
            connection.execute(text(statement))
    if store.engine.dialect.name == "postgresql":
        with pytest.raises(Exception, match="never changed"), store.engine.connect() as connection:
            connection.execute(text("TRUNCATE audit"))


@pytest.mark.parametrize("at", [1, 4, 7])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET subject = 'other' WHERE seq = {at}",
        "UPDATE audit SET outcome = 'refused', unit = 'A01' WHERE seq = {at}",
        "DELETE FROM audit WHERE seq = {at}",
        "UPDATE audit SET seq = seq + 100 WHERE seq = {at}",
        "UPDATE audit_detail SET detail = '{{}}' WHERE sha = (SELECT detail_sha FROM audit WHERE seq = {at})",
    ],
)
def test_whatever_is_changed_is_found(store, at, statement):
    chain(store, 7)
    without_triggers(store.engine, statement.format(at=at))
    assert verified(store)


def test_a_detail_may_go_after_its_time(store):
    chain(store, 3)
    with open_desk(store, ROOT) as desk:
        desk.session.exec(delete(AuditDetail))
    assert verified(store) == []


def test_an_anchor_finds_a_tail_cut_off_and_a_chain_written_anew(store, tmp_path):
    chain(store, 5)
    with open_desk(store, ROOT, writes=False) as desk:
        mark = audit.anchor(desk.session, store.keys, store.origin, desk.now)
    assert verified(store, [mark]) == []
    cut = "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit WHERE seq = 3)"
    without_triggers(store.engine, "DELETE FROM audit WHERE seq > 3", cut)
    assert verified(store) == []
    assert [broken.code for broken in verified(store, [mark])] == ["ANCHOR-SIZE"]
    chain(store, 2)
    assert [broken.code for broken in verified(store, [mark])] == ["ANCHOR-HEAD"]
    assert "ANCHOR-SIGNATURE" in [broken.code for broken in verified(store, [{**mark, "size": 4}])]


def test_writers_at_once_make_one_chain(store):
    def write(number):
        for turn in range(8):
            with open_desk(store, program("worker", f"w{number}")) as desk:
                desk.audit(Record("thing.change", f"thing/{number}-{turn}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verified(store) == []
    with open_desk(store, ROOT, writes=False) as desk:
        assert len(desk.session.exec(select(Audit)).all()) == 32


def test_files_are_found_by_what_they_hold(store):
    plain, personal = store.files.put(b"sheet"), store.files.put("张三".encode(), personal=True)
    assert store.files.get(plain) == b"sheet"
    assert store.files.get(personal, personal=True).decode() == "张三"
    held = store.home / "files" / personal[:2] / personal
    assert "张三".encode() not in held.read_bytes()
    (store.home / "files" / plain[:2] / plain).write_bytes(b"other")
    with pytest.raises(Refused, match="FILE-CHANGED"):
        store.files.get(plain)
    with pytest.raises(Refused, match="DIGEST"):
        store.files.get("../../keys/keys.json")


def test_a_folder_is_there_whole_or_not_at_all(store):
    def build(folder):
        (folder / "a.csv").write_text("x")
        return "a" * 64

    def broken(folder):
        (folder / "a.csv").write_text("x")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        store.files.put_folder("runs", broken)
    assert list(store.files.everything(parts=True)) == []
    assert store.files.put_folder("runs", build) == store.files.put_folder("runs", build)
    assert store.files.sweep({"a" * 64}, older=0) == 0
    assert store.files.sweep(set(), older=-1) == 1


def test_keys_travel_under_a_passphrase_only(tmp_path):
    keys = fresh_keys()
    export_keys(keys, tmp_path / "k", "correct horse battery")
    assert import_keys(tmp_path / "k", "correct horse battery") == keys
    with pytest.raises(InputProblems, match="PASSPHRASE"):
        import_keys(tmp_path / "k", "wrong horse battery")
    with pytest.raises(Refused, match="PASSPHRASE-SHORT"):
        export_keys(keys, tmp_path / "l", "short")
    secret = keys.encrypt_text("6222…", "account")
    assert keys.rotated().decrypt_text(secret, "account") == "6222…"
    for other, about in ((fresh_keys(), "account"), (keys, "mail")):
        with pytest.raises(Refused, match="KEY-WRONG"):
            other.decrypt_text(secret, about)


def test_the_migrations_come_to_the_tables_and_go_back_with_data(place):
    engine = open_database(place.database)
    assert migrate.drift(engine) == []
    engine.dispose()
    opened = open_store(place)
    chain(opened, 2)
    migrate.downgrade(opened.engine, "base")
    assert migrate.current(opened.engine) is None
    migrate.upgrade(opened.engine)
    assert migrate.drift(opened.engine) == []
    opened.engine.dispose()


def test_what_is_no_installation_is_refused_and_nothing_is_made(place, tmp_path):
    with pytest.raises(Refused, match="DATABASE-NONE"):
        open_store(Place(tmp_path / "none"))
    assert not (tmp_path / "none").exists()
    (place.home / KEYS / "keys.json").chmod(0o644)
    with pytest.raises(Refused, match="KEY-OPEN"):
        open_store(place)
    (place.home / KEYS / "keys.json").unlink()
    opened = None
    for act in (open_store, bring_up):
        with pytest.raises(Refused, match="KEY-MISSING"):
            opened = act(place)
    save_keys(place.home / KEYS, fresh_keys())
    open_again = open_database(place.database)
    open_again.dispose()
    assert opened is None


def test_keys_of_another_database_and_an_old_schema_are_refused(place):
    opened = open_store(place)
    opened.engine.dispose()
    mine = (place.home / KEYS / "keys.json").read_bytes()
    save_keys(place.home / KEYS, fresh_keys())
    with pytest.raises(Refused, match="KEY-OTHER"):
        open_store(place)
    (place.home / KEYS / "keys.json").write_bytes(mine)
    engine = open_database(place.database)
    migrate.downgrade(engine, "base")
    engine.dispose()
    with pytest.raises(Refused, match="SCHEMA-OLD"):
        open_store(place)
    bring_up(place)
    open_store(place).engine.dispose()


def test_two_installations_share_no_secret(tmp_path):
    homes = []
    for name in "ab":
        (tmp_path / name).mkdir(mode=0o700)
        bring_up(Place(tmp_path / name))
        homes.append(open_store(Place(tmp_path / name)))
    assert homes[0].origin != homes[1].origin
    assert homes[0].keys.signing != homes[1].keys.signing
    assert {key for _, key in homes[0].keys.columns}.isdisjoint(key for _, key in homes[1].keys.columns)
    for one in homes:
        one.engine.dispose()
    assert (tmp_path / "a" / "liangyun.db").stat().st_mode & 0o077 == 0


def test_a_key_that_is_taken_is_told_by_its_table(store):
    with open_desk(store, ROOT) as desk:
        desk.add(job(desk.now, "once"))
    with pytest.raises(Taken, match="job"), open_desk(store, ROOT) as desk:
        desk.add(job(desk.now, "once"))
    with open_desk(store, ROOT) as desk:
        assert desk.change(Job, Job.key == "once", state="done") == 1
        assert [row.state for row in desk.rows(Job, among(Job.key, {"once", "never"}), order=newest(Job.id))] == [
            "done"
        ]
        assert desk.values([Job.key, Job.state], begins(Job.key, "on")) == [("once", "done")]
        assert desk.count(Job, unset(Job.lease)) == 1
        assert desk.first(Job, Job.key == "never") is None
        assert desk.remove(Job, Job.key == "once") == 1
