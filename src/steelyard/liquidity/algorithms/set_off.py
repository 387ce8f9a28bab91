"""A7, set-off: the most that claims in circles cancel, without any money. A4 with no funds, on claims.

What flows is a circulation over the members alone, so each one's claims and debts fall by the same sum. Inside
a pair the claims due first go first; the last of them may be set off in part.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from steelyard.liquidity.algorithms.filling import Columns, fill
from steelyard.liquidity.algorithms.flow import prove, too_large
from steelyard.liquidity.algorithms.layout import Layout
from steelyard.liquidity.algorithms.network import Rooms
from steelyard.liquidity.certificate import Certificate
from steelyard.liquidity.claims import Claim, net_positions
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.solver import FlowSolver, Ints


@dataclass(frozen=True, slots=True)
class Notice:
    """What both sides are told of one claim: what of it is set off now and what stays open."""

    claim: str
    debtor: str
    creditor: str
    set_off_minor: int
    left_minor: int


@dataclass(frozen=True, slots=True)
class SetOff:
    """Notices in the order (due, id), their sum, and the proof that no more can be set off.

    Nothing is set off, unproved, where the sums reach 2^62.
    """

    notices: tuple[Notice, ...]
    value_minor: int
    certificate: Certificate | None

    @property
    def parts(self) -> dict[str, int]:
        """Give what is set off by claim."""
        return {notice.claim: notice.set_off_minor for notice in self.notices}


def set_off(claims: Iterable[Claim], *, solver: FlowSolver) -> SetOff:
    """Give what of the claims of one currency can be set off. Those not confirmed or no more open are left out.

    >>> from steelyard.liquidity.algorithms.successive import SuccessivePaths
    >>> def owed(key, debtor, creditor, amount):
    ...     return Claim(key, debtor, creditor, "AED", amount, amount, 20000, bytes(32), True, True)
    >>> circle = owed("1", "A", "B", 100), owed("2", "B", "C", 80), owed("3", "C", "A", 70)
    >>> set_off(circle, solver=SuccessivePaths()).parts
    {'1': 70, '2': 70, '3': 70}
    """
    held = sorted(claims, key=lambda claim: (claim.due_on, claim.id))
    _check(held)
    held = [claim for claim in held if claim.confirmed and claim.open_minor]
    if not held or too_large((), (claim.open_minor for claim in held)):
        return SetOff((), 0, None)
    members = tuple(sorted({party for claim in held for party in (claim.debtor, claim.creditor)}))
    number = {name: place for place, name in enumerate(members)}
    columns = Columns.of([_queued(claim) for claim in held], number, {}, whole=False, ranked=False)
    kinds, place = np.unique(columns.kind, return_inverse=True)
    amounts = np.zeros(len(kinds), np.int64)
    np.add.at(amounts, place, columns.amount)
    combos = np.arange(len(kinds)), np.zeros(len(kinds), np.int64)
    layout = Layout(members, pairs=kinds // 3, combos=combos, rooms=Rooms())
    nothing: Ints = np.zeros(len(members), np.int64)
    network = layout.network(amounts, funds=nothing, needs=nothing, rooms=Rooms(), published=True)
    proof = prove(network, solver)
    settled, _ = fill(columns, kinds, layout.amounts_of(network, proof.flow, amounts))
    notices = tuple(
        Notice(claim.id, claim.debtor, claim.creditor, part, claim.open_minor - part)
        for claim, part in zip(held, settled.tolist(), strict=True)
        if part
    )
    found = SetOff(notices, proof.value, proof.certificate(objective="value", weight="unit"))
    if net_positions(held, {}) != net_positions(held, found.parts):
        raise ArithmeticError("setting off would change a net position")
    return found


def _queued(claim: Claim) -> Queued:
    return Queued(claim.id, claim.debtor, claim.creditor, claim.open_minor)


def _check(claims: list[Claim]) -> None:
    """Raise TypeError or ValueError on what is no set of claims of one currency."""
    if len({claim.currency for claim in claims}) > 1:
        raise ValueError("claims of several currencies are set off one currency after the other")
    if len({claim.id for claim in claims}) < len(claims):
        raise ValueError("a claim is there twice")
    for claim in claims:
        if type(claim.open_minor) is not int or type(claim.amount_minor) is not int:
            raise TypeError(f"amount of claim {claim.id} is no integer")
        if not 0 <= claim.open_minor <= claim.amount_minor or claim.amount_minor <= 0:
            raise ValueError(f"amount of claim {claim.id} is out of range")
        if claim.debtor == claim.creditor:
            raise ValueError(f"debtor and creditor of claim {claim.id} are the same")
