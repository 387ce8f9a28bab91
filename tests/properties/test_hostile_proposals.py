"""Whatever a solver proposes, of one currency or of a pool: refused with nothing changed, or every rule still true."""

from typing import Any, NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows import parties, pool, queue_view
from steelyard.flows.batch_propose import ProposeFields
from steelyard.flows.command import NO_FIELDS, Command, raw
from steelyard.flows.own_rules import HoldingFields, LimitFields, ReservationFields
from steelyard.flows.pool import PoolFields
from steelyard.payments.payment import Payment, Wait
from tests.flows.batches import Solver, request, same_state, splitting
from tests.flows.payworld import ANNA, ARNE, ASSETS, BRAM, CLEO, Network

BANKS = (ANNA, ARNE, BRAM, CLEO)
CAP = 2_000
BIG = 2**63 - 1
BANK, ASSET, SMALL = st.sampled_from(BANKS), st.sampled_from(ASSETS), st.integers(1, 200)
PAIRS = st.permutations(BANKS).map(lambda every: tuple(every[:2]))
PAYMENT = st.tuples(PAIRS, SMALL, st.sampled_from((0, 1, 2, 2)), st.booleans(), ASSET)
RULES = st.fixed_dictionaries(
    {
        "money": st.lists(st.tuples(BANK, SMALL, ASSET), max_size=6),
        "caps": st.lists(st.tuples(BANK, SMALL), max_size=2),
        "own": st.lists(st.tuples(PAIRS, SMALL), max_size=2),
        "kept": st.lists(st.tuples(BANK, st.integers(0, 1), SMALL), max_size=2),
    }
)
AMOUNT = st.one_of(SMALL, st.sampled_from((1, BIG, 2**62, 10**18)))
LIES = st.fixed_dictionaries(
    {},
    optional={
        "some": st.lists(st.booleans(), min_size=12, max_size=12),
        "odd": st.lists(st.integers(0, 40), max_size=12),
        "parts": st.lists(st.tuples(st.integers(0, 5), AMOUNT), max_size=4, unique_by=lambda one: one[0]).map(
            sorted
        ),
        "fx": st.lists(
            st.tuples(BANK, ASSET, st.one_of(AMOUNT, AMOUNT.map(lambda minor: -minor))), max_size=6
        ),
        "swap": st.tuples(BANK, BANK, st.integers(1, 40)),
        "ordered": st.booleans(),
        "certificates": st.just([]),
    },
)


def built(rules: Any, payments: Any) -> tuple[Network, Solver]:
    """Build a network with the drawn money and rules, everybody in the pool, and queue the payments."""
    net = splitting()
    net.rate("SUD", "NOR", 2, 1)
    net.rate("OST", "NOR", 20, 1)
    solver = Solver(net)
    for asset in ASSETS:
        request(net, asset)
        solver.answer()
    for bic, minor, asset in rules["money"]:
        net.fund(bic, asset, minor)
    for bic, minor in rules["caps"]:
        net.give("holding.set", HoldingFields("NOR", minor), bic)
    for (owner, other), room in rules["own"]:
        net.give("limit.own", LimitFields("NOR", other, room), owner)
    for bic, priority, minor in rules["kept"]:
        net.give("reservation.set", ReservationFields("NOR", priority, minor), bic)
    for bic in BANKS:
        fields = PoolFields(ASSETS, "NOR", CAP)
        command = Command(
            "pool.choose", 1, bytes(16), bic, f"k-{bic}", net.at, raw(fields), NO_FIELDS, bytes(16)
        )
        assert pool.choose(net.world, command, fields, net.at).code == 0
    for (payer, payee), minor, priority, may_split, asset in payments:
        net.pay(payer, payee, asset, minor, priority=priority, may_split=may_split)
    return net, solver


def lying(net: Network, fields: ProposeFields, lies: Any) -> ProposeFields:
    """Change an honest proposal as drawn.

    `some` settles others of the payments that wait, `odd` whatever; `swap` lets two banks exchange at the batch's
    rates, unasked.
    """
    lies = dict(lies)
    some, odd = lies.pop("some", None), lies.pop("odd", None)
    if some is not None:
        live = net.world.payments.live.values()
        seqs = sorted(one.seq for one in live if one.source in fields.assets and one.waits == Wait.FUNDS)
        chosen = [seq for seq, taken in zip(seqs, some, strict=False) if taken]
        lies["seqs"] = [seq - last for seq, last in zip(chosen, [0, *chosen], strict=False)]
        lies.setdefault("parts", [])
    elif odd is not None:
        lies["seqs"] = odd
    swap = lies.pop("swap", None)
    if swap is not None and swap[0] != swap[1]:
        one, other, minor = swap
        legs = {(bic, asset): much for bic, asset, much in fields.fx}
        for bic, sign in ((one, 1), (other, -1)):
            legs[bic, "SUD"] = legs.get((bic, "SUD"), 0) + sign * minor
            legs[bic, "NOR"] = legs.get((bic, "NOR"), 0) - sign * minor * 2
        lies["fx"] = [(*account, much) for account, much in sorted(legs.items()) if much]
    elif "fx" in lies:
        lies["fx"] = sorted({one[:2]: one for one in lies["fx"]}.values())
    return msgspec.structs.replace(fields, **lies)


def figures(net: Network) -> dict[tuple[str, str], int]:
    return {(bic, asset): net.balance(bic, asset) for bic in BANKS for asset in ASSETS}


class Seen(NamedTuple):
    """What was before a proposal: balances, open amounts of the payments, rooms within own limits, money kept."""

    balances: dict[tuple[str, str], int]
    opened: dict[bytes, Payment]
    rooms: dict[tuple[str, str], int]
    kept: dict[str, tuple[int, int]]

    @classmethod
    def of(cls, net: Network, rules: Any) -> "Seen":
        """Look at a network, by the rules that were drawn for it."""
        world, number = net.world, {bic: parties.settlement_account(net.world, bic, "NOR") for bic in BANKS}
        on = queue_view.today(world, "NOR", net.at)
        rooms = {
            pair: world.limits.room("NOR", on, number[pair[0]], number[pair[1]]) or 0
            for pair, _ in rules["own"]
        }
        kept = {bic: world.reservations.held(number[bic], net.available(bic, "NOR")) for bic in BANKS}
        opened = {uetr: msgspec.structs.replace(one) for uetr, one in world.payments.live.items()}
        return cls(figures(net), opened, rooms, kept)


def holds(net: Network, seen: Seen) -> None:
    """Find every promise kept by what a proposal has done."""
    after, live, before = figures(net), net.world.payments.live, seen.balances
    for asset in ASSETS:
        assert sum(before[bic, asset] for bic in BANKS) == sum(after[bic, asset] for bic in BANKS)
        assert 0 == net.world.engine.balance(pool.transit(net.world, asset)).balance
        assert all(net.available(bic, asset) >= 0 for bic in BANKS)
    for bic in BANKS:
        cap = net.world.holdings.cap(bic, "NOR")
        assert cap is None or after[bic, "NOR"] <= max(cap, before[bic, "NOR"])
    net_out: dict[tuple[str, str], int] = {}
    for uetr, was in seen.opened.items():
        now = live.get(uetr)
        part = was.open_minor if now is None else now.settled_minor - was.settled_minor
        if now is not None and part:
            assert was.may_split
            assert was.floor_minor <= part <= was.open_minor - was.floor_minor
        if was.source == "NOR" and was.priority == 2:
            pair = was.debtor_agent, was.creditor_agent
            net_out[pair] = net_out.get(pair, 0) + part
            net_out[pair[::-1]] = net_out.get(pair[::-1], 0) - part
    assert all(net_out.get(pair, 0) <= max(room, 0) for pair, room in seen.rooms.items())


@settings(max_examples=200, deadline=None)
@given(
    rules=RULES, payments=st.lists(PAYMENT, min_size=3, max_size=12), pooled=st.booleans(), lies=LIES,
)  # fmt: skip
def test_a_lie_is_refused_or_harmless(rules: Any, payments: Any, pooled: bool, lies: Any) -> None:
    net, solver = built(rules, payments)
    outcome = request(net, "" if pooled else "NOR")
    assert outcome.code == 0, outcome
    seen, state = Seen.of(net, rules), same_state(net)
    fields = lying(net, solver.fields(), lies)
    outcome = solver.give(fields)

    net.check()
    if outcome.code:
        assert state == same_state(net)
    else:
        holds(net, seen)
        assert solver.give(fields).code == 1
