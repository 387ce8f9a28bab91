"""A solver's proposal for an open FX batch: worked out anew from its debits, then booked (`fx_book.py`) or refused.

The solver says how much each order sells, and at which prices. What everybody gets, and what is a residual
account's, follows from that; a proposal that says otherwise is refused, as is one that favours anybody: at
reference rates all orders of a pair share alike, at an auction's prices its rule says who is first.
"""

from itertools import accumulate
from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import batch, fx_batch, fx_book, fx_values
from steelyard.flows.batch_propose import CERTIFICATES_MAX, Minor, Step
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import refused
from steelyard.flows.fields import Id16, Name, Number, Word
from steelyard.flows.fx_book import Checked
from steelyard.flows.fx_report import Fill
from steelyard.flows.world import World
from steelyard.liquidity import auction_check, fx_check
from steelyard.liquidity.batches import Batch
from steelyard.liquidity.certificate import Certificate, CertificateMalformed, from_msgpack, is_formed
from steelyard.liquidity.order_book import AUCTION, FxOrder
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.liquidity.rules import MS
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

PRICE_DIGITS_MAX = 120
Price = Annotated[str, Meta(max_length=PRICE_DIGITS_MAX, pattern=r"^[1-9][0-9]*$(?!\n)")]
Fills = Annotated[list[Minor], Meta(max_length=fx_batch.MOST)]


class FillFields(Struct, array_like=True, frozen=True, gc=False):
    """What a solver proposes for an FX batch.

    `seqs` are those of the orders, ascending: the first, then the difference to each next one; `sold` and `bought`
    are minor units of each, in that order. `prices` are worths of a minor unit as decimal text, by currency, of an
    auction that has found some; without them the batch's own values count. Runners-up and reason are the solver's
    word.
    """

    batch_id: Id16
    kind: Name
    snapshot_seq: Number
    algorithm: Name
    solver_version: Word
    seqs: Annotated[list[Step], Meta(max_length=fx_batch.MOST)]
    sold: Fills
    bought: Annotated[list[Number], Meta(max_length=fx_batch.MOST)]
    prices: list[tuple[Name, Price]] = []
    certificates: Annotated[list[bytes], Meta(max_length=CERTIFICATES_MAX)] = []
    runners_up: Annotated[list[tuple[Name, Word]], Meta(max_length=8)] = []
    reason: Word = ""


def propose(world: World, command: Command, fields: FillFields, at: Instant) -> Outcome:
    """Book what a solver proposes for the open FX batch, or refuse it and change nothing."""
    checked = _check(world, fields, at)
    return refused(checked) if isinstance(checked, Refusal) else fx_book.book(world, fields, checked, at)


# The checks, in the order of the refusals


def _check(world: World, fields: FillFields, at: Instant) -> Checked | Refusal:
    found = world.fx_orders.open
    if found is None:
        return LiquidityRefusal.BATCH_NOT_REQUESTED
    made = found.batch
    if (fields.batch_id, fields.kind, fields.snapshot_seq) != (made.batch_id, made.kind, made.snapshot_seq):
        return LiquidityRefusal.BATCH_NOT_REQUESTED
    if at - made.requested_at > batch.rules(world, at).batch_age_ms * MS:
        return LiquidityRefusal.SNAPSHOT_TOO_OLD
    if not len(fields.seqs) == len(fields.sold) == len(fields.bought):
        return LiquidityRefusal.PROPOSAL_IS_MALFORMED
    orders = fx_batch.taken(world, made, at)
    fills = _fills(orders, fields)
    if isinstance(fills, Refusal):
        return fills
    prices = _prices(world, made, fields, at)
    if prices is None or not _are_priced(fills, fields):
        return No.FX_PRICES_OUTSIDE_BAND
    if not all(fx_check.is_within_limit(fill.order, prices) for fill in fills):
        return No.FX_FILL_OUTSIDE_LIMIT
    rows = fx_check.capped(map(fx_check.row, orders), world.fx_orders.caps)
    if fields.prices and not fx_check.are_named(
        rows, (asset for asset, _ in fields.prices), dict(made.units)
    ):
        return No.FX_PRICES_OUTSIDE_BAND
    if not all(fields.bought):
        return No.FX_FILL_BUYS_NOTHING
    worked = fx_check.credits([(fill.order, fill.sold) for fill in fills], prices)
    if worked.bought != fields.bought:
        return No.FX_FILL_NOT_AT_THE_RATE
    fault = _share_fault(world, made, fields, rows, fills, prices, at)
    if fault is not None:
        return fault
    if not fx_check.is_balanced(rows, worked.residual):
        return No.FX_FILLS_DO_NOT_BALANCE
    judged = fx_values.judged(world, made.assets, at)
    if any(judged[asset].refusal is not None for asset in made.assets):
        return No.FX_RATE_IS_IN_DOUBT
    certificates = _certificates(fields)
    if certificates is None:
        return LiquidityRefusal.CERTIFICATE_MALFORMED
    return Checked(found, orders, fills, prices, worked.residual, certificates)


def _fills(orders: list[FxOrder], fields: FillFields) -> list[Fill] | Refusal:
    """Put the proposal's lists together with the orders they name."""
    by_seq = {order.seq: order for order in orders}
    seqs = list(accumulate(fields.seqs))
    if any(seq not in by_seq for seq in seqs):
        return No.FX_ORDER_NOT_IN_BATCH
    if not all(fields.seqs[1:]):
        return No.FX_ORDER_TWICE
    fills = [
        Fill(by_seq[seq], sold, bought)
        for seq, sold, bought in zip(seqs, fields.sold, fields.bought, strict=True)
    ]
    if any(fill.sold > fill.order.open_minor for fill in fills):
        return No.FX_FILL_EXCEEDS_ORDER
    return fills


def _share_fault(
    world: World,
    made: Batch,
    fields: FillFields,
    rows: list[fx_check.Row],
    fills: list[Fill],
    prices: dict[str, int],
    at: Instant,
) -> No | None:
    """Hold fills to their owners' caps; to one proportion in each pair, or to the rule of the auction."""
    sold: dict[tuple[str, str], int] = {}
    for fill in fills:
        key = fill.order.owner, fill.order.sell
        sold[key] = sold.get(key, 0) + fill.sold
    if any(sold.get(key, 0) > cap for key, cap in world.fx_orders.caps.items()):
        return No.FX_CAP_WOULD_BE_EXCEEDED
    size_of = {row.seq: row.size for row in rows}
    sold_of = {fill.order.seq: fill.sold for fill in fills}
    out_of_size = any(minor > size_of.get(seq, 0) for seq, minor in sold_of.items())
    if not fields.prices:
        passed = out_of_size or fx_check.passed_over(rows, sold_of, prices)
        return No.FX_FILL_IS_NOT_ITS_SHARE if passed else None
    named = {asset for asset, _ in fields.prices}
    rows = [row for row in rows if row.sell in named and row.buy in named]
    band_bp = batch.rules(world, at).fx_band_bp
    if out_of_size or not auction_check.keeps_the_rule(rows, sold_of, prices, dict(made.units), band_bp):
        return No.FX_FILL_OUT_OF_ORDER
    return None


def _prices(world: World, made: Batch, fields: FillFields, at: Instant) -> dict[str, int] | None:
    """Give the prices of a proposal, None where they are not those of its kind."""
    units = dict(made.units)
    if not fields.prices:
        return units
    found = {asset: int(text) for asset, text in fields.prices}
    if made.kind != AUCTION or not found.keys() <= units.keys() or len(found) != len(fields.prices):
        return None
    band_bp = batch.rules(world, at).fx_band_bp
    return {**units, **found} if fx_check.within_band(found, units, band_bp) else None


def _are_priced(fills: list[Fill], fields: FillFields) -> bool:
    """Tell whether the prices found name both currencies of every fill: their scale is their own."""
    named = {asset for asset, _ in fields.prices}
    return not named or all({fill.order.sell, fill.order.buy} <= named for fill in fills)


def _certificates(fields: FillFields) -> tuple[Certificate, ...] | None:
    """Read the certificates; None where one is none, or is of another snapshot or objective."""
    try:
        found = tuple(from_msgpack(packed) for packed in fields.certificates)
    except CertificateMalformed:
        return None
    sound = all(
        is_formed(one) and one.snapshot_seq == fields.snapshot_seq and one.objective == "matched_value"
        for one in found
    )
    return found if sound else None
