"""Throughput rules and judged days, as they cross the wire."""

import msgspec

from steelyard.api import wire
from steelyard.api.directory import Directory
from steelyard.api.wire import Faults
from steelyard.client import pace as shapes
from steelyard.client.types import Amount
from steelyard.liquidity.pace import PaceRule
from steelyard.members.state import Members
from steelyard.storage.queries import Found, Reader

MS = 1_000_000
_decode = msgspec.msgpack.Decoder(PaceRule | None).decode


def rule_of(reader: Reader, members: Members, asset: str) -> PaceRule | None:
    """Give the rule of a currency, None where it has none. Asks the projection."""
    member = members.assets.get(asset)
    if member is None:
        return None
    row = reader.one("setting", owner=member.settlement_agent, name=f"throughput/{asset}")
    return None if row is None else _decode(row["value"])


def fields(asked: shapes.PaceRuleAsked, scale: int, faults: Faults) -> PaceRule | None:
    """Make the rule of what was asked; None: none any more."""
    if not asked.on:
        return None
    return PaceRule(
        tuple((_minute(one.by), one.share_bp) for one in asked.checkpoints),
        tuple(
            (one.missed_from, one.publish, _minor(one.fee, scale, faults, f"/steps/{n}/fee"), one.ranks)
            for n, one in enumerate(asked.steps)
        ),
        _minor(asked.entry_fee, scale, faults, "/entry_fee"),
        tuple((_minute(one.before), one.share_bp) for one in asked.discounts),
    )


def rule(asset: str, found: PaceRule | None, directory: Directory) -> shapes.PaceRule:
    """Give a currency's rule."""
    if found is None:
        return shapes.PaceRule(
            currency=asset, on=False, checkpoints=[], steps=[], entry_fee=None, discounts=[]
        )
    return shapes.PaceRule(
        currency=asset,
        on=True,
        checkpoints=[shapes.PaceRuleShare(at=_clock(at), share_bp=share) for at, share in found.checkpoints],
        steps=[
            shapes.PaceRuleStep(
                missed_from=missed, publish=publish, fee=wire.amount(fee, asset, directory), ranks=ranks
            )
            for missed, publish, fee, ranks in found.steps
        ],
        entry_fee=wire.amount(found.entry_fee_minor, asset, directory),
        discounts=[shapes.PaceRuleShare(at=_clock(at), share_bp=share) for at, share in found.discounts],
    )


def day(row: Found, directory: Directory) -> shapes.PaceDay:
    """Give what the end of a date said of a payer."""

    def amount(minor: str | int) -> Amount:
        return wire.amount(minor, row["asset"], directory)

    early = msgspec.json.decode(row["early"], type=list[int | str]) if row["early"] else []
    return shapes.PaceDay(
        participant=row["participant"],
        currency=row["asset"],
        on=wire.on_or_none(row["on_day"]) or "",
        submitted_count=row["submitted"],
        submitted=amount(row["submitted_minor"]),
        settled_count=row["settled"],
        settled=amount(row["settled_minor"]),
        mean_wait_ms=row["mean_wait"] // MS,
        own_day=amount(row["own_day_minor"]),
        early=[amount(minor) for minor in early],
        missed=row["missed"],
        published=bool(row["published"]),
        ranks=row["ranks"],
        fee=amount(row["fee_minor"]),
        entry_fee=amount(row["entry_fee_minor"]),
        saved=amount(row["saved_minor"]),
        due=amount(row["due_minor"]),
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
    )


def _minor(text: str, scale: int, faults: Faults, pointer: str) -> int:
    return wire.minor_of(text, scale, faults, pointer, zero_allowed=True)


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
