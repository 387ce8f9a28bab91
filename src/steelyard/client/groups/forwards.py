"""Forwards: goods for later between two parties, until a cargo is named, a ring is offset or a side fails."""

from collections.abc import Sequence

from steelyard.client import forwards as shapes
from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.titles import PaperAsked
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb

FORWARDS = "/v1/forwards"


class Forwards(Group[F]):
    """Forwards that one is a side of. What two people must do comes back as a proposal."""

    @Lists
    def list(
        self,
        *,
        contract: str | None = None,
        state: Sequence[str] | str | None = None,
        limit: int | None = None,
    ) -> Listing[shapes.ForwardShown]:
        """List forwards, newest first, with what is next, by whom and by when."""
        return Listing(FORWARDS, {"contract": contract, "state": state, "limit": limit}, shapes.ForwardShown)

    @Verb
    def get(self, forward_id: str) -> Ask[shapes.ForwardWhole]:
        """Give a forward with every step."""
        return get(path(FORWARDS, forward_id), shapes.ForwardWhole)

    @Verb
    def offer(self, terms: shapes.ForwardAsked, *, key: str | None = None) -> Ask[Done]:
        """Offer a forward to the other side."""
        return order("POST", FORWARDS, terms, key=key)

    @Verb
    def accept(self, forward_id: str, *, key: str | None = None) -> Ask[Done]:
        """Accept what the other side has offered."""
        return _act(forward_id, "accept", key)

    @Verb
    def decline(self, forward_id: str, *, key: str | None = None) -> Ask[Done]:
        """Turn an offer down, or take it back."""
        return _act(forward_id, "decline", key)

    @Verb
    def appropriate(
        self,
        forward_id: str,
        receipts: Sequence[str] = (),
        *,
        bill: str | None = None,
        lots: int | None = None,
        key: str | None = None,
    ) -> Ask[Done]:
        """Name the cargo, as seller, for all lots or some: a delivery begins, with its goods locked."""
        cargo = shapes.CargoAsked(receipts=[*receipts], bill=bill, lots=lots)
        return _act(forward_id, "appropriate", key, cargo)

    @Verb
    def renounce(self, forward_id: str, document: str, *, key: str | None = None) -> Ask[Done]:
        """Say that one will not perform, by two people: one owes the difference to the market."""
        return _act(forward_id, "renounce", key, PaperAsked(document=document))

    @Verb
    def circle(self, forward_id: str, *, key: str | None = None) -> Ask[Done]:
        """Offset the rings that a forward of these goods and terms is in, with the differences in one bundle."""
        return _act(forward_id, "circle", key)

    @Verb
    def hinder(
        self, forward_id: str, hindrance: shapes.HindranceAsked, *, key: str | None = None
    ) -> Ask[Done]:
        """Let a prohibition or force majeure stand between, as two of the operator."""
        return _act(forward_id, "hinder", key, hindrance)

    @Verb
    def resume(self, forward_id: str, document: str, *, key: str | None = None) -> Ask[Done]:
        """End what stands between, as two of the operator."""
        return _act(forward_id, "resume", key, PaperAsked(document=document))

    @Verb
    def rule(self, forward_id: str, market: shapes.MarketAsked, *, key: str | None = None) -> Ask[Done]:
        """Say what the market was worth where a side has failed, as two of the operator."""
        return _act(forward_id, "rule", key, market)


def _act(forward_id: str, word: str, key: str | None, asked: object = None) -> Ask[Done]:
    return order("POST", path(FORWARDS, forward_id, word), asked, key=key, subject=forward_id)
