"""`make demo`: runs the examples through the command line, verifies them, and says in Chinese what came out."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from allocation.rules import rules

ROOT = Path(__file__).resolve().parent.parent
TIERS = ("lead", "county", "township", "community", "village")
Row = dict[str, str]


@dataclass(frozen=True)
class Example:
    """One run: plan, data and period, and the folder it is written to."""

    plan: str
    data: str
    period: str
    out: str

    @property
    def run(self) -> list[str]:
        """The command that computes it."""
        return ["liangyun", "run", self.plan, f"examples/{self.data}", "--period", self.period, "--out", self.out]

    @property
    def verify(self) -> list[str]:
        """The command that checks it."""
        return ["liangyun", "verify", self.out]

    def rows(self, name: str) -> list[Row]:
        """One table of the run folder."""
        return table(self.out, name)

    def answers(self) -> dict[str, dict[str, Any]]:
        """The pools that were split, with their Chinese titles and the optimizer's answers, by pool id."""
        story = json.loads((ROOT / self.out / "explain.json").read_text(encoding="utf-8"))
        return {entry["pool"]: entry for entry in story["allocations"]}


PILOT = Example("pilot-counties", "pilot-counties/2019.xlsx", "2019", "out/pilot-counties")
YEAR_END = Example("demo-county", "county/2025Q4-csv", "2025Q4", "out/county-2025Q4")
QUARTER = Example("demo-county", "county/2026Q3.xlsx", "2026Q3", "out/county-2026Q3")
YEAR = Example("demo-county", "county/2025.xlsx", "2025", "out/county-2025")
OTHERS = (
    Example("demo-hz-xiacheng", "hz-xiacheng-2018/2020.xlsx", "2020", "out/hz-xiacheng-2018"),
    Example("demo-beijing", "beijing-2021/2022.xlsx", "2022", "out/beijing-2021"),
    Example("demo-jilin", "jilin-city-2017/2018.xlsx", "2018", "out/jilin-city-2017"),
    Example("demo-liaoning", "liaoning-2017/2017.xlsx", "2017", "out/liaoning-2017"),
)
EXAMPLES = (PILOT, YEAR_END, QUARTER, YEAR, *OTHERS)
PEOPLE, PAID = "examples/county/2026Q3-people.xlsx", "out/demo-pay"
HOME = "out/demo-home"  # a key of its own: what a demonstration exports is no payment
HOSPITALS = ("T13", "T14")
SUMS = (("应发", "payable"), ("个税", "tax"), ("代扣", "other"), ("实发", "net"))
LEDGER = ["liangyun", "ledger", "demo-liaoning", "examples/liaoning-2017/2017.xlsx", "--as-of", "2017-12-31"]


def call(command: list[str]) -> subprocess.CompletedProcess[str]:
    """One command of this environment, from the project's folder."""
    program, *rest = command
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return subprocess.run(
        [str(Path(sys.executable).parent / program), *rest],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PATH": path, "PYTHONUTF8": "1", "LIANGYUN_HOME": str(ROOT / HOME)},
    )


def table(folder: str, name: str) -> list[Row]:
    """One table of a folder of results."""
    with (ROOT / folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def both(example: Example) -> tuple[Example, subprocess.CompletedProcess[str], subprocess.CompletedProcess[str]]:
    """Run and verify one example."""
    ran = call(example.run)
    return example, ran, call(example.verify) if ran.returncode == 0 else ran


def yuan(amount: str | Decimal) -> str:
    """Yuan with separators, right-aligned."""
    return f"{Decimal(amount):,.2f}".rjust(14)


def wide(text: str, width: int) -> str:
    """Text padded to a width, Chinese characters counting twice."""
    return text + " " * max(0, width - sum(2 if ord(char) > 0x2E7F else 1 for char in text))


def why(row: Row) -> str:
    """What stopped a member, in words."""
    return "；".join(rules()[rule].words.held for rule in row["held_by"].split(";") if rule)


def pilot() -> None:
    """Eight counties, best first."""
    print("一、八个试点县的公开监测数据（ChinaXiv-202207.00201 表1，2019年），只评价不分钱")
    for row in sorted(PILOT.rows("totals"), key=lambda row: int(row["rank"])):
        print(f"   {row['rank']:>2}  {wide(row['unit_name'], 12)}{Decimal(row['score']):7.2f} 分  {row['grade']}")


def pools(example: Example) -> None:
    """What every pool held, what was left and why, and whether the soft rules were met."""
    answers = example.answers()
    for row in example.rows("pools"):
        split = answers.get(row["pool"])
        title = split["title"] if split else row["pool"]
        print(f"   {wide(title, 22)}{yuan(row['amount'])} 元，已分配{yuan(row['distributed'])} 元")
        if Decimal(row["undistributed"]):
            print(f"      {row['formula'].rpartition('; ')[2]}")
        for soft in split["answer"]["soft_violations"] if split else ():
            met = "做到" if not Decimal(soft["amount"]) else f"还差 {yuan(soft['amount']).strip()} 元"
            print(f"      软规则 {soft['priority']}：{rules()[soft['use']].words.aim}，{met}")


def shares(example: Example, pool: str) -> None:
    """Who got what, and what stopped whom."""
    rows = [row for row in example.rows("allocations") if row["pool"] == pool]
    rows.sort(key=lambda row: (TIERS.index(row["tier"]), row["unit_code"]))
    scores = {row["unit_code"]: row["score"] for row in example.rows("totals") if row["scorecard"] == "member"}
    for row in rows:
        score = Decimal(scores[row["unit_code"]])
        unit = f"{row['unit_code']} {row['unit_name']}"
        print(f"   {wide(unit, 36)}{score:6.2f} 分{yuan(row['amount'])} 元  {why(row)}".rstrip())
    grassroots = sum(Decimal(row["amount"]) for row in rows if row["tier"] in ("township", "community", "village"))
    total = sum(Decimal(row["amount"]) for row in rows)
    held = Counter(rule for row in rows for rule in row["held_by"].split(";") if rule)
    print(f"   基层合计{yuan(grassroots)} 元，占 {grassroots / total * 100:.2f}%；受限的单位:")
    for rule, times in sorted(held.items()):
        print(f"      {rules()[rule].words.held}: {times} 家")


def quarter() -> None:
    """The quarter: external score, pools, the performance pool member by member."""
    print("二、示例县医共体 2026年第3季度")
    external = next(row for row in QUARTER.rows("totals") if row["scorecard"] == "external")
    print(f"   外部考核 {Decimal(external['score']):.2f} 分（{external['grade']}），决定结余留用系数")
    pools(QUARTER)
    print("   季度绩效奖励分到各单位：")
    shares(QUARTER, "performance")
    print("   对照：2025年第4季度总量将满，多数单位到顶——")
    pools(YEAR_END)


def year() -> None:
    """The settlement and the statement of the two permits."""
    print("三、示例县医共体 2025年医保结余清算与两个允许")
    pools(YEAR)
    lines: dict[str, dict[str, Decimal]] = {}
    names = {row["unit_code"]: row["unit_name"] for row in YEAR.rows("totals")}
    for row in YEAR.rows("permits"):
        lines.setdefault(row["unit_code"], {})[row["line"]] = Decimal(row["amount"])
    print(f"   {wide('单位', 38)}全年结余收入 a  可发给人员 r     留在单位  卡在哪里")
    for unit, its in lines.items():
        if its["balance"] <= 0:
            stop = "收支结余为负，不提取、不发放"
        elif its["r"] == its["a"]:
            stop = "全部可发"
        elif its["r"] == its["main_floor"]:
            stop = "到可用于人员奖励的结余 ρ·R 为止"
        else:
            stop = "到核定总量为止"
        print(f"   {wide(f'{unit} {names[unit]}', 36)}{yuan(its['a'])}{yuan(its['r'])}{yuan(its['kept'])}  {stop}")


def others() -> None:
    """The other four documents: how many were scored, and what was paid."""
    print("四、另外四份政策文件，各有方案和示例")
    for example in OTHERS:
        totals, paid = example.rows("totals"), example.rows("pools")
        cards = len({row["scorecard"] for row in totals})
        said = f"{cards} 张评分表，{len({row['unit_code'] for row in totals})} 个单位"
        given = sum((Decimal(row["distributed"]) for row in paid), Decimal(0))
        pools = len({row["pool"] for row in paid})
        money = f"{pools} 个资金池，已分配 {yuan(given).strip()} 元" if paid else "只评价，不分钱"
        print(f"   {wide(example.out, 24)}{said}；{money}")


def paying() -> list[list[str]]:
    """The commands that pay the quarter to people, and print it.

    A payment is never replaced: one that an earlier demonstration made goes first.
    """
    shutil.rmtree(ROOT / PAID, ignore_errors=True)
    (ROOT / f"{PAID}.exports.csv").unlink(missing_ok=True)
    shutil.rmtree(ROOT / HOME, ignore_errors=True)
    run = ["liangyun", "pay", "run", "demo-county", PEOPLE, "--period", "2026Q3", "--month", "2026-10"]
    units = [part for unit in HOSPITALS for part in ("--unit", unit)]
    roster = ["--people", PEOPLE, "--force"]
    return [
        [*run, "--run", QUARTER.out, *units, "--first", "--out", PAID],
        ["liangyun", "pay", "verify", PAID],
        ["liangyun", "pay", "sheet", PAID, *roster, "--out", "out/demo-发放表.xlsx"],
        ["liangyun", "pay", "slips", PAID, *roster, "--out", "out/demo-工资条.pdf"],
    ]


def bank_file() -> list[str]:
    """The command for the bank file of the first hospital's batch."""
    batch = next(row["batch_no"] for row in table(PAID, "batches") if row["payer"] == HOSPITALS[0])
    out = ["--bank", "example-xlsx", "--batch", batch, "--out", "out/demo-代发.xlsx", "--force", "--once"]
    return ["liangyun", "pay", "bank", PAID, "--people", PEOPLE, *out]


def people() -> None:
    """What the quarter comes to for the people of two hospitals."""
    print("五、发放到人：两家卫生院的季度绩效奖励，2026年10月发放（示例人员）")
    slips, lines = table(PAID, "payslips"), table(PAID, "lines")
    for row in table(PAID, "units"):
        posts = len({line["post_no"] for line in lines if line["unit_code"] == row["unit_code"]})
        said = f"专项 {row['earmarks']} 元，按积分 {row['shared']} 元，{posts} 个任职"
        print(f"   {row['unit_code']}{yuan(row['amount'])} 元：{said}")
    sums = (f"{title} {sum(Decimal(row[name] or 0) for row in slips):,.2f} 元" for title, name in SUMS)
    print(f"   {len(slips)} 张工资条：" + "，".join(sums))
    for row in slips:
        if row["status"] not in ("ok", "no_payment"):
            print(f"   {row['person_code']} 由 {row['payer']} 发，它的个税数还没有报来：实发空着，不进代发文件")
    held = Counter(line["held_by"] for line in lines if line["item"] == "points" and line["held_by"])
    words = {"cap": "到上限", "floor": "到保底", "hold": "停发"}
    print("   " + "，".join(f"{words[rule]} {times} 人" for rule, times in sorted(held.items())))
    print(
        "   发放表 out/demo-发放表.xlsx，工资条 out/demo-工资条.pdf，代发文件 out/demo-代发.xlsx；接着办见 docs/pay.md"
    )


def main() -> int:
    """Run everything; exit code 1 if a run or its verification fails."""
    started = time.monotonic()
    print("正在计算并复核六个示例 (八次计算), 约需一至三分钟, 看机器快慢 …", flush=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(pool.map(both, EXAMPLES))
    failed = [result for _, *results in done for result in results if result.returncode != 0]
    if failed:
        sys.stderr.writelines(f"{result.stderr}{result.stdout}" for result in failed)
        return 1
    steps = []
    for command in (*paying(), None):
        steps.append(call(command or bank_file()))
        if steps[-1].returncode != 0:
            sys.stderr.write(f"{steps[-1].stderr}{steps[-1].stdout}")
            return 1
    for part in (pilot, quarter, year, others, people):
        print()
        part()
    print("\n六、复核（不用求解器逐条重算）")
    for out, said in (*((example.out, verified) for example, _, verified in done), (PAID, steps[1])):
        print(f"   {wide(out, 24)}{said.stdout.strip()}")
    print(f"   计算和复核共用 {time.monotonic() - started:.0f} 秒")
    print("\n先看报告: out/county-2026Q3/report.xlsx（可直接打印）。自己再试（先执行 source .venv/bin/activate）:")
    print("   " + " ".join(QUARTER.run))
    print("   liangyun explain out/county-2026Q3 H01 --pool performance    # 牵头医院为什么是这个数")
    print("   liangyun explain out/county-2026Q3 T09 --pool performance    # 亏损卫生院为什么是 0")
    print("   liangyun verify out/county-2026Q3")
    print(f"   liangyun pay explain {PAID} T13-014    # 一个人的绩效怎么来")
    print("   " + " ".join([*LEDGER, "--out", "out/台账.svg"]) + "    # 谁的任务过了期")
    print("   liangyun pack matrix    # 八份文件各要求什么")
    print("   liangyun plan show demo-county")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
