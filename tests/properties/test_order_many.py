"""Many messages in one command do what each of them would alone: same state, same facts, same answers."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.command import NO_FIELDS, Command, raw
from steelyard.flows.facts import AnyFact, decode_fact
from steelyard.flows.machine import Applied, Machine
from steelyard.flows.market_facts import DepthMoved, Indicated, OrderRefused
from steelyard.flows.order import CancelFields, OrderFields, ReplaceFields
from steelyard.flows.order_many import CancelMessage, ChangeMessage, Message, MessagesFields, NewMessage
from steelyard.flows.world import World
from steelyard.market.orders import Side, Tif, Type
from steelyard.market.phases import Phase
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.values.instants import HOUR
from tests.flows.goods import BUYER, OTHER, SELLER
from tests.flows.markets import SPOT, WIDE, Market
from tests.flows.payworld import ASSETS, LEVR, PONS

OWNERS = (SELLER, BUYER, OTHER)
PUBLIC = (DepthMoved, Indicated)
"""What the public is told of a book: once for a command, as it stands then"""

sizes = st.integers(1, 12)
prices = st.integers(9_900, 10_100)
plain = st.builds(OrderFields, st.just(SPOT), st.sampled_from(Side), sizes, prices, stp=st.just(0))
any_order = st.builds(
    OrderFields,
    st.sampled_from((SPOT, WIDE, WIDE, "NOTHING")),
    st.sampled_from(Side),
    sizes | st.just(10**6),
    prices | st.just(0),
    type=st.sampled_from((Type.LIMIT, Type.LIMIT, Type.LIMIT, Type.MARKET, Type.MTL)),
    tif=st.sampled_from((Tif.GTC, Tif.GTC, Tif.GTC, Tif.IOC, Tif.FOK, Tif.GFA)),
    currency=st.sampled_from(("OST", "OST", "NOR", "")),
    stop=st.sampled_from((0, 0, 0, 0, 10_050, 9_950)),
    peak=st.sampled_from((0, 0, 0, 2)),
    post_only=st.sampled_from((False, False, False, True)),
    stp=st.integers(-1, 4),
)
orders = st.one_of(plain, plain, any_order)
asked = st.one_of(
    st.tuples(st.just("new"), orders),
    st.tuples(st.just("new"), orders),
    st.tuples(st.just("again"), orders, st.integers(0, 99)),
    st.tuples(st.just("change"), st.integers(0, 99), sizes | st.just(0), prices | st.just(0)),
    st.tuples(st.just("cancel"), st.integers(0, 99)),
)
packs = st.lists(
    st.tuples(st.sampled_from(OWNERS), st.lists(asked, min_size=4, max_size=14)), min_size=1, max_size=4
)


@cache
def begun(phase: Phase) -> tuple[dict[str, bytes], int]:
    """Give a market with money, goods, firm quotes and some orders that rest, and the time there."""
    net = Market(
        phase=phase,
        ref_price=10_000,
        limit_bp=3_000,
        wide={"ref_price": 10_000, "limit_bp": 3_000, "collar_bp": 300},
    )
    for owner in (*OWNERS, PONS, LEVR):
        for asset in ASSETS:
            net.ready(owner, asset, 2_000_000)
    for owner in OWNERS:
        for _ in range(4):
            net.stocked(20, owner)
        for away in (60, 120):
            net.entered(owner, Side.SELL, 3, 10_000 + away)
            net.entered(owner, Side.BUY, 3, 10_000 - away)
    net.firm(PONS, "NOR", "OST", 1, 1, 300_000, until=net.at + HOUR)
    return dict(net.world.sections()), net.at


class Twins:
    """Two nodes with the same state: one is given many messages at once, the other one after the other."""

    def __init__(self, phase: Phase) -> None:
        sections, self.at = begun(phase)
        self.packed, self.single = (Machine(World.decode(sections)) for _ in range(2))
        self.named: list[bytes] = []
        self.taken: list[bytes] = []
        self._last = 0

    def id(self) -> bytes:
        """Give an id that nothing has had."""
        self._last += 1
        return ((self.at // 10**6) << 80 | 1 << 70 | self._last).to_bytes(16, "big")

    def message(self, kind: str, *rest) -> Message:
        """Give a message about a new order, about one that was named before, or about one that nobody knows."""
        named = self.named or [self.id()]
        match kind:
            case "new":
                self.named.append(self.id())
                return NewMessage(self.named[-1], rest[0])
            case "again":
                taken = self.taken or [bytes(16)]
                return NewMessage(taken[rest[1] % len(taken)], rest[0])
            case "change":
                return ChangeMessage(named[rest[0] % len(named)], *rest[1:])
        return CancelMessage(named[rest[0] % len(named)])

    def alone(self, owner: str, message: Message) -> Applied:
        """Give one message as the command that it would be alone, as if no other had been between."""
        key, before = self.id(), self.single.world.commands
        match message:
            case NewMessage():
                name, fields, key = "order.enter", message.order, message.order_id
            case ChangeMessage():
                name = "order.replace"
                fields = ReplaceFields(message.order_id, message.quantity, message.price)
            case CancelMessage():
                name, fields = "order.cancel", CancelFields((message.order_id,))
        applied = self.single.apply(command(owner, name, fields, key), at=self.at)
        self.single.world.commands = before
        return applied

    def together(self, owner: str, messages: list[Message]) -> Applied:
        """Give all messages in one command, twice: the second time it is known, and changes nothing."""
        sent = command(owner, "order.many", MessagesFields(tuple(messages)), self.id())
        applied = self.packed.apply(sent, at=self.at)
        before = self.packed.world.state_hash()
        again = self.packed.apply(sent, at=self.at + 1)
        assert (False, self.packed.world.commands) == (again.recorded, again.known)
        assert before == self.packed.world.state_hash()
        return applied


def command(owner: str, name: str, fields, key: bytes) -> Command:
    return Command(name, 1, key, owner, f"t-{owner}", 0, raw(fields), NO_FIELDS, bytes(16))


def told(applied: list[Applied]) -> list[AnyFact]:
    return [decode_fact(fact) for one in applied for fact in one.outcome.facts]


def shown(facts: list[AnyFact]) -> dict[tuple, int]:
    """Give what the public sees at last where anything was told."""
    levels = {}
    for fact in facts:
        if isinstance(fact, DepthMoved):
            levels |= {(fact.instrument, *level[:3]): level[3] for level in fact.levels}
    return levels


@settings(max_examples=40, deadline=None)
@given(phase=st.sampled_from((Phase.CONTINUOUS, Phase.CONTINUOUS, Phase.OPENING_CALL)), packs=packs)
def test_many_messages_are_decided_as_each_would_be_alone(phase, packs):
    """Refusals, facts, notices, legs, what is shown, and every section of the state but the window of ids."""
    twins = Twins(phase)
    for owner, list_ in packs:
        twins.at += 10**7
        messages = [twins.message(*one) for one in list_]
        packed = twins.together(owner, messages)
        singles = [twins.alone(owner, message) for message in messages]
        twins.single.world.commands, twins.single.world.now = twins.packed.world.commands, twins.at

        facts = told([packed])
        refused = {fact.place: fact.refusal for fact in facts if isinstance(fact, OrderRefused)}
        for place, (message, one) in enumerate(zip(messages, singles, strict=True)):
            if isinstance(message, NewMessage) and place not in refused:
                twins.taken.append(message.order_id)
            if one.recorded:
                assert one.outcome.refusal == refused.get(place, 0)
            else:  # its id was known, and the same order may come again alone
                zero = message.order_id == bytes(16)
                found = EngineRefusal.ID_IS_ZERO if zero else OrderRefusal.ORDER_ID_USED
                assert found.code == refused[place]
        assert [one for one in facts if not isinstance(one, (*PUBLIC, OrderRefused))] == [
            one for one in told(singles) if not isinstance(one, PUBLIC)
        ]
        assert packed.outcome.notices == tuple(notice for one in singles for notice in one.outcome.notices)
        assert packed.legs == b"".join(one.legs for one in singles)
        alone = shown(told(singles))
        assert shown(facts).items() <= alone.items()
        for name, section in twins.packed.world.sections():
            assert name == "ids" or section == twins.single.world.section(name), name
