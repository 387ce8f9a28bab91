"""The shape of a line in the registry of commands, and the right every sender needs at the door."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from steelyard.flows.command import Command, Outcome
from steelyard.flows.world import World
from steelyard.values.refusal import Refusal

Run = Callable[[World, Command, Any, int], Outcome]
TwoPeople = Callable[[World, Command, Any], bool]


class Entry(NamedTuple):
    """One command of the language. See `registry.py` for what the parts mean."""

    name: str
    version: int
    fields: type[Struct]
    action: str
    run: Run
    two_people: TwoPeople | None
    decode: Callable[[Raw], Any]


def entry(
    name: str,
    fields: type[Struct],
    action: str,
    run: Run,
    *,
    version: int = 1,
    two_people: TwoPeople | None = None,
) -> Entry:
    """Make a line of the registry; the decoder is built once.

    It takes no more than the fields there are: what is skipped unread could be nested so deep that the reader
    gives up, at a depth that differs from one place to the next.
    """
    strict = msgspec.defstruct(
        fields.__name__, [], bases=(fields,), forbid_unknown_fields=True, gc=fields.__struct_config__.gc
    )
    return Entry(name, version, fields, action, run, two_people, msgspec.msgpack.Decoder(strict).decode)


def always(world: World, command: Command, fields: Any) -> bool:
    """Say that an act always needs two persons."""
    return True


def door(world: World, line: Entry, command: Command, fields: Any) -> Refusal | None:
    """Give the refusal of a command whose actor may not give it, or None."""
    return world.members.refuse(
        actor=command.actor,
        sender=command.sender,
        action=line.action,
        two_people=line.two_people is not None and line.two_people(world, command, fields),
        at=world.now,
    )
