"""`liangyun explain`: one number's story."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json
from engine.folder.explain import explain as tell
from engine.folder.story_text import say


def explain(
    folder: Annotated[Path, typer.Argument(metavar="结果文件夹", help="liangyun run 写出的文件夹")],
    unit: Annotated[str, typer.Argument(metavar="单位编码", help="机构、医联体或区域的编码或名称")],
    *,
    pool: Annotated[str | None, typer.Option("--pool", metavar="资金池", help="只说这个资金池 (编码或名称)")] = None,
    indicator: Annotated[str | None, typer.Option("--indicator", metavar="指标", help="只说这个指标")] = None,
    full: Annotated[bool, typer.Option("--full", help="全部步骤, 每条依据和每个单元格")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """Tell where a unit's numbers come from."""
    story = tell(folder, unit, pool=pool, indicator=indicator)
    if as_json:
        print_json(story.as_json())
    else:
        sys.stdout.write(say(story, full=full))
