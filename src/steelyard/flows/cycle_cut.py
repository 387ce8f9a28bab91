"""Who is in a netting cycle from its cut on, packed in one fact: a record of 45 bytes per obligation.

They stand in the order in which they are in the cycle: by class, then `seq`, then UETR. So whoever has the fact can
see that the cut is what it must be, and in which order the legs of the bundle stand.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from steelyard.flows.cycle_rows import Table
from steelyard.flows.liquidity_facts import CycleCut
from steelyard.flows.pair_sums import Ints
from steelyard.liquidity.cycles import Cycle

ROW = np.dtype(
    [
        ("uetr", "V16"), ("payer", "<u4"), ("payee", "<u4"), ("asset", "<u4"), ("priority", "u1"), ("seq", "<i8"),
        ("open_minor", "<i8"),
    ]
)  # fmt: skip
"""One obligation; payer, payee and asset are places among the fact's names."""


class Obligation(NamedTuple):
    """One obligation as the cut found it."""

    uetr: bytes
    payer: str
    payee: str
    asset: str
    priority: int
    seq: int
    open_minor: int


def in_order(rows: Table, chosen: Ints) -> Ints:
    """Give the places of chosen rows by class, `seq` and UETR."""
    halves = np.frombuffer(b"".join([rows.uetrs[place] for place in chosen.tolist()]), ">u8").reshape(-1, 2)
    found: Ints = chosen[np.lexsort((halves[:, 1], halves[:, 0], rows.seq[chosen], rows.priority[chosen]))]
    return found


def pack(cycle: Cycle, table: Table, places: Sequence[int]) -> CycleCut:
    """Give the fact that these rows of a table are in a cycle."""
    names = sorted({name for member in table.members for name in member})
    number = {name: place for place, name in enumerate(names)}
    bics = np.array([number[bic] for bic, _ in table.members], np.int64)
    assets = np.array([number[asset] for _, asset in table.members], np.int64)
    where = np.array(places, np.int64)
    rows = np.zeros(len(where), ROW)
    rows["uetr"] = np.frombuffer(b"".join([table.uetrs[place] for place in places]), "V16")
    rows["payer"], rows["payee"] = bics[table.payer[where]], bics[table.payee[where]]
    rows["asset"], rows["priority"] = assets[table.payer[where]], table.priority[where]
    rows["seq"], rows["open_minor"] = table.seq[where], table.open[where]
    return CycleCut(cycle.cycle_id, cycle.number, tuple(names), rows.tobytes())


def obligations(names: Sequence[str], rows: bytes) -> Iterator[Obligation]:
    """Give what a fact says is in its cycle, in order."""
    for uetr, payer, payee, asset, priority, seq, open_minor in np.frombuffer(rows, ROW).tolist():
        yield Obligation(uetr, names[payer], names[payee], names[asset], priority, seq, open_minor)
