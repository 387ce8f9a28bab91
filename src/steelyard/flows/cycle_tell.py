"""What is published of a netting cycle: its plan, its end, and what each member is told on the way."""

from steelyard.flows import cycle_fund, cycle_plan
from steelyard.flows.diary import Diary
from steelyard.flows.liquidity_facts import CyclePlanned, CycleReported
from steelyard.flows.openings import name_of
from steelyard.flows.world import World
from steelyard.liquidity.cycles import PURPOSE, Cycle


def plan(world: World, cycle: Cycle, *, anew: bool) -> CyclePlanned:
    """Give the plan as it is published."""
    every = cycle_plan.values(world, {uetr: world.payments.live[uetr].open_minor for uetr in cycle.items})
    chosen = cycle_plan.values(world, cycle.items)
    rows = tuple(
        (asset, *_text(every.get(asset)), *_text(chosen.get(asset)), cycle.plan.bounds.get(asset, ""))
        for asset in cycle.assets
    )
    nets = tuple(
        (bic, asset, str(out), str(back), cycle.calls.get(asset, {}).get(bic, 0))
        for asset, mine in cycle_plan.flows(world, cycle).items()
        for bic, (out, back) in mine.items()
    )
    made = cycle.plan
    return CyclePlanned(
        cycle.cycle_id, cycle.number, anew, made.algorithm, made.solver_version, made.certificate, made.proved,
        rows, nets, cycle.deadline_at,
    )  # fmt: skip


def over(world: World, cycle: Cycle) -> CycleReported:
    """Give the end as it is published; call it before anything is booked or given back."""
    every = cycle_plan.values(world, {uetr: world.payments.live[uetr].open_minor for uetr in cycle.items})
    chosen = cycle_plan.values(world, cycle.items)
    rows = []
    for asset in cycle.assets:
        count, value = chosen.get(asset, (0, 0))
        whole = sum(1 for uetr, minor in cycle.items.items() if _is_whole(world, asset, uetr, minor))
        count_all, value_all = every.get(asset, (0, 0))
        bound = cycle.plan.bounds.get(asset, "") if count else ""
        distance = max(0, int(bound) - value) * 10_000 // int(bound) if bound and int(bound) else 0
        left = count_all - whole
        rows.append((asset, count, str(value), left, str(value_all - value), bound, distance))
    nets = []
    for asset, mine in cycle_plan.flows(world, cycle).items():
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


def _is_whole(world: World, asset: str, uetr: bytes, minor: int) -> bool:
    payment = world.payments.live[uetr]
    return payment.source == asset and minor == payment.open_minor


def _text(found: tuple[int, int] | None) -> tuple[int, str]:
    count, value = found or (0, 0)
    return count, str(value)
