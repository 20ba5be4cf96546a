"""`liangyun plan new | lint | schema | reference`: a first draft, and what helps to write a plan."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.commands.plan import day_of
from api.console import print_json
from domain.problems import InputProblems, Problem
from domain.values import plain_id
from engine.drafting.draft import draft
from engine.drafting.draft import like as copy_of
from engine.drafting.lint import lint as notes_on
from engine.drafting.reference import reference as page
from engine.drafting.runs import read_runs
from engine.drafting.schema import FILE, schema_text
from engine.policy.coded import coded
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.printing.files import check_out, write_whole
from engine.yaml.document import read_text

Out = Annotated[Path | None, typer.Option("--out", metavar="文件", help="写成文件 (不写则显示)")]
Force = Annotated[bool, typer.Option("--force", help="覆盖已有的文件")]


def schema(*, out: Out = None, force: Force = False) -> None:
    """Write the JSON Schema of a plan."""
    _write(schema_text(load_configs().catalogue), out, force=force)


def lint(
    plan: Annotated[str, typer.Argument(metavar="方案", help="方案 id 或 YAML 文件", show_default=False)],
    runs: Annotated[list[Path] | None, typer.Argument(metavar="结果", help="结果文件夹, 可以几个")] = None,
    *,
    on: Annotated[str, typer.Option("--on", metavar="日期", help="按哪一天的参数 (不写为今天)")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Note what is odd in a plan that holds; exit code 0."""
    configs, day = load_configs(), day_of(on or None)
    found = notes_on(configs, load(configs, plan, day, alone=True), read_runs(runs or []))
    if as_json:
        print_json({"notes": [one.as_json() for one in found]})
        return
    sys.stdout.writelines(f"注意: {one}\n" for one in found)
    sys.stdout.write(f"{len(found)} 条\n")


def reference(*, out: Out = None, force: Force = False) -> None:
    """Write the page of everything that a plan may write."""
    _write(page(), out, force=force)


def _write(text: str, out: Path | None, *, force: bool) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    check_out(out, force=force)
    write_whole(out, text.encode("utf-8"))
    sys.stdout.write(f"已写出 {out}\n")


def new(
    out: Annotated[Path, typer.Argument(metavar="文件", help="新方案的 YAML 文件; 文件名是方案编号")],
    *,
    like: Annotated[str, typer.Option("--like", metavar="方案", help="照着哪个方案")] = "",
    packs: Annotated[str, typer.Option("--packs", metavar="政策包", help="落实哪几个政策包, 用逗号分开")] = "",
    region: Annotated[str, typer.Option("--region", metavar="代码", help="行政区划代码, 6 位")] = "",
    force: Force = False,
) -> None:
    """Write the first draft of a plan, and the schema beside it."""
    configs, name = load_configs(), out.stem
    if bool(like) == bool(packs):
        raise InputProblems([Problem("plan new", "USAGE", "--like 和 --packs 写一个, 且只写一个", "二选一")])
    if not plain_id(name):
        said = f"文件名 {name} 不能作方案编号"
        raise InputProblems([Problem(str(out), "USAGE", said, "只用字母、数字、汉字和 . _ -")])
    if packs and not _six_digits(region):
        raise InputProblems([Problem("--region", "USAGE", "没有写 6 位行政区划代码", "如 --region 129901")])
    check_out(out, force=force)
    day = datetime.now().astimezone().date()
    named = [one.strip() for one in packs.replace("，", ",").split(",") if one.strip()]
    text = copy_of(configs, like, name, region) if like else draft(configs, named, region, name, day)
    write_whole(out, text.encode("utf-8"))
    beside = out.parent / FILE
    if not beside.exists():
        write_whole(beside, schema_text(configs.catalogue).encode("utf-8"))
    document = read_text(text, name=str(out))
    coded(document, configs)
    left = sum(one.code == "TO-FILL" for one in document.problems())
    sys.stdout.write(
        f"已写出 {out}" + (f", {left} 处待填" if left > 0 else "") + f"; 下一步: liangyun plan check {out}\n"
    )


def _six_digits(region: str) -> bool:
    return len(region) == 6 and region.isdecimal()
