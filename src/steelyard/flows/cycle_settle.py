"""Settle a netting cycle as one bundle: pay-ins out of their accounts, a leg per obligation, tested at the end."""

from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from steelyard.engine.bundles import Bundle, Kind, Policy
from steelyard.engine.legs import Act, LegColumns
from steelyard.engine.records import packed_references
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import booking, course, cycle_fund, cycle_join, cycle_plan, cycle_rows, parties, together
from steelyard.flows.cycle_rows import minors
from steelyard.flows.diary import Diary
from steelyard.flows.pair_sums import Ints
from steelyard.flows.world import World
from steelyard.liquidity.cycles import Cycle, Line
from steelyard.payments.payment import Payment
from steelyard.values.instants import Instant

GONE = "OBLIGATION_IS_GONE"
LEG = np.dtype([("uetr", "V16"), ("high", ">u8"), ("low", ">u8"), ("side", "u1")])
"""What a member's hash is over, leg by leg"""
Openings = dict[cycle_rows.Member, int]
NAMES_PAYEE = (EngineRefusal.CEILING_WOULD_BE_EXCEEDED, EngineRefusal.ACCOUNT_CREDITS_ARE_BLOCKED)


class Settling(NamedTuple):
    """What a bundle settles: obligations, and what of each."""

    rows: cycle_rows.Table
    amounts: Ints


def settling(world: World, cycle: Cycle) -> Settling:
    """Give what the plan of a cycle settles."""
    parts = {uetr: minor for uetr, minor in cycle.items.items() if minor}
    return Settling(cycle_rows.table(world, parts), cycle_rows.minors(parts.values()))


def apply(world: World, cycle: Cycle, what: Settling, at: Instant) -> str | Openings:
    """Book the bundle of a cycle, or give the name of what refuses it and bar whom that names.

    Booked, the answer is what the accounts of its members held before.
    """
    rows, amounts = what
    if cycle.broken or len(cycle_plan.able_of(world, cycle, rows, at)) < len(rows.payments):
        return GONE
    own = cycle_plan.fault_of(world, cycle, rows, amounts, at)
    if own is not None:
        return own.name
    pay_ins = list(cycle_fund.in_legs(cycle.each_paid()))
    members = sorted({*rows.members, *((bic, asset) for bic, asset, _ in pay_ins)})
    openings = {member: _balance(world, member) for member in members}
    number = booking.bundle_id(cycle.cycle_id, world.commands, at)
    bundle = _bundle(world, cycle, number, pay_ins, what)
    owners = {world.engine.owner_nos[bic]: None for bic, _ in members}
    act = world.engine.move(bundle, authority=owners, at=at)
    if act.refusal is not None:
        _bar(cycle, act, pay_ins, rows.payments)
        return act.refusal.name
    cycle.bundle_id = number.to_bytes(16, "big")
    return openings


def _bundle(world: World, cycle: Cycle, number: int, pay_ins: list[cycle_fund.Row], what: Settling) -> Bundle:
    """Give the legs: every pay-in back to its payer's account, then a leg per obligation under its UETR."""
    rows, amounts = what
    back = cycle_fund.returning(world, pay_ins)
    numbers = np.array(rows.numbers, np.int64)
    sides = numbers[rows.payer], numbers[rows.payee], amounts
    legs = LegColumns(
        *(np.concatenate([minors(leg[side] for leg in back), column]) for side, column in enumerate(sides))
    )
    ids = [*[cycle.cycle_id] * len(back), *rows.uetrs]
    return Bundle(
        number, Kind.CYCLE, legs, policy=Policy.AT_END, reference=int.from_bytes(cycle.cycle_id, "big"),
        references=packed_references(ids),
    )  # fmt: skip


def _balance(world: World, member: cycle_rows.Member) -> int:
    return world.engine.balance(parties.settlement_account(world, *member)).balance


def _bar(cycle: Cycle, act: Act, rows: list[tuple[str, str, int]], payments: list[Payment]) -> None:
    """Note whom a refusal names: the next plan leaves out what it pays, or what it would get."""
    if act.leg < 0:
        return
    if act.leg < len(rows):
        bic, asset, _ = rows[act.leg]
        as_payer = True
    else:
        payment = payments[act.leg - len(rows)]
        as_payer = act.refusal not in NAMES_PAYEE
        bic, asset = (payment.debtor_agent if as_payer else payment.creditor_agent), payment.source
    cycle.barred = (*cycle.barred, (bic, asset, as_payer))


def book(world: World, diary: Diary, cycle: Cycle, what: Settling, openings: Openings, at: Instant) -> None:
    """Note of every obligation what the bundle has settled; what is left of a part waits in its queue again."""
    rows, amounts = what
    cycle.lines = _lines(world, cycle, what, openings)
    clocks = parties.clocks(world, at)
    for payment in [one for one in rows.payments if one.cancel_asked]:
        if cycle.items[payment.uetr] == payment.open_minor:
            cycle_join.came_too_late(diary, payment)
    plain = (rows.parts == 0) & (amounts == rows.open)
    for place in np.flatnonzero(~plain).tolist():
        payment, minor = rows.payments[place], int(amounts[place])
        if minor == payment.open_minor:
            course.settled_now(world, diary, payment, cycle.bundle_id, at=at, clocks=clocks)
        else:
            course.stop_waiting(world, payment)
            course.part_settled(world, diary, payment, minor, cycle.bundle_id, at=at)
            cycle_join.give_back(world, diary, payment, at)
    together.settled_in_cycle(world, diary, cycle, rows, plain, cycle.bundle_id, at=at, clocks=clocks)
    for asset in cycle.paid:
        cycle.paid[asset] = {}
    cycle_fund.repay_unneeded(world, diary, cycle, at)
    cycle.broken = False
    world.queues.push_all(
        parties.settlement_account(world, line.participant, line.asset) for line in cycle.lines
    )


def _lines(world: World, cycle: Cycle, what: Settling, openings: Openings) -> list[Line]:
    """Give what the bundle has done for each participant, by asset, then participant."""
    rows, amounts = what
    size = len(rows.members)
    legs = np.zeros(2 * len(amounts), LEG)  # each leg as its payer has it, then as its payee
    legs["uetr"] = np.frombuffer(b"".join(rows.uetrs), "V16").repeat(2)
    legs["low"], legs["side"] = amounts.repeat(2), np.arange(len(legs)) % 2
    whose = np.stack((rows.payer, rows.payee), axis=1).reshape(-1)
    order = np.argsort(whose, kind="stable")
    starts = np.searchsorted(whose[order], np.arange(size + 1)).tolist()
    own = {
        member: sha256(legs[order[start:end]].tobytes()).digest()
        for member, (start, end) in zip(rows.members, pairwise(starts), strict=True)
    }
    sides = [np.bincount(side, minlength=size).tolist() for side in (rows.payer, rows.payee)]
    counts = dict(zip(rows.members, zip(*sides, strict=True), strict=True))
    flows = cycle_rows.tally_of(rows, amounts).flows
    lines = []
    for (bic, asset), opening in sorted(openings.items(), key=lambda one: (one[0][1], one[0][0])):
        paid_count, received_count = counts.get((bic, asset), (0, 0))
        out, back = flows.get(asset, {}).get(bic, (0, 0))
        pot = cycle_fund.account(world, bic, asset)
        lines.append(
            Line(
                bic, asset, paid_count, str(out), received_count, str(back),
                own.get((bic, asset), sha256().digest()), str(opening), str(_balance(world, (bic, asset))),
                str(cycle.paid.get(asset, {}).get(bic, 0)),
                str(world.engine.balance(pot).balance if pot else 0),
            )
        )  # fmt: skip
    return lines
