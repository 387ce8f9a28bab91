"""Netting cycles: followed, paid into, and run by hand."""

from collections.abc import Sequence

from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.cycles import (
    Cycle,
    CycleAsked,
    CycleBecause,
    CycleExcluded,
    CycleExtended,
    CycleFile,
    CycleReport,
    CycleSchedule,
    CycleScheduleAsked,
    PayInAsked,
)
from steelyard.client.types import Done, Money
from steelyard.client.verbs import F, Group, Lists, Verb

CYCLES, SCHEDULES = "/v1/cycles", "/v1/cycle-schedules"


class Cycles(Group[F]):
    """Cycles in which obligations are netted."""

    @Lists
    def list(
        self, *, currency: str | None = None, state: str | None = None, limit: int | None = None
    ) -> Listing[Cycle]:
        """List cycles, newest first."""
        return Listing(CYCLES, {"currency": currency, "state": state, "limit": limit}, Cycle)

    @Verb
    def get(self, cycle_id: str) -> Ask[CycleReport]:
        """Give a cycle with its figures and one's own rows."""
        return get(path(CYCLES, cycle_id), CycleReport)

    @Verb
    def certificate(self, cycle_id: str) -> Ask[CycleFile]:
        """Give the file by which a cycle is checked."""
        return get(path(CYCLES, cycle_id, "certificate"), CycleFile)

    @Lists
    def schedules(self, *, limit: int | None = None) -> Listing[CycleSchedule]:
        """List when cycles are cut."""
        return Listing(SCHEDULES, {"limit": limit}, CycleSchedule)

    @Verb
    def open(
        self, currencies: Sequence[str], *, cut_at: str | None = None, key: str | None = None
    ) -> Ask[Done]:
        """Open a cycle over some currencies."""
        return order("POST", CYCLES, CycleAsked(currencies=[*currencies], cut_at=cut_at), key=key)

    @Verb
    def schedule(
        self, currencies: Sequence[str], cuts: Sequence[str], *, key: str | None = None
    ) -> Ask[Done]:
        """Set at which times of the day, UTC, cycles of these currencies are cut; at none: no longer."""
        return order("PUT", SCHEDULES, CycleScheduleAsked(currencies=[*currencies], cuts=[*cuts]), key=key)

    @Verb
    def cut(self, cycle_id: str, *, reason: str = "", key: str | None = None) -> Ask[Done]:
        """Cut an open cycle before its time; takes two people."""
        return order("POST", path(CYCLES, cycle_id, "cut"), CycleBecause(reason=reason), key=key)

    @Verb
    def cancel(self, cycle_id: str, *, reason: str = "", key: str | None = None) -> Ask[Done]:
        """End a cycle that has not settled; takes two people."""
        return order("POST", path(CYCLES, cycle_id, "cancel"), CycleBecause(reason=reason), key=key)

    @Verb
    def extend(self, cycle_id: str, by_ms: int, *, key: str | None = None) -> Ask[Done]:
        """Move the end of a cycle's pay-ins, once; takes two people."""
        return order("POST", path(CYCLES, cycle_id, "extend"), CycleExtended(by_ms=by_ms), key=key)

    @Verb
    def exclude(self, cycle_id: str, participant: str, *, key: str | None = None) -> Ask[Done]:
        """Leave a participant out of a cycle; takes two people."""
        return order(
            "POST", path(CYCLES, cycle_id, "exclude"), CycleExcluded(participant=participant), key=key
        )

    @Verb
    def pay_in(
        self, cycle_id: str, currency: str, amount: Money | None = None, *, key: str | None = None
    ) -> Ask[Done]:
        """Pay in an amount of what a cycle calls for, or all that is left of it."""
        asked = PayInAsked(currency=currency, amount=amount)
        return order("POST", path(CYCLES, cycle_id, "pay-in"), asked, key=key)
