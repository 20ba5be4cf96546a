"""Two hundred people of one institution, and a search for what would tell who they are, in whatever was written.

Searched are bytes as text of either encoding that files are written in, what is packed in zip and xlsx, and the text of
PDF where `pdftotext` is there. Every name, ID number, account and phone is looked for.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.engine.pay.folder.making import MONTH, PERIOD, Rows, id_number, post, tables

PEOPLE = 200
_DIGITS = "零一二三四五六七八九"
NAMES = tuple(f"示例员{''.join(_DIGITS[int(digit)] for digit in f'{at:03d}')}" for at in range(1, PEOPLE + 1))
IDS = tuple(id_number(at, "19790203") for at in range(1, PEOPLE + 1))
ACCOUNTS = tuple(f"622208{at:013d}" for at in range(1, PEOPLE + 1))
PHONES = tuple(f"1390000{at:04d}" for at in range(1, PEOPLE + 1))
KINDS: Mapping[str, frozenset[str]] = {
    "name": frozenset(NAMES), "id": frozenset(IDS), "account": frozenset(ACCOUNTS), "phone": frozenset(PHONES),
}  # fmt: skip
_LOOK = re.compile(rf"(?=(示例员[{_DIGITS}]{{3}}|129901\d{{11}}[\dX]|622208\d{{13}}|1390000\d{{4}}))")
"""Whatever could be one of them, also where two overlap."""


def hospital() -> dict[str, Rows]:
    """The tables of U1: everybody has a post, a score, figures and an account; of the last the payer knows nothing."""
    usual = tables()
    known = {**usual["tax_cumulative"][0], "income": "0.00", "special": "0.00"}
    every = range(1, PEOPLE + 1)
    return {
        "people": [
            {"person_code": f"N{at}", "name": NAMES[at - 1], "id_type": "居民身份证", "id_number": IDS[at - 1],
             "note": f"电话 {PHONES[at - 1]}"}
            for at in every
        ],
        "posts": [post(at, "U1", position=f"1.{at % 7}") for at in every],
        "attendance": [
            {"period": PERIOD, "post_no": f"P{at}", "days_due": "66", "days_employed": "66"} for at in every
        ],
        "leave": [
            {"period": PERIOD, "post_no": "P2", "kind": "病假", "days": "11", "document": f"{NAMES[1]}的假条"}
        ],
        "person_facts": [
            {"period": PERIOD, "post_no": f"P{at}", "measure": "score", "value": str(80 + at % 20)} for at in every
        ],
        "holds": [
            {"period": PERIOD, "post_no": "P3", "multiplier": "0.5", "reason": f"{NAMES[2]}处分期",
             "document": "示例纪〔2026〕3号"}
        ],
        "earmarks": usual["earmarks"],
        "pay_amounts": [
            {"period": PERIOD, "unit_code": "U1", "pool": "bonus", "amount": "900000.00",
             "document": "示例财社〔2026〕9号"}
        ],
        "tax_cumulative": [{**known, "person_code": f"N{at}"} for at in every if at < PEOPLE],
        "accounts": [
            {"person_code": f"N{at}", "bank": "示例农商银行", "branch": "示例支行", "cnaps": "402000000000",
             "account": ACCOUNTS[at - 1], "account_name": NAMES[at - 1], "note": f"电话 {PHONES[at - 1]}"}
            for at in every
        ],
        "money": [{**row, "amount": "2000000.00" if row["item"] == "quota_approved" else row["amount"]}
                  for row in usual["money"] if row["unit_code"] == "U1"],
    }  # fmt: skip


def late() -> dict[str, str]:
    """The figures that the payer had not told."""
    return {**hospital()["tax_cumulative"][0], "person_code": f"N{PEOPLE}"}


def case() -> dict[str, str]:
    """A score that was wrong, decided about in words that name the person."""
    return {
        "case_no": "1", "level": "person", "period": PERIOD, "pool": "bonus", "unit_code": "U1", "post_no": "P7",
        "table": "person_facts", "field": "score", "old_value": "87", "new_value": "99",
        "document": f"{NAMES[6]}申诉, 示例院纪〔2026〕20号", "decided_on": f"{MONTH}-20", "funding": "redivide",
    }  # fmt: skip


def found(name: str, content: bytes) -> dict[str, set[str]]:
    """What a file tells of people, by kind: also what its own name tells."""
    there = {one for text in (name, *_texts(content)) for one in _LOOK.findall(text)}
    return {kind: there & known for kind, known in KINDS.items() if there & known}


def leaks(files: Mapping[str, bytes]) -> dict[str, dict[str, set[str]]]:
    """The files that tell anything, with what; none where all is well."""
    return {name: told for name, content in files.items() if (told := found(name, content))}


def under(folder: Path) -> dict[str, bytes]:
    """Every file in a folder, by its path in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _texts(content: bytes) -> Iterator[str]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name
                yield from _texts(packed.read(name))
    elif content.startswith(b"%PDF") and (tool := shutil.which("pdftotext")):
        run = subprocess.run([tool, "-", "-"], input=content, capture_output=True, check=True)
        yield run.stdout.decode("utf-8", "replace")
    for encoding in ("utf-8", "gb18030"):
        yield content.decode(encoding, "replace")
