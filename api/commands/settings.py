"""`liangyun settings`: what is set, and where."""

from __future__ import annotations

from api.tables import print_table
from engine.workflow.settings import show_settings


def show() -> None:
    """Print every setting; secrets as ******."""
    print_table("设置", ("名称", "值", "来自"), [(one.name, one.value, one.source) for one in show_settings()])
