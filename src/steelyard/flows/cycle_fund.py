"""Money on its way into a netting cycle and back: pay-ins by order or by consent, reminders, the return of all.

A pay-in is a leg from a participant's settlement account to its own account for the cycle, which nothing but the
cycle can debit. It is never more than the call that its payer was told of, and comes back whole if the cycle ends.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from msgspec.structs import replace

from steelyard.engine.accounts import CLOSED, DEBITS_BLOCKED
from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.engine.legs import Act
from steelyard.flows import booking, credit_cover, parties, pvp_cover
from steelyard.flows.diary import Diary
from steelyard.flows.liquidity_facts import CyclePaid
from steelyard.flows.world import World
from steelyard.liquidity.credit import LineKind
from steelyard.liquidity.cycles import PURPOSE, Cycle, Drawn
from steelyard.liquidity.reservations import HIGH
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant

WHOLE_BP = 10_000

Row = tuple[str, str, int]
"""Participant, asset, minor units"""


def account(world: World, bic: str, asset: str) -> int:
    """Give the account for a participant's pay-ins, or 0."""
    return world.members.accounts.get(PURPOSE, bic, asset) or 0


def pay_in(world: World, diary: Diary, cycle: Cycle, bic: str, asset: str, minor: int, at: Instant) -> Act:
    """Move a pay-in to its payer's account for the cycle, or give the engine's refusal."""
    source = parties.settlement_account(world, bic, asset)
    number = _number(world, cycle, f"{bic}/{asset}", at)
    target = account(world, bic, asset)
    bundle = Bundle(
        number, Kind.CYCLE, tuple(Leg(source, target, part) for _, _, part in in_legs([(bic, asset, minor)])),
        reference=int.from_bytes(cycle.cycle_id, "big"),
    )  # fmt: skip
    act = world.engine.move(bundle, authority=[world.engine.owner_nos[bic]], at=at)
    if act.refusal is None:
        mine = cycle.paid.setdefault(asset, {})
        mine[bic] = mine.get(bic, 0) + minor
        _tell(diary, cycle, bic, asset, minor, number.to_bytes(16, "big"))
    return act


def collect(world: World, diary: Diary, cycle: Cycle, at: Instant, *, draw: bool) -> None:
    """Pay in for those who let their own be taken, as far as it goes.

    What a payer keeps for urgent payments is left alone, and what it keeps for high ones, but for those in the cycle
    itself. With `draw` lines are drawn for the rest, where their settlement agents let cycles do so. Other currencies
    of a pool cover nothing: a cycle converts none.
    """
    high = _high(world, cycle)
    for bic, asset, _ in list(cycle.each_call()):
        need = cycle.open_call(bic, asset)
        if not need or not world.members.participants[bic].settings.pays_in:
            continue
        source = parties.settlement_account(world, bic, asset)
        payer = world.engine.account(source)
        if payer is None or payer.gate & (CLOSED | DEBITS_BLOCKED):
            continue  # nothing is drawn for who could not pay it in
        draws: tuple[credit_cover.Draw, ...] = ()
        kept = _kept(world, source, high.get((bic, asset), 0))  # what is drawn does not add to it
        own = max(0, pvp_cover.usable(world, bic, source) - kept)
        if draw:
            found = credit_cover.cover(world, diary, source, need + kept, at=at, cycle=cycle.cycle_id)
            draws = tuple(one for one in found.draws if one.line_id)
        most = min(need, world.engine.balance(source).available - kept)
        minor = min(most, pvp_cover.usable(world, bic, source) - kept)
        if minor <= 0 or pay_in(world, diary, cycle, bic, asset, minor, at).refusal is not None:
            credit_cover.undo(world, diary, draws, at)
            continue
        mine = [
            Drawn(one.kind, one.asset, one.minor, one.line_id, one.lot_no, one.account_no) for one in draws
        ]
        idle = min(
            most - minor, sum(one.minor for one in mine) - max(0, minor - own)
        )  # stays as cover: nobody asked
        cycle.drawn += _give_back(world, diary, cycle, mine, {(bic, asset): idle}, at)


def _high(world: World, cycle: Cycle) -> dict[tuple[str, str], int]:
    """Give what of the plan is of the class high, by payer and asset; nothing where nobody keeps money for classes."""
    found: dict[tuple[str, str], int] = {}
    if world.reservations.anything:
        for uetr, minor in cycle.items.items():
            payment = world.payments.live[uetr]
            if minor and payment.priority == HIGH:
                key = payment.debtor_agent, payment.source
                found[key] = found.get(key, 0) + minor
    return found


def _kept(world: World, account_no: int, high_minor: int) -> int:
    """Give what stays on an account for classes that a cycle's obligations are not of.

    Of what is kept for high payments it is what those in the cycle will not use up.
    """
    available = world.engine.balance(account_no).available
    urgent, high = world.reservations.held(account_no, available)
    return urgent + max(0, high - high_minor)


def remind(diary: Diary, cycle: Cycle, share_bp: int) -> None:
    """Tell those who have not paid their share by now."""
    for bic, asset, minor in cycle.each_call():
        paid = minor - cycle.open_call(bic, asset)
        if paid * WHOLE_BP < minor * share_bp:
            diary.tell(
                bic,
                "cycle.pay_in_is_due",
                cycle.cycle_id,
                asset,
                cycle.open_call(bic, asset),
                cycle.deadline_at,
            )


def return_all(world: World, diary: Diary, cycle: Cycle, at: Instant, *, only: str = "") -> None:
    """Give pay-ins back whole, all or one participant's, as one bundle; then repay what was drawn for them."""
    rows = [row for row in cycle.each_paid() if only in ("", row[0])]
    if rows:
        number = _number(world, cycle, f"return {only}", at)
        legs = returning(world, in_legs(rows))
        bundle = Bundle(
            number, Kind.CYCLE, tuple(legs), policy=Policy.AT_END,
            reference=int.from_bytes(cycle.cycle_id, "big"),
        )  # fmt: skip
        act = world.engine.move(bundle, authority=[world.engine.owner_nos[bic] for bic, _, _ in rows], at=at)
        assert act.refusal is None, act
        for bic, asset, minor in rows:
            cycle.paid[asset][bic] = 0
            _tell(diary, cycle, bic, asset, -minor, number.to_bytes(16, "big"))
        world.queues.push_all(leg.target for leg in legs)
    _repay(world, diary, cycle, at, only)


def in_legs(rows: Iterable[Row]) -> Iterator[Row]:
    """Cut amounts into as many as legs can move: sums of many obligations may be more than one can.

    >>> list(in_legs([("ANNANOR0", "NOR", 10**18 + 4)]))
    [('ANNANOR0', 'NOR', 999999999999999999), ('ANNANOR0', 'NOR', 5)]
    """
    for bic, asset, minor in rows:
        while minor:
            part = min(minor, AMOUNT_END - 1)
            minor -= part
            yield bic, asset, part


def returning(world: World, rows: Iterable[Row]) -> list[Leg]:
    """Give the legs out of the accounts of a cycle, back to where the money came from."""
    return [
        Leg(account(world, bic, asset), parties.settlement_account(world, bic, asset), minor)
        for bic, asset, minor in rows
    ]


def _repay(world: World, diary: Diary, cycle: Cycle, at: Instant, only: str) -> None:
    """Repay lots that were drawn for pay-ins that have gone back."""
    mine: list[Drawn] = []
    kept: list[Drawn] = []
    for one in cycle.drawn:
        (mine if only in ("", _owner(world, one)) else kept).append(one)
    cycle.drawn = kept
    _undo(world, diary, cycle, mine, at)


def repay_unneeded(world: World, diary: Diary, cycle: Cycle, at: Instant) -> None:
    """Repay what was drawn for pay-ins that the bundle did not need after all, the last draws first.

    They have come back whole with it. Of a swap a draw goes back whole or not at all.
    """
    spare = {
        (line.participant, line.asset): int(line.pay_in) - max(0, int(line.paid) - int(line.received))
        for line in cycle.lines
    }
    _give_back(world, diary, cycle, cycle.drawn, spare, at)
    cycle.drawn = []


def _give_back(
    world: World,
    diary: Diary,
    cycle: Cycle,
    drawn: list[Drawn],
    spare: dict[tuple[str, str], int],
    at: Instant,
) -> list[Drawn]:
    """Repay of draws what is to spare by participant and asset, the last first; give what is left of them."""
    back: list[Drawn] = []
    left: list[Drawn] = []
    for one in reversed(drawn):
        key = _owner(world, one), one.asset
        minor = min(one.minor, spare.get(key, 0))
        if minor <= 0 or (minor < one.minor and one.kind == LineKind.SWAP):
            left.append(one)
            continue
        spare[key] -= minor
        back.append(replace(one, minor=minor))
        if minor < one.minor:
            left.append(replace(one, minor=one.minor - minor))
    _undo(world, diary, cycle, back[::-1], at)
    return left[::-1]


def _owner(world: World, drawn: Drawn) -> str:
    account = world.engine.accounts[drawn.account_no]
    return "" if account is None else world.engine.owners[account.owner_no]


def _undo(world: World, diary: Diary, cycle: Cycle, drawn: Iterable[Drawn], at: Instant) -> None:
    """Repay draws, the last first; tell the settlement agent of what cannot be."""
    draws = tuple(
        credit_cover.Draw(one.kind, one.asset, one.minor, one.line_id, one.lot_no, one.account_no)
        for one in drawn
    )
    for draw, refusal in credit_cover.undo(world, diary, draws, at):
        diary.tell(
            world.members.assets[draw.asset].settlement_agent, "cycle.not_repaid", cycle.cycle_id, draw.asset,
            draw.minor, draw.line_id, draw.lot_no, refusal.code,
        )  # fmt: skip


def _tell(diary: Diary, cycle: Cycle, bic: str, asset: str, minor: int, bundle_id: bytes) -> None:
    paid, left = cycle.paid[asset][bic], cycle.open_call(bic, asset)
    diary.fact(CyclePaid(cycle.cycle_id, bic, asset, minor, paid, left, bundle_id))
    kind = "cycle.paid" if minor > 0 else "cycle.returned"
    diary.tell(bic, kind, cycle.cycle_id, asset, abs(minor), paid, left)


def _number(world: World, cycle: Cycle, what: str, at: Instant) -> int:
    """Make the id of a bundle: one command may make several, for different payers and reasons."""
    paid = sum(minor for _, _, minor in cycle.each_paid())
    seed = sha256(cycle.cycle_id + b"%s %d" % (what.encode(), paid)).digest()
    return booking.bundle_id(seed, world.commands, at)
