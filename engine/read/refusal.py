"""Why a file cannot be read: what it really is, or what is wrong with it, and what to do that destroys nothing."""

from __future__ import annotations

SAVE_AS = "用 Excel 或 WPS 打开后另存为 .xlsx"
EXPORT = "从原系统重新导出 .xlsx; 用 Excel 打开再保存可能丢失代码的前导 0"


class Refusal(Exception):
    """A file that is not read: a stable code, what it is, what to do."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        self.code, self.message, self.remedy = code, message, remedy
        super().__init__(message)


def broken() -> Refusal:
    """A workbook that does not hold together."""
    return Refusal("FILE-UNREADABLE", "工作簿已损坏", SAVE_AS)


def too_large(message: str) -> Refusal:
    """A workbook that would need more memory than a reader takes."""
    return Refusal("FILE-LIMIT", message, "删去多余的行列, 或按地区或期间拆分")


def too_many_cells(most: int) -> Refusal:
    """A workbook whose used area is larger than is read."""
    return too_large(f"用到的区域多于 {most:,} 个单元格")


def locked() -> Refusal:
    """A file that asks for a password."""
    return Refusal("FILE-PASSWORD", "工作簿有打开密码", "去掉密码后再交")
