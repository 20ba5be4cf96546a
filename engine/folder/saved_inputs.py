"""The inputs that a folder keeps: the plan that was carried out, with its own catalogue and packs, and a run's data."""

from __future__ import annotations

from pathlib import Path

from domain.period import Period
from domain.problems import InputProblems, Problem
from engine.policy.configs import CATALOGUE, PACKS, PLAN, Configs, run_configs
from engine.policy.load import Loaded, load

DATA = "data"


def keep_plan(configs: Configs, loaded: Loaded, inputs: Path) -> None:
    """Write the plan with its packs and the catalogue, as they were read; `inputs` is made."""
    (inputs / PLAN / PACKS).mkdir(parents=True)
    plan = loaded.plan_file.with_suffix(".yaml").name
    (inputs / PLAN / plan).write_bytes(configs.content(loaded.plan_file))
    for file in loaded.pack_files:
        (inputs / PLAN / PACKS / file.name).write_bytes(configs.content(file))
    (inputs / CATALOGUE).write_bytes(configs.content(configs.catalogue_in))


def saved_plan(inputs: Path, period: Period) -> tuple[Configs, Loaded]:
    """The plan of a saved run, as it is in force for the period. Raises InputProblems, also PLAN-MISSING."""
    plans = sorted((inputs / PLAN).glob("*.yaml"))
    if len(plans) != 1:
        raise InputProblems([Problem(f"{inputs.name}/{PLAN}", "PLAN-MISSING", "保存的方案缺失", "从备份取回")])
    configs = run_configs(inputs)
    return configs, load(configs, plans[0], period.end, alone=True)  # whoever made the folder took this plan


def data_in(inputs: Path) -> Path:
    """The data of a saved run as `engine.read.reader.read` takes it: the one workbook, or the folder."""
    data = inputs / DATA
    files = sorted(data.iterdir())
    return files[0] if len(files) == 1 and files[0].suffix.lower() not in {".csv", ".parquet"} else data
