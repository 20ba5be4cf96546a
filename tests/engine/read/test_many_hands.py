"""A folder of workbooks, one for each who fills in, is read as one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from domain.period import Period
from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read import read
from engine.template.split import By, write_split

ROOT = Path(__file__).parents[3]
PERIOD = Period.parse("2020")
DATA = ROOT / "examples" / "hz-xiacheng-2018" / "2020.xlsx"


def parts(folder: Path, by: By) -> Path:
    configs = load_configs()
    found = load(configs, "demo-hz-xiacheng", PERIOD.end)
    facts = read(DATA, configs.catalogue, found.plan, PERIOD, found.packs)
    write_split(found.plan, configs.catalogue, PERIOD, folder, by, facts=facts, packs=found.packs)
    return folder


def ordered(table: pd.DataFrame) -> list[tuple[object, ...]]:
    return sorted(map(tuple, table.drop(columns=["source"]).astype(str).to_numpy()))


@pytest.mark.parametrize("by", ["unit", "reporter", "filer"])
def test_the_parts_read_back_as_the_whole(by: By, tmp_path: Path) -> None:
    configs = load_configs()
    found = load(configs, "demo-hz-xiacheng", PERIOD.end)
    whole = read(DATA, configs.catalogue, found.plan, PERIOD, found.packs)
    again = read(parts(tmp_path / "parts", by), configs.catalogue, found.plan, PERIOD, found.packs)
    for name in ("institutions", "memberships", "facts", "money"):
        assert ordered(getattr(again, name)) == ordered(getattr(whole, name)), name


def test_a_fact_in_two_workbooks_names_both_cells(clean, xlsx, load, tmp_path: Path) -> None:
    """The same workbook twice: institutions and memberships are repeated word for word, facts and money are not one."""
    folder = tmp_path / "parts"
    folder.mkdir()
    for name in ("甲.xlsx", "乙.xlsx"):
        xlsx(clean, folder / name)
    with pytest.raises(InputProblems) as refused:
        load(folder)
    problems = refused.value.problems
    assert {problem.code for problem in problems} == {"DUPLICATE"}
    assert all(
        problem.where.startswith("甲.xlsx 事实表!") or problem.where.startswith("甲.xlsx 资金表!")
        for problem in problems
    )
    assert all("与 乙.xlsx " in problem.message for problem in problems)


def test_workbooks_beside_csv_are_refused(clean, xlsx, csv_folder, load, tmp_path: Path) -> None:
    folder = csv_folder(clean, tmp_path / "mixed", "utf-8")
    xlsx(clean, folder / "旧.xlsx")
    with pytest.raises(InputProblems) as refused:
        load(folder)
    assert [(problem.where, problem.code) for problem in refused.value.problems] == [("旧.xlsx", "FILE-MIXED")]
