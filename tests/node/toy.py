"""A small language for tests of the node: banks with money, payments, notes and reservations with deadlines.

The node does not care what commands mean, so its tests use few and plain ones, beside the real genesis, tick,
clock and batch of legs. `install` puts them into the registry; a child process calls it before its node.
"""

import os
import time
from hashlib import sha256

import msgspec

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.records import LINKED, MOVE, LegRecord, pack
from steelyard.flows import facts, genesis, legs, registry, tick
from steelyard.flows.command import NO_FIELDS, Code, Command, Outcome, encode, raw
from steelyard.flows.entry import entry
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.node.link import Lane, Submission
from steelyard.values.asset import AssetClass

AGENT, ASSET, MONEY = "STAGNOR0", "NOR", 1_000_000_000


class Begin(msgspec.Struct, array_like=True, frozen=True):
    """How many banks there are."""

    banks: int


class Pay(msgspec.Struct, array_like=True, frozen=True):
    """A payment from one bank to another; a deadline makes it a reservation."""

    source: int
    target: int
    amount_minor: int
    deadline_at: int = 0


class Note(msgspec.Struct, array_like=True, frozen=True):
    """A few words to remember."""

    text: str


def bank(number):
    """Give the owner name of a bank."""
    return f"BK{number:04}AA"


def _bundle_id(world, at, number):
    return at // 1_000_000 << 80 | world.commands << 32 | number + 1


def begin(world, command, fields, at):
    """Open an asset, and an account with money for each bank."""
    engine, told = world.engine, []
    asset_no = engine.open_asset(ASSET, AssetClass.CURRENCY, scale=2, issuer=AGENT)
    told.append(facts.AssetOpened(asset_no, ASSET, "currency", 2, AGENT))
    issuer = engine.open_account(
        f"{AGENT}/{ASSET}/issuer", AGENT, asset_no, AccountKind.ISSUER, ceiling=10**17
    )
    told.append(facts.AccountOpened(issuer, f"{AGENT}/{ASSET}/issuer", AGENT, asset_no, "issuer"))
    owner_no = engine.owner_no(AGENT)
    for number in range(fields.banks):
        name = f"{bank(number)}/{ASSET}"
        account = engine.open_account(name, bank(number), asset_no, AccountKind.SETTLEMENT)
        told.append(facts.AccountOpened(account, name, bank(number), asset_no, "settlement"))
        world.members.put_actor(Actor(f"k-{number}", bank(number), KEY, (Role.MAKER,)))
        issue = Bundle(_bundle_id(world, at, number), Kind.ISSUE, (Leg(issuer, account, MONEY),))
        act = engine.move(issue, at=at, authority=(owner_no,))
        assert act.refusal is None, act
    world.touch_context()
    return Outcome(Code.DONE, facts=tuple(map(raw, told)))


def pay(world, command, fields, at):
    """Move or reserve money between two banks."""
    engine = world.engine
    source = engine.account_no(f"{bank(fields.source)}/{ASSET}")
    target = engine.account_no(f"{bank(fields.target)}/{ASSET}")
    kind = Kind.EXTERNAL if fields.deadline_at else Kind.PAYMENT
    bundle = Bundle(
        _bundle_id(world, at, 0), kind, (Leg(source, target, fields.amount_minor),),
        deadline_at=fields.deadline_at,
    )  # fmt: skip
    act = (engine.reserve if fields.deadline_at else engine.move)(
        bundle, at=at, authority=(engine.owner_no(command.sender),)
    )
    if act.refusal is not None:
        return Outcome(Code.REFUSED, act.refusal.code, act.leg)
    return Outcome(Code.DONE)


def note(world, command, fields, at):
    """Remember a few words as a fact."""
    return Outcome(Code.DONE, facts=(raw(facts.SettingChanged(command.sender, "note", raw(fields.text))),))


def install(registry_by_name=registry.BY_NAME):
    """Put the words of this language, and those of the node itself, into the registry."""
    for line in (
        entry("toy.begin", Begin, "stop", begin),
        entry("toy.pay", Pay, "bulk", pay),
        entry("toy.note", Note, "bulk", note),
        entry("genesis", genesis.GenesisFields, "", genesis.run),
        entry("tick", tick.TickFields, "", tick.run),
        entry("legs", legs.LegsFields, "bulk", legs.run),
    ):
        registry_by_name.setdefault((line.name, line.version), line)


def command(name, fields, *, sender, actor, at=None, id=None):
    """Give the bytes of a command with a fresh id."""
    given = time.time_ns() if at is None else at
    command_id = id or (given // 1_000_000).to_bytes(6, "big") + os.urandom(10)
    content = NO_FIELDS if fields is None else raw(fields)
    nonce = sha256(command_id).digest()[:16]
    return encode(Command(name, 1, command_id, sender, actor, 0, content, NO_FIELDS, nonce))


def beginning(banks=4, **given):
    """Give the command that begins the toy world."""
    return command("toy.begin", Begin(banks), sender="operator", actor="p-operator-1", **given)


def payment(source=0, target=1, amount_minor=100, *, deadline_at=0, **given):
    """Give a payment between banks by number."""
    fields = Pay(source, target, amount_minor, deadline_at)
    return command("toy.pay", fields, sender=bank(source), actor=f"k-{source}", **given)


def remark(text, *, of=0, **given):
    """Give a note of a bank."""
    return command("toy.note", Note(text), sender=bank(of), actor=f"k-{of}", **given)


def batch(count, *, source=0, target=1, first_account=2, amount_minor=1, at=None, linked=False):
    """Give a submission of `count` packed legs from one bank to another.

    Accounts of banks are numbered from 2, after the issuer's.
    """
    given = time.time_ns() if at is None else at
    head = given // 1_000_000 << 80 | int.from_bytes(os.urandom(8), "big")
    records = b"".join(
        pack(
            LegRecord(
                head + (0 if linked else number), 0, 0, number if linked else 0, first_account + source,
                first_account + target, amount_minor, 0, 0, 1, MOVE, 0, Kind.PAYMENT, 0, 0, 0,
                LINKED if linked and number < count - 1 else 0,
            )
        )
        for number in range(count)
    )  # fmt: skip
    fields = legs.LegsFields(count, sha256(records).digest())
    order = command("legs", fields, sender=bank(source), actor=f"k-{source}", at=given)
    return Submission(order, packed=records, lane=Lane.BULK)
