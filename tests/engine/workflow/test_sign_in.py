"""Coming in: passwords, failures and locks, sessions, tokens, the second factor."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from itertools import pairwise

import pyotp
import pytest

from domain.problems import InputProblems, Refused
from engine.storage.desk import open_desk, program
from engine.storage.tables.people import Notice, SignIn, Token, User
from engine.storage.tables.proof import Audit
from engine.workflow import passwords, people, sign_in
from engine.workflow.people import Wanted
from engine.workflow.sign_in import NotSignedIn

COMMAND = program("command")
PHRASE = "correct horse 1"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """A thousandth of the work: what a hash costs is measured by one test that wants it."""
    monkeypatch.setattr(passwords, "_HASH", type(passwords._HASH)((passwords.Argon2Hasher(1, 8, 1),)))
    passwords._nobodys.cache_clear()


@pytest.fixture
def clerk(store):
    with open_desk(store, COMMAND) as desk:
        people.create_user(desk, login="clerk", name="钱会计", password=PHRASE, grants=[Wanted(role="payer")])
    return "clerk"


def enter(store, password=PHRASE, totp="", login="clerk"):
    return sign_in.sign_in(store, login, password, totp, via="http", address="10.0.0.9")


def caller(store, secret, **more):
    return sign_in.who(store, secret, via="http", **more)


def refused(store, *args, **more):
    with pytest.raises(NotSignedIn) as error:
        enter(store, *args, **more)
    return error.value.problem.code


def user(store):
    with open_desk(store, COMMAND, writes=False) as desk:
        return people.find(desk, "clerk")


def changed(store, old, new, login="clerk"):
    with open_desk(store, COMMAND, writes=False) as desk:
        actor = people.actor_of(desk, people.find(desk, login), "http", signed_in=True)
    return sign_in.change_password(store, actor, old, new)


def records(store, action):
    with open_desk(store, COMMAND, writes=False) as desk:
        return [(row.actor, row.subject, row.outcome) for row in desk.rows(Audit, Audit.action == action)]


def test_a_session_is_random_and_only_its_hash_is_kept(store, clerk):
    first, second = enter(store), enter(store)
    assert first.secret != second.secret
    with open_desk(store, COMMAND, writes=False) as desk:
        assert {row.sha for row in desk.rows(SignIn)} == {sign_in._sha(one.secret) for one in (first, second)}
    assert PHRASE not in user(store).hash
    who = caller(store, first.secret)
    assert (who.actor.login, who.actor.signed_in, who.token, who.must_change) == ("clerk", True, False, True)
    assert caller(store, first.secret + "x") is None
    assert caller(store, "") is None
    sign_in.sign_out(store, first.secret, who)
    assert caller(store, first.secret) is None
    assert caller(store, second.secret) is not None


def test_five_failures_lock_for_half_an_hour(store, clerk, clock):
    for _ in range(5):
        assert refused(store, "wrong horse 1") == "SIGN-IN"
    assert refused(store) == "SIGN-IN"
    clock.forward(minutes=29, seconds=59)
    assert refused(store) == "SIGN-IN"
    clock.forward(seconds=1)
    assert enter(store).login == "clerk"
    assert len(records(store, "user.lock")) == 1


def test_a_right_password_forgets_the_failures(store, clerk):
    for _ in range(3):
        for _ in range(4):
            refused(store, "wrong horse 1")
        enter(store)
    assert records(store, "user.lock") == []


def test_failures_at_once_are_all_counted(store, clerk):
    threads = [threading.Thread(target=refused, args=(store, "wrong horse 1")) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused(store) == "SIGN-IN"
    assert len(records(store, "user.lock")) == 1


def test_a_session_ends_after_a_quarter_of_an_hour_of_nothing_and_after_half_a_day(store, clerk, clock):
    opened = enter(store)
    for _ in range(47):
        clock.forward(minutes=14, seconds=59)
        assert caller(store, opened.secret) is not None
    clock.forward(minutes=14, seconds=59)  # 11:59:12 after it began
    assert caller(store, opened.secret, touch=False) is not None
    clock.forward(seconds=48)
    assert caller(store, opened.secret) is None
    idle = enter(store)
    clock.forward(minutes=14)
    assert caller(store, idle.secret, touch=False) is not None  # a page that asks by itself keeps nobody in
    clock.forward(minutes=1)
    assert caller(store, idle.secret) is None
    with open_desk(store, COMMAND, writes=False) as desk:
        assert desk.count(SignIn) == 1  # the one that was over before went when this one began


def test_the_password_changes_and_none_of_the_last_five_comes_again(store, clerk):
    before = enter(store)
    given = [PHRASE, *(f"other horse {number}" for number in range(6))]
    for old, new in pairwise(given):
        opened = changed(store, old, new)
    assert caller(store, before.secret) is None
    assert caller(store, opened.secret).must_change is False
    for earlier in given[2:]:  # the one now and five before it are kept of seven
        with pytest.raises(InputProblems, match="最近用过"):
            changed(store, given[-1], earlier)
    changed(store, given[-1], given[0])
    assert refused(store, given[-1]) == "SIGN-IN"


def test_the_old_password_is_asked_for_and_a_wrong_one_counts(store, clerk):
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            changed(store, "wrong horse 1", "other horse 1")
    assert refused(store) == "SIGN-IN"


@pytest.mark.parametrize("password", ["short", "1234567890", "aaaabbbbaaaa", "Long-Clerk", "x" * 10 + "y" * 300])
def test_what_a_password_must_be(password):
    with pytest.raises(InputProblems, match="PASSWORD"):
        passwords.check(password, "long-clerk", "f")


def test_a_reset_gives_a_password_for_once_and_ends_the_sessions(store, clerk):
    opened = enter(store)
    changed(store, PHRASE, "other horse 1")
    with open_desk(store, COMMAND) as desk:
        people.create_user(desk, login="sec", name="安", password=PHRASE, grants=[Wanted(role="security_admin")])
    opened = enter(store, "other horse 1")
    with open_desk(store, COMMAND) as desk:
        once = people.reset(desk, "clerk")
    assert caller(store, opened.secret) is None
    assert refused(store, "other horse 1") == "SIGN-IN"
    assert enter(store, once).must_change
    with open_desk(store, COMMAND, writes=False) as desk:
        told = {row.user for row in desk.rows(Notice, Notice.kind == "user.reset")}
        assert told == {people.find(desk, login).id for login in ("clerk", "sec")}
    with pytest.raises(InputProblems, match="最近用过"):
        changed(store, once, "other horse 1")


def test_a_reset_opens_a_locked_login(store, clerk):
    for _ in range(5):
        refused(store, "wrong horse 1")
    with open_desk(store, COMMAND) as desk:
        once = people.reset(desk, "clerk")
    assert enter(store, once).must_change


def test_a_disabled_login_is_out_at_once(store, clerk):
    opened = enter(store)
    with open_desk(store, COMMAND) as desk:
        token = sign_in.make_token(desk, "clerk", 3)
        people.disable(desk, "clerk")
    assert caller(store, opened.secret) is None
    assert caller(store, token) is None
    assert refused(store) == "SIGN-IN"
    with open_desk(store, COMMAND) as desk:
        people.enable(desk, "clerk")
    assert caller(store, token) is None
    assert caller(store, opened.secret) is None
    assert enter(store)


def test_a_token_lasts_its_days_and_is_no_sign_in(store, clerk, clock):
    with open_desk(store, COMMAND) as desk:
        token, other = sign_in.make_token(desk, "clerk", 3), sign_in.make_token(desk, "clerk", 3)
        for days in (0, 367):
            with pytest.raises(InputProblems, match="TOKEN-DAYS"):
                sign_in.make_token(desk, "clerk", days)
    who = caller(store, token)
    assert (who.actor.signed_in, who.token, who.must_change, who.actor.roles) == (False, True, False, {"payer"})
    with open_desk(store, COMMAND, writes=False) as desk:
        assert token not in {row.sha for row in desk.rows(Token)}
        names = [row.name for row in sign_in.tokens(desk, "clerk")]
    with open_desk(store, COMMAND) as desk:
        sign_in.revoke_token(desk, "clerk", sign_in._sha(other)[:16])
    assert caller(store, other) is None
    assert sign_in._sha(token)[:16] in names
    with open_desk(store, COMMAND) as desk:  # one whose hash begins with all that a list of tokens shows
        begins = {"sha": sign_in._sha("lyt_other")[:16] + "0" * 48, "user": people.find(desk, "clerk").id}
        desk.add(Token(**begins, at=desk.now, expires=desk.now + timedelta(days=3)))
    assert caller(store, "lyt_other") is None
    clock.forward(days=3)
    assert caller(store, token) is None


def test_a_second_factor_is_asked_for_and_a_code_is_used_once(store, clerk, clock):
    secret, address = sign_in.fresh_totp("clerk")
    assert secret in address
    code = pyotp.TOTP(secret).at
    with open_desk(store, COMMAND) as desk:
        with pytest.raises(InputProblems, match="TOTP"):
            sign_in.set_totp(desk, "clerk", secret, "000000")
        sign_in.set_totp(desk, "clerk", secret, code(clock()))
    assert secret not in user(store).totp
    assert refused(store) == "TOTP-NEEDED"
    assert refused(store, totp=code(clock())) == "SIGN-IN"  # it was used when the factor was set
    clock.forward(seconds=30)
    now = code(clock())
    assert enter(store, totp=now)
    assert refused(store, totp=now) == "SIGN-IN"
    clock.forward(seconds=90)
    assert refused(store, totp=code(clock() - timedelta(seconds=60))) == "SIGN-IN"
    assert enter(store, totp=code(clock() - timedelta(seconds=30)))
    with open_desk(store, COMMAND) as desk:
        once = people.reset(desk, "clerk", totp=True)
    assert enter(store, once)


def test_wrong_codes_lock_too(store, clerk, clock):
    secret, _ = sign_in.fresh_totp("clerk")
    with open_desk(store, COMMAND) as desk:
        sign_in.set_totp(desk, "clerk", secret, pyotp.TOTP(secret).at(clock()))
    for code in ("１２３４５６", "12", "abcdef", "-", "000000000"):
        assert refused(store, totp=code) == "SIGN-IN"
    clock.forward(seconds=30)
    assert refused(store, totp=pyotp.TOTP(secret).at(clock())) == "SIGN-IN"


def test_who_came_and_who_did_not_is_recorded(store, clerk):
    enter(store)
    refused(store, "wrong horse 1")
    refused(store, login="nobody")
    refused(store, login=PHRASE)  # a password typed into the wrong field is not written down
    assert records(store, "session.open") == [
        ("clerk", "user/clerk", "done"),
        ("clerk", "user/clerk", "refused"),
        ("anonymous", "user/unknown", "refused"),
        ("anonymous", "user/unknown", "refused"),
    ]


def test_an_unknown_login_takes_as_long_as_a_known_one(store, clerk, monkeypatch):
    slow = type(passwords._HASH)((passwords.Argon2Hasher(2, 19 * 1024, 1),))
    monkeypatch.setattr(passwords, "_HASH", slow)
    passwords._nobodys.cache_clear()
    changed_by_command(store, slow.hash(PHRASE))
    passwords.fits("x", None)

    def least(login):
        taken = []
        for _ in range(4):
            began = time.perf_counter()
            refused(store, "wrong horse 1", login=login)
            taken.append(time.perf_counter() - began)
        return min(taken)

    known, unknown = least("clerk"), least("nobody")
    assert unknown > 0.5 * known
    assert known > 0.5 * unknown


def changed_by_command(store, kept):
    with open_desk(store, COMMAND) as desk:
        desk.change(User, User.login == "clerk", hash=kept)


def test_sign_ins_at_once_are_limited(monkeypatch):
    monkeypatch.setattr(passwords, "WAIT", 0.01)
    held = [passwords._turns.acquire(timeout=1) for _ in range(passwords.AT_ONCE)]
    assert all(held)
    try:
        with pytest.raises(Refused, match="SIGN-IN-BUSY"):
            passwords.fits("x", None)
    finally:
        for _ in held:
            passwords._turns.release()
    assert passwords.fits("x", None) is False
