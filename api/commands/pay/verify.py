"""`liangyun pay verify`: a pay folder checked against itself."""

from __future__ import annotations

import sys

from api.commands.pay.asking import AsJson, Folder
from api.console import print_json
from engine.pay.folder.verify import verify_payment


def verify(folder: Folder, *, as_json: AsJson = False) -> int:
    """Exit code 0 only if every hash, amount and sum agrees."""
    verdict = verify_payment(folder)
    if as_json:
        print_json(
            {
                "status": "differs" if verdict.problems else "verified",
                "digest": verdict.digest,
                "files": verdict.files,
                "people": verdict.people,
                "versions": list(verdict.versions),
                "problems": [problem.as_json() for problem in verdict.problems],
            }
        )
        return 1 if verdict.problems else 0
    sys.stderr.writelines(f"提示: 版本不同, {one}\n" for one in verdict.versions)
    sys.stderr.writelines(f"{problem}\n" for problem in verdict.problems)
    if verdict.problems:
        sys.stderr.write(f"复核未通过: {len(verdict.problems)} 处\n")
        return 1
    sys.stdout.write(f"复核通过: {verdict.files} 个文件, {verdict.people} 人; 校验码 {verdict.digest[:16]}\n")
    return 0
