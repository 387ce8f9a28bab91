"""Many messages about orders in one command: who may send them, where they end, and what has no form."""

import msgspec
import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import order_many
from steelyard.flows.command import encode
from steelyard.flows.market_facts import OrderRefused
from steelyard.flows.order import OrderFields
from steelyard.flows.order_many import MESSAGES_MAX, CancelMessage, ChangeMessage, MessagesFields, NewMessage
from steelyard.market.orders import Side
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from tests.flows.goods import BUYER, SELLER, done
from tests.flows.markets import SPOT, Market, entering, moved, trades
from tests.flows.payworld import facts, is_refused

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def net() -> Market:
    net = Market()
    net.ready(BUYER, "OST", 500_000)
    net.stocked(60)
    return net


def refused(outcome) -> list[tuple[int, int]]:
    return [(fact.place, fact.refusal) for fact in facts(outcome) if isinstance(fact, OrderRefused)]


def test_a_later_message_names_an_order_of_an_earlier_one(net: Market) -> None:
    """Entered at 99, raised to 100 where it trades 5 t of 8, and the rest taken out; then it is there no more."""
    sale = net.entered(SELLER, SELL, 5, 10_000)
    (new,) = entering([OrderFields(SPOT, BUY, 8, 9_900)], net.at, b"mine").messages
    mine = new.order_id
    messages = (new, ChangeMessage(mine, 0, 10_000), CancelMessage(mine), ChangeMessage(mine, 9))

    outcome = done(net.trader(BUYER, "order.many", MessagesFields(messages)))

    assert [(BUYER, SELLER, 5, 50_000, 50_000)] == trades(outcome)
    assert [(mine, "replaced", 8), (mine, "traded", 3), (sale, "traded", 0), (mine, "cancelled", 3)] == moved(
        outcome
    )
    assert [(3, No.ORDER_NOT_OPEN.code)] == refused(outcome)
    assert 0 == net.world.books.bound_minor(BUYER, "OST")
    net.check()


def test_the_right_to_trade_is_needed_once_for_all(net: Market) -> None:
    """A key that pays may not, nor may another's; then no message is decided."""
    net.world.members.put_actor(Actor("m-pays", BUYER, KEY, (Role.MAKER,), public_key=b"m" * 32))
    fields = entering([OrderFields(SPOT, BUY, 1, 9_900)], net.at, b"none")

    for actor in ("m-pays", f"t-{SELLER}"):
        outcome = net.give("order.many", fields, BUYER, actor=actor)
        assert is_refused(outcome, EngineRefusal.SENDER_HAS_NO_RIGHT)
    assert ({}, ()) == (net.world.books.rows, outcome.facts)


def test_what_many_messages_bring_about_is_bounded(net: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two orders fill the outcome; the id of one that was refused is free for the next command."""
    done(net.unorder(BUYER, net.entered(BUYER, BUY, 1, 9_900)))  # which opens his account of titles
    monkeypatch.setattr(order_many, "TOLD_MAX", 2)
    fields = entering([OrderFields(SPOT, BUY, 1, 9_900)] * 4, net.at, b"full")

    outcome = done(net.trader(BUYER, "order.many", fields))
    again = done(net.trader(BUYER, "order.many", MessagesFields(fields.messages[2:])))

    full = No.OUTCOME_IS_FULL.code
    assert ([(2, full), (3, full)], [], 4) == (refused(outcome), refused(again), len(net.world.books.rows))
    net.check()


NEW = [0, b"i" * 16, [SPOT, 0, 1, 100]]
WRONG = [
    [], [[3, b"i" * 16]], [[1, b"i" * 15]], [[2, b"i" * 16, 1]], [[0, b"i" * 16, [SPOT, 0, 1.0, 100]]],
    [[0, b"i" * 16, [*NEW[2], *[0] * 20]]], [[1, b"i" * 16, -1]], [NEW] * (MESSAGES_MAX + 1),
]  # fmt: skip


@pytest.mark.parametrize("messages", WRONG, ids=range(len(WRONG)))
def test_messages_of_another_form_are_turned_away_whole(messages) -> None:
    """None, of an unknown kind, with a short id, with more than there is, of another type, or too many."""
    read = msgspec.msgpack.Decoder(MessagesFields).decode
    assert isinstance(read(encode([[NEW, [2, b"i" * 16]]])).messages[0], NewMessage)

    with pytest.raises(msgspec.ValidationError):
        read(encode([messages]))
