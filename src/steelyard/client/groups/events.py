"""What happened and concerns oneself."""

from collections.abc import Sequence
from typing import Any

from steelyard.client.ask import Listing
from steelyard.client.types import Event
from steelyard.client.verbs import F, Group, Lists, Streams


class Events(Group[F]):
    """Events, polled or as a stream; both give the same ones, in the order of the journal."""

    @Lists
    def list(
        self,
        *,
        after: str | None = None,
        types: Sequence[str] | str | None = None,
        limit: int | None = None,
    ) -> Listing[Event]:
        """List events after one that is known by its id, oldest first."""
        return Listing("/v1/events", {"after": after, "type": types, "limit": limit}, Event)

    @Streams
    def stream(
        self, *, after: str | None = None, types: Sequence[str] | str | None = None
    ) -> tuple[str | None, dict[str, Any]]:
        """Follow events as they happen, after one that is known by its id, without end.

        Lost connections are made again, and nothing is missed or told twice. An event of type `reset` says
        that the node no longer has what lies between.
        """
        return after, {"type": types}
