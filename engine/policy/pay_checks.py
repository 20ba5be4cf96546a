"""What must hold in a plan's `pay:` beyond its schema: sources, documents, names, and what may decide a person's pay.

Looked at on the raw data, so that one fault of the schema hides no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.facts import Catalogue
from domain.pay import FACTORS, SIZE, TIME, R
from engine.policy.pack_checks import raw_entries, unique
from engine.policy.pay_factors import income_of, is_income, is_workload
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest

Found = tuple[KeyPath, Mapping[str, Any]]

_PAY: KeyPath = ("pay",)
_SOURCE = "写 source: local 或 {document, clause}; 写在上一层的管到其下没有写的各项"


def check_pay(document: Document, catalogue: Catalogue) -> None:
    """Note what is wrong in `pay:`; a plan without it has nothing to look at."""
    pay = document.data.get("pay")
    if not isinstance(pay, dict):
        return
    items, pools = [*_listed(pay, "items", _PAY)], [*_pools(pay)]
    _check_sources(document, pay, items, pools)
    unique(document, items, "专项")
    _check_leave(document, pay)
    for path, item in items:
        _check_word(document, path, item, f"专项 {item.get('id')}")
        if is_income(str(item.get("title", ""))) or is_income(str(item.get("id", ""))):
            _refuse_income(document, (*path, "title"), str(item.get("title")))
    for path, pool in pools:
        _check_pool(document, path, pool, catalogue)
        _check_in_total(document, path, pool)
    _check_items(document, pools, [str(item.get("id")) for _, item in items])
    _check_order(document, pay, [str(path[-1]) for path, _ in pools])
    _check_rest(document, pay)


# ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────


def _listed(around: Mapping[str, Any], key: str, path: KeyPath) -> Iterator[Found]:
    listed = around.get(key)
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield (*path, key, index), entry


def _one(around: Mapping[str, Any], key: str, path: KeyPath) -> Iterator[Found]:
    if isinstance(around.get(key), dict):
        yield (*path, key), around[key]


def _pools(pay: Mapping[str, Any]) -> Iterator[Found]:
    for path, pools in _one(pay, "pools", _PAY):
        for name in pools:
            yield from _one(pools, name, path)


def _texts(around: Mapping[str, Any], key: str) -> list[tuple[int, str]]:
    listed = around.get(key)
    return [(at, one) for at, one in enumerate(listed if isinstance(listed, list) else ()) if isinstance(one, str)]


# ── sources and documents ─────────────────────────────────────────────────────────────────────────────────


def _check_sources(document: Document, pay: Mapping[str, Any], items: list[Found], pools: list[Found]) -> None:
    """Every entry with a number says where it is from, itself or by what is around it."""
    if pay.get("source") is not None:
        return
    said: list[tuple[KeyPath, Mapping[str, Any], str]] = []
    for key, word in (("approval", "公示天数"), ("second_post", "双绩效的上限"), ("corrections", "扣回比例")):
        said += [(path, entry, word) for path, entry in _one(pay, key, _PAY)]
    said += [(path, entry, f"假别 {entry.get('kind')}") for path, entry in _listed(pay, "leave", _PAY)]
    said += [(path, entry, f"专项 {entry.get('id')}") for path, entry in items]
    for path, pool in pools:
        if pool.get("source") is None:
            said += [(at, entry, "上限") for at, entry in _listed(pool, "caps", path)]
            said += [(at, entry, "下限") for at, entry in _listed(pool, "floors", path)]
            said += [(at, entry, "递延") for at, entry in _one(pool, "defer", path)]
    for path, entry, word in said:
        if entry.get("source") is None:
            document.add(path, "FIELD-MISSING", f"{word}没有写 source (数字的依据)", _SOURCE)


def _check_word(document: Document, path: KeyPath, entry: Mapping[str, Any], what: str) -> None:
    """What is paid outside the approved total needs the document that allows it."""
    if entry.get("in_total") in ("no", "separate") and not _has_document(entry):
        said = f"{what} in_total: {entry['in_total']} (不占核定总量) 没有写 document"
        document.add((*path, "in_total"), "FIELD-MISSING", said, '补上准许的文号, 或写 in_total: "yes"')


def _has_document(entry: Mapping[str, Any]) -> bool:
    return bool(str(entry.get("document") or "").strip())


def _check_in_total(document: Document, path: KeyPath, scheme: Mapping[str, Any]) -> None:
    """A pool's word: its own where the plan has no pool of this id, else that pool's."""
    name, word = str(path[-1]), scheme.get("in_total")
    _check_word(document, path, scheme, f"资金池 {name}")
    pool = next((pool for _, pool in raw_entries(document.data, ("pools",)) if pool.get("id") == name), None)
    if pool is None:
        if word is None:
            said = f"方案的 pools 中没有 {name}, 没有写 in_total (是否占绩效工资总量)"
            document.add(path, "FIELD-MISSING", said, '写 "yes"、"no" 或 separate, 按批复')
    elif pool.get("purpose") == "income":
        said = f"资金池 {name} 是单位的收入 (purpose: income), 不发给人员"
        document.add(path, "FIELD-VALUE", said, f"改为 {R}: 第二个允许算出的可发数, 或 purpose: staff_reward 的资金池")
    elif word is not None and pool.get("in_total") is not None and word != pool["in_total"]:
        said = f"in_total: {word}, 与资金池 {name} 的 {pool['in_total']} 不一致"
        document.add((*path, "in_total"), "POOL-IN-TOTAL", said, "按批复改成一致, 或不写")


def _check_rest(document: Document, pay: Mapping[str, Any]) -> None:
    tax = pay.get("tax")
    if isinstance(tax, dict) and tax.get("mode") == "elsewhere" and not _has_document(tax):
        said = "个税由财务合并代扣 (mode: elsewhere) 没有写 document"
        document.add(("pay", "tax"), "FIELD-MISSING", said, "补上依据的文号, 或写 mode: cumulative")


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────


def _check_leave(document: Document, pay: Mapping[str, Any]) -> None:
    seen: set[str] = set()
    for path, rule in _listed(pay, "leave", _PAY):
        kind = str(rule.get("kind"))
        if kind in seen:
            document.add((*path, "kind"), "DUPLICATE-ID", f"假别 {kind} 写了两次", "删去一个")
        seen.add(kind)


def _check_items(document: Document, pools: list[Found], known: list[str]) -> None:
    """Items are there, and each is paid out of one pool."""
    first: dict[str, str] = {}
    for path, pool in pools:
        for at, name in _texts(pool, "items"):
            where = (*path, "items", at)
            if name not in known:
                document.add(where, "NAME-UNKNOWN", f"pay.items 中没有专项 {name}", closest(name, {*known}))
            elif name in first:
                said = f"专项 {name} 已经由资金池 {first[name]} 发放"
                document.add(where, "DUPLICATE-ID", said, "一个专项只从一个资金池发, 删去一处")
            first.setdefault(name, str(path[-1]))


def _check_order(document: Document, pay: Mapping[str, Any], pools: list[str]) -> None:
    """Tax and deductions are taken off every pool, in an order that is said once there is more than one."""
    at: KeyPath = ("pay", "order")
    named = _texts(pay, "order")
    seen: set[str] = set()
    for index, name in named:
        if name not in pools:
            document.add((*at, index), "NAME-UNKNOWN", f"pay.pools 中没有 {name}", closest(name, {*pools}))
        if name in seen:
            document.add((*at, index), "DUPLICATE-ID", f"{name} 写了两次", "删去一个")
        seen.add(name)
    left = [name for name in pools if name not in seen]
    if (
        left and seen <= {*pools} and (seen or len(pools) > 1)
    ):  # a name that is not there may be the one that is left out
        said = f"扣缴的先后没有写 {'、'.join(left)}"
        document.add(at if "order" in pay else _PAY, "FIELD-MISSING", said, "在 order 列出 pay.pools 的全部资金池")


# ── what decides pay ──────────────────────────────────────────────────────────────────────────────────────


def _check_pool(document: Document, path: KeyPath, pool: Mapping[str, Any], catalogue: Catalogue) -> None:
    points, who, inside = _texts(pool, "points"), pool.get("who"), pool.get("inside", "points")
    names = [name for _, name in points]
    for at, name in points:
        if name in names[:at]:
            document.add((*path, "points", at), "DUPLICATE-ID", f"因素 {name} 写了两次", "删去一个")
    weighed = ((*path, "teams"), pool["teams"]) if isinstance(pool.get("teams"), dict) else None
    factors: list[tuple[KeyPath, str]] = [((*path, "points", at), name) for at, name in points]
    if weighed is not None:
        factors += [((*weighed[0], "weight", at), name) for at, name in _texts(weighed[1], "weight")]
    for where, name in factors:
        if said := income_of(name, catalogue):
            _refuse_income(document, where, name if said == name else f"{name} ({said})")
    if who == "rows" and not [name for name in names if name not in FACTORS]:
        said = "who: rows 按第一个数量的行定人员, points 中没有数量"
        document.add((*path, "who"), "FIELD-MISSING", said, "在 points 写出数量的名称, 如 签约人月")
    if not names and inside == "points" and who != "head":
        document.add(path, "FIELD-MISSING", "没有写 points (按什么分到人)", "写出各因素, 或写 inside: list")
    if SIZE in names:
        said = f"{SIZE} 是科室的人数, 只用于 teams.weight"
        document.add((*path, "points", names.index(SIZE)), "FIELD-VALUE", said, "删去, 按出勤的写 time")
    _check_double_time(document, path, pool, points)


def _check_double_time(
    document: Document, path: KeyPath, pool: Mapping[str, Any], points: list[tuple[int, str]]
) -> None:
    """A workload is done in the time one is there: both as factors count the time twice, unless a reason is given."""
    work = [(at, name) for at, name in points if is_workload(name)]
    if work and TIME in [name for _, name in points] and not str(pool.get("double_time") or "").strip():
        at, name = work[0]
        said = f"出勤 (time) 与工作量 {name} 同时作因素, 一份出勤算了两次"
        document.add((*path, "points", at), "PAY-FACTOR", said, "删去一个; 确需并用的写 double_time: 理由")


def _refuse_income(document: Document, path: KeyPath, said: str) -> None:
    remedy = "九不准: 个人收入不得与药品、耗材和检查化验收入挂钩; 换成工作量或考核得分"
    document.add(path, "PAY-FACTOR", f"{said} 是药品、卫生材料或检查化验的收入", remedy)
