"""Many messages about orders in one command: new ones, changes and cancels, decided one after the other.

Each is decided as it would be alone, at the time of the command: by the same rules, with the same facts in the same
order. What is refused changes nothing, is told of by its place and the id that it names, and does not stop the others.
Right, shape and digest of all are looked at once, and the public sees once what they changed in a book.

A new order bears the id that its sender gives it, so that a later message, in this command or another, may name it
before anything is answered. As the id of a command would, it stands in the window of ids from then on: no order and no
command has it again.
"""

from collections.abc import Callable
from typing import Annotated, Any

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


class Packed:
    """The messages of one command on their way through the books."""

    __slots__ = ("_at", "_digest", "_sender", "_shown", "_world", "diary")

    def __init__(self, world: World, command: Command, at: Instant) -> None:
        self.diary = Diary()
        self._world, self._sender, self._at = world, command.sender, at
        self._digest = content_digest(command)
        self._shown = Shown(world, at)

    def new(self, message: NewMessage) -> Refusal | None:
        """Let an order in; an id that is known already, or that no command could have, is none for it."""
        world, key = self._world, int.from_bytes(message.order_id, "big")
        answer = world.ids.look_number(key, self._digest, at=self._at)
        if answer is not IdAnswer.NEW:
            return _IDS.get(answer, OrderRefusal.ORDER_ID_USED)
        refusal = order.admit(
            world, self.diary, self._sender, message.order_id, message.order, self._at, self._shown
        )
        if refusal is None:
            world.ids.put(message.order_id, self._digest, world.commands + 1)
        return refusal

    def change(self, message: ChangeMessage) -> Refusal | None:
        """Give an order new terms."""
        return order.change(self._world, self.diary, self._sender, message, self._at, self._shown)

    def cancel(self, message: CancelMessage) -> Refusal | None:
        """Take an order out."""
        return order.take_out(self._world, self.diary, self._sender, message.order_id, self._at, self._shown)

    def end(self) -> Outcome:
        """Show what the last book has changed, and give the outcome of all."""
        self._shown.turn(self.diary, None)
        return self.diary.done()


_IDS: dict[IdAnswer, Refusal] = {
    IdAnswer.ZERO: EngineRefusal.ID_IS_ZERO,
    IdAnswer.TOO_OLD: EngineRefusal.ID_IS_TOO_OLD,
    IdAnswer.FROM_THE_FUTURE: EngineRefusal.ID_IS_FROM_THE_FUTURE,
}
_ACTS: dict[type, Callable[[Packed, Any], Refusal | None]] = {
    NewMessage: Packed.new,
    ChangeMessage: Packed.change,
    CancelMessage: Packed.cancel,
}


def run(world: World, command: Command, fields: MessagesFields, at: Instant) -> Outcome:
    """Decide the messages in their order; once the outcome is full the rest is refused."""
    packed = Packed(world, command, at)
    diary, sender = packed.diary, command.sender
    for place, message in enumerate(fields.messages):
        if len(diary.facts) + len(diary.notices) < TOLD_MAX:
            refusal = _ACTS[type(message)](packed, message)
        else:
            refusal = OrderRefusal.OUTCOME_IS_FULL
        if refusal is not None:
            diary.fact(OrderRefused(message.order_id, sender, place, refusal.code))
    return packed.end()
