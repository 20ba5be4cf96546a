"""`pay run`: from the tables of people to a new pay folder. A pay folder is never replaced."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from domain.problems import InputProblems, Refused
from engine.folder.output import INPUTS
from engine.folder.saved_inputs import keep_plan
from engine.folder.staging import staged
from engine.pay.folder.compute import TAX, Asked, of_teams, paid
from engine.pay.folder.done import Done, done
from engine.pay.folder.earlier import check_paid, earlier_payments
from engine.pay.folder.earmarked import twice_earmarked
from engine.pay.folder.from_run import keep_run, run_digest, taken_from_run
from engine.pay.folder.gather import keep_people
from engine.pay.folder.key import PayKey, pay_key
from engine.pay.folder.output import Origin, write_payment
from engine.pay.read.people import Roster, read_people
from engine.pay.scheme import scheme_of
from engine.pay.tax.tables import tax_files
from engine.policy.configs import Configs
from engine.policy.load import Loaded, load


@dataclass(frozen=True)
class Against:
    """What a payment is held against: earlier ones, the one that it corrects, or, in words, none (`first`)."""

    earlier: tuple[Path, ...] = ()
    before: Path | None = None
    first: bool = False

    def check(self) -> None:
        """Refuse a payment that is held against nothing without saying so, or against several kinds."""
        said = sum((bool(self.earlier), self.before is not None, self.first))
        if said != 1:
            how = "--earlier 以前的发放文件夹, 更正用 --before 原结果, 确无以前的用 --first"
            raise Refused(f"须写明与以前的发放对照, 三者写一个: {how} (PAY-PAID)")


def pay_run(
    configs: Configs, plan: str | Path, people: Path, asked: Asked, out: Path, *, run: Path | None, against: Against
) -> Done:
    """Pay a period to people and write the pay folder `out`.

    people: workbook or folder; run: whose amounts are paid (None: the table 机构发放额). Institutions whose amount
    cannot be divided are in `unmet`, all others are written.
    Raises InputProblems and Refused; then nothing is written.
    """
    against.check()
    key = pay_key()
    earlier = earlier_payments(against.earlier, key)
    loaded = load(configs, plan, asked.period.end, alone=True)
    with staged(out) as folder:
        inputs = folder / INPUTS
        read = _kept(configs, loaded, people, asked, inputs, run=run, key=key)
        (inputs / TAX).mkdir()
        for file in tax_files():
            shutil.copyfile(file, inputs / TAX / file.name)
        payment = paid(inputs, asked)
        lines = payment.tables["lines"]
        check_paid(lines, earlier)  # first: of what was paid already no earmark is to be mended
        if found := twice_earmarked(inputs, lines, asked.period, earlier):
            raise InputProblems(found)
        digests = tuple(one.digest for one in earlier)
        origin = Origin(key.fingerprint, asked.units, run_digest(inputs), earlier=digests, first=against.first)
        write_payment(payment, origin, folder)
    return done(payment, read)


def _kept(
    configs: Configs,
    loaded: Loaded,
    people: Path,
    asked: Asked,
    inputs: Path,
    *,
    run: Path | None,
    key: PayKey,
    teams_only: bool = False,
) -> Roster:
    """Keep everything that a payment is made of; the tables of people as they were read."""
    pay = scheme_of(loaded.plan)
    keep_plan(configs, loaded, inputs)
    pairs = None
    if run is not None:
        keep_run(run, inputs)
        amounts = taken_from_run(inputs, pay, loaded.plan.id, loaded.plan.region, asked.period).amounts
        pairs = set(amounts[["unit_code", "pool"]].itertuples(index=False, name=None))
    read = read_people(
        people, pay, asked.period, asked.month, catalogue=configs.catalogue, paid=pairs, teams_only=teams_only
    )
    keep_people(read.people, key, inputs)
    return read


def pay_teams(configs: Configs, plan: str | Path, people: Path, asked: Asked, out: Path, *, run: Path | None) -> Done:
    """`pay teams`: what institutions and their teams have, to send to the departments before anybody is paid."""
    key = pay_key()
    loaded = load(configs, plan, asked.period.end, alone=True)
    with staged(out) as folder:
        inputs = folder / INPUTS
        read = _kept(configs, loaded, people, asked, inputs, run=run, key=key, teams_only=True)
        payment = of_teams(inputs, asked)
        write_payment(payment, Origin(key.fingerprint, asked.units, run_digest(inputs), teams=True), folder)
    return done(payment, read)
