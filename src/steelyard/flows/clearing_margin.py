"""The run of variation margin: contracts are marked, payers are collected from, gainers are paid.

A call marks every contract of a currency to its settlement price and collects at once what it can, one bundle per
payer. When all have paid, or at the deadline, one bundle pays all gainers: `market.clearing.variation` says what of it
is taken from margin accounts, advanced, or left as a claim. A call is one command, its pay bundle another or the same;
a node that stops between them goes on from the journal.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import clearing_cover, settlement
from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_claims import pay_kept, tell_claims
from steelyard.flows.clearing_facts import MarginCalled, MarginCollected, MarginModelled, MarginPaid
from steelyard.flows.clearing_terms import tell_above_limit
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Label, Name, Number
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.clearing import requirements
from steelyard.market.clearing.house import HOUSE, MEMBERS_MAX, Model
from steelyard.market.clearing.variation import PayPlan, Run, RunEvent, claims, dues, plan_pay, step
from steelyard.market.prices import REASON_MAX
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.market.refusals.prices import PriceRefusal
from steelyard.members.accounts import SETTLEMENT
from steelyard.members.state import OPERATOR
from steelyard.values.instants import DAY, Day, Instant
from steelyard.values.refusal import Refusal

MS = 1_000_000
BY_HAND = "by_hand"
Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Price = Annotated[int, Meta(gt=-(10**12), lt=10**12)]


class CallFields(Struct, array_like=True, frozen=True, gc=False):
    """A currency whose contracts are marked to their published settlement prices of the day.

    `prices` are given by hand, for contracts that have none published or are to be marked otherwise: two persons give
    them, and say why.
    """

    asset: Name
    prices: Annotated[tuple[tuple[Label, Price], ...], Meta(max_length=5_000)] = ()
    reason: Annotated[str, Meta(max_length=REASON_MAX)] = ""


class RunFields(Struct, array_like=True, frozen=True, gc=False):
    """Which run."""

    run_id: Id16


class ModelFields(Struct, array_like=True, frozen=True, gc=False):
    """What a model found for each holder of lots in a currency, by name; `inputs` is the hash of what it took."""

    asset: Name
    version: Label
    inputs: Hash
    margins: Annotated[tuple[tuple[Name, Number], ...], Meta(max_length=MEMBERS_MAX)]


def by_hand(world: World, command: Command, fields: CallFields) -> bool:
    """Tell whether a call names a price that is not the published one of the day: then two persons give it."""
    return bool(_overrides(world, fields, world.now // DAY))


def call(world: World, command: Command, fields: CallFields, at: Instant) -> Outcome:
    """Mark the contracts of a currency, and begin to collect."""
    house = world.clearing
    desk = house.desks.get(fields.asset)
    if desk is None:
        return refused(No.CLEARING_NOT_SET_UP)
    marks = _marks(world, fields, at // DAY)
    if isinstance(marks, Refusal):
        return refused(marks)
    prices = {contract: one.price for contract, one in marks.items()}
    refusal = house.refuse_prices(fields.asset, prices)
    if refusal is not None:
        return refused(refusal)
    is_override = any(one.source == BY_HAND for one in marks.values())
    if is_override and not fields.reason:
        return refused(PriceRefusal.REASON_IS_MISSING)
    diary = Diary()
    pay_kept(world, diary, fields.asset, at)
    due, gain = dues(house.gains(prices))
    house.mark(prices)
    on = money.today(world, fields.asset, at)
    run = Run(command.id, house.number(), fields.asset, on, at, at + desk.collect_ms * MS, due, gain, prices)
    run.prices = {contract: prices[contract] for contract in sorted(prices)}
    run.sources = {contract: marks[contract].source for contract in sorted(marks)}
    run.reason = fields.reason if is_override else ""
    house.runs[fields.asset] = run
    if HOUSE in due:
        run.collected[HOUSE] = min(due[HOUSE], house.cover.get(fields.asset, 0))
    requirements.count_margins(house, fields.asset, on)
    diary.fact(
        MarginCalled(
            run.run_id, run.number, run.asset, on, run.deadline_at, money.rows(prices), money.rows(due),
            money.rows(gain), tuple(run.sources.items()), run.reason,
        )
    )  # fmt: skip
    _collect(world, diary, run, at)
    if _all_in(run):
        _pay_out(world, diary, run, at)
    else:
        world.timers.set(run.deadline_at, TimerKind.CLEARING_RUN, run.run_id)
        for bic in sorted(due):
            if run.open_due(bic):
                diary.tell(
                    bic, "clearing.margin_is_due", run.run_id, run.asset, run.open_due(bic), run.deadline_at
                )
    tell_above_limit(world, diary, at)
    return diary.done()


def _overrides(world: World, fields: CallFields, on: Day) -> dict[str, int]:
    """Give the prices of a call that are not the published ones."""
    told = settlement.marks(world, [contract for contract, _ in fields.prices], on)
    return {
        contract: price
        for contract, price in fields.prices
        if contract not in told or told[contract].price != price
    }


def _marks(world: World, fields: CallFields, on: Day) -> dict[str, settlement.Mark] | Refusal:
    """Give what each contract of a currency is marked to, by hand where the call says so; or why one is not."""
    house = world.clearing
    held = [contract for contract in sorted(house.book) if house.terms[contract].asset == fields.asset]
    named = [contract for contract, _ in fields.prices]
    if len(set(named)) < len(named) or any(contract not in house.book for contract in named):
        return No.MARGIN_PRICES_INCOMPLETE
    hand = _overrides(world, fields, on)
    told = settlement.marks(world, held, on)
    told |= {contract: settlement.Mark(price, BY_HAND) for contract, price in hand.items()}
    if any(contract not in told for contract in held):
        return PriceRefusal.MARGIN_PRICE_IS_NOT_PUBLISHED
    return told


def collect(world: World, command: Command, fields: RunFields, at: Instant) -> Outcome:
    """Try again to collect from all who have not paid."""
    run = _run(world, fields.run_id)
    if run is None:
        return refused(No.MARGIN_RUN_UNKNOWN)
    diary = Diary()
    pay_kept(world, diary, run.asset, at)
    _collect(world, diary, run, at)
    if _all_in(run):
        _pay_out(world, diary, run, at)
    return diary.done()


def pay_in(world: World, command: Command, fields: RunFields, at: Instant) -> Outcome:
    """Pay one's own due in a run."""
    run = _run(world, fields.run_id)
    if run is None:
        return refused(No.MARGIN_RUN_UNKNOWN)
    if not run.open_due(command.sender):
        return refused(No.MARGIN_NOTHING_IS_DUE)
    diary = Diary()
    refusal = _take(world, diary, run, command.sender, at)
    if refusal is not None:
        return refused(refusal)
    if _all_in(run):
        _pay_out(world, diary, run, at)
    return diary.done()


def pay(world: World, command: Command, fields: RunFields, at: Instant) -> Outcome:
    """Pay the gainers of a run once all have paid, or after its deadline; who has not paid then is short."""
    run = _run(world, fields.run_id)
    if run is None:
        return refused(No.MARGIN_RUN_UNKNOWN)
    if at < run.deadline_at and not _all_in(run):
        return refused(No.MARGIN_DEADLINE_IS_AHEAD)
    diary = Diary()
    _collect(world, diary, run, at)
    _pay_out(world, diary, run, at)
    return diary.done()


def model(world: World, command: Command, fields: ModelFields, at: Instant) -> Outcome:
    """Let a model's margins count for the positions as they stand."""
    if fields.asset not in world.clearing.desks:
        return refused(No.CLEARING_NOT_SET_UP)
    margins = dict(fields.margins)
    if len(margins) != len(fields.margins):
        return refused(No.MARGIN_MODEL_DOES_NOT_FIT)
    spoken = Model(fields.version, fields.inputs, money.today(world, fields.asset, at))
    refusal = requirements.accept_model(world.clearing, fields.asset, spoken, margins)
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    diary.fact(MarginModelled(fields.asset, fields.version, fields.inputs, fields.margins))
    return diary.done()


def on_timer_run(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Pay the gainers of a run at its deadline, whoever is short."""
    run = _run(world, subject)
    if run is not None:
        _collect(world, diary, run, at)
        _pay_out(world, diary, run, at)


def _run(world: World, run_id: bytes) -> Run | None:
    return next((run for run in world.clearing.runs.values() if run.run_id == run_id), None)


def _all_in(run: Run) -> bool:
    return not any(run.open_due(bic) for bic in run.due)


def _collect(world: World, diary: Diary, run: Run, at: Instant) -> None:
    """Collect from each payer who can pay, one bundle each."""
    for bic in sorted(run.due):
        if bic != HOUSE and run.open_due(bic):
            _take(world, diary, run, bic, at)


def _take(world: World, diary: Diary, run: Run, bic: str, at: Instant) -> EngineRefusal | None:
    """Take what a payer owes whole from its settlement account, or give why not."""
    minor = run.open_due(bic)
    source = money.account(world, SETTLEMENT, bic, run.asset)
    target = money.account(world, money.CLEARING, OPERATOR, run.asset)
    act, bundle_id = money.book(
        world, [(source, target, minor)], subject=run.run_id, what=f"collect {bic}", at=at, owners=[bic]
    )
    if act.refusal is None:
        run.collected[bic] = run.collected.get(bic, 0) + minor
        run.state = step(run.state, RunEvent.COLLECTED) or run.state
        diary.fact(MarginCollected(run.run_id, bic, run.asset, minor, bundle_id))
    return act.refusal


def _pay_out(world: World, diary: Diary, run: Run, at: Instant) -> None:
    """Pay all gainers of a run as one bundle, and note who owes what from today on."""
    house, asset = world.clearing, run.asset
    margins = {bic: money.held(world, money.MARGIN, bic, asset) for bic in sorted(run.due)}
    liquidity = money.held(world, money.LIQUIDITY, OPERATOR, asset)
    plan = plan_pay(run, margins=margins, liquidity=liquidity, unaided=(HOUSE,))
    moves, spare = _moves(world, run, plan)
    done = money.book_paying(world, moves, plan.paid, asset=asset, subject=run.run_id, what="pay", at=at)
    if (
        done.refusal is not None
    ):  # the house's own accounts are blocked: the run waits for whoever blocked them
        diary.tell(OPERATOR, "clearing.run_is_stuck", run.run_id, asset, done.refusal.code)
        world.timers.set(at + house.desks[asset].collect_ms * MS, TimerKind.CLEARING_RUN, run.run_id)
        return
    house.keep(asset, done.kept)
    if HOUSE in run.due:
        house.cover[asset] = 0 if spare else house.cover.get(asset, 0) - run.collected.get(HOUSE, 0)
        house.cover = {name: minor for name, minor in sorted(house.cover.items()) if minor}
    on = money.today(world, asset, at)
    owed = claims(run, plan, on)
    for one in owed:
        house.owe(one)
    after = step(run.state, RunEvent.PAID_OUT)
    assert after is not None
    run.state = after
    house.end_run(run)
    world.timers.cancel(TimerKind.CLEARING_RUN, run.run_id)
    parts = (plan.paid, plan.from_margin, plan.advanced, plan.unpaid)
    diary.fact(MarginPaid(run.run_id, asset, on, done.bundle_id, *(money.rows(part) for part in parts)))
    for bic, minor in plan.paid.items():
        diary.tell(bic, "clearing.margin_paid", run.run_id, asset, minor)
    for bic, minor in plan.from_margin.items():
        diary.tell(bic, "clearing.margin_taken", run.run_id, asset, minor)
    tell_claims(world, diary, run, owed)
    due_at = at + house.desks[asset].grace_ms * MS
    short = clearing_cover.shortages(world, at)
    for bic, name, minor in short:
        diary.tell(bic, "clearing.collateral_is_due", run.run_id, name, minor, due_at)
    if owed or short:
        world.timers.set(due_at, TimerKind.CLEARING_GRACE, run.run_id)
    money.went_in(world, diary, plan.paid, asset, at)


def _moves(world: World, run: Run, plan: PayPlan) -> tuple[list[money.Move], int]:
    """Give the legs of a pay bundle before those to the gainers, and what of a default's cover is left over."""
    asset = run.asset
    clearing = money.account(world, money.CLEARING, OPERATOR, asset)
    moves = [
        (money.account(world, money.MARGIN, bic, asset), clearing, minor)
        for bic, minor in plan.from_margin.items()
    ]
    advanced = sum(plan.advanced.values())
    if advanced:
        moves.append((money.account(world, money.LIQUIDITY, OPERATOR, asset), clearing, advanced))
    spare = 0
    if HOUSE in run.due:
        spare = world.clearing.cover.get(asset, 0) - run.collected.get(HOUSE, 0)
        if spare:
            moves.append((clearing, money.account(world, money.CAPITAL, OPERATOR, asset), spare))
    return moves, spare
