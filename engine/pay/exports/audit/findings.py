"""What an auditor looks for in payments, each finding with its cell and code; nothing here decides what is right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from domain.money import format_yuan
from domain.period import Period
from engine.pay.exports.paid import CORRECTS, OK, POINTS, Paid, cell, records
from engine.pay.exports.persons import FORFEITED
from engine.pay.kinds import LABOUR, WAGES
from engine.pay.people import People
from engine.pay.scheme import last_day


@dataclass(frozen=True, order=True)
class Finding:
    """One finding: its code, the cell, whose it is, and what was found."""

    code: str
    where: str
    unit: str
    person: str
    said: str


def findings(payments: Sequence[Paid], people: People | None) -> list[Finding]:
    """Everything found, in the order of codes and cells. people: PEOPLE, for accounts; None: they are not looked at."""
    found = [one for paid in payments for look in _OF_ONE for one in look(paid)]
    found += [*_over_total(payments), *_earmarked_twice(payments), *_paid_twice(payments)]
    found += _corrected_twice(payments)
    if people is not None:
        found += _same_account(people)
    return sorted(set(found))


def _posts(paid: Paid) -> Mapping[str, Mapping[str, Any]]:
    return {str(row["post_no"]): row for row in records(paid.people["posts"])}


def _heads(paid: Paid) -> Iterator[Finding]:
    """A head in a pool that is not a head's own salary."""
    posts = _posts(paid)
    for at, line in enumerate(paid.rows("lines")):
        post, scheme = posts.get(line["post_no"]), paid.pay.pools.get(line["pool"])
        own = scheme is not None and scheme.who == "head"
        if post and post["role"] == "head" and line["item"] == POINTS and not own and line["amount"]:
            said = f"负责人在 {paid.pool(line['pool'])} 里分得 {format_yuan(line['amount'])}"
            yield Finding(
                "PAY-HEAD-SHARES", cell(paid, "lines", at, "amount"), line["unit_code"], line["person_code"], said
            )


def _left(paid: Paid) -> Iterator[Finding]:
    """Pay to a post that had no day in the period."""
    posts, period = _posts(paid), Period.parse(paid.period)
    for at, line in enumerate(paid.rows("lines")):
        post = posts.get(line["post_no"])
        if post is None or not line["amount"] or line["component"] not in ("due", "deferred"):
            continue
        begun, ended = post["from"], post["to"]
        gone = isinstance(ended, date) and ended < period.start
        if gone or (isinstance(begun, date) and begun > period.end):
            when = f"止于 {ended}" if gone else f"起于 {begun}"
            said = f"任职 {line['post_no']} {when}, 本期仍有 {format_yuan(line['amount'])}"
            yield Finding("PAY-LEFT", cell(paid, "lines", at, "amount"), line["unit_code"], line["person_code"], said)


def _no_document(paid: Paid) -> Iterator[Finding]:
    """Money without a document: an institution's amount, a batch, a rehired person, an earmark."""
    for table, unit in (("units", "unit_code"), ("batches", "payer")):
        for at, row in enumerate(paid.rows(table)):
            if row["amount"] and not row["document"]:
                person = row.get("person_code", "")
                yield Finding("PAY-NO-DOCUMENT", cell(paid, table, at, "document"), row[unit], person, "没有指标文号")
    posts, lines = _posts(paid), {line["post_no"] for line in paid.rows("lines")}
    for post in posts.values():
        if post["tax_kind"] == LABOUR and not post["document"] and post["post_no"] in lines:
            yield Finding(
                "PAY-LABOUR-NO-DOCUMENT",
                str(post["source"]),
                post["unit_code"],
                post["person_code"],
                "劳务人员没有依据文件",
            )
    for row in records(paid.people["earmarks"]):
        if not row["document"] and row["post_no"] in lines:
            of = posts.get(str(row["post_no"]), {})
            said = f"专项 {paid.item(str(row['item']))} 没有依据文件"
            yield Finding(
                "PAY-NO-DOCUMENT",
                str(row["source"]),
                str(of.get("unit_code", "")),
                str(of.get("person_code", "")),
                said,
            )


def _labour_on_wages(paid: Paid) -> Iterator[Finding]:
    """Somebody rehired or from outside whose pay stands on the wage sheet."""
    staffing = {str(row["post_no"]): row for row in records(paid.people["posts"])}
    sheets: dict[tuple[str, str], set[str]] = defaultdict(set)
    for slip in paid.rows("payslips"):
        sheets[slip["payer"], slip["person_code"]].add(slip["kind"])
    for at, line in enumerate(paid.rows("lines")):
        post = staffing.get(line["post_no"])
        if post is None or not line["amount"]:
            continue
        of_labour = post["tax_kind"] == LABOUR or post["staffing"] in paid.pay.labour_staffing
        kinds = sheets[line["paid_through"], line["person_code"]]
        if of_labour and WAGES in kinds and (line["kind"] == WAGES or LABOUR not in kinds):
            said = f"{post['staffing'] or '劳务'}人员的 {format_yuan(line['amount'])} 在工资表上"
            yield Finding(
                "PAY-LABOUR-ON-WAGES", cell(paid, "lines", at, "amount"), line["unit_code"], line["person_code"], said
            )


def _net_bank(paid: Paid) -> Iterator[Finding]:
    """Net pay that is not what the batches pay."""
    batched: dict[tuple[str, str, str], int] = defaultdict(int)
    at_batch: dict[tuple[str, str, str], int] = {}
    for at, row in enumerate(paid.rows("batches")):
        key = row["payer"], row["person_code"], row["kind"]
        batched[key] += row["amount"] or 0
        at_batch.setdefault(key, at)
    for at, slip in enumerate(paid.rows("payslips")):
        key = slip["payer"], slip["person_code"], slip["kind"]
        net, bank = (slip["net"] or 0) if slip["status"] == OK else 0, batched.pop(key, 0)
        if net != bank:
            said = f"实发 {format_yuan(net)}, 代发批次 {format_yuan(bank)}"
            yield Finding("PAY-NET-BANK", cell(paid, "payslips", at, "net"), slip["payer"], slip["person_code"], said)
    for key, fen in batched.items():
        payer, person, _ = key
        if fen:
            yield Finding(
                "PAY-NET-BANK",
                cell(paid, "batches", at_batch[key], "amount"),
                payer,
                person,
                f"没有工资条, 代发批次 {format_yuan(fen)}",
            )


_OF_ONE: tuple[Callable[[Paid], Iterator[Finding]], ...] = (_heads, _left, _no_document, _labour_on_wages, _net_bank)


def _over_total(payments: Sequence[Paid]) -> Iterator[Finding]:
    """An approval that all folders together exceed: what they use is added up again from their own rows."""
    used: dict[tuple[str, str, str], int] = defaultdict(int)
    before: dict[tuple[str, str, str], tuple[int, int, str, str]] = {}
    for paid in payments:
        for at, row in enumerate(paid.rows("quota")):
            if row["pool"] or row["exempt"] or row["approved"] is None:
                continue
            key = row["document"], row["scope"], row["unit_code"]
            used[key] += row["used_now"] or 0
            may = row["approved"] + (row["moved_in"] or 0) - (row["moved_out"] or 0)
            now = row["used_before"] or 0, may, cell(paid, "quota", at, "used_now"), row["unit_code"]
            before[key] = min(before.get(key, now), now)
    for key, (first, may, where, unit) in before.items():
        over = first + used[key] - may
        if over > 0:
            parts = (format_yuan(one) for one in (may, first, used[key], over))
            said = "{} 可用 {}, 以前 {} + 这些文件夹 {}, 超 {}".format(key[0], *parts)
            yield Finding("PAY-OVER-TOTAL", where, unit, "", said)


@dataclass(frozen=True)
class _Earmark:
    folder: Paid
    person: str
    item: str
    first: date
    last: date
    unit: str
    at: str
    row: tuple[str, ...]


def _earmarked_twice(payments: Sequence[Paid]) -> Iterator[Finding]:
    """One person's item on overlapping days, in one folder or in two of which neither completes or corrects another."""
    by: dict[tuple[str, str], list[_Earmark]] = defaultdict(list)
    for paid in payments:
        posts = _posts(paid)
        known = records(paid.people["people"])
        tokens = {str(row["person_code"]): str(row["id_token"]) for row in known if row.get("id_token")}
        paid_for = {(line["post_no"], line["item"]) for line in paid.rows("lines") if line["component"] != FORFEITED}
        for row in records(paid.people["earmarks"]):
            post = posts.get(str(row["post_no"]))
            if post is None or (row["post_no"], row["item"]) not in paid_for or not isinstance(row["from"], date):
                continue
            item = paid.pay.item(str(row["item"]))
            if item is None:
                continue
            last = last_day(item, row["from"], row["to"], post["to"], Period.parse(paid.period))
            whose = tokens.get(str(post["person_code"]), str(post["person_code"]))
            key = whose if item.across == "person" else str(row["post_no"]), item.id
            whole = str(row["period"]), str(row["post_no"]), str(row["from"])
            place = str(post["unit_code"]), str(row["source"])
            by[key].append(_Earmark(paid, str(post["person_code"]), item.id, row["from"], last, *place, whole))
    for (_, item_id), several in by.items():
        for one, other in combinations(several, 2):
            follows = one.folder.digest == other.folder.follows or other.folder.digest == one.folder.follows
            if one.first <= other.last and other.first <= one.last and not follows:
                said = f"{one.folder.item(item_id)} 与 {one.folder.name} 的 {one.at} 日期重叠"
                yield Finding("PAY-EARMARK-TWICE", f"{other.folder.name}: {other.at}", other.unit, other.person, said)


def _paid_twice(payments: Sequence[Paid]) -> Iterator[Finding]:
    """An institution's pool that two folders pay, as PAY-PAID refuses; of what follows a folder, a person's case."""
    by: dict[tuple[str, ...], dict[str, tuple[Paid, str]]] = defaultdict(dict)
    for paid in payments:
        for at, line in enumerate(paid.rows("lines")):
            if line["amount"]:
                person = str(line["person_code"]) if paid.follows else ""
                key = (paid.follows, line["period"], line["unit_code"], line["pool"], person, line["case"])
                by[key].setdefault(paid.digest, (paid, cell(paid, "lines", at, "amount")))
    for (_, period, unit, pool, person, _), several in by.items():
        (first, _), *others = several.values()
        for paid, where in others:
            yield Finding("PAY-PAID", where, unit, person, f"{paid.pool(pool)} {period} 已在 {first.name} 发放")


def _corrected_twice(payments: Sequence[Paid]) -> Iterator[Finding]:
    """A folder that two others correct: the second knew nothing of the first."""
    by: dict[str, dict[str, Paid]] = defaultdict(dict)
    for paid in payments:
        if paid.why == CORRECTS:
            by[paid.follows].setdefault(paid.digest, paid)
    for several in by.values():
        first, *others = several.values()
        for paid in others:
            for at, line in list(enumerate(paid.rows("lines")))[:1]:
                said = f"更正的发放结果已由 {first.name} 更正"
                yield Finding("PAY-PAID", cell(paid, "lines", at, "case"), line["unit_code"], "", said)


def _same_account(people: People) -> Iterator[Finding]:
    """One account for several persons; the account itself is not told."""
    by: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in records(people["accounts"]):
        if row["account"]:
            by[str(row["account"])].append((str(row["person_code"]), str(row["source"])))
    for several in by.values():
        codes = "、".join(code for code, _ in several)
        for code, source in several if len(several) > 1 else ():
            yield Finding("BANK-SAME-ACCOUNT", source, "", code, f"同一账号: {codes}")
