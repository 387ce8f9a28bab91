"""What is published of a netting cycle: its plan, its end, and what each member is told on the way."""

import numpy as np

from steelyard.flows import cycle_fund, cycle_plan, cycle_rows
from steelyard.flows.diary import Diary
from steelyard.flows.liquidity_facts import CyclePlanned, CycleReported
from steelyard.flows.openings import name_of
from steelyard.flows.world import World
from steelyard.liquidity.cycles import PURPOSE, Cycle


def plan(cycle: Cycle, of: cycle_rows.Table, *, anew: bool) -> CyclePlanned:
    """Give the plan as it is published; `of` is the table of all that the cycle holds."""
    every = cycle_rows.tally_of(of, of.open).values
    chosen, flows = cycle_rows.tally_of(of, cycle_rows.minors(cycle.items.values()))
    rows = tuple(
        (asset, *_text(every.get(asset)), *_text(chosen.get(asset)), cycle.plan.bounds.get(asset, ""))
        for asset in cycle.assets
    )
    nets = tuple(
        (bic, asset, str(out), str(back), cycle.calls.get(asset, {}).get(bic, 0))
        for asset, mine in flows.items()
        for bic, (out, back) in mine.items()
    )
    made = cycle.plan
    return CyclePlanned(
        cycle.cycle_id, cycle.number, anew, made.algorithm, made.solver_version, made.certificate, made.proved,
        rows, nets, cycle.deadline_at,
    )  # fmt: skip


def over(world: World, cycle: Cycle, planned: cycle_rows.Table | None = None) -> CycleReported:
    """Give the end as it is published; call it before anything is booked or given back.

    `planned` may give the table of what settles: where that is all, nothing is looked up again.
    """
    of = planned
    if of is None or len(of.payments) < len(cycle.items):
        of = cycle_rows.table(world, cycle.items)
    amounts = cycle_rows.minors(cycle.items.values())
    every, (chosen, flows) = cycle_rows.tally_of(of, of.open).values, cycle_rows.tally_of(of, amounts)
    wholes = cycle_rows.tally_of(of, np.where(amounts == of.open, of.open, 0)).values
    rows = []
    for asset in cycle.assets:
        count, value = chosen.get(asset, (0, 0))
        whole, _ = wholes.get(asset, (0, 0))
        count_all, value_all = every.get(asset, (0, 0))
        bound = cycle.plan.bounds.get(asset, "") if count else ""
        distance = max(0, int(bound) - value) * 10_000 // int(bound) if bound and int(bound) else 0
        left = count_all - whole
        rows.append((asset, count, str(value), left, str(value_all - value), bound, distance))
    nets = []
    for asset in cycle.assets:
        mine = flows.get(asset, {})
        paid = cycle.paid.get(asset, {})
        names = sorted({*mine, *(bic for bic, minor in paid.items() if minor)})
        for bic in names:
            out, back = mine.get(bic, (0, 0))
            nets.append((bic, asset, str(out), str(back), str(paid.get(bic, 0))))
    return CycleReported(
        cycle.cycle_id, cycle.number, tuple(rows), tuple(nets), cycle.plan.algorithm, cycle.plan.certificate,
        cycle.plan.proved, cycle.opened_at, cycle.cut_at, cycle.closed_at, cycle.bundle_id, cycle.reason,
    )  # fmt: skip


def notices(world: World, diary: Diary, cycle: Cycle) -> None:
    """Tell every member what it pays, gets and is called to pay in, by when and to which account."""
    for asset, mine in cycle_plan.flows(world, cycle).items():
        for bic, (out, back) in mine.items():
            call = cycle.calls.get(asset, {}).get(bic, 0)
            account = name_of(PURPOSE, bic, asset) if cycle_fund.account(world, bic, asset) else ""
            diary.tell(
                bic, "cycle.notified", cycle.cycle_id, asset, str(out), str(back), call, cycle.deadline_at,
                account if call else "", cycle.plan.certificate,
            )  # fmt: skip


def statements(world: World, diary: Diary, cycle: Cycle) -> None:
    """Tell every member what settled for it: counts, sums, the hash of its legs, and its balances around them."""
    for line in cycle.lines:
        diary.tell(
            line.participant, "cycle.statement", cycle.cycle_id, line.asset, line.paid_count, line.paid,
            line.received_count, line.received, cycle.bundle_id, line.digest, cycle.number, cycle.closed_at,
            line.opening, line.closing, line.pay_in, line.kept,
        )  # fmt: skip
    cycle.lines = []


def cancelled(diary: Diary, cycle: Cycle) -> None:
    """Tell everybody who was called that the cycle has ended without settling, and the operator."""
    for bic in sorted({bic for bic, _, _ in cycle.each_call()}):
        diary.tell(bic, "cycle.cancelled", cycle.cycle_id, cycle.reason)
    diary.tell("operator", "cycle.cancelled", cycle.cycle_id, cycle.reason)


def _text(found: tuple[int, int] | None) -> tuple[int, str]:
    count, value = found or (0, 0)
    return count, str(value)
