"""Many messages about orders in one request: new ones, changes and cancels, each answered in its place."""

from collections.abc import Sequence

from steelyard.api import wire
from steelyard.api.call import Call, Reply, tell
from steelyard.api.idempotency import part_id
from steelyard.api.orders import Recorded, order
from steelyard.api.route import Route
from steelyard.api.routes.market_orders import (
    note_move,
    opened,
    order_currency,
    order_fields,
    price_minor,
    turned_down,
)
from steelyard.api.wire import Faults
from steelyard.client.market import OrderAnswer, OrdersAnswer
from steelyard.client.order_messages import OrderMessage, OrderMessages
from steelyard.flows.facts import AnyFact
from steelyard.flows.market_facts import OrderEntered, OrderMoved, OrderRefused
from steelyard.flows.order_many import CancelMessage, ChangeMessage, Message, MessagesFields, NewMessage


async def send_order_messages(call: Call) -> Reply:
    """Enter, change and cancel orders, one after the other; each is done or refused by itself."""
    asked, faults = call.asked(OrderMessages).messages, Faults()
    ids = [_id(call, place, one, faults) for place, one in enumerate(asked)]
    faults.end()
    currencies = await _currencies(call, asked, ids)
    made = [
        _message(call, one, ids[place], currencies[place], faults, f"/messages/{place}")
        for place, one in enumerate(asked)
    ]
    faults.end()
    found = await order(call, "order.many", MessagesFields(tuple(made)))
    at = wire.at_text(found.answer.at_ns)
    if found.is_refused:
        problem, _ = wire.refusal(found.outcome.refusal)
        return tell(OrdersAnswer(outcome="refused", seq=found.answer.seq, at=at, refusal=problem))
    orders = _answers(found, call, made, currencies)
    return tell(OrdersAnswer(outcome="done", orders=orders, seq=found.answer.seq, at=at))


def _id(call: Call, place: int, asked: OrderMessage, faults: Faults) -> bytes:
    """Give the id that a message names, or the one that a new order without is given."""
    pointer = f"/messages/{place}"
    if (asked.new is not None) + (asked.change is not None) + asked.cancel != 1:
        faults.add(pointer, "one-of", "one of new, change and cancel")
    elif asked.order_id is None and asked.new is None:
        faults.add(f"{pointer}/order_id", "missing", "which order")
    return wire.uuid_bytes(asked.order_id) if asked.order_id else part_id(call.command_id, place)


async def _currencies(call: Call, asked: Sequence[OrderMessage], ids: Sequence[bytes]) -> list[str]:
    """Give for each message the currency of its prices; nothing where it has none, or nobody knows the order.

    What is changed is one of these messages' own new orders, or one that stands in the tables.
    """
    known: dict[bytes, str] = {}
    for order_id, one in zip(ids, asked, strict=True):
        if one.new is not None:
            known.setdefault(order_id, await order_currency(call, one.new))
    others = {id: None for id, one in zip(ids, asked, strict=True) if one.change is not None}
    wanted = [id for id in others if id not in known]
    reader = call.gateway.stores.reader
    if wanted:
        rows = await call.gateway.aside(lambda: [reader.one("market_order", order_id=id) for id in wanted])
        for id, row in zip(wanted, rows, strict=True):
            if row is not None and row["owner"] == call.who.owner:
                known[id] = row["currency"]
    return [known.get(id, "") for id in ids]


def _message(
    call: Call, asked: OrderMessage, order_id: bytes, currency: str, faults: Faults, pointer: str
) -> Message:
    """Read one message, whose prices are in a currency."""
    if asked.new is not None:
        return NewMessage(order_id, order_fields(call, asked.new, currency, faults, f"{pointer}/new"))
    if asked.change is None:
        return CancelMessage(order_id)
    if asked.change.price is not None and not currency:
        told = "no open order of one's own is known by it, or its row is not in the tables yet"
        faults.add(f"{pointer}/order_id", "order-unknown", told, asked.order_id)
        return CancelMessage(order_id)
    minor = price_minor(call, asked.change.price, currency, faults, f"{pointer}/change/price")
    return ChangeMessage(order_id, asked.change.quantity or 0, minor)


def _answers(
    found: Recorded, call: Call, messages: Sequence[Message], currencies: Sequence[str]
) -> list[OrderAnswer]:
    """Give what became of each message, as its order stood when the message had been worked off.

    The facts are in the order of the messages: what a message begins with is known, and all up to where the next one
    begins is of it.
    """
    refused = {fact.place for fact in found.facts if isinstance(fact, OrderRefused)}
    told: list[OrderAnswer] = []
    for fact in found.facts:
        place = len(told)
        if place < len(messages) and _begins(fact, messages[place], place, is_refused=place in refused):
            told.append(_first(fact, currencies[place], call))
        elif told and isinstance(fact, OrderMoved):
            note_move({messages[place - 1].order_id: told[-1]}, fact, cancels=False)
    return told


def _begins(fact: AnyFact, message: Message, place: int, *, is_refused: bool) -> bool:
    """Tell whether a fact is the first of a message; an order that is gone is not taken out a second time."""
    if is_refused:
        return isinstance(fact, OrderRefused) and fact.place == place
    match message:
        case NewMessage():
            return isinstance(fact, OrderEntered) and fact.order_id == message.order_id
        case ChangeMessage():
            event = "replaced"
        case CancelMessage():
            event = "cancelled"
    return isinstance(fact, OrderMoved) and (fact.order_id, fact.event) == (message.order_id, event)


def _first(fact: AnyFact, currency: str, call: Call) -> OrderAnswer:
    """Give the answer to a message as its first fact tells it."""
    if isinstance(fact, OrderRefused):
        return turned_down(fact)
    if isinstance(fact, OrderEntered):
        return opened(fact, fact.quantity, fact.currency, call)
    assert isinstance(fact, OrderMoved)
    if fact.event == "replaced":
        return opened(fact, fact.left, currency, call)
    text = wire.uuid_text(fact.order_id)
    return OrderAnswer(order_id=text, state="cancelled", open=0, cancelled=fact.left)


ROUTES = (
    Route(
        "POST", "/v1/orders/many", "order", send_order_messages, "Enter, change and cancel many orders", OrderMessages,
        OrdersAnswer, keyed=True,
    ),
)  # fmt: skip
