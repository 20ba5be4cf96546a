"""Whether explain.json tells what it should: problems and answers, the story of every number, warnings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from domain.money import exact
from domain.problems import Problem
from engine.folder.comparison import WRONG, Comparison
from engine.folder.since import STEP
from engine.folder.wording import CITED

_DECIMAL = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?")
_CODE = re.compile(r".*\(([A-Z0-9-]+)\)", re.DOTALL)
_PARTS = frozenset({"allocations", "traces", "warnings"})  # told one by one

Json = Mapping[str, Any]


def compare_stories(found: Comparison, name: str, there: Json, here: Json) -> None:
    """Compare what two explain.json tell."""
    wrong = [
        Problem(name, WRONG, f"{part} 与重算的不一致")
        for part in sorted((there.keys() | here.keys()) - _PARTS)
        if part not in there or part not in here or not same(there[part], here[part])
    ]
    for old, new in zip_longest(there["allocations"], here["allocations"]):
        if old is None or new is None or not _same_allocation(found, old, new):
            told = new or old
            where = f"{name} allocations/{told['alliance_code']}/{told['pool']}"
            wrong.append(Problem(where, WRONG, "与重算的结果不一致"))
    wrong += _wrong_traces(found, name, there["traces"], here["traces"])
    found.tell(name, wrong)
    compare_warnings(found, name, there, here)


def compare_warnings(found: Comparison, name: str, there: Json, here: Json) -> None:
    """Compare what two files warn of: as many, of the same codes, in the same order."""
    old, new = there["warnings"], here["warnings"]
    if len(old) != len(new) or not all(
        isinstance(one, str) and _code(one) == _code(other) and found.says(one, other)
        for one, other in zip(old, new, strict=True)
    ):
        found.wrong(name, f"warnings 记为 {old}, 重算为 {new}")


def same(old: object, new: object) -> bool:
    """Whether two values of JSON are the same, of the same types: true is not 1."""
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def of_codes(value: Any) -> Any:
    """Typed data with its phrases by their codes: which module says them may change."""
    if isinstance(value, dict):
        inner = {key: of_codes(one) for key, one in value.items()}
        return inner | {"words": value["words"].rpartition(":")[2]} if _is_phrase(value) else inner
    return [of_codes(one) for one in value] if isinstance(value, list) else value


def _is_phrase(value: Json) -> bool:
    return value.keys() == {"words", "values"} and isinstance(value["words"], str)


def _code(warning: str) -> str:
    """The code at the end of a warning, in brackets."""
    found = _CODE.fullmatch(warning)
    return found[1] if found else ""


def _same_allocation(found: Comparison, old: Json, new: Json) -> bool:
    """Whether a problem and its answer are the same; why a rule passes over a member may be said otherwise."""
    if same(old, new):
        return True
    if found.same_version or not same(_bare(old), _bare(new)):
        return False
    members = zip(old["problem"]["members"], new["problem"]["members"], strict=True)
    return all(found.says(one["exempt"][rule], said) for one, other in members for rule, said in _exempt(other).items())


def _exempt(member: Json) -> Mapping[str, str]:
    return dict(member.get("exempt", {}))


def _bare(allocation: Json) -> Json:
    """A problem and its answer without the reasons for which rules pass over members."""
    problem = allocation["problem"]
    members = [{**one, "exempt": sorted(_exempt(one))} for one in problem["members"]]
    return dict(_numbers({**allocation, "problem": {**problem, "members": members}}))


def _numbers(value: Any) -> Any:
    """JSON with every decimal text as its number: 0.6 is 0.60."""
    if isinstance(value, dict):
        return {key: _numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    return str(exact(value)) if isinstance(value, str) and _DECIMAL.fullmatch(value) else value


def _wrong_traces(found: Comparison, name: str, there: Json, here: Json) -> Iterator[Problem]:
    for key in sorted(there.keys() | here.keys()):
        old, new = there.get(key), here.get(key)
        if old is None or new is None:
            yield Problem(f"{name} {key}", WRONG, "重算没有这一笔" if new is None else "缺少这一笔")
        elif not _same_story(found, old, new):
            said = f"记为 {old.get('result')}, 重算为 {new['result']}" if old.get("result") != new["result"] else ""
            yield Problem(f"{name} {key}", WRONG, said or "与重算的不一致")


def _same_story(found: Comparison, old: Json, new: Json) -> bool:
    """Whether the story of a number is the same: what is typed, then what is said."""
    if found.same_version:
        return same(old, new) and list(old["numbers"]) == list(new["numbers"])
    typed = new["step"]
    if old.keys() != new.keys() and not (new.keys() - old.keys() == {"step"} and found.lacks(STEP)):
        return False
    if "step" in old and not same(_coded(old["step"]), _coded(typed)):
        return False
    if old["key"] != new["key"] or old["cells"] != new["cells"] or len(old["notes"]) != len(new["notes"]):
        return False
    return (
        found.cites(CITED.join(old["cites"]), CITED.join(new["cites"]))
        and _same_value(found, old["rule"], new["rule"], typed["rule"])
        and _same_value(found, old["result"], new["result"], typed["result"])
        and _same_numbers(found, old["numbers"], new["numbers"], [value for _, value in typed["numbers"]])
        and all(map(found.says, (old["title"], old["formula"]), (new["title"], new["formula"])))
        and all(map(found.says, old["notes"], new["notes"]))
    )


def _same_numbers(found: Comparison, old: Json, new: Json, typed: list[Any]) -> bool:
    """Whether the same numbers are put in, in the same order."""
    kinds = typed if len(typed) == len(new) else [None] * len(new)  # several of one name are one to the reader
    return len(old) == len(new) and all(
        found.says(name, title) and _same_value(found, one, other, kind)
        for (name, one), (title, other), kind in zip(old.items(), new.items(), kinds, strict=True)
    )


def _same_value(found: Comparison, old: str, new: str, typed: Any) -> bool:
    """Whether a value is the same; only what is words (a phrase, several, nothing) may be said otherwise."""
    if old == new:
        return True
    worded = typed is None or isinstance(typed, list) or (isinstance(typed, dict) and "words" in typed)
    return found.says(old, new) if worded else not found.same_version and same(_numbers(old), _numbers(new))


def _coded(step: Json) -> Any:
    """A typed step by codes, without where its title and formula stand."""
    return of_codes({key: value for key, value in step.items() if key != "words"})
