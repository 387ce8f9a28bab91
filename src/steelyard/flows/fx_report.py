"""What is told of an FX batch: each fill with the rates behind it, and the report with its sums, excess and rests."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from steelyard.flows.batch_report import members
from steelyard.flows.diary import Diary
from steelyard.flows.liquidity_facts import BatchMember, BatchReported, FxBatchOver, FxFilled
from steelyard.liquidity import fx_check
from steelyard.liquidity.certificate import Certificate, check
from steelyard.liquidity.order_book import FxOrder, OpenFx, UsedRate
from steelyard.values.instants import Instant

if TYPE_CHECKING:
    from steelyard.flows.fx_fill import FillFields

Rate = tuple[str, str, str, int, tuple[str, ...]]


class Fill(NamedTuple):
    """What an order gives and gets in a batch, minor units."""

    order: FxOrder
    sold: int
    bought: int


class Result(NamedTuple):
    """What a batch has booked."""

    fills: list[Fill]
    prices: dict[str, int]
    residual: dict[str, int]
    certificates: tuple[Certificate, ...]
    excess: tuple[tuple[str, str], ...]
    bundle_id: bytes
    beyond: int


def rate_rows(rates: Iterable[UsedRate]) -> tuple[Rate, ...]:
    """Give rates as facts hold them: (currency, kind, source, as of, flags)."""
    return tuple((one.asset, one.kind, one.source, one.as_of, one.flags) for one in rates)


def excess(orders: Iterable[FxOrder], prices: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    """Give per currency the value wanted less the value offered by all that take the rate."""
    found = dict.fromkeys(sorted(prices), 0)
    for order in orders:
        if fx_check.is_within_limit(order, prices):
            value = order.open_minor * prices[order.sell]
            found[order.sell] -= value
            found[order.buy] += value
    return tuple((asset, str(value)) for asset, value in found.items() if value)


def filled(
    diary: Diary, found: OpenFx, fills: Iterable[Fill], prices: Mapping[str, int], bundle_id: bytes
) -> None:
    """Tell of each fill, with its price and the rates of its two currencies."""
    batch_id = found.batch.batch_id
    behind: dict[tuple[str, str], tuple[tuple[str, str], tuple[Rate, ...]]] = {}
    for order, sold, bought in fills:
        pair = order.sell, order.buy
        told = behind.get(pair)
        if told is None:
            rates = rate_rows(one for one in found.rates if one.asset in pair)
            told = behind[pair] = (str(prices[order.sell]), str(prices[order.buy])), rates
        diary.fact(FxFilled(order.order_id, batch_id, order.owner, *pair, sold, bought, *told, bundle_id))


def over(
    diary: Diary, found: OpenFx, result: Result, fields: "FillFields", queued: list[FxOrder], at: Instant
) -> None:
    """Write down the report of a batch."""
    made = found.batch
    units = dict(made.units)
    count, gross = made.queued_count, made.queued_value
    whole = [fill for fill in result.fills if fill.sold == fill.order.open_minor]
    parts = [fill for fill in result.fills if fill.sold < fill.order.open_minor]
    settled, in_parts = (sum(f.sold * units[f.order.sell] for f in some) for some in (whole, parts))
    bound, proved = _bound(result.certificates, settled + in_parts)
    distance = 0 if not bound else max(0, bound - settled - in_parts) * 10_000 // bound
    digest = sha256(b"".join(fields.certificates)).digest() if fields.certificates else b""
    diary.fact(
        BatchReported(
            made.batch_id, made.number, made.kind, made.assets, made.trigger, made.snapshot_seq,
            made.started_at, at, made.tries, fields.algorithm, fields.solver_version, count, str(gross),
            len(whole), str(settled), len(parts), str(in_parts), count - len(whole),
            str(gross - settled - in_parts), (0, 0), "" if bound is None else str(bound), "", distance, "0", digest,
            proved, tuple(fields.runners_up), _participants(queued, result.fills), (b"", 0, 0, ""),
            result.bundle_id if result.fills else b"", made.units,
        )
    )  # fmt: skip
    prices = tuple((asset, str(price)) for asset, price in sorted(result.prices.items()))
    diary.fact(
        FxBatchOver(
            made.batch_id, made.kind, rate_rows(found.rates), found.left_out, prices if fields.prices else (),
            fields.reason, result.excess, tuple(result.residual.items()), result.beyond,
        )
    )  # fmt: skip


def _bound(certificates: tuple[Certificate, ...], settled: int) -> tuple[int | None, bool]:
    """Give the most that can be matched as the certificate names it, and whether it is proved."""
    if not certificates:
        return None, False
    value = certificates[0].value
    return value, settled <= value and not any(map(check, certificates))


def _participants(queued: Iterable[FxOrder], fills: Iterable[Fill]) -> tuple[BatchMember, ...]:
    """Give (participant, currency, sold, bought, left to sell), by both."""
    rows: dict[tuple[str, str], list[int]] = {}
    for order in queued:
        rows.setdefault((order.owner, order.sell), [0, 0, 0])[2] += order.open_minor
    for fill in fills:
        order = fill.order
        gives = rows.setdefault((order.owner, order.sell), [0, 0, 0])
        gives[0] += fill.sold
        gives[2] -= fill.sold
        rows.setdefault((order.owner, order.buy), [0, 0, 0])[1] += fill.bought
    return members(rows)
