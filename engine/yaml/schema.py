"""From YAML data to a model, and every objection of pydantic as a Chinese problem at file:line."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.objections import objection
from engine.yaml.document import Document, KeyPath

Model = TypeVar("Model", bound=BaseModel)

_NAMES = 16  # at most so many names in one message


def validate(model: type[Model], document: Document, data: Any, base: KeyPath = ()) -> Model | None:
    """`data`, which stands at `base` in the document, as `model`.

    What is wrong is noted in the document, and None returned; values the reader already refused are not repeated.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        _Reporter(model, document, data, base).note(error)
        return None


def closest(name: str, known: Mapping[str, Any] | list[str] | set[str]) -> str:
    """What to do about an unknown name: the nearest known one, or all of them."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    if near:
        return f"是否为 {near[0]}"
    if not known:
        return "此处没有可用的名称"
    names = sorted(known)
    return "可用: " + ", ".join(names[:_NAMES]) + (f" 等 {len(names)} 个" if len(names) > _NAMES else "")


def _real(loc: tuple[str | int, ...], data: Any, *, missing: bool) -> tuple[KeyPath, KeyPath | None]:
    """The key path of an objection, and that of the union it is a branch of.

    Pydantic's `loc` also names the branches of unions; those steps do not exist in the data.
    """
    path: list[str | int] = []
    union: KeyPath | None = None
    for index, key in enumerate(loc):
        if _holds(data, key):
            data = data[key]
            path.append(key)
        elif missing and index == len(loc) - 1:
            path.append(key)
        elif union is None:
            union = tuple(path)
    return tuple(path), union


def _holds(data: Any, key: str | int) -> bool:
    if isinstance(data, Mapping):
        return key in data
    return isinstance(data, list | tuple) and isinstance(key, int) and key < len(data)


def _at(data: Any, path: KeyPath) -> Any:
    for key in path:
        data = data[key]
    return data


def _wrong_shape(detail: Mapping[str, Any], value: Any) -> bool:
    """Whether the branch wants a list where something else is written, and so was not meant."""
    return detail["type"] in {"list_type", "none_required"} and not isinstance(value, list)


@dataclass(frozen=True)
class _Reporter:
    """Notes objections to `data`, which stands at `base` in the document."""

    model: type[BaseModel]
    document: Document
    data: Any
    base: KeyPath

    def note(self, error: ValidationError) -> None:
        """Note all of them."""
        branches: dict[KeyPath, list[tuple[KeyPath, Mapping[str, Any]]]] = {}
        for detail in error.errors(include_url=False):
            real, union = _real(detail["loc"], self.data, missing=detail["type"] == "missing")
            if union is None:
                self.say(real, detail)
            else:
                branches.setdefault(union, []).append((real, detail))
        for union, found in branches.items():
            self.say_union(union, found)

    def say_union(self, union: KeyPath, found: list[tuple[KeyPath, Mapping[str, Any]]]) -> None:
        """Of a union, only the branch the writer meant: what is wrong inside a mapping or list, else at its top."""
        inside = [(real, detail) for real, detail in found if len(real) > len(union)]
        if inside:
            for real, detail in inside:
                self.say(real, detail)
            return
        value = _at(self.data, union)
        said = [objection(detail) for _, detail in found if not _wrong_shape(detail, value)]
        self.value((*self.base, *union), " 或 ".join(dict.fromkeys(said)) or "取值的种类不对")

    def say(self, real: KeyPath, detail: Mapping[str, Any]) -> None:
        """Note one."""
        path = (*self.base, *real)
        if self.document.spoiled(path):
            return
        if detail["type"] == "missing":
            self.document.add(path[:-1], "FIELD-MISSING", f"缺少 {path[-1]}", "补上")
        elif detail["type"] == "extra_forbidden":
            key = str(path[-1])
            prose = not key.isascii() and detail["input"] is None
            remedy = "若是前一项文字的下半句, 整句加引号" if prose else closest(key, fields_at(self.model, real[:-1]))
            self.document.add(path, "FIELD-UNKNOWN", "没有这个字段", remedy)
        else:
            self.value(path, objection(detail))

    def value(self, path: KeyPath, said: str) -> None:
        """Note a value that does not fit."""
        if not self.document.spoiled(path):
            self.document.add(path, "FIELD-VALUE", self.document.lacking.get(path, said))


def fields_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The field names a model allows at a key path; nothing where the schema leaves them open."""
    current: list[Any] = [model]
    for key in path:
        if isinstance(key, int):
            continue
        current = [inner for one in current for inner in _models_of_field(one, key)]
    return [name for one in current for name in _names(one)]


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]


def _models_of_field(model: type[BaseModel], key: str) -> list[type[BaseModel]]:
    field = next((field for name, field in model.model_fields.items() if (field.alias or name) == key), None)
    return [] if field is None else _models(field.annotation)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in _models(inner)]
