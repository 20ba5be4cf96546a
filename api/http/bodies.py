"""What is shared by the models of what is sent and answered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, model_validator

from engine.workflow.refusals import NotThere

_DEEP = 64


class Body(BaseModel):
    """What is sent: unknown fields are refused, and text that no database takes (NUL, half of a character)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _writable(cls, value: Any) -> Any:
        _look(value, _DEEP)
        return value


def _look(value: Any, deep: int) -> None:
    if deep == 0:
        raise ValueError("嵌套过深")
    if isinstance(value, str) and ("\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
        raise ValueError("文本里有不能保存的字符, 去掉它")
    if isinstance(value, dict):
        for key, inner in value.items():
            _look(key, deep - 1)
            _look(inner, deep - 1)
    elif isinstance(value, list):
        for inner in value:
            _look(inner, deep - 1)


Id = Annotated[int, Path(ge=1, lt=2**63, description="编号")]
"""A number in a path."""


def found(one: Any) -> Any:
    """What is there. Raises NotThere for None."""
    if one is None:
        raise NotThere
    return one
