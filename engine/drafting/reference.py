"""The page of everything that a plan may write (docs/plan.md), generated from the code's own models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from domain.key import example_text
from domain.keys import key_of_model
from domain.plan import Plan
from engine.drafting.examples import entry_example
from engine.drafting.listed import Listed, params_keys, plan_keys
from engine.policy.entries import CHECKS, CURVES, MERITS, POOLS, RULES
from engine.policy.places import INDICATORS, named, params_of, titles, written
from indicators.registry import indicators

_TOP = """# 方案参考

由 `liangyun plan reference --out docs/plan.md --force` 生成。方案能写的都在这里: 键、评分办法、分配规则、资金池、
绩效占比公式、数据核对和指标。

* 编辑器里补全和检查: 方案第一行写 `# yaml-language-server: $schema=plan.schema.json`, 旁边放 `liangyun plan schema`
  写出的文件, VS Code 装 YAML 插件。
* 小数写成带引号的数 ("0.60"), 金额写成带引号的元 ("1200.00"), 日期不加引号 (2026-01-01)。
* 随时间变的数写成 `[{from: 2025-01-01, value: "0.60"}, {from: 2026-01-01, value: "0.65"}]`, 期间用它最后一天有效的。
* 写代码的地方也可以写中文名, `plan check` 告诉是哪个代码; 按中文查代码: `liangyun terms 词`。
* 起草: `liangyun plan new`; 检查: `liangyun plan check`; 挑毛病: `liangyun plan lint`。
"""
_KINDS = (
    (CURVES, "评分办法", "写在 `scorecards.dimensions.items.curve`。"),
    (POOLS, "资金池的形成办法", "写在 `pools`。"),
    (MERITS, "绩效占比公式", "写在 `pools.merit`。"),
    (RULES, "分配规则", "写在 `pools.rules`; 加 `priority` 的是软规则。"),
    (CHECKS, "数据核对的种类", "写在 `checks.rules`。"),
)
_HEADINGS = "| 键 | 名称 | 必填 | 含义 | 例 |\n|---|---|---|---|---|\n"


def reference() -> str:
    """The page."""
    parts = [_TOP, *_keys()]
    for kind, title, where in _KINDS:
        parts.append(f"\n## {title}\n\n{where}\n")
        parts += [_entry(kind, code, name) for code, name in titles(kind).items()]
    return "".join([*parts, *_indicators()])


def _keys() -> Iterator[str]:
    """A section for each part of a plan."""
    parts: dict[str, list[Listed]] = {}
    for one in plan_keys():
        parts.setdefault(one.place.rpartition(".")[0], []).append(one)
    for place, keys in parts.items():
        words = key_of_model(keys[0].model)
        title = words.title if words else ""
        level = "##" if place.count(".") == 0 else "###"
        head = "方案" if keys[0].model is Plan else f"`{place}` {title}"
        said = f"\n{words.text}。\n" if words and words.text else ""
        yield f"\n{level} {head}\n{said}\n{_HEADINGS}" + "".join(map(_row, keys))


def _row(one: Listed) -> str:
    field = written(one.model)[one.name]
    codes = {code: title for code, title in named(field.annotation, one.words).items() if code and title}
    listed = "、".join(f"`{code}` {title}" for code, title in codes.items())
    text = "; ".join(filter(None, (one.words.text, listed)))
    example = "" if one.words.example is None else f"`{example_text(one.words.example)}`"
    cells = (f"`{one.name}`", one.words.title, "是" if one.required else "", text, example)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _entry(kind: str, code: str, title: str) -> str:
    model = params_of(kind, code)
    words = key_of_model(model) if model is not None else None
    said = f"{words.text}。\n\n" if words and words.text else ""
    example = example_text(entry_example(kind, code))
    dash = "" if kind in (CURVES, MERITS) else "- "
    return f"\n### `{code}` {title}\n\n{said}```yaml\n{dash}{example}\n```\n{_params(model)}"


def _params(model: type[BaseModel] | None) -> str:
    """The table of parameters; nothing where there are none."""
    keys: Sequence[Listed] = params_keys(model) if model is not None else ()
    return f"\n{_HEADINGS}" + "".join(_param(one) for one in keys) if keys else ""


def _param(one: Listed) -> str:
    return _row(one).replace(f"| `{one.name}` |", f"| `{one.place}` |", 1)


def _indicators() -> Iterator[str]:
    yield "\n## 指标\n\n写在 `scorecards.dimensions.items`; 每个指标都可以写 `params: {previous: …}` (对比期)。\n"
    for code, one in indicators().items():
        below = f" ÷ {one.denominator_def}" if one.denominator_def else ""
        example = example_text(entry_example(INDICATORS, code))
        said = f"单位 {one.unit}; {one.numerator_def}{below}; {one.window}; {one.attribution}。"
        own = [key for key in params_keys(one.params) if key.name != "previous"]
        table = f"\n{_HEADINGS}" + "".join(map(_param, own)) if own else ""
        yield f"\n### `{code}` {one.title}\n\n{said}\n\n```yaml\n- {example}\n```\n{table}"
