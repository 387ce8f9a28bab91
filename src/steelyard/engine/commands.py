"""Acts as values, for callers that gather several and for the tests: one struct per act, one dispatch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from steelyard.engine.bundles import Bundle
from steelyard.engine.legs import Act

if TYPE_CHECKING:
    from steelyard.engine.draft import Draft


class _Bundled(msgspec.Struct, frozen=True):
    bundle: Bundle
    authority: tuple[int, ...]
    releasing: tuple[int, ...] = ()

    @property
    def bundle_id(self) -> int:
        """The bundle it is about."""
        return self.bundle.bundle_id

    def accounts(self) -> Sequence[int]:
        """The accounts its legs name."""
        return [number for leg in self.bundle.legs for number in leg[:2]]


class _Named(msgspec.Struct, frozen=True):
    bundle_id: int

    def accounts(self) -> Sequence[int]:
        """None of its own."""
        return ()


class Move(_Bundled, frozen=True):
    """Move every leg."""


class Reserve(_Bundled, frozen=True):
    """Reserve every leg."""


class Settle(_Named, frozen=True):
    """Settle a reservation, whole or by an amount per leg."""

    amounts: tuple[int, ...] | None = None


class Release(_Named, frozen=True):
    """Give a reservation back."""


class Expire(_Named, frozen=True):
    """Give a reservation back whose deadline is reached."""


class Pin(_Named, frozen=True):
    """Take the deadline off a reservation."""


class Reverse(msgspec.Struct, frozen=True):
    """Move back what a bundle moved; `original` are its leg records, `amounts` one per leg of it."""

    bundle: Bundle
    original: bytes
    amounts: tuple[int, ...]
    authority: tuple[int, ...]

    @property
    def bundle_id(self) -> int:
        """The bundle it is about."""
        return self.bundle.bundle_id

    def accounts(self) -> Sequence[int]:
        """None of its own."""
        return ()


EngineCommand = Move | Reserve | Settle | Release | Expire | Pin | Reverse


def run(draft: "Draft", command: EngineCommand) -> Act:
    """Lay one act into a draft."""
    match command:
        case Move():
            return draft.move(command.bundle, authority=command.authority, releasing=command.releasing)
        case Reserve():
            return draft.reserve(command.bundle, authority=command.authority, releasing=command.releasing)
        case Settle():
            return draft.settle(command.bundle_id, command.amounts)
        case Release():
            return draft.release(command.bundle_id)
        case Expire():
            return draft.expire(command.bundle_id)
        case Pin():
            return draft.pin(command.bundle_id)
        case Reverse():
            return draft.reverse(
                command.bundle, command.original, command.amounts, authority=command.authority
            )
