"""Who files what: assignments of the demo county, and its workbooks, one per filer, read back as the whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from api.cli import app
from domain.facts import Facts
from domain.period import Period
from engine.policy.configs import load_configs
from engine.policy.load import Loaded, load
from engine.read import read
from engine.read.register import Register, read_register
from engine.template.filers import assignments
from engine.template.filing import write_filing
from engine.template.split import write_split

ROOT = Path(__file__).parents[3]
COUNTY = ROOT / "examples" / "county"
PERIOD = Period.parse("2026Q3")
CONFIGS = load_configs()
BUREAUS = ["CZ01", "GW01", "RS01", "WJ01", "YB01"]
TOWNSHIPS = [f"T{number:02d}" for number in range(1, 15)]


@pytest.fixture(scope="module")
def county() -> Loaded:
    return load(CONFIGS, "demo-county", PERIOD.end)


@pytest.fixture(scope="module")
def register() -> Register:
    return read_register(COUNTY / "register.xlsx", CONFIGS.catalogue)


def assigned(
    county: Loaded, register: Register, period: Period = PERIOD, **reporters: str
) -> dict[str, list[tuple[str, str]]]:
    units, members = register.institutions, register.memberships
    return assignments(county.plan, CONFIGS.catalogue, units, members, reporters, period)


def test_the_demo_county_has_25_filers(county: Loaded, register: Register) -> None:
    """Five bureaus, the alliance, two hospitals, 14 township hospitals, three centres; no village clinic."""
    found = assigned(county, register)
    assert list(found) == sorted([*BUREAUS, "A01", "C01", "C02", "H01", "H02", "P01", *TOWNSHIPS])
    assert all(parts == sorted(set(parts)) for parts in found.values())
    every = [part for parts in found.values() for part in parts]
    assert len(every) == len(set(every)) == 1268  # unit × reporting body, each filed once
    # T14 files what it and the six village clinics that it manages are asked, beside what the bureaus file
    assert {unit for unit, _ in found["T14"]} == {"T14", "V014", "V028", "V042", "V056", "V070", "V084"}
    assert ("V014", "村卫生室") in found["T14"]
    assert ("T14", "公共卫生系统") in found["GW01"]
    assert ("D01", "卫生健康行政部门") in found["WJ01"]


def test_only_members_of_the_period_are_asked(county: Loaded, register: Register) -> None:
    """C02 joins on 2026-08-01."""
    earlier = assigned(county, register, Period.parse("2026Q2"))
    assert "C02" not in earlier
    assert not any(unit == "C02" for parts in earlier.values() for unit, _ in parts)


def test_the_register_goes_before_the_plan(county: Loaded, register: Register) -> None:
    found = assigned(county, register, 医保部门="YB02", 公共卫生系统="centre")
    assert "YB02" in found
    assert not {"YB01", "GW01"} & {*found}
    assert ("V014", "公共卫生系统") in found["T14"]


def test_whom_nobody_manages_files_alone(county: Loaded, register: Register) -> None:
    units = register.institutions
    alone = replace(
        register,
        institutions=units.assign(managing_unit=units["managing_unit"].where(units["unit_code"] != "V014", "")),
    )
    found = assigned(county, alone)
    assert {unit for unit, _ in found["V014"]} == {"V014"}
    assert ("V014", "公共卫生系统") in found["GW01"]
    assert len(found) == 26


def test_without_filers_everybody_files_alone(county: Loaded, register: Register) -> None:
    silent = replace(county, plan=county.plan.model_copy(update={"filers": {}}))
    found = assigned(silent, register)
    assert len(found) == 117  # 115 members, the alliance, the district
    assert all({unit for unit, _ in parts} == {filer} for filer, parts in found.items())


def test_diseases_are_asked_of_the_insurance_bureau(register: Register) -> None:
    """An indicator of the plan reads the table of diseases, which belongs to no metric."""
    jilin = load(CONFIGS, "demo-jilin", Period.parse("2018").end)
    found = assigned(jilin, register, Period.parse("2026"))
    assert {("A01", "医保部门"), ("D01", "医保部门")} <= {*found["YB01"]}


def ordered(table: pd.DataFrame) -> list[tuple[object, ...]]:
    return sorted(map(tuple, table.drop(columns=["source"]).astype(str).to_numpy()))


def small(county: Loaded, register: Register) -> Facts:
    """The county's third quarter of T13 and T14 with their village clinics, H01, the alliance and the district."""
    whole = read(COUNTY / "2026Q3.xlsx", CONFIGS.catalogue, county.plan, PERIOD, county.packs)
    units = register.institutions
    managers = units["managing_unit"].isin(["T13", "T14"]) | units["unit_code"].isin(
        ["T13", "T14", "H01", "A01", "D01"]
    )
    here = {*units[managers]["unit_code"]}

    def own(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["unit_code"].isin(here)].reset_index(drop=True)

    done = None if whole.completions is None else own(whole.completions)
    return Facts(own(units), own(whole.memberships), own(whole.facts), own(whole.money), None, None, done)


def test_the_workbooks_of_filers_read_back_as_the_whole(county: Loaded, register: Register, tmp_path: Path) -> None:
    facts = small(county, register)
    plan, catalogue = county.plan, CONFIGS.catalogue
    written = write_split(plan, catalogue, PERIOD, tmp_path / "parts", "filer", facts=facts, packs=county.packs)
    names = [path.stem.partition("-")[0] for path in written]
    assert names == ["A01", "CZ01", "GW01", "H01", "RS01", "T13", "T14", "WJ01", "YB01"]
    assert written[5].stem == "T13-示例县示例十三镇卫生院"
    assert written[7].stem == "WJ01-卫生健康行政部门、签约系统"
    again = read(tmp_path / "parts", catalogue, plan, PERIOD, county.packs)
    for name in ("institutions", "memberships", "facts", "money", "completions"):
        assert ordered(getattr(again, name)) == ordered(getattr(facts, name)), name


def test_the_blank_workbook_of_one_filer_asks_what_it_files(county: Loaded, register: Register, tmp_path: Path) -> None:
    plan, catalogue, units = county.plan, CONFIGS.catalogue, register.institutions
    empty = small(county, register)
    blank = Facts(units, register.memberships, empty.facts.iloc[:0], empty.money.iloc[:0])
    parts = assigned(county, register)["T14"]
    write_filing(plan, catalogue, PERIOD, tmp_path / "t14.xlsx", parts, facts=blank)
    sheets = pd.read_excel(tmp_path / "t14.xlsx", sheet_name=None, header=2, dtype=str, engine="openpyxl")
    asked = sheets["事实表"].dropna(subset="指标")
    bodies = asked["指标"].map({one.title: one.reporter for one in catalogue.metrics.values()})
    own = {"人事部门", "基层医疗卫生机构", "统计年报"}
    assert {*bodies[asked["单位代码"] == "T14"]} == own
    assert {*bodies[asked["单位代码"] == "V014"]} == own | {"村卫生室"}
    assert set(asked["单位代码"]) == {unit for unit, _ in parts}
    institutions = sheets["机构表"].dropna(subset="单位代码").set_index("单位代码")["管理机构"]
    assert institutions["V014"] == "T14"
    assert {*institutions.index} == {"A01", "T14", "V014", "V028", "V042", "V056", "V070", "V084"}


def test_the_command_takes_filers_from_the_workbook(tmp_path: Path) -> None:
    """The survey is filed by an office of its own in place of the plan's health bureau."""
    book = openpyxl.load_workbook(ROOT / "examples" / "hz-xiacheng-2018" / "2020.xlsx")
    for row in (["填报部门", "单位代码"], ["第三方调查", "DC01"]):
        (book["填报分工表"] if "填报分工表" in book.sheetnames else book.create_sheet("填报分工表")).append(row)
    book.save(tmp_path / "in.xlsx")
    told = ["template", "demo-hz-xiacheng", "--period", "2020", "--split", "filer", "--out", str(tmp_path / "all")]
    done = CliRunner().invoke(app, [*told, "--from", str(tmp_path / "in.xlsx")])
    assert done.exit_code == 0, done.output
    names = sorted(path.stem for path in (tmp_path / "all").iterdir())
    assert [name for name in names if name[:2] in ("CZ", "DC", "GW", "RS", "WJ", "YB")] == [
        "CZ01-财政部门",
        "DC01-第三方调查",
        "GW01-公共卫生系统",
        "RS01-人社部门",
        "WJ01-卫生健康行政部门",
        "YB01-医保部门",
    ]
