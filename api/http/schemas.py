"""Schemas of the OpenAPI document that no route's model gives: problems, and the optimizer's problem and answer."""

from __future__ import annotations

from typing import Any

from allocation.rules import fields, rules
from allocation.statement import PURPOSES
from api.http.problems import TITLES

Schema = dict[str, Any]


def _object(properties: Schema, *required: str, more: bool = False) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": more}


_TEXT: Schema = {"type": "string"}
_MONEY: Schema = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,2})?$", "description": "元"}
_DECIMAL: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$", "description": "十进制文本, 按原数计算"}
_LIST: Schema = {"type": "array", "items": _TEXT}


def problem() -> Schema:
    """What `application/problem+json` holds."""
    one = {"where": _TEXT, "code": _TEXT, "message": _TEXT, "remedy": _TEXT}
    said = {"code": _TEXT, "message": _TEXT}
    properties = {
        "code": {**_TEXT, "description": "第一个问题的代码"},
        "title": _TEXT,
        "problems": {"type": "array", "items": _object(one, *one)},
        "unmet": {"type": "array", "items": _object(said, *said, more=True), "description": "409: 所有未满足的条件"},
        "id": {**_TEXT, "description": "500: 日志中的编号"},
    }
    return _object(properties, "code", "title", "problems")


def problem_example(status: int) -> Schema:
    """One problem of a status."""
    code, where, message, remedy = _EXAMPLES[status]
    said: Schema = {"code": code, "title": TITLES[status]}
    said["problems"] = [{"where": where, "code": code, "message": message, "remedy": remedy}]
    if status == 409:
        said["unmet"] = [{"code": code, "message": message}]
    return said | ({"id": "9f86d081884c7d65"} if status == 500 else {})


_EXAMPLES: dict[int, tuple[str, str, str, str]] = {
    401: ("NOT-SIGNED-IN", "", "没有登录, 或者登录已经过期", "带上令牌或重新登录"),
    403: ("ROLE", "", "须由考核主管办理", "换有此角色的人办理, 或请安全管理员授权"),
    404: ("NOT-THERE", "", "没有这一项", "核对编号; 不在本人单位范围内的也不显示"),
    405: ("METHOD-NOT-ALLOWED", "", "不支持这种方法", ""),
    409: ("NOT-LOCKED", "", "数据还没有锁定", ""),
    412: ("VERSION", "If-Match", "已被别人改动, 现在是第 8 版: 刷新后再办", ""),
    413: ("TOO-LARGE", "$", "内容超过 4,000,000 字节", "分成几次"),
    415: ("CONTENT-TYPE", "Content-Type", "不接受 text/plain", "用 application/json"),
    422: ("MISSING", "$.plan", "缺少 plan", ""),
    428: ("IF-MATCH", "If-Match", "没有写所看到的版本", "在 If-Match 里写上次读到的 ETag"),
    429: ("TOO-MANY", "", "被拒绝的次数过多", "稍后再试"),
    500: ("UNEXPECTED", "", "程序出错, 编号 9f86d081884c7d65", "把编号告诉系统管理员"),
    503: ("BUSY", "", "数据库正忙", "稍后再试"),
}


def allocation_problem() -> Schema:
    """The optimizer's problem: docs/allocation-format.md."""
    pool = {"code": _TEXT, "purpose": {"enum": sorted(PURPOSES)}, "amount": _MONEY}
    needed = {
        name: _MONEY if field.kind == "money" else {"type": ["string", "integer"]} for name, field in fields().items()
    }
    member = {
        "code": _TEXT,
        "name": _TEXT,
        "tier": _TEXT,
        "grassroots": {"type": "boolean"},
        "signing": {"type": "boolean"},
        "merit": _DECIMAL,
        **needed,
        "exempt": {"type": "object", "additionalProperties": _TEXT, "description": "规则 → 理由"},
    }
    rule = {"use": {"enum": sorted(rules())}, "priority": {"type": "integer", "minimum": 1}}
    properties = {
        "pool": _object(pool, *pool),
        "members": {"type": "array", "items": _object(member, "code", "tier", "merit"), "minItems": 1},
        "rules": {"type": "array", "items": _object(rule, "use", more=True)},
        "soft_keep": _DECIMAL,
    }
    return _object(properties, "pool", "members")


def allocation_answer() -> Schema:
    """The optimizer's answer, of each status."""
    code = {"type": ["string", "null"]}
    amount = {"code": _TEXT, "amount": _MONEY, "share": _TEXT, "held_by": _LIST}
    soft = {"use": _TEXT, "priority": {"type": "integer"}, "amount": _MONEY}
    move = {"code": _TEXT, "amount": _MONEY}
    relief = {"use": _TEXT, "code": code, "relax": _TEXT, "moves": {"type": "array", "items": _object(move, *move)}}
    optimal = {
        "status": {"const": "optimal"},
        "pool": _MONEY,
        "distributed": _MONEY,
        "undistributed": _MONEY,
        "undistributed_because": _LIST,
        "amounts": {"type": "array", "items": _object(amount, *amount)},
        "soft_violations": {"type": "array", "items": _object(soft, *soft, more=True)},
        "relief": {"type": "array", "items": _object(relief, "use", "relax", "moves", more=True)},
        "warnings": {"type": "array"},
    }
    conflict = {"use": _TEXT, "code": code, "short": _MONEY}
    infeasible = {
        "status": {"const": "infeasible"},
        "conflict": {"type": "array", "items": _object(conflict, "use", more=True)},
        "first": {"type": "boolean"},
    }
    wrong = {"where": _TEXT, "code": _TEXT, "message": _TEXT}
    invalid = {"status": {"const": "invalid"}, "problems": {"type": "array", "items": _object(wrong, *wrong)}}
    return {
        "oneOf": [
            _object(optimal, *(name for name in optimal if name != "relief")),
            _object(infeasible, *infeasible),
            _object(invalid, *invalid),
        ]
    }
