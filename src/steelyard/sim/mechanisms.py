"""How a simulated day settles: one struct of choices per mechanism, and the table that `compare` runs.

A mechanism is an entry rule (A1) and whatever comes on top: bilateral offsetting as payments queue (A2), the
ordered multilateral set (A3), or the best plan with parts (A4), by the clock; settlement by cycles only; all of
it per currency or in one pool of value (A12).
"""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Entry = Literal["rtgs", "fifo", "bypass", "guarded", "cycle"]
Split = Literal["none", "top1", "all"]

BATCH_MINUTES = 15
BATCH_GAP_S = 30
CYCLES = (1, 4, 12, 48, 120)


class Mechanism(Struct, frozen=True, forbid_unknown_fields=True):
    """One way to settle a day.

    `entry`: rtgs refuses what cannot settle at once, fifo, bypass and guarded queue it, cycle lets everything
    wait for the next of `cycles_per_day`. `bilateral` and `multilateral` offset queues: as a payment queues, and
    in batches: every `batch_minutes`, and whenever the node's triggers say so, `batch_gap_s` apart at least
    (0: by the clock alone). `split` says which payments a plan may settle in parts, "" that there is no plan.
    `pool` holds one balance of value over all currencies. `fx` lets banks exchange spare currencies for those they
    lack, at reference rates, before each batch (A9). `fund` lets every participant bring in what a cycle
    asks of it, so that the money needed is what is measured.
    """

    entry: Entry = "bypass"
    bilateral: bool = False
    multilateral: bool = False
    split: Literal["", "none", "top1", "all"] = ""
    pool: bool = False
    fx: Literal["", "reference"] = ""
    cycles_per_day: int = 0
    batch_minutes: int = BATCH_MINUTES
    batch_gap_s: int = BATCH_GAP_S
    fund: bool = False

    @property
    def batched(self) -> bool:
        """Whether there are batches besides cycles."""
        return self.entry != "cycle" and (self.multilateral or bool(self.split))


STANDARD: dict[str, Mechanism] = {
    "rtgs": Mechanism(entry="rtgs"),
    "fifo": Mechanism(entry="fifo"),
    "bypass": Mechanism(entry="bypass"),
    "bilateral": Mechanism(entry="bypass", bilateral=True),
    "multilateral": Mechanism(entry="bypass", multilateral=True),
    "split-top1": Mechanism(entry="bypass", split="top1"),
    "split": Mechanism(entry="bypass", split="all"),
    "exchange": Mechanism(entry="bypass", multilateral=True, fx="reference"),
    "pooled": Mechanism(entry="bypass", multilateral=True, pool=True),
    "pooled-split": Mechanism(entry="bypass", split="all", pool=True),
    **{f"net-{count}": Mechanism(entry="cycle", cycles_per_day=count) for count in CYCLES},
    **{f"net-{count}-funded": Mechanism(entry="cycle", cycles_per_day=count, fund=True) for count in CYCLES},
}
"""What `compare` runs where a scenario names no mechanism of its own."""

MACHINE: dict[str, Mechanism] = {
    "guarded": Mechanism(entry="guarded", bilateral=True),
    "guarded-top1": Mechanism(entry="guarded", bilateral=True, split="top1"),
}
"""What goes through the machine where a scenario names no mechanism: a node's defaults, without solver and with."""


def as_a_node_runs(mechanism: Mechanism) -> Mechanism:
    """Give a mechanism as the machine runs it: wherever there is a queue pairs are offset, and a pool has a plan."""
    if mechanism.entry in ("rtgs", "cycle"):
        return mechanism
    if mechanism.pool and not mechanism.split:
        return replace(mechanism, bilateral=True, multilateral=False, split="none")
    return replace(mechanism, bilateral=True)


NODE: dict[str, Mechanism] = {
    name: as_a_node_runs(mechanism) for name, mechanism in STANDARD.items() if name != "bypass"
}
"""What `compare` runs through the machine, where a bypass queue offsets pairs in any case."""

TITLES = {
    "rtgs": "pure RTGS", "fifo": "FIFO queue", "bypass": "bypass queue", "bilateral": "+ bilateral offsetting",
    "multilateral": "+ multilateral offsetting", "split-top1": "+ plan, top 1 % in parts",
    "split": "+ plan, all in parts", "exchange": "+ exchange at reference rates",
    "pooled": "pooled", "pooled-split": "pooled, all in parts",
    "net-1": "netting, once a day", "net-4": "netting, 4 cycles", "net-12": "netting, 12 cycles",
    "net-48": "netting, 48 cycles", "net-120": "netting, 120 cycles", "net-1-funded": "netting, once, paid in",
    **{f"net-{count}-funded": f"netting, {count} cycles, paid in" for count in (4, 12, 48, 120)},
}  # fmt: skip


def fault(mechanism: Mechanism) -> str:
    """Say what contradicts itself in a mechanism; empty where nothing does."""
    if (mechanism.entry == "cycle") != (mechanism.cycles_per_day > 0):
        return "entry cycle and cycles_per_day go together"
    if not 0 <= mechanism.cycles_per_day <= 1440:
        return "cycles_per_day is 0 to 1440"
    if not 1 <= mechanism.batch_minutes <= 1440:
        return "batch_minutes is 1 to 1440"
    if not 0 <= mechanism.batch_gap_s <= 86_400:
        return "batch_gap_s is 0 to 86400"
    if mechanism.fund and mechanism.entry != "cycle":
        return "fund is for settlement by cycles"
    if mechanism.split and mechanism.multilateral:
        return "a plan with split replaces multilateral; name one of them"
    if mechanism.fx and (mechanism.pool or not (mechanism.multilateral or mechanism.split)):
        return "fx goes before batches per currency: with multilateral or split, not with a pool"
    if mechanism.entry == "rtgs" and (mechanism.bilateral or mechanism.multilateral or mechanism.split):
        return "rtgs queues nothing, so there is nothing to offset"
    return ""
