"""ISO 20022 messages on their way in: judged, turned into commands with their evidence, answered.

The same for a single payment and for a file of ten thousand; a file's judgement runs on a thread, and its
first commands are with the node while the last are still being encoded.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from steelyard.api import refusals
from steelyard.api.auth.caller import Caller
from steelyard.api.directory import HUB
from steelyard.api.gateway import Gateway, fresh_id
from steelyard.api.idempotency import part_id
from steelyard.api.orders import PROPOSAL, Recorded, recorded
from steelyard.api.problems import ProblemError
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.approve import ProposeFields
from steelyard.flows.command import Code, decode_command
from steelyard.flows.facts import ApprovalMoved, PaymentEntered, PaymentMoved, PaymentStands
from steelyard.flows.fields import Present
from steelyard.iso20022 import answers
from steelyard.iso20022.check import check
from steelyard.iso20022.commands import Pay, to_pay
from steelyard.iso20022.context import FILE_TREE, MESSAGE_ROUTE, Context, Outcome, Verdict
from steelyard.iso20022.reasons import code_of_number, status_of
from steelyard.iso20022.reports import Status
from steelyard.iso20022.reports import transaction_statuses as judged_statuses
from steelyard.node.link import Answer, End, Lane, Submission
from steelyard.payments.states import State
from steelyard.storage.evidence import EvidenceItem, evidence

INLINE_BYTES = 64 * 1024
"""Larger messages are judged on a thread."""
IN_FLIGHT = 2_000
"""Commands of one file that wait at the node at once: half of what it lets one sender have waiting."""
BUSY_TRIES = 200
TRANSACTION = b"CdtTrfTxInf>"


class Taken(NamedTuple):
    """What became of one payment: its place in the message, and the durable outcome."""

    ordinal: int
    pay: Pay
    found: Recorded


class Standing(NamedTuple):
    """Where a payment is, as its outcome says."""

    state: State | None
    refusal: int
    settlement_on: int
    entered: PaymentEntered | None


def limits_for(raw: bytes) -> Any:
    """Give the bounds that a message is judged by: a file's where it is large or holds many payments."""
    many = len(raw) > MESSAGE_ROUTE.bytes_max or raw.count(TRANSACTION) > 2 * MESSAGE_ROUTE.transactions_max
    return FILE_TREE if many else MESSAGE_ROUTE


async def judge(gateway: Gateway, raw: bytes, context: Context) -> Verdict:
    """Judge a message: at once where it is small, on a thread where it would hold the loop up."""
    if len(raw) <= INLINE_BYTES:
        return check(raw, context)
    return await gateway.aside(check, raw, context)


async def keep(gateway: Gateway, raw: bytes, verdict: Verdict, *, sender: str) -> None:
    """Make the evidence of a message without a command durable: bytes and verdict."""
    items = evidence_of(raw, verdict, at_ns=gateway.now(), sender=sender)
    answer = await gateway.link.submit(Submission(b"", items))
    if answer.end not in (End.STORED, End.RECORDED):
        raise ProblemError("outcome-unknown" if answer.end == End.UNKNOWN else "node-is-busy")


def evidence_of(
    raw: bytes, verdict: Verdict, *, at_ns: int, sender: str, command: bytes = b""
) -> tuple[EvidenceItem, ...]:
    """Give what must be kept of a message: its bytes, and its verdict where there is anything to say."""
    kind = (verdict.message or "unknown")[:8]
    message = evidence(kind, raw, at_ns=at_ns, command=command, digest=verdict.raw_sha256, sender=sender)
    if not verdict.findings:
        return (message,)
    said = {
        "outcome": verdict.outcome.value, "message": verdict.message, "profile": verdict.profile,
        "raw_sha256": verdict.raw_sha256.hex(), "findings": verdict.findings,
        "findings_beyond": verdict.findings_beyond,
    }  # fmt: skip
    return message, evidence("verdict", msgspec.json.encode(said), at_ns=at_ns)


async def take(
    gateway: Gateway, caller: Caller, raw: bytes, verdict: Verdict, context: Context, *, deadline_ms: int
) -> list[Taken]:
    """Hand the payments of a judged message to the node and give what became of each, in order."""
    assert verdict.envelope is not None
    envelope, now = verdict.envelope, gateway.now()
    body: Sequence[Any] = envelope.body  # type: ignore[assignment]
    transfers = [one for one in body if one.kind != "notice"]
    if not transfers:
        await keep(gateway, raw, verdict, sender=caller.owner)
        return []
    lane = Lane.PAYMENTS if len(transfers) < 100 else Lane.BULK
    digits = context.reference.currencies

    def make(pay: Pay, first: bool) -> Submission:
        return _submission(gateway, caller, pay, raw, verdict if first else None, now, deadline_ms, lane)

    return await hand_in_all(
        gateway,
        caller,
        (
            (to_pay(one, envelope, digits=digits), partial(make, first=number == 0))
            for number, one in enumerate(transfers)
        ),
    )


async def hand_in_all(
    gateway: Gateway, caller: Caller, pays: Iterable[tuple[Pay, Callable[[Pay], Submission]]]
) -> list[Taken]:
    """Hand in payments in their order, at most `IN_FLIGHT` waiting at once, and give what became of each."""
    waiting: deque[tuple[Pay, Submission, asyncio.Future[Answer]]] = deque()
    taken: list[Taken] = []
    for number, (pay, make) in enumerate(pays, 1):
        flagged = await _flagged(gateway, pay)
        submission = make(flagged)
        waiting.append((flagged, submission, gateway.link.submit(submission)))
        if len(waiting) >= IN_FLIGHT:
            taken.append(await _arrived(gateway, caller, *waiting.popleft()))
        elif number % 50 == 0:
            await asyncio.sleep(0)
    while waiting:
        taken.append(await _arrived(gateway, caller, *waiting.popleft()))
    return taken


async def _arrived(
    gateway: Gateway, caller: Caller, one: Pay, submission: Submission, future: "asyncio.Future[Answer]"
) -> Taken:
    """Wait for one answer; a payment that the node had no room for is sent again under its id.

    One above its sender's line becomes a proposal to a second person.
    """
    answer = await future
    tries = 0
    while answer.end == End.TURNED_AWAY and answer.retry_after_ms and tries < BUSY_TRIES:
        tries += 1
        await asyncio.sleep(min(answer.retry_after_ms, 250) / 1000)
        answer = await gateway.link.submit(submission)
    gateway.hear(answer.at_ns)
    found = recorded(answer)
    if found.outcome.refusal == SettingRefusal.TWO_PEOPLE_NEEDED.code:
        id = part_id(decode_command(submission.command).id, PROPOSAL)
        wrapped = gateway.command("propose", ProposeFields(submission.command), id=id, caller=caller)
        found = recorded(await gateway.submit(wrapped, deadline_ms=submission.deadline_ms))
    return Taken(one.fields.ordinal, one, found)


def _submission(
    gateway: Gateway,
    caller: Caller,
    one: Pay,
    raw: bytes,
    verdict: Verdict | None,
    now: int,
    deadline_ms: int,
    lane: int,
) -> Submission:
    """Give one payment as it goes to the node; the first of a message brings the message along."""
    seed = b"\0".join(
        (caller.owner.encode(), one.added.message_digest, one.fields.ordinal.to_bytes(4, "big"))
    )
    id = fresh_id(now, seed)
    command = gateway.command("pay", one.fields, id=id, caller=caller, added=one.added)
    party = evidence("party", one.party.raw, at_ns=now, digest=one.party.digest)
    items: tuple[EvidenceItem, ...] = (party,)
    if verdict is not None:
        items = (*evidence_of(raw, verdict, at_ns=now, command=id, sender=caller.owner), party)
    return Submission(command, items, b"", lane, deadline_ms)


async def _flagged(gateway: Gateway, one: Pay) -> Pay:
    """Say inside the command that the projection knows the UETR, where the payment memory may not any more."""
    if not gateway.memory_is_short:
        return one
    found = await gateway.aside(gateway.stores.reader.one, "payment", uetr=one.fields.uetr)
    if found is None:
        return one
    added = msgspec.structs.replace(one.added, present=one.added.present | Present.UETR_SEEN)
    return msgspec.structs.replace(one, added=added)


# answers


def standing(found: Recorded, uetr: bytes) -> Standing:
    """Read out of an outcome where a payment is after it."""
    state: int | None = None
    refusal, on, entered = found.outcome.refusal, 0, None
    for fact in found.facts:
        if isinstance(fact, PaymentEntered) and fact.uetr == uetr:
            state, refusal, on, entered = fact.state, fact.refusal, fact.settlement_on, fact
        elif isinstance(fact, PaymentMoved) and fact.uetr == uetr:
            state, refusal = fact.after, fact.refusal or refusal
        elif isinstance(fact, PaymentStands) and fact.uetr == uetr:
            state, refusal = fact.state, fact.refusal
        elif isinstance(fact, ApprovalMoved) and fact.state == "PROPOSED":
            state = State.RECEIVED
    return Standing(State(state) if state is not None else None, refusal, on, entered)


def status_row(one: Taken) -> Status | None:
    """Give what a pacs.002 says of one payment; None where the profile does not send its status."""
    stands = standing(one.found, one.pay.fields.uetr)
    code = code_of_number(stands.refusal) if stands.refusal else None
    if stands.state is None:
        code = code_of_number(stands.refusal)
        return Status(one.ordinal, "RJCT", code, refusals.narrative(stands.refusal, code))
    sent = status_of(stands.state, code, HUB)
    if sent is None:
        return None
    lines: tuple[str, ...] = ()
    if sent[0] == "RJCT":
        lines = refusals.narrative(stands.refusal, sent[1], was_before=is_rejected_before(one.found, stands))
    return Status(one.ordinal, sent[0], sent[1], lines, stands.settlement_on or None)


def is_rejected_before(found: Recorded, stands: Standing) -> bool:
    """Tell whether a payment came again under a UETR that was rejected before: it stays so."""
    return found.outcome.code == Code.REPEATED and stands.state is State.REJECTED


def item_of(found: Recorded, recipient: str, uetr: bytes) -> bytes:
    """Name the outbox item that this answer is: the notice to the sender about its payment."""
    place = f"{found.answer.seq}-{found.answer.position}"
    for n, notice in enumerate(found.outcome.notices):
        if notice.recipient == recipient and notice.subject == uetr:
            return f"{place}-{n}".encode()
    return f"{place}-answer".encode()


def report(verdict: Verdict, taken: Sequence[Taken], context: Context, sender: str) -> bytes:
    """Write the pacs.002 of a message whose payments were handed in."""
    original = answers.original_of_verdict(verdict)
    desk = answers.desk_of(context)
    if len(taken) == 1 and not verdict.findings and len(original.transactions) == 1:
        one = taken[0]
        status = status_row(one) or Status(one.ordinal, "RCVD")
        item = item_of(one.found, sender, one.pay.fields.uetr)
        return answers.status_report(original, status, desk, at=one.found.answer.at_ns, item=item)
    rows = {one.ordinal: row for one in taken if (row := status_row(one)) is not None}
    rows.update(
        {row.ordinal: row for row in judged_statuses(verdict, context.profile) if row.status == "RJCT"}
    )
    counts: dict[str, int] = {}
    for row in rows.values():
        counts[row.status] = counts.get(row.status, 0) + 1
    group = next(iter(counts)) if len(counts) == 1 else "PART"
    listed = [
        rows[ordinal]
        for ordinal in sorted(rows)
        if not context.limits.is_file or rows[ordinal].status == "RJCT"
    ]
    at = taken[-1].found.answer.at_ns if taken else context.now_at
    return answers.group_report(
        original, desk, group, listed[:10_000], at=at, item=verdict.raw_sha256,
        code=listed[0].code if group == "RJCT" and listed else None,
        counts=tuple(sorted(counts.items())) if group == "PART" else (),
    )  # fmt: skip


def refusal_answer(verdict: Verdict, context: Context) -> bytes:
    """Write the answer to a message of which nothing was handed in: admi.002, or a pacs.002 of rejections."""
    made = answers.answer(verdict, context, at=context.now_at)
    assert made is not None
    return made


def is_taken(verdict: Verdict) -> bool:
    """Tell whether anything of a message goes on."""
    return verdict.envelope is not None and verdict.outcome is not Outcome.REFUSED


def uetrs(taken: Sequence[Taken]) -> Iterator[bytes]:
    """Give the UETRs of the payments that were handed in."""
    for one in taken:
        yield one.pay.fields.uetr
