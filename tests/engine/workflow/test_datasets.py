"""Submissions as one dataset, and the run on it, which is that of the whole table."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from domain.pack import Pack
from domain.problems import InputProblems
from engine.folder.execute import execute
from engine.folder.explain import explain
from engine.folder.story_text import say
from engine.folder.verify import verify
from engine.read import read
from engine.read.uploads import Upload
from engine.workflow.datasets import Dataset, assemble, dry_read
from engine.workflow.figures import figures_of
from engine.workflow.submitted import outside, read_figures, read_submission
from tests.engine.workflow.collecting import FACTS, QUARTER, SMALL, County, kept

PACK = Pack.model_validate(
    {
        "id": "first-2026", "title": "任务", "number": None, "issuer": "某局", "level": "县", "region": "330000",
        "status": "in_force",
        "duties": [{"id": "F1", "title": "印发方案", "evidence": "文件", "deadline": date(2026, 6, 30),
                    "cite": {"clause": "一"}}],
    }
)  # fmt: skip


def table(dataset: Dataset, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(dataset.files[name].decode(), newline="")))


# The run


@pytest.fixture(scope="module")
def runs(county: County, folder: Path, tmp_path_factory) -> tuple[Path, Path]:
    out = tmp_path_factory.mktemp("runs")
    for name, data in (("whole", SMALL / "data"), ("parts", folder)):
        execute(county.configs, county.plan, data, QUARTER, out / name)
    return out / "whole", out / "parts"


def places(county: County, folder: Path) -> dict[str, str]:
    """By the cell of the whole table the place that the dataset gives the same figure."""
    again = read(folder, county.configs.catalogue, county.loaded.plan, QUARTER, county.loaded.packs)
    found = {}
    for name, keys in (("facts", ["period", "unit_code", "metric"]), ("money", ["period", "unit_code", "item"])):
        both = getattr(county.whole, name).merge(getattr(again, name), on=[*keys, *["document"] * (name == "money")])
        found.update(zip(both["source_x"], both["source_y"], strict=True))
    return found


def at_place(value: object, found: dict[str, str]) -> object:
    """A story with the places in the stead of the cells; which of several stands first is a matter of the tables."""
    if isinstance(value, dict):
        return {key: at_place(inner, found) for key, inner in value.items()}
    if isinstance(value, list):
        inner = [at_place(one, found) for one in value]
        return sorted(inner, key=str) if {one for one in inner if isinstance(one, str)} & {*found.values()} else inner
    return found.get(value, value) if isinstance(value, str) else value


def test_the_run_on_the_dataset_is_the_run_on_the_whole_table(county: County, folder: Path, runs) -> None:
    whole, parts = runs
    found = places(county, folder)
    assert len(found) == len(county.whole.facts) + len(county.whole.money)
    tables = sorted(path.name for path in whole.glob("*.csv"))
    assert tables == sorted(path.name for path in parts.glob("*.csv"))
    assert {"allocations.csv", "scores.csv", "permits.csv", "quota.csv"} <= set(tables)
    for name in set(tables) - {"checks.csv"}:
        assert (parts / name).read_bytes() == (whole / name).read_bytes(), name
    old, new = (pd.read_csv(one / "checks.csv", dtype=str, keep_default_na=False) for one in runs)
    old["cell"] = old["cell"].map(found)
    columns = [str(name) for name in old.columns if name != "n"]  # numbered in the order of the cells
    assert sorted(map(tuple, old[columns].to_numpy())) == sorted(map(tuple, new[columns].to_numpy()))
    first, second = (json.loads((one / "explain.json").read_text(encoding="utf-8")) for one in runs)
    assert at_place(first, found) == at_place(second, found)


def test_verify_and_explain_show_the_clerk_s_own_cell(runs) -> None:
    whole, parts = runs
    assert verify(parts).problems == ()
    said = say(explain(parts, "T1", pool="reward"))
    assert "T1-东乡卫生院.xlsx 事实表!F" in said
    assert "facts.csv" not in said
    assert "facts.csv!D" in say(explain(whole, "T1", pool="reward"))


def test_a_place_changed_in_the_run_folder_is_found(runs, tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    shutil.copytree(runs[1], forged)
    facts = forged / "inputs" / "data" / "facts.csv"
    text = facts.read_text(encoding="utf-8")
    assert "T1-东乡卫生院.xlsx" in text
    facts.write_text(text.replace("T1-东乡卫生院.xlsx", "T2-西乡卫生院.xlsx"), encoding="utf-8")
    assert [problem.where for problem in verify(forged).problems][:1] == ["inputs/data/facts.csv"]


# The dataset


def test_the_same_figure_in_two_submissions_names_both_cells(county: County, submissions, one) -> None:
    more = one(f"{FACTS}\n2026Q3,T1,heads_on_post,4,\n").figures
    with pytest.raises(InputProblems) as refused:
        assemble(county.register, [*submissions, more], county.configs.catalogue)
    (problem,) = refused.value.problems
    assert (problem.where, problem.code) == ("facts.csv!D2", "DUPLICATE")
    assert "T1 2026年第3季度 在岗人数 与 T1-东乡卫生院.xlsx 事实表!F6 重复" in problem.message


def test_a_cell_left_empty_gives_way_to_one_that_is_filled(county: County, one) -> None:
    catalogue = county.configs.catalogue
    empty = one(f"{FACTS}\n2026Q3,T1,heads_on_post,,\n2026Q3,T1,resident_satisfaction_full,,\n").figures
    filled = one(f"{FACTS}\n2026Q3,T1,heads_on_post,4,\n", name="b.csv").figures
    found = assemble(county.register, [empty, filled], catalogue)
    assert [(row["metric"], row["value"], row["place"]) for row in table(found, "facts.csv")] == [
        ("heads_on_post", "4", "b.csv!D2"),
        ("resident_satisfaction_full", "", "facts.csv!D3"),
    ]
    assert assemble(county.register, [filled, empty], catalogue).sha == found.sha


def test_one_submission_of_everything_stands_for_those_who_handed_in_nothing(
    county: County, submissions, folder
) -> None:
    catalogue = county.configs.catalogue
    everything = [figure for figures in submissions for figure in figures]
    own = next(figures for figures in submissions if figures[0].unit == "T1")
    rest = outside(everything, county.parts["T1"], catalogue)
    assert {figure.unit for figure in rest} == {"A1", "A2", "C1", "C2", "H1", "H2", "T2", "T3", "T4"}
    assert assemble(county.register, [own, rest], catalogue).sha == folder.name


def test_two_registers(county: County) -> None:
    rows = figures_of(county.register, county.configs.catalogue, register=True)
    for register, given in ((county.register, [rows]), (None, [rows, rows])):
        with pytest.raises(InputProblems, match="REGISTER-TWICE"):
            assemble(register, given, county.configs.catalogue)


def test_the_same_content_has_the_same_name(county: County, submissions, folder: Path) -> None:
    """In whatever order the submissions and their rows come; another place is another content."""
    catalogue = county.configs.catalogue
    turned = assemble(county.register, [tuple(reversed(one)) for one in reversed(submissions)], catalogue)
    assert turned.sha == folder.name
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert kept(turned, folder.parents[1]) == folder
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    first = replace(submissions[-1][0], place="另一处")
    other = assemble(county.register, [*submissions[:-1], (first, *submissions[-1][1:])], catalogue)
    assert other.sha != turned.sha


def test_every_kind_of_row_is_taken_back_unchanged(county: County, tmp_path: Path) -> None:
    """Percentages up to 1, yes and no, documents (with the rows they replace), diseases, tasks, a file's name."""
    facts = [
        ("published_visit_rate", "A1", "0.5%"), ("published_admission_share", "A1", "99.764"),
        ("imaging_covered", "T1", "是"), ("heads_on_post", "T1", "4"),
    ]  # fmt: skip
    money = [("文1", "", "100"), ("文2", "代替 文1", "90"), ("文3", "追加", "10"), ("文4", "冲销 文2", "-5")]
    body = {
        "facts": [{"period": "2026Q3", "unit_code": unit, "metric": code, "value": value, "note": "原因"}
                  for code, unit, value in facts],
        "money": [{"period": "2026", "unit_code": "T1", "item": "quota_approved", "amount": amount, "document": name,
                   "word": word} for name, word, amount in money],
        "diseases": [{"period": "2026", "unit_code": "A1", "disease": "J18", "disease_name": "肺炎",
                      "outbound": 3, "cases": 10}],
    }  # fmt: skip
    done = {"entry": "F1", "completed_on": "2026-06-12", "progress": "3/3", "evidence": "县卫〔2026〕3号"}
    body["completions"] = [done]
    asked = replace(county.asked(), packs={"first-2026": PACK})
    found = read_submission([Upload("'=1+1.json", json.dumps(body).encode())], asked)
    assert found.problems == ()
    assert [figure.value for figure in found.figures if figure.table == "money"] == [
        "100.00", "90.00", "10.00", "-5.00",
    ]  # fmt: skip
    again = read_figures(found.figures, asked)
    assert again.figures == found.figures
    dataset = assemble(county.register, [found.figures], county.configs.catalogue)
    assert table(dataset, "facts.csv")[0]["place"] == "'=1+1.json facts!D3"
    folder = kept(dataset, tmp_path)
    back = read(folder, county.configs.catalogue, county.loaded.plan, QUARTER, asked.packs)
    assert set(back.facts["source"]) == {f"=1+1.json facts!D{row}" for row in range(2, 6)}
    assert back.diseases is not None
    assert back.diseases[["name", "outbound", "cases"]].to_numpy().tolist() == [["肺炎", 3, 10]]
    assert back.completions is not None
    assert back.completions.iloc[0].tolist() == [
        "first-2026:F1", "", date(2026, 6, 12), "3/3", "县卫〔2026〕3号", "", "=1+1.json completions!B2",
    ]  # fmt: skip
    assert back.money["document"].tolist() == ["文2", "文3", "文4"]  # 文1 counts no longer, in the run alone


# The dry reading


def test_the_dry_reading_tells_what_a_run_would(county: County, submissions, folder: Path, tmp_path: Path) -> None:
    found = dry_read(county.configs, county.plan, folder, QUARTER)
    assert found.problems == ()
    assert "T1-东乡卫生院.xlsx 资金表!E4" in set(found.findings["cell"])
    assert set(found.findings["answer"]) == {"小县的数是为手算编的", ""}
    wrong = [tuple(replace(figure, value="101") if figure.code == "resident_satisfaction_score" else figure
                   for figure in one) for one in submissions]  # fmt: skip
    bad = kept(assemble(county.register, wrong, county.configs.catalogue), tmp_path)
    refused = dry_read(county.configs, county.plan, bad, QUARTER)
    assert refused.result is None
    assert {problem.code for problem in refused.problems} == {"PART-GT-WHOLE"}
    assert "T1-东乡卫生院.xlsx 事实表!F4" in {problem.where for problem in refused.problems}
