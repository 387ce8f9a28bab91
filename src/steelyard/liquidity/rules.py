"""The section `liquidity` of a rulebook: every figure about batches and parts, with its default.

Times are in ms, shares in basis points, amounts in minor units by currency. Whoever brings a rulebook into force
reads it with `read` first, so that a broken one never comes into force.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

MS = 1_000_000
TIME_MAX_MS = 86_400_000
WHOLE_BP = 10_000
TRIES_MAX = 10
ORDERS_MAX = 100_000
AMOUNT_END = 10**18
STEPS_MAX = 5
LAPSES_MAX = 100
YEAR_MS = 366 * TIME_MAX_MS
USES_MAX = 200
"""Most eligible uses of one currency's surplus"""
_TIMES = (
    "batch_every_ms", "batch_gap_ms", "batch_answer_ms", "batch_age_ms", "cycle_answer_ms", "cycle_replan_ms",
    "cycle_notice_ms", "cycle_funding_ms", "ring_expiry_ms", "cycle_extend_max_ms",
)  # fmt: skip


class SurplusUse(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a surplus may go into: an import, a security, a line. It is shown, and nothing is done by it."""

    kind: Literal["import", "security", "line"]
    name: Annotated[str, Meta(min_length=1, max_length=140)]
    note: Annotated[str, Meta(max_length=500)] = ""
    """on what terms, or where it is offered"""


class LiquidityRules(Struct, frozen=True, forbid_unknown_fields=True):
    """The figures of one version."""

    batch_every_ms: int = 900_000
    """how often the queue of an open currency is given to the solver, whatever happens"""
    batch_gap_ms: int = 30_000
    """how long at least between two batches that events bring about"""
    batch_answer_ms: int = 20_000
    """how long a batch waits for its proposal"""
    batch_age_ms: int = 120_000
    """how old a snapshot may be when its proposal comes"""
    batch_tries: int = 3
    """how often a batch is asked for again whose proposal was refused"""
    batch_inflow_bp: int = 500
    """how much money, as a share of what is queued, must come in to bring about a batch"""
    cycle_answer_ms: int = 60_000
    """how long a cycle that was cut waits for the solver's plan"""
    cycle_replan_ms: int = 20_000
    """how long it waits for the plan of what was paid in"""
    cycle_notice_ms: int = 60_000
    """how long its members have known what they owe when pay-ins begin"""
    cycle_funding_ms: int = 1_800_000
    """how long they may pay in"""
    cycle_steps_bp: tuple[int, ...] = (5_000, 10_000)
    """what of its call a member has paid at each step, at equal distances; the last is the deadline"""
    cycle_extend_max_ms: int = 1_800_000
    """by how much the end of the pay-ins may be moved"""
    fx_batch_every_ms: int = 900_000
    """how far apart the turns of FX batches are while there are orders; 0: by command alone"""
    pvp_every_ms: int = 60_000
    """how far apart the turns of the PvP queue are while trades wait in it"""
    fx_orders_max: int = 1_000
    """how many FX orders of one participant may stand"""
    fx_floating: tuple[str, ...] = ()
    """currencies whose orders among each other find their prices in an auction"""
    fx_orders_min: int = 200
    """how many orders each currency of an auction has"""
    fx_band_bp: int = 200
    """how far from the reference rates prices of an auction may lie"""
    ring_expiry_ms: int = 86_400_000
    """how long a ring waits for the consent of all its holders"""
    ring_every_ms: int = 86_400_000
    """how far apart rings of surplus are matched while anything is offered; 0: by command alone"""
    ring_lapses_max: int = 3
    """how many matches whose rings lapse by one holder let its offers rest; 0: none ever do"""
    ring_lapse_window_ms: int = 2_592_000_000
    """how long a lapse counts"""
    ring_rest_ms: int = 604_800_000
    """how long offers of who has let so many lapse are left out of matching"""
    surplus_uses: dict[str, tuple[SurplusUse, ...]] = {}
    """what a surplus of each currency may go into, as the surplus report lists it"""
    claims_max: int = 10_000
    """how many open claims one participant may have filed for set-off"""
    split_above_minor: dict[str, int] = {}
    """the amount above which a payment may settle in parts, by currency, in place of the one that is counted"""
    part_floor_bp: int = 100
    """the least that a part may be, and leave, as a share of the payment's amount"""


def read(section: Mapping[str, Any]) -> LiquidityRules:
    """Read the section; raises msgspec.ValidationError on a name unknown or a figure that cannot be worked with.

    >>> read({"batch_gap_ms": 5_000}).batch_gap_ms
    5000
    """
    rules = msgspec.convert(section, LiquidityRules)
    fault = _fault(rules)
    if fault:
        raise msgspec.ValidationError(fault)
    return rules


def _fault(rules: LiquidityRules) -> str:
    """Name the first figure that cannot be worked with, or nothing."""
    for name in _TIMES:
        if not 0 < getattr(rules, name) <= TIME_MAX_MS:
            return f"{name} is more than zero and at most a day"
    steps = rules.cycle_steps_bp
    if not 0 < len(steps) <= STEPS_MAX or list(steps) != sorted(set(steps)):
        return f"cycle_steps_bp are at most {STEPS_MAX} shares, ascending"
    if steps[0] <= 0 or steps[-1] != WHOLE_BP:
        return "cycle_steps_bp end with the whole"
    if not 0 <= rules.batch_tries <= TRIES_MAX:
        return f"batch_tries is at most {TRIES_MAX}"
    if not 0 <= rules.batch_inflow_bp <= WHOLE_BP:
        return "batch_inflow_bp is at most the whole"
    if not 0 < rules.pvp_every_ms <= TIME_MAX_MS:
        return "pvp_every_ms is more than zero and at most a day"
    if not 0 <= rules.fx_batch_every_ms <= TIME_MAX_MS or not 0 <= rules.fx_band_bp < WHOLE_BP:
        return "fx_batch_every_ms is at most a day, fx_band_bp below the whole"
    if not 0 <= rules.ring_every_ms <= TIME_MAX_MS:
        return "ring_every_ms is at most a day"
    if not 0 <= rules.ring_lapses_max <= LAPSES_MAX:
        return f"ring_lapses_max is at most {LAPSES_MAX}"
    if not (0 < rules.ring_lapse_window_ms <= YEAR_MS and 0 < rules.ring_rest_ms <= YEAR_MS):
        return "ring_lapse_window_ms and ring_rest_ms are more than zero and at most a year"
    if any(len(uses) > USES_MAX for uses in rules.surplus_uses.values()):
        return f"surplus_uses are at most {USES_MAX} of a currency"
    if not 0 <= rules.claims_max <= ORDERS_MAX:
        return f"claims_max is at most {ORDERS_MAX}"
    if not (0 <= rules.fx_orders_max <= ORDERS_MAX and 0 <= rules.fx_orders_min <= ORDERS_MAX):
        return f"fx_orders_max and fx_orders_min are at most {ORDERS_MAX}"
    if not all(0 <= minor < AMOUNT_END for minor in rules.split_above_minor.values()):
        return "split_above_minor are amounts, or zero for any"
    if not 0 <= rules.part_floor_bp <= WHOLE_BP:
        return "part_floor_bp is at most the whole"
    return ""
