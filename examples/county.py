"""The fictitious county's figures: what each institution would have filled in, period by period.

Sizes follow the published per-head figures of eight pilot counties (ChinaXiv-202207.00201, table 1, 2019): income of
25–32 万元 per head on post in township hospitals, 1,100–2,200 service units per head. Everything else is made up.
Amounts are whole fen; the same period always gives the same figures.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from units import ALLIANCE, DISTRICT, Unit, units

from domain.period import Period

Fact = tuple[str, str, str, str | int | float, str]  # period, unit, metric, value, note
Money = tuple[str, str, str, int, str]  # period, unit, item, fen, document
Paid = Mapping[tuple[str, str, str], int]  # (period, pool, unit) → fen, of earlier runs

WAN = 1_000_000  # 万元 in fen
PERFORMANCE, PREPAYMENT, SETTLEMENT = "performance", "surplus-prepay", "surplus-settled"
VILLAGE_FEE = "village-signing"
CURRENT = ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")
SEASON = {1: 24, 2: 25, 3: 25, 4: 26}
MARGIN = {"T09": Fraction("1.12"), "T12": Fraction("0.945")}  # cost / income: T09 loses money, T12 hardly earns any
NOT_POSTED = "T13"  # the lead hospital's doctor comes only from 2026Q2 on
POOR = ("T06", "T11", "T13")
NEW_HEADS = {"T06": 7, "T14": 6}  # heads appointed in June; T14 belongs from July
BEST = ("T01", "T03", "T08", "C01")


@dataclass(frozen=True)
class Profile:
    """Per head and year in fen: income of medical services, its cost, drugs, staff income, approved pay total."""

    service: int
    cost: int
    drugs: int
    staff_income: int
    quota: int


def noise(*key: object) -> float:
    """The same number in [0, 1) for the same key, on every machine."""
    return random.Random("/".join(map(str, key))).random()  # noqa: S311  (made-up figures, no secret)


def profile(unit: Unit, year: int) -> Profile:
    """The profile of an institution; 2026 is a little better than 2025."""
    growth = Fraction(100 + 4 * (year - 2025), 100)

    def wan(amount: str) -> int:
        return int(Fraction(amount) * growth * WAN)

    if unit.tier == "lead":
        return Profile(wan("20.5"), wan("18.9"), wan("21"), wan("14.2"), wan("10.4"))
    if unit.tier == "county":
        return Profile(wan("17"), wan("15.9"), wan("16.5"), wan("12.6"), wan("9.4"))
    if unit.ownership == "private":
        return Profile(wan("12"), wan("10.9"), wan("6"), wan("9.6"), 0)
    spread = Fraction(int(noise("profile", unit.code) * 100), 100)
    service = Fraction("8.1") + spread
    cost = service * MARGIN.get(unit.code, Fraction("0.74") + spread / 20)
    pay, quota = Fraction("10.4") + spread * Fraction("0.7"), Fraction("8.0") + spread / 4
    return Profile(*(int(amount * growth * WAN) for amount in (service, cost, Fraction("7.4"), pay, quota)))


def quality(unit: Unit, period: Period) -> float:
    """How well an institution does its work, about 0.6 … 1; it drifts up by a point a quarter."""
    base = 0.70 if unit.code in POOR else 0.93 if unit.code in BEST else 0.76 + 0.14 * noise("quality", unit.code)
    quarters = (period.year - 2025) * 4 + (period.number if period.kind == "quarter" else 4)
    return min(0.985, base + 0.008 * quarters + 0.02 * (noise("drift", unit.code, period) - 0.5))


def share(unit: Unit, metric: str, period: Period, low: float, high: float) -> float:
    """A rate between low and high by quality."""
    shaky = 0.04 * (noise(metric, unit.code, period) - 0.5)
    return min(high, max(low, low + (high - low) * ((quality(unit, period) - 0.6) / 0.4 + shaky)))


def part(period: Period) -> Fraction:
    """The period's part of a year's business."""
    return Fraction(1) if period.kind == "year" else Fraction(SEASON[period.number], 100)


def volume(unit: Unit, metric: str, yearly: float, period: Period) -> int:
    """A count of things done in the period."""
    growth = 1.02 if metric == "visits" and not unit.hospital and period.year > 2025 else 1
    return round(yearly * growth * float(part(period)) * (0.985 + 0.03 * noise(metric, unit.code, period)))


def _grassroots(unit: Unit, period: Period) -> Iterator[tuple[str, int | float | str]]:
    """Facts of a township hospital or community centre."""
    people = unit.residents
    key = round(people * 0.36)
    chronic = round(key * 0.52)
    posted = 0 if unit.code == NOT_POSTED and period.start.year * 10 + period.number < 20262 else 1
    staff = posted * (1 + round(unit.staff / 40))
    staff_long = max(posted, round(staff * share(unit, "long", period, 0.6, 1.0))) if staff else 0
    yield "resident_population", people
    yield "resident_posting", "是" if posted else "否"
    yield "posted_staff", staff
    yield "posted_attending", min(staff, posted + (unit.staff > 60))
    yield "posted_six_months", staff_long
    yield "posting_days", volume(unit, "posting_days", staff * 210, period)
    yield "imaging_covered", "是" if unit.code not in ("T12", "T14") else "否"
    yield "ecg_covered", "是"
    yield "telemedicine_covered", "是" if unit.code != "T14" or period.year > 2025 else "否"
    yield "key_population", key
    signed = share(unit, "signed_key", period, 0.50, 0.78) if unit.signing else 0.0
    yield "signed_key", round(key * signed)
    yield "signed_residents", round(people * (0.62 * signed))
    due = volume(unit, "contracts_due", people * 0.3 if unit.signing else 0, period)
    yield "contracts_due", due
    yield "contracts_renewed", round(due * share(unit, "renewed", period, 0.70, 0.97))
    items = volume(unit, "service_items_due", people * 0.9 if unit.signing else 0, period)
    yield "service_items_due", items
    yield "service_items_done", round(items * share(unit, "items", period, 0.72, 0.985))
    yield "signed_person_months", round(people * 0.62 * signed) * period.months
    for disease, people_with in (("hypertension", round(chronic * 0.7)), ("diabetes", round(chronic * 0.3))):
        managed = round(people_with * share(unit, disease, period, 0.72, 0.94))
        yield f"{disease}_due", people_with
        yield f"{disease}_managed", managed
        yield f"{disease}_standard", round(managed * share(unit, disease + "s", period, 0.62, 0.90))
        yield f"{disease}_controlled", round(managed * share(unit, disease + "c", period, 0.48, 0.76))
        yield f"{disease}_admitted", round(managed * (0.10 - 0.06 * share(unit, disease + "a", period, 0, 1)))
    clinics = VILLAGES_OF.get(unit.code, 0)
    yield "village_clinic_count", clinics
    yield "village_clinics_essential_drugs", clinics
    yield "outreach_visits", volume(unit, "outreach", clinics * 12 * share(unit, "outreach", period, 0.6, 1.1), period)
    yield "up_referrals", volume(unit, "up", unit.staff * 9, period)
    yield "general_practitioners", max(2, round(unit.staff * 0.11))


def _hospital(unit: Unit, period: Period) -> Iterator[tuple[str, int | float | str]]:
    """Facts of the lead hospital and the 中医院."""
    slots = volume(unit, "slots", unit.staff * 60, period)
    beds = round(unit.staff * 0.85)
    exams = volume(unit, "exams", unit.staff * 70, period)
    generous = 0.19 if unit.tier == "lead" else 0.175
    yield "expert_slots_total", slots
    yield "expert_slots_reserved", round(slots * (generous + 0.03 * noise("slots", unit.code, period)))
    yield "beds_total", beds
    yield "beds_reserved", round(beds * (0.18 + 0.02 * noise("beds", unit.code, period)))
    yield "exams_total", exams
    yield "exams_reserved", round(exams * (generous + 0.04 * noise("exams", unit.code, period)))
    yield "down_referrals", round(volume(unit, "down", unit.staff * 4.4, period) * (1 + 0.12 * (period.year - 2025)))
    yield "weekend_expert_visits", volume(unit, "weekend", unit.staff * 0.9, period)
    yield "drg_dip_paid", "是"
    general = "是" if unit.tier == "lead" else "否"  # the other one is the 中医院
    yield "general_hospital", general
    yield "gp_department", general
    if unit.tier == "lead":
        yield "lead_hospital_level", 2


def _village(unit: Unit, period: Period) -> Iterator[tuple[str, int | float | str]]:
    due = volume(unit, "followups", unit.residents * 0.5, period)
    yield "village_residents", unit.residents
    yield "village_signed", round(unit.residents * share(unit, "signed", period, 0.30, 0.66)) if unit.signing else 0
    yield "village_followups_due", due
    yield "village_followups_done", round(due * share(unit, "followups", period, 0.70, 0.99))
    yield "telemedicine_covered", "是" if noise("tele", unit.code) < 0.8 or period.year > 2025 else "否"


def _alliance(period: Period) -> Iterator[tuple[str, int | float | str]]:
    insured = 483_000
    visits = round(insured * 6.4 * float(part(period)))
    admissions = round(insured * 0.17 * float(part(period)))
    quarters = (period.year - 2025) * 4 + (period.number if period.kind == "quarter" else 4)
    yield "tertiary_experts_resident", 3
    yield "capitation_joined", "是"
    yield "insured_persons", insured
    yield "insured_visits", visits
    yield "insured_visits_in_county", round(visits * (0.905 + 0.002 * quarters))
    yield "insured_admissions", admissions
    yield "insured_admissions_in_county", round(admissions * (0.80 + 0.005 * quarters))
    yield "appraisals_completed", 1
    yield "tight_standard_met", "是"
    yield "head_grassroots_representatives", 2
    yield "unified_management_total", 7
    yield "unified_management_done", min(7, 5 + quarters // 4)


def _district(people: int) -> Iterator[tuple[str, int | float | str]]:
    yield "resident_population", people
    yield "mechanism_established", "是"
    yield "community_centre_count", 3
    yield "township_centre_count", 14


def facts(period: Period) -> list[Fact]:
    """Everything that is not money, of one period."""
    text = str(period)
    rows: list[Fact] = []
    everybody = units()
    people = sum(unit.residents for unit in everybody if unit.public_grassroots)
    for unit in everybody:
        found: list[tuple[str, int | float | str]] = []
        if unit.tier in ("township", "community"):
            visits = volume(unit, "visits", unit.staff * 1120, period)
            found = [
                *_grassroots(unit, period),
                ("visits", visits),
                ("discharges", volume(unit, "in", unit.staff * 8, period)),
            ]
        elif unit.hospital:
            visits = volume(unit, "visits", unit.staff * (880 if unit.tier == "lead" else 720), period)
            found = [
                *_hospital(unit, period),
                ("visits", visits),
                ("discharges", volume(unit, "in", unit.staff * 44, period)),
            ]
        elif unit.tier == "village":
            found = [*_village(unit, period), ("visits", volume(unit, "visits", unit.staff * 1900, period))]
        elif unit.code == ALLIANCE:
            found = list(_alliance(period))
        elif unit.code == DISTRICT:
            found = list(_district(people))
        if unit.staff:
            found.append(("heads_on_post", unit.staff))
        if period.kind == "year" and (unit.hospital or unit.public_grassroots):
            found.append(("head_months", NEW_HEADS.get(unit.code, 12)))
        rows.extend((text, unit.code, metric, value, "") for metric, value in found)
    return rows


def _villages_of() -> dict[str, int]:
    clinics = [unit for unit in units() if unit.tier == "village"]
    towns = [f"T{number:02d}" for number in range(1, 15)]
    return {town: sum(1 for clinic in range(len(clinics)) if clinic % 14 == place) for place, town in enumerate(towns)}


VILLAGES_OF = _villages_of()
