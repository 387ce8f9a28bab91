"""One's own liquidity: accounts as payments may use them, the queue, limits, what is kept, caps, pools; batches."""

from typing import Any

from steelyard.client.ask import Ask, Listing, get, order, path, query
from steelyard.client.liquidity import (
    Batch,
    BatchAsked,
    BatchFile,
    BatchReport,
    HoldingCap,
    HoldingCapAsked,
    Kept,
    KeptAsked,
    LiquidityAccount,
    OwnLimit,
    OwnLimitAsked,
    PoolAsked,
    PoolChoice,
    PriorityName,
    QueueChange,
    QueuedPayment,
    QueueTimes,
)
from steelyard.client.surplus import SurplusReport, ThroughputReport
from steelyard.client.types import Done, Money
from steelyard.client.verbs import F, Group, Lists, Verb

QUEUE, AT, BATCHES = "/v1/queue", "/v1/liquidity", "/v1/batches"


class Liquidity(Group[F]):
    """Money as payments may use it, and what waits for it."""

    @Verb
    def accounts(self, participant: str) -> Ask[list[LiquidityAccount]]:
        """Give a participant's money, currency by currency: usable per class, line, limits, what waits."""
        return get(path(f"{AT}/accounts", participant), list[LiquidityAccount])

    @Lists
    def queue(
        self, *, participant: str | None = None, currency: str | None = None, limit: int | None = None
    ) -> Listing[QueuedPayment]:
        """List what waits for one's money, of each queue what goes first."""
        return _list(QUEUE, QueuedPayment, participant, currency, limit)

    @Verb
    def queued(self, uetr: str) -> Ask[QueuedPayment]:
        """Give one payment that waits, with its place."""
        return get(path(QUEUE, uetr), QueuedPayment)

    @Verb
    def reprioritise(self, uetr: str, priority: PriorityName, *, key: str | None = None) -> Ask[Done]:
        """Put a payment that waits into another class."""
        return _change(uetr, QueueChange(priority=priority), key)

    @Verb
    def to_front(self, uetr: str, *, key: str | None = None) -> Ask[Done]:
        """Put a payment before all others of its class."""
        return _change(uetr, QueueChange(place="front"), key)

    @Verb
    def to_back(self, uetr: str, *, key: str | None = None) -> Ask[Done]:
        """Put a payment behind all others of its class."""
        return _change(uetr, QueueChange(place="back"), key)

    @Verb
    def set_times(self, uetr: str, times: QueueTimes, *, key: str | None = None) -> Ask[Done]:
        """Say from when a payment may settle, and until when."""
        return _change(uetr, QueueChange(times=times), key)

    @Verb
    def cancel(self, uetr: str, *, key: str | None = None) -> Ask[Done]:
        """Take a payment that waits back."""
        return order("DELETE", path(QUEUE, uetr), key=key, subject=uetr)

    @Lists
    def limits(
        self, *, participant: str | None = None, currency: str | None = None, limit: int | None = None
    ) -> Listing[OwnLimit]:
        """List one's own limits, with what is used of them today."""
        return _list(f"{AT}/limits", OwnLimit, participant, currency, limit)

    @Verb
    def set_limit(
        self, currency: str, counterparty: str, limit: str | None, *, key: str | None = None
    ) -> Ask[Done]:
        """Bound what one may lose to another, or to all others (`*`); None takes the bound away."""
        asked = OwnLimitAsked(currency=currency, counterparty=counterparty, limit=limit)
        return order("PUT", f"{AT}/limits", asked, key=key)

    @Lists
    def reservations(
        self, *, participant: str | None = None, currency: str | None = None, limit: int | None = None
    ) -> Listing[Kept]:
        """List what is kept for urgent and for high payments."""
        return _list(f"{AT}/reservations", Kept, participant, currency, limit)

    @Verb
    def reserve(self, asked: KeptAsked, *, key: str | None = None) -> Ask[Done]:
        """Keep money for urgent or for high payments; 0 ends it."""
        return order("PUT", f"{AT}/reservations", asked, key=key)

    @Lists
    def holding_caps(
        self, *, participant: str | None = None, limit: int | None = None
    ) -> Listing[HoldingCap]:
        """List the caps on what one holds, and what one holds."""
        return Listing(
            f"{AT}/holding-caps", {"participant": participant, "limit": limit}, HoldingCap
        )  # fmt: skip

    @Verb
    def cap_holding(
        self, currency: str, cap: str | None, *, member: bool = False, key: str | None = None
    ) -> Ask[Done]:
        """Set how much of a currency one, or one's member, holds at most; None takes the cap away."""
        asked = HoldingCapAsked(currency=currency, cap=cap, member=member)
        return order("PUT", f"{AT}/holding-caps", asked, key=key)

    @Verb
    def surplus(self, *, on: str | None = None) -> Ask[SurplusReport]:
        """Report what stays with whom at the end of a date, how old it is, and what netting would cure."""
        return get("/v1/surplus" + query({"on": on}), SurplusReport)

    @Verb
    def throughput(self, currency: str, *, on: str | None = None) -> Ask[ThroughputReport]:
        """Show who sends how early in a currency, and who waits for others' money."""
        return get("/v1/throughput" + query({"currency": currency, "on": on}), ThroughputReport)

    @Verb
    def pool(self, participant: str) -> Ask[PoolChoice]:
        """Give what a participant has agreed to for pools."""
        return get(path(f"{AT}/pool", participant), PoolChoice)

    @Verb
    def choose_pool(
        self, currencies: list[str], cap: Money | None = None, *, key: str | None = None
    ) -> Ask[Done]:
        """Let pools settle these currencies together, up to a cap in one's own; none of them: no longer."""
        return order("PUT", f"{AT}/pool", PoolAsked(currencies=currencies, cap=cap), key=key)


class Batches(Group[F]):
    """Batches of queued payments."""

    @Lists
    def list(
        self,
        *,
        currency: str | None = None,
        kind: str | None = None,
        trigger: str | None = None,
        limit: int | None = None,
    ) -> Listing[Batch]:
        """List batches, newest first."""
        fields = {"currency": currency, "kind": kind, "trigger": trigger, "limit": limit}
        return Listing(BATCHES, fields, Batch)

    @Verb
    def get(self, batch_id: str) -> Ask[BatchReport]:
        """Give a batch's report, with one's own rows."""
        return get(path(BATCHES, batch_id), BatchReport)

    @Verb
    def certificate(self, batch_id: str) -> Ask[BatchFile]:
        """Give the file that proves a batch's bound, as `steelyard verify batch` reads it."""
        return get(path(BATCHES, batch_id, "certificate"), BatchFile)

    @Verb
    def request(self, currency: str | None = None, *, key: str | None = None) -> Ask[Done]:
        """Ask for a batch of a currency's queue; without one, of the pool."""
        return order("POST", BATCHES, BatchAsked(currency=currency), key=key)


def _list(
    address: str, kind: type, participant: str | None, currency: str | None, limit: int | None
) -> Listing[Any]:
    return Listing(address, {"participant": participant, "currency": currency, "limit": limit}, kind)


def _change(uetr: str, change: QueueChange, key: str | None) -> Ask[Done]:
    return order("PATCH", path(QUEUE, uetr), change, key=key, subject=uetr)
