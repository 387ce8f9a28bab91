"""Accounts, queues, limits and caps of liquidity as they cross the wire; and from bodies to commands' fields."""

from typing import Any

from steelyard.api import refusals, wire
from steelyard.api.call import Call
from steelyard.api.directory import Directory
from steelyard.api.views.payments import WAITS
from steelyard.api.wire import Faults
from steelyard.client import liquidity as shapes
from steelyard.client.types import Amount
from steelyard.flows import own_rules, pool, queue
from steelyard.payments.payment import Wait
from steelyard.storage.queries import Found

CLASSES = ("urgent", "high", "normal")
WHOLE_BP = 10_000


def account(row: dict[str, Any], directory: Directory) -> shapes.LiquidityAccount:
    """Give a participant's money in one currency."""
    asset, owner = row["asset"], row["owner"]

    def amount(minor: Any) -> Amount:
        return wire.amount(minor, asset, directory)

    def tally(pair: Any) -> shapes.Tally:
        return shapes.Tally(count=pair[0], amount=amount(pair[1]))

    return shapes.LiquidityAccount(
        participant=owner,
        currency=asset,
        mode=row["mode"],
        balance=amount(row["balance"]),
        available=amount(row["available"]),
        usable=shapes.Classes(**{name: amount(row["usable"][name]) for name in CLASSES}),
        set_aside=amount(row["reserved_out"]),
        coming=amount(row["reserved_in"]),
        line=amount(max(0, -row["floor_minor"])),
        line_used=amount(max(0, -int(row["balance"]))),
        kept=kept(row, directory),
        limits=limits(row, directory),
        outgoing=shapes.Waiting(**{name: tally(row["queued"][name]) for name in CLASSES}),
        incoming=tally(row["incoming"]),
    )


def kept(row: dict[str, Any], directory: Directory) -> list[shapes.Kept]:
    """Give what is kept for classes on an account; what nobody asked for is left out."""
    return [
        shapes.Kept(
            participant=row["owner"],
            priority=name,
            asked=wire.amount(asked, row["asset"], directory),
            held=wire.amount(held, row["asset"], directory),
        )
        for name, (asked, held) in row["kept"].items()
        if asked
    ]


def limits(row: dict[str, Any], directory: Directory) -> list[shapes.OwnLimit]:
    """Give the own limits of an account."""
    asset = row["asset"]
    return [
        shapes.OwnLimit(
            participant=row["owner"],
            counterparty=one["other"],
            limit=wire.amount(one["limit_minor"], asset, directory),
            net=wire.amount(one["net"], asset, directory),
            room=wire.amount(one["room_minor"], asset, directory),
            from_at=wire.at_text(one["from_at"]),
        )
        for one in row["limits"]
    ]


def queued(row: dict[str, Any], directory: Directory) -> shapes.QueuedPayment:
    """Give a payment of a queue."""
    reason = refusals.of(row["reason"])
    return shapes.QueuedPayment(
        uetr=wire.uuid_text(row["uetr"]),
        participant=row["debtor_agent"],
        creditor_agent=row["creditor_agent"],
        currency=row["source"],
        place=row["place"],
        priority=CLASSES[row["priority"]],
        open=wire.amount(row["open_minor"], row["target"], directory),
        settled=wire.amount(row["settled_minor"], row["target"], directory),
        waits=WAITS[Wait(row["waits"])],
        reason=reason.name if reason is not None else None,
        queued_at=wire.at_text(row["queued_at"]),
        not_before_at=wire.at_or_none(row["not_before_at"]),
        not_after_at=wire.at_or_none(row["not_after_at"]),
        due_at=wire.at_text(row["due_at"]),
        may_split=row["may_split"],
        settlement_on=wire.on_or_none(row["settlement_on"]),
    )


def holding_cap(row: dict[str, Any], directory: Directory) -> shapes.HoldingCap:
    """Give a cap with what is held."""
    held, cap = int(row["held"]), row["cap_minor"]
    return shapes.HoldingCap(
        holder=row["holder"],
        held=wire.amount(held, row["asset"], directory),
        cap=wire.amount(cap, row["asset"], directory),
        share_bp=max(0, held) * WHOLE_BP // cap if cap else WHOLE_BP,
    )


def pool_choice(row: Found, directory: Directory) -> shapes.PoolChoice:
    """Give a participant's consent to pools."""
    home = row["home"]
    return shapes.PoolChoice(
        participant=row["participant"],
        currencies=row["currencies"].split(),
        home=home or None,
        cap=wire.amount(row["cap_minor"], home, directory) if home else None,
    )


# From bodies to fields


def own_limit(call: Call, asked: shapes.OwnLimitAsked, faults: Faults) -> own_rules.LimitFields:
    """Make the fields of a limit of one's own."""
    minor = _minor_or_none(call, asked.currency, asked.limit, faults, "/limit")
    return own_rules.LimitFields(asked.currency, asked.counterparty, minor)


def keep(call: Call, asked: shapes.KeptAsked, faults: Faults) -> own_rules.ReservationFields:
    """Make the fields of what is kept for a class."""
    minor = _minor_or_none(call, asked.amount.asset, asked.amount.value, faults, "/amount/value")
    return own_rules.ReservationFields(asked.amount.asset, CLASSES.index(asked.priority), minor)


def cap_holding(call: Call, asked: shapes.HoldingCapAsked, faults: Faults) -> own_rules.HoldingFields:
    """Make the fields of a cap on what is held."""
    minor = _minor_or_none(call, asked.currency, asked.cap, faults, "/cap")
    return own_rules.HoldingFields(asked.currency, minor, asked.member)


def choose_pool(call: Call, asked: shapes.PoolAsked, faults: Faults) -> pool.PoolFields:
    """Make the fields of a consent to pools."""
    if not asked.currencies:
        return pool.PoolFields()
    if asked.cap is None:
        faults.add("/cap", "missing-field", "who takes part says up to what amount")
        return pool.PoolFields()
    minor = wire.minor(asked.cap, call.directory, faults, "/cap")
    return pool.PoolFields(tuple(asked.currencies), asked.cap.asset, minor)


def change(call: Call, asked: shapes.QueueChange, faults: Faults) -> tuple[str, Any]:
    """Give the command, and its fields, that changes a queued payment; a body asks for one change."""
    uetr = wire.path_id(call.path_params["uetr"])
    given = [name for name in ("priority", "place", "times") if getattr(asked, name) is not None]
    if len(given) != 1:
        faults.add("", "one-of", "one of priority, place and times is given")
    faults.end()
    if asked.priority is not None:
        return "queue.reprioritise", queue.PriorityFields(uetr, CLASSES.index(asked.priority))
    if asked.place is not None:
        return f"queue.to_{asked.place}", queue.NamedFields(uetr)
    assert asked.times is not None
    start = wire.instant(asked.times.not_before_at, faults, "/times/not_before_at")
    end = wire.instant(asked.times.not_after_at, faults, "/times/not_after_at")
    faults.end()
    return "queue.set_times", queue.TimesFields(uetr, start, end)


def _minor_or_none(call: Call, asset: str, text: str | None, faults: Faults, pointer: str) -> int:
    """Read an amount of an asset as minor units; without a text there is none."""
    row = call.directory.assets.get(asset)
    if row is None:
        faults.add("/currency", "asset-unknown", "no asset of this code is booked here", asset)
        return own_rules.NONE
    if text is None:
        return own_rules.NONE
    return wire.minor_of(text, row.scale, faults, pointer, zero_allowed=True)
