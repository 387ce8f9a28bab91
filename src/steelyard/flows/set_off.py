"""Set-off: claims that go round in circles are lessened together, without any money.

A set-off is asked for at the end of a currency's day, or by command, as a batch of the kind `set_off`; the solver
finds how much (A7). The machine takes nothing on its word: every claim is confirmed by both sides, their members
allow it, no account is blocked, and nobody's net position changes. It is booked as one bundle of the claims book;
where no proposal comes, or none that stands, nothing happens.
"""

from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import batch, booking, claim
from steelyard.flows.batch_report import members
from steelyard.flows.command import Command, Outcome, raw
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import SettingChanged
from steelyard.flows.fields import Id16, Name, Number, Word
from steelyard.flows.liquidity_facts import BatchReported, BatchRequested, ClaimSetOff
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch, Trigger, queued
from steelyard.liquidity.certificate import Certificate, CertificateMalformed, check, from_msgpack, is_formed
from steelyard.liquidity.claims import SET_OFF, Claim, ClaimsSnapshot
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.liquidity.rules import MS
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import OwnerKind
from steelyard.values.instants import DAY, Instant
from steelyard.values.refusal import Refusal

MOST = 47_000
"""Most claims of one set-off: two legs each are one bundle. Those due first come first, the rest is next."""
CLAIMS_MIN = 2
NOTHING = "none"
Minor = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class AllowFields(Struct, array_like=True, frozen=True, gc=False):
    """Whether the law of the sender's member lets claims of its banks be set off."""

    allowed: bool


class RequestFields(Struct, array_like=True, frozen=True, gc=False):
    """The currency whose claims are to be set off."""

    asset: Name


class AgainFields(Struct, array_like=True, frozen=True, gc=False):
    """A set-off whose proposal was refused."""

    batch_id: Id16


class ProposeFields(Struct, array_like=True, frozen=True, gc=False):
    """What a solver proposes: claims by id, ascending, what of each is set off, and the proof that no more can be."""

    batch_id: Id16
    snapshot_seq: Number
    algorithm: Name
    solver_version: Word
    claims: Annotated[list[Id16], Meta(max_length=MOST)]
    parts: Annotated[list[Minor], Meta(max_length=MOST)]
    certificates: Annotated[list[bytes], Meta(max_length=1)] = []


def allow(world: World, command: Command, fields: AllowFields, at: Instant) -> Outcome:
    """Let claims of one's member's banks be set off, or no longer: its settlement agent says what its law is."""
    member = world.members.agents.get(command.sender)
    if member is None:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    world.claims.allow(member.code, allowed=fields.allowed)
    diary = Diary()
    diary.fact(SettingChanged(command.sender, SET_OFF, raw(fields.allowed)))
    return diary.done()


def request(world: World, command: Command, fields: RequestFields, at: Instant) -> Outcome:
    """Ask for a set-off by hand: the operator of any currency, a settlement agent of its own."""
    member = world.members.assets.get(fields.asset)
    if member is None:
        return refused(MemberRefusal.CURRENCY_NOT_FOUND)
    kind = world.members.owner_kind(command.sender)
    if kind is not OwnerKind.OPERATOR and member.settlement_agent != command.sender:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    if fields.asset in world.claims.open:
        return refused(No.BATCH_IS_OPEN)
    diary = Diary()
    if not begin(world, diary, fields.asset, Trigger.COMMAND, at):
        return refused(No.SET_OFF_HAS_NO_CLAIMS)
    return diary.done()


def again(world: World, command: Command, fields: AgainFields, at: Instant) -> Outcome:
    """Ask once more, about the claims as they are now; after the last time the set-off is over."""
    found = find(world, fields.batch_id)
    if found is None:
        return refused(No.BATCH_NOT_REQUESTED)
    diary = Diary()
    found.tries += 1
    if found.tries > batch.rules(world, at).batch_tries or len(able(world, found.assets[0])) < CLAIMS_MIN:
        without_solver(world, diary, found, at)
    else:
        _ask(world, diary, found, at)
    return diary.done()


def propose(world: World, command: Command, fields: ProposeFields, at: Instant) -> Outcome:
    """Set off what a solver proposes, or refuse it and change nothing."""
    found = find(world, fields.batch_id)
    if found is None or fields.snapshot_seq != found.snapshot_seq:
        return refused(No.BATCH_NOT_REQUESTED)
    if at - found.requested_at > batch.rules(world, at).batch_age_ms * MS:
        return refused(No.SNAPSHOT_TOO_OLD)
    before = {one.id: one for one in able(world, found.assets[0])}
    parts = _parts(world, before, fields)
    if isinstance(parts, Refusal):
        return refused(parts)
    certificate = _certificate(fields)
    if certificate is None and fields.certificates:
        return refused(No.CERTIFICATE_MALFORMED)
    number = booking.bundle_id(found.batch_id, world.commands, at)
    if parts:
        chosen = [(before[key], minor) for key, minor in parts.items()]
        act = claim.book(world, found.batch_id, chosen, at, enter=False, number=number)
        if act.refusal is not None:
            return refused(act.refusal, act.leg)
        fault = world.claims.set_off(parts, on=at // DAY)
        assert fault is None, fault
    diary = Diary()
    _close(world, found)
    _tell(world, diary, found, parts, number, at)
    _report(diary, found, before, parts, fields, certificate, number, at)
    return diary.done()


def on_timer_answer(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Let a set-off be over for which no proposal has come in time."""
    found = find(world, subject)
    if found is not None:
        without_solver(world, diary, found, at)


def at_day_end(world: World, diary: Diary, asset: str, at: Instant) -> None:
    """Ask for the day's set-off of a currency, if there are claims to set off."""
    if len(world.claims) and asset not in world.claims.open:
        begin(world, diary, asset, Trigger.TIMER, at)


# The life of a set-off


def find(world: World, batch_id: bytes) -> Batch | None:
    """Give an open set-off by its id."""
    return next((one for one in world.claims.open.values() if one.batch_id == batch_id), None)


def begin(world: World, diary: Diary, asset: str, trigger: str, at: Instant) -> bool:
    """Open a set-off; tell whether there were claims enough."""
    world.claims.forget(at // DAY)
    if len(able(world, asset)) < CLAIMS_MIN:
        return False
    number = world.batches.next_number
    seed = sha256(b"batch %d %d" % (number, world.commands)).digest()
    batch_id = booking.bundle_id(seed, number, at).to_bytes(16, "big")
    made = Batch(batch_id, number, SET_OFF, (asset,), trigger, at, at, 0, 0, ())
    world.batches.next_number += 1
    world.claims.open[asset] = made
    _ask(world, diary, made, at)
    return True


def snapshot(world: World, found: Batch) -> ClaimsSnapshot:
    """Give what a solver is to work on."""
    return ClaimsSnapshot(found.snapshot_seq, found.assets[0], tuple(able(world, found.assets[0])))


def able(world: World, asset: str) -> list[Claim]:
    """Give the claims of a currency that may be set off now, those due first first, at most `MOST`."""
    found = [one for one in world.claims.open_claims(asset) if _moves(world, one)]
    return sorted(found, key=lambda one: (one.due_on, one.id))[:MOST]


def _moves(world: World, one: Claim) -> bool:
    """Tell whether nothing bars a party of a claim, or its accounts in the claims book."""
    participants = world.members.participants
    sides = (claim.OWED, one.creditor), (claim.OWES, one.debtor)
    return all(
        participants[party].sends and claim.is_free(world, purpose, party, one.currency)
        for purpose, party in sides
    )


def without_solver(world: World, diary: Diary, found: Batch, at: Instant) -> None:
    """Close a set-off with nothing done."""
    _close(world, found)
    empty = ProposeFields(found.batch_id, found.snapshot_seq, NOTHING, "", [], [])
    before = {one.id: one for one in able(world, found.assets[0])}
    _report(diary, found, before, {}, empty, None, 0, at)


def _ask(world: World, diary: Diary, made: Batch, at: Instant) -> None:
    """Let a proposal for the state after this command be asked for, until its time is over."""
    made.requested_at, made.snapshot_seq = at, world.commands + 1
    claims = able(world, made.assets[0])
    made.queued = (queued(made.assets[0], [one.open_minor for one in claims]),)
    world.timers.set(
        at + batch.rules(world, at).batch_answer_ms * MS, TimerKind.SET_OFF_ANSWER, made.batch_id
    )
    world.batches.fresh.append(made)
    diary.fact(
        BatchRequested(
            made.batch_id, made.number, made.kind, made.assets, made.trigger, made.snapshot_seq, made.tries
        )
    )


def _close(world: World, found: Batch) -> None:
    del world.claims.open[found.assets[0]]
    world.timers.cancel(TimerKind.SET_OFF_ANSWER, found.batch_id)


# The checks


def _parts(world: World, before: Mapping[str, Claim], fields: ProposeFields) -> dict[str, int] | Refusal:
    """Give what of each claim is set off, or why that may not be."""
    if len(fields.claims) != len(fields.parts) or not all(one < two for one, two in pairwise(fields.claims)):
        return No.PROPOSAL_IS_MALFORMED
    parts = {key.hex(): minor for key, minor in zip(fields.claims, fields.parts, strict=True)}
    fault = world.claims.refuse(parts)
    if fault is not None:
        return fault
    return parts if parts.keys() <= before.keys() else No.SET_OFF_NOT_ALLOWED_HERE


def _certificate(fields: ProposeFields) -> Certificate | None:
    """Read the certificate; None where there is none, or it is none of this snapshot."""
    try:
        found = [from_msgpack(packed) for packed in fields.certificates]
    except CertificateMalformed:
        return None
    sound = all(is_formed(one) and one.snapshot_seq == fields.snapshot_seq for one in found)
    return found[0] if found and sound else None


def proves(certificate: Certificate, claims: Mapping[str, Claim], value: int) -> bool:
    """Tell whether a certificate proves that no more of these claims can be set off than `value`.

    Every claim has room in its arcs, at a reward of one and without a lower bound; so whatever can be set off is a
    flow there, and what the certificate proves of all its flows holds of the claims too.
    """
    owed: dict[tuple[str, str], int] = {}
    for one in claims.values():
        pair = one.debtor, one.creditor
        owed[pair] = owed.get(pair, 0) + one.open_minor
    nodes = certificate.nodes
    for tail, head, lower, capacity, reward, _ in certificate.arcs:
        if lower:
            return False
        pair = nodes[tail], nodes[head]
        if reward == 1 and capacity >= owed.get(pair, 0):
            owed.pop(pair, None)
    exact = not owed and certificate.constant == 0 and certificate.value == value
    return exact and not check(certificate)


# What is told


def _tell(
    world: World, diary: Diary, found: Batch, parts: Mapping[str, int], number: int, at: Instant
) -> None:
    """Tell both sides of each claim what of it is set off and what is left: the set-off notice."""
    bundle_id = number.to_bytes(16, "big")
    for key, minor in parts.items():
        one = world.claims.get(key)
        assert one is not None, "the check has looked"
        diary.fact(
            ClaimSetOff(
                bytes.fromhex(key), found.batch_id, one.debtor, one.creditor, one.currency, minor,
                one.open_minor, bundle_id,
            )
        )  # fmt: skip
        diary.fact(claim.moved(one))
        for party in (one.debtor, one.creditor):
            diary.tell(party, "claim.set_off", bytes.fromhex(key), *claim.told(one), minor, found.batch_id)


def _report(
    diary: Diary,
    found: Batch,
    before: Mapping[str, Claim],
    parts: Mapping[str, int],
    fields: ProposeFields,
    certificate: Certificate | None,
    number: int,
    at: Instant,
) -> None:
    """Write down the report of a set-off: of each party, what it owed and what it was owed that is set off."""
    asset = found.assets[0]
    gross = sum(one.open_minor for one in before.values())
    whole = [minor for key, minor in parts.items() if minor == before[key].open_minor]
    value = sum(parts.values())
    settled, in_parts = sum(whole), value - sum(whole)
    bound = None if certificate is None else certificate.value
    proved = certificate is not None and proves(certificate, before, value)
    digest = sha256(b"".join(fields.certificates)).digest() if fields.certificates else b""
    rows: dict[tuple[str, str], list[int]] = {}
    for one in before.values():
        minor = parts.get(one.id, 0)
        debtor, creditor = (rows.setdefault((bic, asset), [0, 0, 0]) for bic in (one.debtor, one.creditor))
        debtor[0] += minor
        debtor[2] += one.open_minor - minor
        creditor[1] += minor
    distance = 0 if not bound else max(0, bound - value) * 10_000 // bound
    diary.fact(
        BatchReported(
            found.batch_id, found.number, found.kind, found.assets, found.trigger, found.snapshot_seq,
            found.started_at, at, found.tries, fields.algorithm, fields.solver_version, len(before), str(gross),
            len(whole), str(settled), len(parts) - len(whole), str(in_parts), len(before) - len(whole),
            str(gross - value), (0, 0), "" if bound is None else str(bound), "", distance, "0", digest, proved, (),
            members(rows), (b"", 0, 0, ""), number.to_bytes(16, "big") if parts else b"",
        )
    )  # fmt: skip
