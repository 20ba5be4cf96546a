"""The card of `benchmarks.scoring` as an OpenFisca system: a variable per value, per share and for the total."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from openfisca_core import entities, periods, simulations, taxbenefitsystems, variables

from benchmarks.scoring import ITEMS, KINDS, Array, weighed

YEAR = "2026"


def system() -> Any:
    """The system; a share's formula is its kind of curve, the total's the weighing of all of them."""
    unit = entities.build_entity(key="unit", plural="units", label="单位", is_person=True)
    made = taxbenefitsystems.TaxBenefitSystem([unit])

    def variable(name: str, kind: type, **more: Callable[..., Array]) -> None:
        body = {"value_type": kind, "entity": unit, "definition_period": periods.DateUnit.YEAR, "label": name}
        made.add_variable(type(name, (variables.Variable,), body | more))

    def share(item: int) -> Callable[..., Array]:
        return lambda unit, period: KINDS[item % len(KINDS)](unit(f"value_{item}", period))

    def total(unit: Any, period: Any) -> Array:
        columns = [[unit(f"{name}_{item}", period) for item in range(ITEMS)] for name in ("share", "there")]
        return weighed(*(np.stack(one, axis=1) for one in columns))

    for item in range(ITEMS):
        variable(f"value_{item}", float)
        variable(f"there_{item}", bool)
        variable(f"share_{item}", float, formula=share(item))
    variable("total", float, formula=total)
    return made


def simulation(values: Array, ok: Array) -> Callable[[], Array]:
    """One simulation of all units: inputs set, the total asked for. values, ok: (units, items)."""
    made = system()

    def work() -> Array:
        run = simulations.SimulationBuilder().build_default_simulation(made, count=len(values))
        for item in range(ITEMS):
            run.set_input(f"value_{item}", YEAR, values[:, item])
            run.set_input(f"there_{item}", YEAR, ok[:, item])
        found: Array = run.calculate("total", YEAR)
        return found

    return work
