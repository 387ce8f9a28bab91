"""Credit lines as they cross the wire, and from bodies to the fields of their commands."""

from fractions import Fraction
from typing import Any

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.directory import Directory
from steelyard.api.wire import Faults
from steelyard.client import credit as shapes
from steelyard.flows.credit import AutoFields, DrawFields, NamedFields, RepayFields
from steelyard.flows.credit_intraday import IntradayFields, PledgedFields
from steelyard.flows.credit_member import MemberFields
from steelyard.flows.credit_swap import SwapFields

Row = dict[str, Any]
ONLY = {
    "repay_at": "intraday", "collateral": "intraday", "age_limit_days": "member", "tenor_days": "swap",
    "pledge": "swap", "margin_bp": "swap", "rate_source": "swap",
}  # fmt: skip
"""Terms that lines of one kind alone have"""
_RATIO_END = 1 << 63


def line(row: Row, directory: Directory) -> shapes.CreditLine:
    """Give a credit line."""
    asset = row["asset"]

    def amount(minor: Any) -> Any:
        return wire.amount(minor, asset, directory)

    return shapes.CreditLine(
        line_id=wire.uuid_text(row["line_id"]),
        kind=row["kind"],
        lender=row["lender"],
        borrower=row["borrower"],
        currency=asset,
        account=row["account"],
        state=row["state"],
        usable=row["usable"],
        why=row["why"] or None,
        cap=amount(row["cap_minor"]),
        most=amount(row["most_minor"]),
        used=amount(row["used"]),
        room=amount(row["room"]),
        rate_bp=row["rate_bp"],
        from_at=wire.at_or_none(row["from_at"]),
        to_at=wire.at_or_none(row["to_at"]),
        repay_at=wire.at_or_none(row["repay_at"]),
        collateral=[
            shapes.Collateral(
                asset=name,
                quantity=str(quantity),
                price=str(Fraction(num, den)),
                haircut_bp=haircut,
                value=amount(value),
                reservation=held.hex() or None,
            )
            for name, quantity, num, den, haircut, value, held in row["collateral"]
        ],
        age_limit_days=row["age_limit_days"] or None,
        tenor_days=row["tenor_days"] or None,
        margin_bp=row["margin_bp"] if row["kind"] == "swap" else None,
        rate_source=row["rate_source"] or None,
        pledge=row["pledge_asset"] or None,
        auto_draw=row["auto_draw"],
        cycle_cap=amount(row["cycle_cap_minor"]),
        lots=[_lot(one, row, directory) for one in row["lots"]],
        cases=[case(one, asset, directory) for one in row["cases"]],
    )


def _lot(one: Row, row: Row, directory: Directory) -> shapes.CreditLot:
    asset, pledge = row["asset"], row["pledge_asset"]
    return shapes.CreditLot(
        lot=one["lot_no"],
        amount=wire.amount(one["minor"], asset, directory),
        open=wire.amount(one["open_minor"], asset, directory),
        opened_on=wire.on_or_none(one["opened_on"]),
        age_days=one["age_days"],
        participant=one["owner"] or None,
        due_at=wire.at_or_none(one["due_at"]),
        pledged=wire.amount(one["pledged_minor"], pledge, directory) if pledge else None,
        cycle=wire.uuid_or_none(one["cycle"]),
    )


def case(one: Row, asset: str, directory: Directory) -> shapes.CreditCase:
    """Give a case about a line."""
    return shapes.CreditCase(
        case_id=wire.uuid_text(one["case_id"]),
        line_id=wire.uuid_text(one["line_id"]),
        kind=one["kind"],
        lot=one["lot_no"] or None,
        amount=wire.amount(one["minor"], asset, directory),
        opened_at=wire.at_text(one["opened_at"]),
        closed_at=wire.at_or_none(one["closed_at"]),
    )


# From bodies to fields


def given(call: Call, asked: shapes.CreditLineAsked) -> tuple[str, Any]:
    """Give the command, and its fields, by which a line is given or its terms are changed."""
    faults, row = Faults(), call.directory.assets.get(asked.currency)
    if row is None:
        faults.add("/currency", "asset-unknown", "no asset of this code is booked here", asked.currency)
        faults.end()
    assert row is not None
    for name, kind in ONLY.items():
        if getattr(asked, name) and asked.kind != kind:
            faults.add(f"/{name}", "no-place", f"only a line of the kind {kind} has it")
    cap_minor = wire.minor_of(asked.cap, row.scale, faults, "/cap", zero_allowed=True)
    times = [
        wire.instant(getattr(asked, name), faults, f"/{name}") for name in ("from_at", "to_at", "repay_at")
    ]
    if asked.kind == "intraday":
        pledged = tuple(_pledged(one, row.scale, faults, n) for n, one in enumerate(asked.collateral))
        fields: Any = IntradayFields(
            asked.currency, asked.partner, cap_minor, pledged, times[2], times[0], times[1], asked.rate_bp
        )
    elif asked.kind == "member":
        fields = MemberFields(
            asked.currency, asked.partner, cap_minor, asked.age_limit_days, asked.rate_bp, times[0], times[1]
        )
    else:
        fields = SwapFields(
            asked.currency, asked.partner, cap_minor, asked.tenor_days, asked.pledge or "", asked.margin_bp,
            asked.rate_source, asked.rate_bp, times[0], times[1],
        )  # fmt: skip
    faults.end()
    return f"credit.{asked.kind}", fields


def _pledged(one: shapes.CollateralAsked, scale: int, faults: Faults, n: int) -> PledgedFields:
    """Give what is pledged, its price as an exact ratio of minor units."""
    plain = one.price.replace(".", "", 1)
    good = (
        plain.isascii() and plain.isdigit() and not one.price.startswith(".") and not one.price.endswith(".")
    )
    price = Fraction(one.price) * 10**scale if good else Fraction(0)
    if not good or price.numerator >= _RATIO_END or price.denominator >= _RATIO_END:
        faults.add(f"/collateral/{n}/price", "no-price", "must be a decimal of at most 18 digits", one.price)
        price = Fraction(0)
    held = bytes.fromhex(one.reservation or "")
    return PledgedFields(one.asset, one.quantity, price.numerator, price.denominator, one.haircut_bp, held)


def closed(call: Call, row: Row, faults: Faults) -> tuple[str, Any]:
    """Give the command that closes a line."""
    return "credit.close", NamedFields(row["line_id"])


def auto(call: Call, row: Row, faults: Faults) -> tuple[str, Any]:
    """Give the command that lets cycles draw, or not."""
    asked = call.asked(shapes.AutoDrawAsked)
    scale = call.directory.scale(row["asset"])
    cap_minor = wire.minor_of(asked.cycle_cap, scale, faults, "/cycle_cap", zero_allowed=True)
    return "credit.auto", AutoFields(row["line_id"], asked.auto_draw, cap_minor)


def draw(call: Call, row: Row, faults: Faults) -> tuple[str, Any]:
    """Give the command that draws."""
    asked = call.asked(shapes.DrawAsked)
    return "credit.draw", DrawFields(row["line_id"], asked.participant, _minor(call, row, asked, faults))


def repay(call: Call, row: Row, faults: Faults) -> tuple[str, Any]:
    """Give the command that repays."""
    asked = call.asked(shapes.RepayAsked)
    minor = _minor(call, row, asked, faults)
    return "credit.repay", RepayFields(row["line_id"], minor, asked.participant or "", asked.lot or 0)


def _minor(call: Call, row: Row, asked: Any, faults: Faults) -> int:
    """Read an amount, which is of the line's currency."""
    if asked.amount.asset != row["asset"]:
        faults.add("/amount/asset", "asset-differs", f"must be {row['asset']}", asked.amount.asset)
        return 0
    return wire.minor(asked.amount, call.directory, faults, "/amount")
