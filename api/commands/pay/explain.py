"""`liangyun pay explain`: one post's own story."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.commands.pay.asking import AsJson, Folder
from api.console import print_json
from engine.pay.folder.explain import explain_post, say


def explain(
    folder: Folder,
    post: Annotated[str, typer.Argument(metavar="任职编号", help="lines.csv 的 post_no")],
    *,
    pool: Annotated[str | None, typer.Option("--pool", metavar="资金池", help="只说这个资金池")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell it, the answer first."""
    told = explain_post(folder, post, pool=pool)
    if as_json:
        print_json(told.as_json())
    else:
        sys.stdout.write(say(told))
