"""Accounts, what moved on them and their statements, as they cross the wire."""

from collections.abc import Sequence
from typing import Any

from steelyard.api import wire
from steelyard.api.directory import Directory
from steelyard.api.views.legs import Names, kind_name
from steelyard.client import types
from steelyard.storage.queries import Found
from steelyard.values.instants import format_date

DEBIT_NORMAL = frozenset({"issuer", "title_issuer"})
"""Kinds of account whose own balance is what was debited."""


def account(row: Found, directory: Directory) -> types.AccountState:
    """Give an account as the projection has it."""
    asset = directory.by_no[row["asset_no"]].code
    side = -1 if row["kind"] in DEBIT_NORMAL else 1
    settled = int(row["credits_settled"]) - int(row["debits_settled"])
    reserved_in, reserved_out = int(row["credits_reserved"]), int(row["debits_reserved"])
    if side < 0:
        reserved_in, reserved_out = reserved_out, reserved_in
    floor, ceiling = int(row["floor_minor"]), int(row["ceiling_minor"])
    return types.AccountState(
        account_no=row["account_no"],
        name=row["name"],
        owner=row["owner"],
        asset=asset,
        kind=row["kind"],
        state=row["state"],
        balance=wire.amount(side * settled, asset, directory),
        available=wire.amount(side * settled - reserved_out - floor, asset, directory),
        reserved_in=wire.amount(reserved_in, asset, directory),
        reserved_out=wire.amount(reserved_out, asset, directory),
        floor=wire.amount(floor, asset, directory) if floor else None,
        ceiling=wire.amount(ceiling, asset, directory) if ceiling > 0 else None,
    )


def reservation(
    row: dict[str, Any], leg: Sequence[int], account_no: int, asset: str, directory: Directory
) -> types.Reservation | None:
    """Give what one leg of an open reservation sets aside on an account, None where it is another's."""
    source, target, minor = leg
    if account_no not in (source, target):
        return None
    return types.Reservation(
        bundle_id=wire.uuid_text(row["bundle_id"]),
        kind=kind_name(row["kind"]),
        amount=wire.amount(minor, asset, directory),
        direction="out" if source == account_no else "in",
        reference=wire.uuid_or_none(row["reference"]),
        deadline_at=wire.at_or_none(row["deadline_at"]),
        voyage=wire.uuid_or_none(row["waits_for"][0]),
        after_step=row["waits_for"][1] or None,
    )


def statement(
    account: Found, day: Found, legs: Sequence[Found], directory: Directory, names: Names
) -> types.Statement:
    """Give a day's statement: opening, entries in booking order with the balance after each, closing."""
    asset = directory.by_no[account["asset_no"]].code
    side = -1 if account["kind"] in DEBIT_NORMAL else 1
    balance, entries = int(day["opening_minor"]), []
    for number, leg in enumerate(legs, 1):
        is_credit = leg["target"] == account["account_no"]
        balance += side * (leg["amount_minor"] if is_credit else -leg["amount_minor"])
        other = leg["source"] if is_credit else leg["target"]
        entries.append(
            types.StatementEntry(
                number=number,
                at=wire.at_text(leg["at_ns"]),
                amount=wire.amount(leg["amount_minor"], asset, directory),
                is_credit=is_credit,
                balance=wire.amount(balance, asset, directory),
                counterparty=names.of(other)[1],
                kind=kind_name(leg["kind"]),
                reference=wire.uuid_or_none(leg["reference"]),
                bundle_id=wire.uuid_text(leg["bundle_id"]),
                leg_no=leg["leg_no"],
            )
        )
    return types.Statement(
        account=account["name"],
        owner=account["owner"],
        asset=asset,
        on=format_date(day["on_day"]),
        number=day["statement_no"],
        opening=wire.amount(day["opening_minor"], asset, directory),
        closing=wire.amount(day["closing_minor"], asset, directory),
        entries=entries,
        closed_at=wire.at_text(day["closed_at"]),
        final=True,
    )


def funding(row: Found, directory: Directory) -> types.Funding:
    """Give money that was brought in."""
    return types.Funding(
        funding=wire.uuid_text(row["id"]),
        participant=row["participant"],
        amount=wire.amount(row["amount_minor"], row["asset"], directory),
        state=row["state"],
        reason=row["reason"],
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
        entered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )


def redemption(row: Found, directory: Directory) -> types.Redemption:
    """Give money that was taken out."""
    return types.Redemption(
        redemption=wire.uuid_text(row["id"]),
        participant=row["participant"],
        amount=wire.amount(row["amount_minor"], row["asset"], directory),
        state=row["state"],
        reason=row["reason"],
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
        entered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )
