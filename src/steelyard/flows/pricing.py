"""What a payment costs: fees, exchanges and the amounts that follow, to the minor unit.

A fee out of the amount is taken before the exchange; one of the payee's side after it. What is booked is
booked as computed here and nothing else: `Deal` is what a quote holds and what a payment settles.
"""

from typing import NamedTuple

from steelyard.fx.board import Board
from steelyard.fx.quotes import Fee as QuoteFee
from steelyard.fx.quotes import Hop, Quote
from steelyard.fx.rank import Offer, Request, Room, best
from steelyard.fx.refusals import FxRefusal
from steelyard.payments.fees import FROM_PAYEE, NONE, ON_TOP, Charges, FeeRow, of_payee, of_payer
from steelyard.payments.payment import Exchange, Fee, Terms
from steelyard.payments.refusals import PaymentRefusal


class Deal(NamedTuple):
    """The amounts of a payment. Same names as in `Terms` and `Quote`, so that all three can be settled.

    `debit_minor` is what leaves the debtor agent's account in all, `paid_minor` what the payer pays with the
    fees that are only shown.
    """

    debit_minor: int
    source_minor: int
    target_minor: int
    payee_minor: int
    num: int
    den: int
    hops: tuple[Hop, ...]
    fees: tuple[Fee, ...]
    quote_id: bytes = b""
    lock_until: int = 0
    disclosure: bytes = b""

    @property
    def paid_minor(self) -> int:
        """What the payer pays in all, shown fees included."""
        return self.source_minor + sum(fee.amount_minor for fee in self.fees if fee.taken == ON_TOP)


Settled = Deal | Quote | Terms


class Side(NamedTuple):
    """Who pays whom in what: what fees need to know."""

    debtor_agent: str
    creditor_agent: str
    source: str
    target: str
    bearer: int
    service: int
    kind: int


def plain(
    rows: tuple[FeeRow, ...], side: Side, *, source_minor: int, target_minor: int
) -> Deal | PaymentRefusal | FxRefusal:
    """Price a payment in one currency, of which one amount may be 0; or say why the two do not agree.

    With the target given, or both the same, the target is what is sent between the agents and fees come on
    top of it; with the source alone, fees out of the amount leave less for the target.
    """
    if not rows:
        minor = target_minor or source_minor
        if source_minor and source_minor != minor:
            return PaymentRefusal.AMOUNTS_MUST_BE_EQUAL
        return Deal(minor, minor, minor, minor, 1, 1, (), ())
    if target_minor:
        charges = _payer(rows, side, target_minor)
        gross, sent = target_minor + charges.from_minor, target_minor
        if source_minor not in (0, target_minor, gross):
            return PaymentRefusal.AMOUNTS_MUST_BE_EQUAL
    else:
        charges = _payer(rows, side, source_minor)
        gross, sent = source_minor, source_minor - charges.from_minor
    arrival = _payee(rows, side, sent) if sent > 0 else NONE
    if sent - arrival.from_minor <= 0:
        return FxRefusal.FEES_EXCEED_AMOUNT
    return _deal(gross, sent, sent, arrival, charges, (), 1, 1, on_top_is_bought=False)


def exchanged(
    rows: tuple[FeeRow, ...], side: Side, offer: Offer, charges: Charges, *, fixed_send: bool, asked: int
) -> Deal | None:
    """Price a payment by one offer; `asked` is the amount before fees (send) or the target (receive).

    None where the fees leave nothing.
    """
    if fixed_send:
        gross, arrival = asked, _payee(rows, side, offer.bought_minor)
        target = offer.bought_minor - _booked_on_top(arrival)
    else:
        charges = _payer(rows, side, offer.sold_minor)
        gross, target = offer.sold_minor + charges.from_minor, asked
        arrival = _payee(rows, side, asked)
    if target <= 0 or target - arrival.from_minor <= 0:
        return None
    return _deal(
        gross,
        offer.sold_minor,
        target,
        arrival,
        charges,
        offer.hops,
        offer.num,
        offer.den,
        on_top_is_bought=True,
    )


def price(
    rows: tuple[FeeRow, ...],
    side: Side,
    board: Board,
    room: Room,
    *,
    fixed_send: bool,
    amount_minor: int,
    at: int,
    path_bp: int,
    limit: int,
) -> list[tuple[Deal, Offer]] | FxRefusal:
    """Price a payment in two currencies by the best offers, or say why there is none."""
    charges = _payer(rows, side, amount_minor) if fixed_send else NONE
    if fixed_send:
        net = amount_minor - charges.from_minor
        if net <= 0:
            return FxRefusal.FEES_EXCEED_AMOUNT
    else:
        net = amount_minor + _booked_on_top(_payee(rows, side, amount_minor))
    request = Request(side.source, side.target, fixed_send, net, amount_minor, side.service, side.kind)
    found = best(request, board, room, at=at, path_bp=path_bp, limit=limit)
    if not found.offers:
        return FxRefusal.ALL_OUT_OF_FUNDS if found.out_of_funds else FxRefusal.NO_PROVIDER
    deals = []
    for offer in found.offers:
        deal = exchanged(rows, side, offer, charges, fixed_send=fixed_send, asked=amount_minor)
        if deal is not None:
            deals.append((deal, offer))
    return deals or FxRefusal.FEES_EXCEED_AMOUNT


def terms(deal: Settled) -> Terms:
    """Give what a live payment keeps of a deal or quote."""
    if isinstance(deal, Terms):
        return deal
    return Terms(
        deal.debit_minor, deal.source_minor, deal.target_minor, deal.payee_minor, deal.num, deal.den,
        tuple([
            Exchange(hop.provider, hop.sell, hop.buy, hop.sold_minor, hop.bought_minor, hop.firm)
            for hop in deal.hops
        ]),
        tuple([fee if isinstance(fee, Fee) else payment_fee(fee) for fee in deal.fees]),
        deal.quote_id, deal.lock_until, deal.disclosure,
    )  # fmt: skip


def payment_fee(fee: QuoteFee) -> Fee:
    """Give a quote's fee as a payment's."""
    return Fee(fee.what, fee.keeper, fee.asset, fee.amount_minor, fee.taken, fee.booked)


def quote_fee(fee: Fee) -> QuoteFee:
    """Give a payment's fee as a quote's."""
    return QuoteFee(fee.what, fee.keeper, fee.asset, fee.amount_minor, fee.taken, fee.booked)


def _payer(rows: tuple[FeeRow, ...], side: Side, minor: int) -> Charges:
    return of_payer(rows, minor, asset=side.source, agent=side.debtor_agent, bearer=side.bearer)


def _payee(rows: tuple[FeeRow, ...], side: Side, minor: int) -> Charges:
    return of_payee(rows, minor, asset=side.target, agent=side.creditor_agent, bearer=side.bearer)


def _booked_on_top(charges: Charges) -> int:
    if not charges.on_top_minor:
        return 0
    return sum(fee.amount_minor for fee in charges.fees if fee.taken == ON_TOP and fee.booked)


def _deal(
    gross: int,
    sold: int,
    target: int,
    arrival: Charges,
    charges: Charges,
    hops: tuple[Hop, ...],
    num: int,
    den: int,
    *,
    on_top_is_bought: bool,
) -> Deal:
    debit = sold + sum(fee.amount_minor for fee in charges.fees if fee.booked)
    if not on_top_is_bought:
        debit += _booked_on_top(arrival)
    kept = sum(fee.amount_minor for fee in arrival.fees if fee.taken == FROM_PAYEE)
    return Deal(debit, gross, target, target - kept, num, den, hops, charges.fees + arrival.fees)
