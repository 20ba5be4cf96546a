"""What is shared by the models of what is sent and answered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from engine.workflow.refusals import NotThere


class Body(BaseModel):
    """What is sent: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def writable(text: str) -> str:
    """Text that a database takes. Raises ValueError for NUL and halves of a character."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("文本里有不能保存的字符, 去掉它")
    return text


def look_through(value: Any) -> None:
    """The same for every text in a JSON value. Raises ValueError."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            writable(one)
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one


Sha = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="已上传文件的 sha256")]
Id = Annotated[int, Path(ge=1, lt=2**63, description="编号")]
"""A number in a path."""


def found(one: Any) -> Any:
    """What is there. Raises NotThere for None."""
    if one is None:
        raise NotThere
    return one


def example(value: Any, kind: str = "application/json") -> dict[str, Any]:
    """An answer of the OpenAPI document, by its example."""
    return {"content": {kind: {"example": value}}}
