"""`POST /api/v1/allocations:solve`: the optimizer alone; stores nothing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.http.answering import Signed
from api.http.who import Caller
from engine.exchange.limits import BYTES

LINES = ("application/x-ndjson", "application/jsonl")
_PROBLEM: dict[str, Any] = {
    "pool": {"code": "reward-2026Q3", "purpose": "staff_reward", "amount": "1000.00"},
    "members": [
        {"code": "H01", "tier": "lead", "merit": "60", "reward_base": "1000.00"},
        {"code": "V07", "tier": "village", "grassroots": True, "merit": "40", "reward_base": "800.00"},
    ],
    "rules": [{"use": "grassroots_min_share", "share": "0.50"}, {"use": "income_cap", "share": "0.60"}],
}
_ANSWER: dict[str, Any] = {
    "status": "optimal",
    "pool": "1000.00",
    "distributed": "960.00",
    "undistributed": "40.00",
    "undistributed_because": ["grassroots_min_share", "income_cap"],
    "amounts": [
        {"code": "H01", "amount": "480.00", "share": "0.500000", "held_by": ["grassroots_min_share"]},
        {"code": "V07", "amount": "480.00", "share": "0.500000", "held_by": ["income_cap"]},
    ],
    "soft_violations": [],
    "relief": [],
    "warnings": [],
}
_INVALID: dict[str, Any] = {
    "status": "invalid",
    "problems": [{"where": "$.members[0].merit", "code": "MISSING", "message": "缺少此字段"}],
}
_ONE: dict[str, Any] = {"$ref": "#/components/schemas/AllocationProblem"}
_SAID: dict[str, Any] = {"$ref": "#/components/schemas/AllocationAnswer"}
_ONE_OR_MANY: dict[str, Any] = {"oneOf": [_ONE, {"type": "array", "items": _ONE}]}
_SAID_OR_MANY: dict[str, Any] = {"oneOf": [_SAID, {"type": "array", "items": _SAID}]}


class Solve(Signed):
    """A body that is too long is the reader's to refuse, as on the command line; answers are made again, not kept."""

    cut = True
    stores = False

    def most(self, request: Request) -> int:  # noqa: ARG002  (the same for every request)
        """What the reader takes: it refuses one byte more."""
        return BYTES


router = APIRouter(prefix="/api/v1", route_class=Solve, tags=["allocations"])


@router.post(
    "/allocations:solve",
    summary="求解分配问题",
    response_class=Response,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _ONE_OR_MANY, "example": _PROBLEM},
                **{kind: {"schema": {"type": "string"}} for kind in LINES},
            },
        }
    },
    responses={
        200: {
            "description": "答案, 与命令 liangyun allocate 逐字节相同",
            "content": {"application/json": {"schema": _SAID_OR_MANY, "example": _ANSWER}},
        },
        422: {
            "description": "输入有误 (invalid) 或规则相互矛盾 (infeasible): 仍是各问题的答案",
            "content": {"application/json": {"schema": _SAID_OR_MANY, "example": _INVALID}},
        },
    },
)
async def solve(
    request: Request,
    caller: Caller,
    solver: Annotated[Literal["auto", "highs", "cbc"], Query(description="三者结果逐分一致")] = "auto",
) -> Response:
    """一个问题、问题数组或 JSON Lines 进, 答案以同样的形式和次序出; 不保存任何内容."""
    caller.need("allocation.solve")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    lines = kind in LINES
    text, code = await request.app.state.solving.answer(await request.body(), solver, lines=lines)
    return Response(text, 422 if code else 200, media_type=kind if lines else "application/json")
