"""Reads: what a gateway may ask the state itself, answered with the group that it was placed in.

Each is a function of the World, the parameters and the viewer (the owner who asks, empty for the node's own
needs) and gives something msgpack can hold, or None where nothing is there or the viewer may not know it.
A read changes nothing and is not recorded. Long lists belong to the projection.
"""

from collections.abc import Callable
from struct import Struct as Packing
from typing import Any

import msgspec
from msgspec import Raw

from steelyard.engine.records import SIZE
from steelyard.engine.state import Engine
from steelyard.flows import reads as domain_reads
from steelyard.flows.refusals import Admission
from steelyard.flows.world import World
from steelyard.node.link import Context

Reading = Callable[[World, tuple[Any, ...], str], Any]

_encode = msgspec.msgpack.Encoder().encode
_NIL = Raw(b"\xc0")
CONTEXT_SECTIONS = ("world", "members", "calendars", "packs", "money")


def context(world: World, params: tuple[Any, ...], viewer: str) -> Context:
    """Give the copy of the directory that gateways keep. seq and time are filled in by the link's Found."""
    wanted = {name: world.section(name) for name in CONTEXT_SECTIONS}
    owners = world.engine.owners
    assets = tuple(
        (row.asset_no, row.asset.code, row.asset.asset_class.name, row.asset.scale, owners[row.issuer_no],
         "closed" if row.closed else "open")
        for row in world.engine.assets
        if row is not None
    )  # fmt: skip
    return Context(world.context_version, 0, world.now, wanted, assets)


def next_due(world: World, params: tuple[Any, ...], viewer: str) -> int | None:
    """Give the earliest deadline, or None."""
    return world.next_due()


def now(world: World, params: tuple[Any, ...], viewer: str) -> int:
    """Give the time of the last command."""
    return world.now


def balance(world: World, params: tuple[Any, ...], viewer: str) -> Any:
    """Give what an account holds, by name: (account_no, balance, available, reserved in, reserved out).

    Amounts are minor units as decimal text, since they know no bound. Only its owner and the node see it.
    """
    account_no = world.engine.account_no(params[0])
    account = world.engine.account(account_no) if account_no else None
    if account is None or (viewer and world.engine.owners[account.owner_no] != viewer):
        return None
    held = world.engine.balance(account.account_no)
    return (  # version last
        account.account_no, str(held.balance), str(held.available), str(held.reserved_in),
        str(held.reserved_out), held.version,
    )  # fmt: skip


def accounts(world: World, params: tuple[Any, ...], viewer: str) -> Any:
    """Give the accounts of the viewer, or of the owner named where the node asks: names, sorted."""
    owner = viewer or params[0]
    owner_no = world.engine.owner_no(owner)
    return sorted(
        account.name
        for account in world.engine.accounts
        if account is not None and account.owner_no == owner_no
    )


def reservations(world: World, params: tuple[Any, ...], viewer: str) -> list[dict[str, Any]]:
    """Give those of the named bundles (16 bytes each, at most 5,000) that are reserved and still open."""
    rows = []
    for name in params[:5_000]:
        held = world.engine.reservation(int.from_bytes(bytes(name), "big"))
        if held is not None:
            rows.append(
                {
                    "bundle_id": bytes(name), "kind": held.kind, "deadline_at": held.deadline_at,
                    "reference": held.reference.to_bytes(16, "big") if held.reference else b"",
                    "legs": [leg[:3] for leg in held.legs],
                    "waits_for": world.voyages.waiting.get(bytes(name), (b"", "")),
                }
            )  # fmt: skip
    return rows


def proposal(world: World, params: tuple[Any, ...], viewer: str) -> tuple[Any, ...] | None:
    """Give a proposal that waits: (owner, maker, action, command, inner bytes, shown, expires_at)."""
    found = world.members.approvals.waiting.get(bytes(params[0]))
    if found is None or (viewer and viewer != found.owner):
        return None
    return (
        found.owner, found.maker, found.action, found.command, found.inner, found.shown, found.expires_at
    )  # fmt: skip


def state_hash(world: World, params: tuple[Any, ...], viewer: str) -> bytes:
    """Give the hash of the whole state; slow on a large one."""
    return world.state_hash()


READS: tuple[tuple[str, Reading], ...] = (
    ("context", context),
    ("next_due", next_due),
    ("now", now),
    ("balance", balance),
    ("accounts", accounts),
    ("reservations", reservations),
    ("proposal", proposal),
    ("state_hash", state_hash),
    *domain_reads.READS,
)

BY_NAME = dict(READS)
_ACCOUNTS_AT = 32
_ACCOUNTS = Packing("<QQ")
_decode_params = msgspec.msgpack.Decoder(tuple[Any, ...]).decode


def read(world: World, name: str, params: Raw, viewer: str) -> tuple[Raw, int]:
    """Run a read; gives its value and 0, or nil and the number of the refusal."""
    reading = BY_NAME.get(name)
    if reading is None:
        return _NIL, Admission.COMMAND_IS_UNKNOWN.code
    try:
        given = _decode_params(params)
        return Raw(_encode(reading(world, given, viewer))), 0
    except (msgspec.MsgspecError, IndexError, AttributeError, TypeError):
        return _NIL, Admission.COMMAND_IS_MALFORMED.code


def balances_of(engine: Engine, sender: str, legs: bytes) -> tuple[tuple[int, str, str], ...]:
    """Give (account_no, balance, available) of each account of the sender that leg records touched, as text."""
    owner_no = engine.owner_nos.get(sender)
    if not legs or owner_no is None:
        return ()
    found: dict[int, tuple[int, str, str]] = {}
    for at in range(_ACCOUNTS_AT, len(legs), SIZE):
        for account_no in _ACCOUNTS.unpack_from(legs, at):
            account = engine.accounts[account_no]
            if account is not None and account.owner_no == owner_no and account_no not in found:
                held = engine.balance(account_no)
                found[account_no] = (account_no, str(held.balance), str(held.available))
    return tuple(found.values())
