"""Every objection of pydantic in Chinese: the programs that check a plan and those that run it say the same."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_TYPES = {
    "string_type": "须为文本, 数字须加引号",
    "list_type": "须为列表, 每项一行以 - 开头",
    "tuple_type": "须为列表, 每项一行以 - 开头",
    "set_type": "须为列表, 每项一行以 - 开头",
    "frozen_set_type": "须为列表, 每项一行以 - 开头",
    "dict_type": "须为 键: 值",
    "mapping_type": "须为 键: 值",
    "model_type": "须为 键: 值",
    "model_attributes_type": "须为 键: 值",
    "is_instance_of": "取值的种类不对",
    "bool_type": "须为 true 或 false",
    "bool_parsing": "须为 true 或 false",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_from_float": "须为整数",
    "date_type": "须为日期, 如 2026-01-01",
    "date_parsing": "须为日期, 如 2026-01-01",
    "date_from_datetime_parsing": "须为日期, 如 2026-01-01",
    "date_from_datetime_inexact": "须为日期, 如 2026-01-01",
    "decimal_type": "须为带引号的小数",
    "decimal_parsing": "须为带引号的小数",
    "string_too_short": "不能为空",
}
_BOUNDS = {
    "greater_than": ("gt", "须大于"),
    "greater_than_equal": ("ge", "不得小于"),
    "less_than": ("lt", "须小于"),
    "less_than_equal": ("le", "不得大于"),
    "too_short": ("min_length", "项数不得少于"),
    "too_long": ("max_length", "项数不得多于"),
    "string_pattern_mismatch": ("pattern", "不合格式"),
}


def objection(detail: Mapping[str, Any], titles: Mapping[str, str] = MappingProxyType({})) -> str:
    """What one entry of `ValidationError.errors()` objects to. titles: what values that may be written are called."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return f"缺少 {detail['loc'][-1]}"
    if kind == "extra_forbidden":
        return f"没有字段 {detail['loc'][-1]}"
    if kind == "value_error":
        return str(context["error"])
    if kind in {"literal_error", "enum"}:
        codes = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        expected = ", ".join(f"{code} {titles[code]}" if titles.get(code) else code for code in codes)
        return f"{detail['input']!r} 不在可选值之内, 可选: {expected}"
    if kind in _BOUNDS:
        key, said = _BOUNDS[kind]
        return f"{said} {context[key]}"
    return _TYPES.get(kind, f"取值不合规定 ({kind})")
