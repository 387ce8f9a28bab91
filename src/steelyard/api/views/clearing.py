"""Clearing as it crosses the wire: what the state tells as shapes, and bodies as the fields of commands."""

from fractions import Fraction
from typing import Any

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.directory import Directory
from steelyard.api.wire import Faults
from steelyard.client import clearing as shapes
from steelyard.client.types import Amount
from steelyard.flows import (
    clearing_default,
    clearing_fund,
    clearing_goods,
    clearing_margin,
    clearing_reduce,
    clearing_terms,
)
from steelyard.flows.clearing_claims import PayFields
from steelyard.market.clearing.house import PRICE_END
from steelyard.values.amount import format_minor

Row = dict[str, Any]
MS = 1_000
NEVER_ON = 2_000_000
_RATIO_END = 10**18


# From the state to shapes


def standing(row: Row, directory: Directory) -> shapes.MarginStanding:
    """Give how a member stands."""
    cash = {one["asset"]: one["minor"] for one in row["cash"]}

    def amount(one: Row, name: str) -> Amount:
        return wire.amount(one[name], one["asset"], directory)

    def part(one: Row) -> shapes.ClaimPart:
        return shapes.ClaimPart(
            run_id=wire.uuid_text(one["run_id"]), amount=amount(one, "minor"), on=wire.on_or_none(one["on"])
        )

    return shapes.MarginStanding(
        participant=row["bic"],
        group=row["group"],
        joined_on=wire.on_or_none(row["joined_on"]),
        suspended=row["suspended"],
        expelled=row["expelled"],
        positions=[_position(one, directory) for one in row["positions"]],
        margins=[
            shapes.MarginOfCurrency(
                currency=one["asset"],
                required=amount(one, "required_minor"),
                base=amount(one, "base_minor"),
                delivery=amount(one, "delivery_minor"),
                concentration=amount(one, "concentration_minor"),
                modelled=one["modelled"],
                cash=wire.amount(cash.get(one["asset"], 0), one["asset"], directory),
                covered=amount(one, "covered_minor"),
                short=amount(one, "short_minor"),
            )
            for one in row["margins"]
        ],
        cash=[amount(one, "minor") for one in row["cash"]],
        fund=[
            shapes.FundShare(
                participant=row["bic"], required=amount(one, "required_minor"), paid=amount(one, "paid_minor")
            )
            for one in row["fund"]
        ],
        due=[
            shapes.MarginDue(
                run_id=wire.uuid_text(one["run_id"]),
                amount=amount(one, "minor"),
                deadline_at=wire.at_text(one["deadline_at"]),
            )
            for one in row["due"]
        ],
        owes=[part(one) for one in row["owes"]],
        waits_for=[part(one) for one in row["waits_for"]],
    )


def no_standing(bic: str) -> shapes.MarginStanding:
    """Give the standing of who is no member: nothing."""
    return shapes.MarginStanding(
        participant=bic, group="", joined_on=None, suspended=False, expelled=False, positions=[], margins=[], cash=[],
        fund=[], due=[], owes=[], waits_for=[],
    )  # fmt: skip


def _position(one: Row, directory: Directory) -> shapes.PositionHeld:
    asset, gain = one["asset"], one["gain_minor"]
    return shapes.PositionHeld(
        contract=one["contract"],
        currency=asset,
        lots=one["lots"],
        settlement_price=_price(one["settle"], asset, directory),
        gain=None if gain is None else wire.amount(gain, asset, directory),
    )


def contract(row: Row, directory: Directory) -> shapes.ContractTerms:
    """Give a contract's terms."""
    asset = row["asset"]

    def text(name: str) -> str:
        return format_minor(row[name], directory.scale(asset))

    return shapes.ContractTerms(
        contract=row["contract"],
        commodity=row["commodity"],
        currency=asset,
        unit_kg=row["unit_kg"],
        tick=text("tick_minor"),
        scan_range=text("scan_range_minor"),
        spread=text("spread_minor"),
        limit_lots=row["limit_lots"],
        delivery_limit_lots=row["delivery_limit_lots"],
        delivery_from_on=None
        if row["delivery_from_on"] >= NEVER_ON
        else wire.on_or_none(row["delivery_from_on"]),
        delivery_bp=row["delivery_bp"],
        median_lots=row["median_lots"],
        settlement_price=_price(row["settle"], asset, directory),
        open_lots=row["open_lots"],
    )


def accepted(row: Row, directory: Directory) -> shapes.AcceptedTerms:
    """Give what counts as collateral."""
    price = None
    if row["kind"] != "cash":
        price = wire.rate_text(
            row["price_num"], row["price_den"], base_scale=0, quote_scale=directory.scale(row["currency"])
        )
    return shapes.AcceptedTerms(
        asset=row["asset"],
        kind=row["kind"],
        currency=row["currency"],
        haircut_bp=row["haircut_bp"],
        mismatch_bp=row["mismatch_bp"],
        price=price,
        cap_bp=row["cap_bp"],
    )


def run(row: Row, directory: Directory) -> shapes.Run:
    """Give a run."""
    asset = row["asset"]
    return shapes.Run(
        run_id=wire.uuid_text(row["run_id"]),
        number=row["number"],
        currency=asset,
        on=wire.on_or_none(row["on"]),
        state=row["state"],
        called_at=wire.at_text(row["called_at"]),
        deadline_at=wire.at_text(row["deadline_at"]),
        total=wire.amount(row["total"], asset, directory),
        prices={name: format_minor(minor, directory.scale(asset)) for name, minor in row["prices"]},
        sources=row["sources"],
        reason=row["reason"] or None,
        due=_parts(row["due"], asset, directory),
        collected=_parts(row["collected"], asset, directory),
        gain=_parts(row["gain"], asset, directory),
    )


def claim(row: Row, directory: Directory) -> shapes.ClearingClaim:
    """Give a claim out of a run."""
    asset = row["asset"]
    return shapes.ClearingClaim(
        run_id=wire.uuid_text(row["run_id"]),
        participant=row["member"],
        on=wire.on_or_none(row["on"]),
        amount=wire.amount(row["minor"], asset, directory),
        advanced=wire.amount(row["advanced_minor"], asset, directory),
        unpaid=_parts(row["unpaid"], asset, directory),
    )


def fund(row: Row, directory: Directory) -> shapes.Fund:
    """Give the default fund of a currency."""
    asset = row["asset"]

    def amount(minor: int) -> Amount:
        return wire.amount(minor, asset, directory)

    return shapes.Fund(
        currency=asset,
        sponsor=row["sponsor"],
        size=amount(row["size_minor"]),
        liquidity=amount(row["liquidity_minor"]),
        capital=amount(row["capital_minor"]),
        shares=[
            shapes.FundShare(participant=bic, required=amount(required), paid=amount(paid))
            for bic, required, paid in row["shares"]
        ],
    )


def case(row: Row, scales: dict[str, int], directory: Directory) -> shapes.Case:
    """Give a case; `scales` are the decimals of the prices of contracts."""
    return shapes.Case(
        case_id=wire.uuid_text(row["case_id"]),
        number=row["number"],
        participant=row["member"],
        contract=row["contract"] or None,
        state=row["state"],
        opened_at=wire.at_text(row["opened_at"]),
        due_at=wire.at_text(row["due_at"]),
        portfolio=dict(row["portfolio"]),
        steps=[
            shapes.CaseStep(event=event, at=wire.at_text(at), report=report.hex())
            for event, at, report in row["steps"]
        ],
        bids=[
            shapes.CaseBid(
                number=one["number"],
                participant=one["member"],
                contract=one["contract"],
                lots=one["lots"],
                price=format_minor(one["price"], scales.get(one["contract"], 0)),
            )
            for one in row["bids"]
        ],
        goods=[
            shapes.CaseGoods(
                receipt_id=wire.uuid_text(one["receipt_id"]),
                code=one["code"],
                kg=one["kg"],
                least=wire.amount(one["least"], one["asset"], directory),
            )
            for one in row["goods"]
        ],
        goods_bids=[
            shapes.CaseGoodsBid(
                number=one["number"],
                participant=one["member"],
                receipt_id=wire.uuid_text(one["receipt_id"]),
                price=wire.amount(one["price"], one["asset"], directory),
            )
            for one in row["goods_bids"]
        ],
        losses=[_loss(one, directory) for one in row["losses"]],
        conversions=[
            shapes.CaseConversion(
                paid=wire.amount(one["paid_minor"], one["source"], directory),
                got=wire.amount(one["got_minor"], one["asset"], directory),
                provider=one["provider"],
            )
            for one in row["conversions"]
        ],
    )


def _loss(one: Row, directory: Directory) -> shapes.CaseLoss:
    asset = one["asset"]

    def amount(name: str) -> Amount:
        return wire.amount(one[name], asset, directory)

    return shapes.CaseLoss(
        currency=asset,
        loss=amount("loss"),
        margin=amount("margin"),
        own_fund=amount("own_fund"),
        capital=amount("capital"),
        survivors=_parts(sorted(one["survivors"].items()), asset, directory),
        assessments=_parts(sorted(one["assessments"].items()), asset, directory),
        gains=_parts(sorted(one["gains"].items()), asset, directory),
        uncovered=amount("uncovered"),
    )


def _parts(rows: Any, asset: str, directory: Directory) -> list[shapes.Part]:
    return [shapes.Part(participant=bic, amount=wire.amount(minor, asset, directory)) for bic, minor in rows]


def _price(minor: int | None, asset: str, directory: Directory) -> str | None:
    return None if minor is None else format_minor(minor, directory.scale(asset))


# From bodies to the fields of commands


def goods_bid(call: Call, asked: shapes.GoodsBidAsked, faults: Faults) -> clearing_goods.BidFields:
    """Make the fields of a bid for a receipt."""
    minor = wire.minor(asked.price, call.directory, faults, "/price")
    if minor >= PRICE_END:
        faults.add("/price/value", "range", "must be a price a tonne within bounds", asked.price.value)
    return clearing_goods.BidFields(at_id(call), wire.uuid_bytes(asked.receipt_id), asked.price.asset, minor)


def price(text: str, scale: int, faults: Faults, pointer: str) -> int:
    """Read a price a tonne, which may be zero or below it."""
    minor = wire.minor_of(text.removeprefix("-"), scale, faults, pointer, zero_allowed=True)
    return -minor if text.startswith("-") else minor


def decimals(call: Call, asset: str, faults: Faults) -> int:
    """Give the decimals of a body's `currency`; one that is not booked here is a fault."""
    row = call.directory.assets.get(asset)
    if row is None:
        faults.add("/currency", "asset-unknown", "no asset of this code is booked here", asset)
    return row.scale if row is not None else 0


def _prices(given: dict[str, str], scale: int, faults: Faults, pointer: str) -> tuple[tuple[str, int], ...]:
    return tuple(
        (name, price(text, scale, faults, f"{pointer}/{name}")) for name, text in sorted(given.items())
    )


def desk(call: Call, asked: shapes.DeskAsked, faults: Faults) -> clearing_terms.DeskFields:
    """Make the fields of a desk."""
    scale = decimals(call, asked.currency, faults)
    least = wire.minor_of(asked.least_share, scale, faults, "/least_share", zero_allowed=True)
    return clearing_terms.DeskFields(
        asked.currency, asked.sponsor, asked.collect_seconds * MS, asked.grace_seconds * MS, asked.assessments_bp,
        least, asked.non_bidders_first,
    )  # fmt: skip


def terms(call: Call, asked: shapes.ContractAsked, faults: Faults) -> clearing_terms.ContractFields:
    """Make the fields of a contract's terms."""
    scale = decimals(call, asked.currency, faults)

    def minor(name: str, *, zero_allowed: bool = False) -> int:
        return wire.minor_of(getattr(asked, name), scale, faults, f"/{name}", zero_allowed=zero_allowed)

    return clearing_terms.ContractFields(
        asked.contract, asked.commodity, asked.currency, asked.unit_kg, minor("tick"), minor("scan_range"),
        minor("spread", zero_allowed=True), asked.limit_lots, asked.delivery_limit_lots,
        wire.date(asked.delivery_from_on, faults, "/delivery_from_on") or NEVER_ON, asked.delivery_bp,
        asked.median_lots,
    )  # fmt: skip


def accept(call: Call, asked: shapes.AcceptedAsked, faults: Faults) -> clearing_terms.AcceptFields:
    """Make the fields of what counts as collateral, its price as an exact ratio of minor units."""
    scale, ratio = decimals(call, asked.currency, faults), Fraction(1)
    if asked.kind == "receipt":
        ratio = _plain(asked.price or "") * 10**scale
        if not 0 < ratio.numerator < _RATIO_END or ratio.denominator >= _RATIO_END:
            faults.add(
                "/price", "no-price", "must be a decimal above zero of at most 18 digits", asked.price or ""
            )
            ratio = Fraction(1)
    elif asked.price is not None:
        faults.add("/price", "no-place", "only receipts have a price; cash counts as it is", asked.price)
    return clearing_terms.AcceptFields(
        asked.asset, asked.kind, asked.currency, asked.haircut_bp, asked.mismatch_bp, ratio.numerator,
        ratio.denominator, asked.cap_bp,
    )  # fmt: skip


def _plain(text: str) -> Fraction:
    """Read a decimal text, 0 where it is none."""
    whole, point, rest = text.partition(".")
    digits = whole + rest
    is_plain = digits.isascii() and digits.isdigit() and bool(whole) and bool(rest) == bool(point)
    return Fraction(text) if is_plain else Fraction(0)


def called(call: Call, asked: shapes.RunAsked, faults: Faults) -> clearing_margin.CallFields:
    """Make the fields of a run."""
    scale = decimals(call, asked.currency, faults)
    prices = _prices(asked.prices, scale, faults, "/prices")
    return clearing_margin.CallFields(asked.currency, prices, asked.reason)


def modelled(call: Call, asked: shapes.ModelAsked, faults: Faults) -> clearing_margin.ModelFields:
    """Make the fields of what a model has found."""
    scale = decimals(call, asked.currency, faults)
    margins = tuple(
        (bic, wire.minor_of(text, scale, faults, f"/margins/{bic}", zero_allowed=True))
        for bic, text in sorted(asked.margins.items())
    )
    return clearing_margin.ModelFields(asked.currency, asked.version, bytes.fromhex(asked.inputs), margins)


def claim_payment(call: Call, asked: shapes.ClaimPayment, faults: Faults) -> PayFields:
    """Make the fields of what is paid on claims."""
    scale = decimals(call, asked.currency, faults)
    return PayFields(
        asked.currency, wire.minor_of(asked.value, scale, faults, "/value") if asked.value else 0
    )


def moved(call: Call, asked: shapes.ClearingMoney, faults: Faults) -> clearing_fund.MoneyFields:
    """Make the fields of money that goes onto an account of clearing, or back."""
    return clearing_fund.MoneyFields(
        asked.amount.asset, wire.minor(asked.amount, call.directory, faults, "/amount")
    )


def contribution(
    call: Call, asked: shapes.ContributionAsked, faults: Faults
) -> clearing_fund.ContributeFields:
    """Make the fields of a contribution."""
    minor = wire.minor(asked.amount, call.directory, faults, "/amount")
    return clearing_fund.ContributeFields(asked.amount.asset, minor, asked.purpose)


def stresses(call: Call, asked: shapes.StressesAsked, faults: Faults) -> clearing_fund.SizeFields:
    """Make the fields by which a fund is sized."""
    scale = decimals(call, asked.currency, faults)
    return clearing_fund.SizeFields(
        asked.currency,
        tuple(_prices(one, scale, faults, f"/stresses/{place}") for place, one in enumerate(asked.stresses)),
    )


def case_opened(call: Call, asked: shapes.CaseAsked, faults: Faults) -> clearing_default.OpenFields:
    """Make the fields of a case."""
    return clearing_default.OpenFields(
        asked.participant, bytes.fromhex(asked.report), asked.step_seconds * MS
    )


def case_step(call: Call, asked: shapes.StepAsked, faults: Faults) -> clearing_default.StepFields:
    """Make the fields of a step."""
    return clearing_default.StepFields(
        at_id(call), asked.step, bytes.fromhex(asked.report), tuple(asked.bids), asked.ends or ""
    )


def readmitted(call: Call, asked: shapes.ReadmitAsked, faults: Faults) -> clearing_default.ReadmitFields:
    """Make the fields by which a member is let back."""
    return clearing_default.ReadmitFields(asked.participant, bytes.fromhex(asked.report))


def reduction(call: Call, asked: shapes.ReductionAsked, faults: Faults) -> clearing_reduce.OpenFields:
    """Make the fields of a reduction."""
    report = bytes.fromhex(asked.report)
    return clearing_reduce.OpenFields(asked.participant, asked.contract, report, asked.step_seconds * MS)


def at_id(call: Call) -> bytes:
    """Give the id in the address."""
    return wire.path_id(call.path_params["id"])
