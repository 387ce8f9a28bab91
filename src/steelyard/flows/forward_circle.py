"""Circle settlement: a ring of forwards of the same goods on the same terms is offset, and differences are paid.

Who sells what he has bought of another would hand the goods on; where they come back to who sold them first, nobody
needs them to move. How many lots of each forward go is what A7 finds, the set-off of claims, with lots for money: the
most that can, and nobody's lots to deliver less those to receive change. What is left are the differences of prices;
they sum to zero and are one bundle. Both sides of a forward have agreed to it by its contract.
"""

from msgspec import Struct, structs

from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.flows import booking, forward_life, parties, pvp_cover, settle, titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16
from steelyard.flows.forward_life import E, S
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.set_off import set_off
from steelyard.liquidity.algorithms.successive import NODES_MOST, SuccessivePaths
from steelyard.liquidity.claims import HASH_BYTES, Claim
from steelyard.market.forwards import ForwardSale, moved
from steelyard.market.refusals.contracts import ContractRefusal as No
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

MOST = 200
"""Most forwards of one circle; they have fewer parties than the solver takes"""
assert MOST < NODES_MOST


class CircleFields(Struct, array_like=True, frozen=True, gc=False):
    """A forward; those of the same goods and terms are looked at with it."""

    forward_id: Id16


def circle(world: World, command: Command, fields: CircleFields, at: Instant) -> Outcome:
    """Offset what goes round in a ring, as a side of a forward or as operator; all of it or nothing."""
    found = world.forwards.get(fields.forward_id)
    if command.sender != OPERATOR:
        found = forward_life.of_party(world, command.sender, fields.forward_id)
    if isinstance(found, No):
        return refused(found)
    if found.state is not S.AGREED:
        return refused(No.FORWARD_STATE_FORBIDS)
    may = _Able(world, found, at)
    if not may(found):
        return refused(No.CIRCLE_NOT_ALLOWED)
    able = chosen([one for one in world.forwards.like(found) if may(one)])
    parts = offset(able)
    if not parts:
        return refused(No.CIRCLE_NOT_FOUND)
    money = {one.forward_id: worth(one, parts[one.forward_id]) for one in able if one.forward_id in parts}
    gone = [one for one in able if one.forward_id in parts]
    number = booking.bundle_id(command.id, world.commands, at)
    refusal, leg = _differences(world, found, differences(gone, money), number, at)
    if refusal is not None:
        return refused(refusal, leg)
    diary = Diary()
    bundle_id = number.to_bytes(16, "big")
    for one in gone:
        _gone(world, diary, one, parts[one.forward_id], money[one.forward_id], bundle_id)
    settle.work(world, diary, at)
    return diary.done()


def chosen(forwards: list[ForwardSale]) -> list[ForwardSale]:
    """Give those that are looked at together: of all that may go round the first of each two parties, then the second.

    So nobody's many forwards that go nowhere keep others from going round.
    """
    pairs = dict.fromkeys((one.seller, one.buyer) for one in forwards)
    while True:
        sells, buys = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
        kept = dict.fromkeys(pair for pair in pairs if pair[0] in buys and pair[1] in sells)
        if len(kept) == len(pairs):
            break
        pairs = kept
    seen: dict[tuple[str, str], int] = {}
    ranked = []
    for one in forwards:
        if (one.seller, one.buyer) not in pairs:
            continue
        rank = seen[one.seller, one.buyer] = seen.get((one.seller, one.buyer), 0) + 1
        ranked.append((rank, one.number, one))
    ranked.sort(key=lambda one: one[:2])
    return sorted([one for _, _, one in ranked[:MOST]], key=lambda one: (one.number, one.forward_id))


def offset(forwards: list[ForwardSale]) -> dict[bytes, int]:
    """Give how many lots of each forward go, by id; those offered first first.

    Every party has as many lots less to deliver as it has less to receive.
    """
    claims = [
        Claim(
            one.forward_id.hex(), one.seller, one.buyer, one.terms.currency, one.lots, one.lots, one.number,
            bytes(HASH_BYTES), True, True,
        )
        for one in forwards
    ]  # fmt: skip
    parts = set_off(claims, solver=SuccessivePaths()).parts if claims else {}
    lots: dict[str, int] = {}
    for one in forwards:
        part = parts.get(one.forward_id.hex(), 0)
        lots[one.seller] = lots.get(one.seller, 0) - part
        lots[one.buyer] = lots.get(one.buyer, 0) + part
    assert not any(lots.values()), "a circle changes nobody's goods"
    return {bytes.fromhex(key): part for key, part in parts.items()}


def worth(sale: ForwardSale, lots: int) -> int:
    """Give what the buyer would have paid for some lots, rounded once half-even."""
    return sale.terms.read().amount_minor(lots, sale.terms.unit_minor)


def differences(forwards: list[ForwardSale], money: dict[bytes, int]) -> list[tuple[str, str, int]]:
    """Give who pays whom how much, so that each has what he would have had of all the payments of the ring."""
    nets: dict[str, int] = {}
    for one in forwards:
        minor = money[one.forward_id]
        nets[one.seller] = nets.get(one.seller, 0) + minor
        nets[one.buyer] = nets.get(one.buyer, 0) - minor
    payees = [(name, net) for name, net in sorted(nets.items()) if net > 0]
    found: list[tuple[str, str, int]] = []
    for payer, net in sorted(nets.items()):
        while net < 0:
            payee, due = payees.pop()
            minor = min(-net, due)
            found.append((payer, payee, minor))
            net += minor
            if due > minor:
                payees.append((payee, due - minor))
    return found


def _differences(
    world: World, sale: ForwardSale, due: list[tuple[str, str, int]], number: int, at: Instant
) -> tuple[Refusal | None, int]:
    """Book the differences as one bundle, or say what stands in the way; prices that are equal leave none."""
    if not due:
        return None, -1
    currency, numbers = sale.terms.currency, world.engine.owner_nos
    legs = tuple(
        Leg(
            parties.settlement_account(world, payer, currency),
            parties.settlement_account(world, payee, currency),
            minor,
        )
        for payer, payee, minor in due
    )
    bundle = Bundle(
        number, Kind.TRADE, legs, policy=Policy.AT_END, reference=int.from_bytes(sale.forward_id, "big")
    )
    if any(pvp_cover.takes(world, payer, legs) for payer, _, _ in due):
        return pvp_cover.REFUSAL, -1
    authority = list(dict.fromkeys(numbers[payer] for payer, _, _ in due))
    act = world.engine.move(bundle, authority=authority, at=at)
    if act.refusal is None:
        world.queues.push_all([leg.target for leg in legs])
    return act.refusal, act.leg


def _gone(world: World, diary: Diary, sale: ForwardSale, lots: int, minor: int, bundle_id: bytes) -> None:
    left = sale.lots - lots
    event = E.PART_OFFSET if left else E.OFFSET
    after = moved(sale, event)
    assert isinstance(after, ForwardSale)
    after = structs.replace(after, lots=left, due_at=sale.due_at if left else 0)
    forward_life.keep(world, diary, after, event, offset_lots=lots, moved_minor=minor, bundle_id=bundle_id)


class _Able:
    """Tells whether forwards may go with a circle: their contract, their sides and the law of their members let it.

    They are of one contract; of each side it is looked up once.
    """

    def __init__(self, world: World, sale: ForwardSale, at: Instant) -> None:
        self._world, self._at, self._terms = world, at, sale.terms
        self._may = sale.terms.read().options.circle
        self._sides: dict[str, bool] = {}

    def __call__(self, sale: ForwardSale) -> bool:
        return (
            self._may
            and not forward_life.in_time(sale, self._at)
            and self._is_able(sale.seller)
            and self._is_able(sale.buyer)
        )

    def _is_able(self, name: str) -> bool:
        if name not in self._sides:
            self._sides[name] = _may(self._world, name, self._terms.currency)
        return self._sides[name]


def _may(world: World, owner: str, currency: str) -> bool:
    """Tell whether a side may go with a circle."""
    return (
        titles.is_active(world, owner)
        and titles.disposes(world, owner)
        and world.claims.allows(world.members.home(owner))
        and _is_open(world, owner, currency)
    )


def _is_open(world: World, owner: str, currency: str) -> bool:
    """Tell whether the account of a side can pay and be paid: one that is blocked stops nobody else's circle."""
    found = world.engine.accounts[parties.settlement_account(world, owner, currency)]
    return found is not None and not found.state and not found.freeze
