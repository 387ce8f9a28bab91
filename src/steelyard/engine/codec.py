"""Canonical bytes of the engine: equal state, equal bytes, and back.

A msgpack array of sections. Whole numbers that need more than 64 bits are written as 17 bytes, little-endian
and signed, so each number has one form. Dense registers are written in order of their numbers, reservations
and reversals by id, the id window by time and arrival. What can be derived (names, the heap of deadlines,
bounds) is not written. Bounds of the engine are: two nodes with other bounds are not in equal state.
"""

from heapq import heapify
from typing import TYPE_CHECKING, Any

import msgspec

from steelyard.engine.accounts import Account
from steelyard.engine.assets import AssetRow
from steelyard.engine.ids import IdWindow
from steelyard.engine.limits import Limit
from steelyard.engine.reservations import Reservation
from steelyard.values.asset import Asset, AssetClass

if TYPE_CHECKING:
    from steelyard.engine.state import Engine

FORMAT = 1


def _wide(number: int) -> int | bytes:
    return number if -(2**63) <= number < 2**64 else number.to_bytes(17, "little", signed=True)


def _narrow(written: int | bytes) -> int:
    return written if isinstance(written, int) else int.from_bytes(written, "little", signed=True)


def encode(engine: "Engine") -> bytes:
    """Give the bytes of an engine."""
    whole = (
        FORMAT,
        (engine.accounts_max, engine.reservations_max),
        [_asset(row) for row in engine.assets[1:] if row],
        engine.owners[1:],
        [_account(account) for account in engine.accounts[1:] if account],
        [_limit(engine.limits[number]) for number in sorted(engine.limits)],
        [_reservation(engine.reservations[id]) for id in sorted(engine.reservations)],
        [(_wide(id), [_wide(a) for a in engine.reversed[id]]) for id in sorted(engine.reversed)],
        engine.window.encode(),
    )
    return msgspec.msgpack.encode(whole)


def decode_into(engine: "Engine", encoded: bytes) -> None:
    """Fill an empty engine from bytes."""
    form, bounds, assets, owners, accounts, limits, reservations, reversed_, window = msgspec.msgpack.decode(
        encoded
    )
    if form != FORMAT:
        raise ValueError("the engine's bytes have a format this release does not know")
    engine.accounts_max, engine.reservations_max = bounds
    for number, (code, asset_class, scale, issuer_no, closed) in enumerate(assets, 1):
        engine.assets.append(AssetRow(number, Asset(code, AssetClass(asset_class), scale), issuer_no, closed))
        engine.asset_nos[code] = number
    for owner in owners:
        engine.add_owner(owner)
    for written in accounts:
        account = _read_account(len(engine.accounts), written)
        engine.accounts.append(account)
        engine.accounts_of[account.owner_no] = engine.accounts_of.get(account.owner_no, 0) + 1
        engine.names[account.name.lower()] = account.account_no
    for written in limits:
        limit = _read_limit(written)
        engine.limits[limit.limit_no] = limit
    for written in reservations:
        reservation = _read_reservation(written)
        engine.reservations[reservation.bundle_id] = reservation
        engine.count_made(reservation, 1)
    engine.reversed = {_narrow(id): tuple(map(_narrow, gone)) for id, gone in reversed_}
    engine.window = IdWindow.decode(window)
    engine.deadlines = [(r.deadline_at, r.bundle_id) for r in engine.reservations.values() if r.deadline_at]
    heapify(engine.deadlines)


def _asset(row: AssetRow) -> tuple[Any, ...]:
    return row.asset.code, int(row.asset.asset_class), row.asset.scale, row.issuer_no, row.closed


def _account(a: Account) -> tuple[Any, ...]:
    return (
        a.name,
        a.owner_no,
        a.asset_no,
        a.kind,
        a.made_by,
        _wide(a.floor),
        None if a.ceiling is None else _wide(a.ceiling),
        a.gate,
        a.freeze,
        a.limits,
        a.version,
        _wide(a.debits_settled),
        _wide(a.credits_settled),
        _wide(a.debits_reserved),
        _wide(a.credits_reserved),
    )


def _read_account(account_no: int, written: Any) -> Account:
    name, owner_no, asset_no, kind, made_by, floor, ceiling, gate, freeze, limits, version, *counters = (
        written
    )
    account = Account(
        account_no,
        name,
        owner_no,
        asset_no,
        kind,
        floor=_narrow(floor),
        ceiling=None if ceiling is None else _narrow(ceiling),
        made_by=made_by,
    )
    account.gate, account.freeze, account.version = gate, freeze, version
    account.limits = tuple(limits)
    (
        account.debits_settled,
        account.credits_settled,
        account.debits_reserved,
        account.credits_reserved,
    ) = map(_narrow, counters)
    return account


def _limit(limit: Limit) -> tuple[Any, ...]:
    return (
        limit.limit_no,
        limit.kind,
        limit.asset_no,
        _wide(limit.cap),
        limit.owner_no,
        limit.other_no,
        limit.tested,
        _wide(limit.used),
        limit.window,
    )


def _read_limit(written: Any) -> Limit:
    limit_no, kind, asset_no, cap, owner_no, other_no, tested, used, window = written
    limit = Limit(limit_no, kind, asset_no, _narrow(cap), owner_no=owner_no, other_no=other_no)
    limit.tested, limit.used, limit.window = tested, _narrow(used), window
    return limit


def _reservation(r: Reservation) -> tuple[Any, ...]:
    return (
        _wide(r.bundle_id),
        r.kind,
        r.policy,
        _wide(r.reference),
        r.deadline_at,
        r.maker,
        r.legs,
    )


def _read_reservation(written: Any) -> Reservation:
    bundle_id, kind, policy, reference, deadline_at, maker, legs = written
    read = tuple((s, t, amount, tuple((n, w) for n, w in windows)) for s, t, amount, windows in legs)
    return Reservation(_narrow(bundle_id), kind, policy, _narrow(reference), deadline_at, maker, read)
