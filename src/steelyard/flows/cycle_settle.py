"""Settle a netting cycle as one bundle: pay-ins out of their accounts, a leg per obligation, tested at the end."""

from hashlib import sha256
from typing import Any

from steelyard.engine.bundles import Bundle, Kind, Policy
from steelyard.engine.legs import Act, Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import booking, course, cycle_fund, cycle_join, cycle_plan, parties
from steelyard.flows.diary import Diary
from steelyard.flows.world import World
from steelyard.liquidity.cycles import Cycle, Line
from steelyard.payments.payment import Payment
from steelyard.values.instants import Instant

GONE = "OBLIGATION_IS_GONE"
Member = tuple[str, str]
"""Participant and asset"""
Openings = dict[Member, int]
NAMES_PAYEE = (EngineRefusal.CEILING_WOULD_BE_EXCEEDED, EngineRefusal.ACCOUNT_CREDITS_ARE_BLOCKED)


def apply(world: World, diary: Diary, cycle: Cycle, at: Instant) -> str | Openings:
    """Book the bundle of a cycle, or give the name of what refuses it and bar whom that names.

    Booked, the answer is what the accounts of its members held before.
    """
    parts = {uetr: minor for uetr, minor in cycle.items.items() if minor}
    if cycle.broken or len(cycle_plan.able(world, cycle, parts, at)) < len(parts):
        return GONE
    own = cycle_plan.fault(world, cycle, parts, at)
    if own is not None:
        return own.name
    rows = list(cycle_fund.in_legs(cycle.each_paid()))
    legs = cycle_fund.returning(world, rows)
    cycle_ref = int.from_bytes(cycle.cycle_id, "big")
    references = [cycle_ref] * len(legs)
    payments = [world.payments.live[uetr] for uetr in parts]
    owners = {world.engine.owner_nos[bic]: None for bic, _, _ in rows}
    for payment in payments:
        payer = parties.settlement_account(world, payment.debtor_agent, payment.source)
        payee = parties.settlement_account(world, payment.creditor_agent, payment.target)
        legs.append(Leg(payer, payee, parts[payment.uetr]))
        references.append(int.from_bytes(payment.uetr, "big"))
        owners[world.engine.owner_nos[payment.debtor_agent]] = None
    openings = _held(world, {(bic, asset) for bic, asset, _ in rows} | _members(payments))
    number = booking.bundle_id(cycle.cycle_id, world.commands, at)
    bundle = Bundle(
        number,
        Kind.CYCLE,
        tuple(legs),
        policy=Policy.AT_END,
        reference=cycle_ref,
        references=tuple(references),
    )
    act = world.engine.move(bundle, authority=owners, at=at)
    if act.refusal is not None:
        _bar(cycle, act, rows, payments)
        return act.refusal.name
    cycle.bundle_id = number.to_bytes(16, "big")
    return openings


def _members(payments: list[Payment]) -> set[Member]:
    return {(one.debtor_agent, one.source) for one in payments} | {
        (one.creditor_agent, one.target) for one in payments
    }


def _held(world: World, members: set[Member]) -> Openings:
    """Give what the settlement accounts of some participants hold."""
    return {
        member: world.engine.balance(parties.settlement_account(world, *member)).balance
        for member in sorted(members)
    }


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


def book(world: World, diary: Diary, cycle: Cycle, openings: Openings, at: Instant) -> None:
    """Note of every obligation what the bundle has settled; what is left of a part waits in its queue again."""
    cycle.lines = _lines(world, cycle, openings)
    clocks = parties.clocks(world, at)
    for uetr, minor in [row for row in cycle.items.items() if row[1]]:
        payment = world.payments.live[uetr]
        if minor < payment.open_minor:
            course.stop_waiting(world, payment)
            course.part_settled(world, diary, payment, minor, cycle.bundle_id, at=at)
            cycle_join.give_back(world, diary, payment, at)
        else:
            cycle_join.came_too_late(diary, payment)
            course.settled_now(world, diary, payment, cycle.bundle_id, at=at, clocks=clocks)
    for asset in cycle.paid:
        cycle.paid[asset] = {}
    cycle.drawn = []
    world.queues.push_all(
        parties.settlement_account(world, line.participant, line.asset) for line in cycle.lines
    )


def _lines(world: World, cycle: Cycle, openings: Openings) -> list[Line]:
    """Give what the bundle has done for each participant, by asset, then participant."""
    found: dict[tuple[str, str], list[int]] = {(asset, bic): [0, 0, 0, 0] for bic, asset in openings}
    hashes: dict[tuple[str, str], Any] = {key: sha256() for key in found}
    for uetr, minor in cycle.items.items():
        if minor:
            payment = world.payments.live[uetr]
            for side, bic in enumerate((payment.debtor_agent, payment.creditor_agent)):
                key = payment.source, bic
                figures = found[key]
                figures[2 * side] += 1
                figures[2 * side + 1] += minor
                hashes[key].update(uetr + minor.to_bytes(16, "big") + bytes([side]))
    closings = _held(world, set(openings))
    return [
        Line(
            bic, asset, paid, str(paid_minor), received, str(received_minor), hashes[asset, bic].digest(),
            str(openings[bic, asset]), str(closings[bic, asset]), str(cycle.paid.get(asset, {}).get(bic, 0)),
            str(world.engine.balance(pot).balance if (pot := cycle_fund.account(world, bic, asset)) else 0),
        )
        for (asset, bic), (paid, paid_minor, received, received_minor) in sorted(found.items())
    ]  # fmt: skip
