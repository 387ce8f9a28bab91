"""Group `take_or_pay`: one contract year."""

from fractions import Fraction
from functools import partial
from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged
from steelyard.cli.vectors.market.values import exact, number, unknown_inputs
from steelyard.market.energy.supply import Balance, Contract, Lot, Year, take_or_pay

INPUTS = frozenset({"acq", "top_share", "seller_shortfall", "force_majeure", "taken", "price", "makeup_bank"})


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    bank = exact(given.get("makeup_bank", 0))
    year = take_or_pay(
        Contract(exact(given["acq"]), exact(given["top_share"])),
        [
            Year(
                exact(given["taken"]),
                exact(given["price"]),
                exact(given.get("seller_shortfall", 0)),
                exact(given.get("force_majeure", 0)),
            )
        ],
        start=Balance(1, (Lot(0, bank),) if bank else ()),
    )[0]
    found = {
        "adjusted_acq": year.adjusted_acq,
        "top_quantity": year.top_quantity,
        "deficiency": year.deficiency,
        "top_payment": year.payment,
        "makeup_recovered": year.recovered,
        "makeup_bank": year.bank,
    }
    checks: dict[str, Check] = {key: partial(_compared, key, value) for key, value in found.items()}
    return unknown_inputs(given, INPUTS) + judged(expect, checks)


def _compared(key: str, found: Fraction, expected: Any) -> list[Failure]:
    return number(key, expected, found)
