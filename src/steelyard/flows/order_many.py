"""Many messages about orders in one command: new ones, changes and cancels, decided one after the other.

Each is decided as it would be alone, at the time of the command: by the same rules, with the same facts in the same
order. What is refused changes nothing, is told of by its place and the id that it names, and does not stop the others.
Right, shape and digest of all are looked at once, and the public sees once what they changed in a book.

A new order bears the id that its sender gives it, so that a later message, in this command or another, may name it
before anything is answered. As the id of a command would, it stands in the window of ids from then on: no order and no
command has it again.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.engine.ids import IdAnswer
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import order
from steelyard.flows.command import Command, Outcome, content_digest
from steelyard.flows.diary import Diary
from steelyard.flows.fields import Id16, Number
from steelyard.flows.market_facts import OrderRefused
from steelyard.flows.order import OrderFields, Shown
from steelyard.flows.world import World
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

MESSAGES_MAX = 1_000
TOLD_MAX = 20_000
"""How many facts and notices one command may bring about before the rest of its messages is refused"""


class NewMessage(Struct, array_like=True, frozen=True, gc=False, tag=0, forbid_unknown_fields=True):
    """A new order under the id that its sender gives it."""

    order_id: Id16
    order: OrderFields


class ChangeMessage(Struct, array_like=True, frozen=True, gc=False, tag=1, forbid_unknown_fields=True):
    """New terms of an order: its total, its limit; 0 leaves it."""

    order_id: Id16
    quantity: Number = 0
    price: Number = 0


class CancelMessage(Struct, array_like=True, frozen=True, gc=False, tag=2, forbid_unknown_fields=True):
    """An order is to be taken out."""

    order_id: Id16


Message = NewMessage | ChangeMessage | CancelMessage


class MessagesFields(Struct, array_like=True, frozen=True, gc=False):
    """The messages in their order."""

    messages: Annotated[tuple[Message, ...], Meta(min_length=1, max_length=MESSAGES_MAX)]


_IDS: dict[IdAnswer, Refusal] = {
    IdAnswer.ZERO: EngineRefusal.ID_IS_ZERO,
    IdAnswer.TOO_OLD: EngineRefusal.ID_IS_TOO_OLD,
    IdAnswer.FROM_THE_FUTURE: EngineRefusal.ID_IS_FROM_THE_FUTURE,
}


def run(world: World, command: Command, fields: MessagesFields, at: Instant) -> Outcome:
    """Decide the messages in their order; once the outcome is full the rest is refused.

    A new order must bear an id that a command could have now and nothing has had; those that entered are kept together.
    """
    diary, shown, sender = Diary(), Shown(world, at), command.sender
    digest, look = content_digest(command), world.ids.look_number
    entered: dict[int, None] = {}
    for place, message in enumerate(fields.messages):
        order_id = message.order_id
        if len(diary.facts) + len(diary.notices) >= TOLD_MAX:
            refusal: Refusal | None = OrderRefusal.OUTCOME_IS_FULL
        elif isinstance(message, NewMessage):
            key = int.from_bytes(order_id, "big")
            answer = look(key, digest, at=at)
            if answer is not IdAnswer.NEW or key in entered:
                refusal = _IDS.get(answer, OrderRefusal.ORDER_ID_USED)
            else:
                refusal = order.admit(world, diary, sender, order_id, message.order, at, shown)
                if refusal is None:
                    entered[key] = None
        elif isinstance(message, CancelMessage):
            refusal = order.take_out(world, diary, sender, order_id, at, shown)
        else:
            refusal = order.change(world, diary, sender, message, at, shown)
        if refusal is not None:
            diary.fact(OrderRefused(order_id, sender, place, refusal.code))
    shown.turn(diary, None)
    _keep(world, list(entered), digest)
    return diary.done()


def _keep(world: World, keys: list[int], digest: bytes) -> None:
    """Let the ids of orders that entered stand in the window, with the number that this command will have."""
    if not keys:
        return
    entry, times = digest + (world.commands + 1).to_bytes(8, "little"), [key >> 80 for key in keys]
    if world.ids.has_room_for(keys, times):
        world.ids.put_new(keys, times, [entry] * len(keys))
        return
    for key in keys:
        world.ids.put_number(key, entry)
