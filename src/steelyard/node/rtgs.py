"""What a node sees of a currency's RTGS: orders out, reports in. A simulated or a real connector is handed in.

Both ways carry at least once and in any order; the flows know every repeat by its id. A connector must keep
these promises, which `tests/contracts/rtgs` holds it to:

* an order is carried out at most once, however often it is sent, and never after it was reported as refused;
* a query about an order is answered with what became of it; one that never arrived is refused for good;
* every movement of the reserve account stands in exactly one statement, under the reference that its report
  or order bears, and the closings follow from the items.
"""

from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from steelyard.flows.command import Notice
from steelyard.flows.fund import AdviceFields
from steelyard.flows.reconcile import StatementFields
from steelyard.flows.redeem import PayoutFields
from steelyard.values.instants import Instant


class OrderKind(StrEnum):
    """What an order asks for: pay out a redemption, pay locked money back, say what became of an order."""

    PAYOUT = "payout"
    PAYBACK = "payback"
    QUERY = "query"


class Order(Struct, frozen=True):
    """One order. `id` is that of the redemption or funding it serves; its hex is its reference outside."""

    kind: OrderKind
    id: bytes
    asset: str
    participant: str
    amount_minor: int


class ReportKind(StrEnum):
    """What a report says: money is locked, an order was paid, refused or paid back, a statement."""

    LOCKED = "locked"
    PAID = "paid"
    REFUSED = "refused"
    PAID_BACK = "paid_back"
    STATEMENT = "statement"


class Report(Struct, frozen=True):
    """One report. `reference` is the RTGS's own; `order` the id of the order it answers, empty for the rest."""

    kind: ReportKind
    asset: str
    reference: str
    participant: str = ""
    amount_minor: int = 0
    order: bytes = b""
    reason: str = ""
    until_at: Instant = 0
    items: tuple[tuple[str, int], ...] = ()


class Rtgs(Protocol):
    """The channel to one currency's RTGS. Neither call waits."""

    @property
    def asset(self) -> str:
        """Its currency."""

    def send(self, order: Order, *, at: Instant) -> None:
        """Hand an order over; the same one may be handed over again."""

    def receive(self, *, at: Instant) -> list[Report]:
        """Give what has been reported since the last call."""

    def next_at(self) -> Instant | None:
        """Give when there will be something to receive, where that can be known."""


_ORDERS = {
    "rtgs.payout": OrderKind.PAYOUT,
    "rtgs.payback": OrderKind.PAYBACK,
    "rtgs.query": OrderKind.QUERY,
}


def order_of(notice: Notice) -> Order | None:
    """Give the order that a notice is, or None where it is none."""
    kind = _ORDERS.get(notice.kind)
    if kind is None:
        return None
    asset, amount_minor, participant = notice.data[:3]
    return Order(kind, notice.subject, asset, participant, amount_minor)


def command_of(report: Report) -> tuple[str, AdviceFields | PayoutFields | StatementFields] | None:
    """Give name and fields of the command by which a report enters; None for a pay-back, which needs none."""
    if report.kind is ReportKind.LOCKED:
        fields = AdviceFields(
            report.asset, report.participant, report.amount_minor, report.reference, report.order
        )
        return "fund.advise", fields
    if report.kind is ReportKind.STATEMENT:
        return "reconcile", StatementFields(
            report.asset, report.reference, report.until_at, report.amount_minor, report.items
        )
    if report.kind is ReportKind.PAID_BACK:
        return None
    return "redeem.advise", PayoutFields(
        report.order, report.kind is ReportKind.PAID, report.amount_minor, report.reference, report.reason
    )
