"""JSON payments handed to the node: one, an array, or the lines of a file; each has an answer of its own."""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from steelyard.api import intake, json_payments, wire
from steelyard.api.call import Call
from steelyard.api.intake import Taken
from steelyard.api.json_payments import Amounts, Item
from steelyard.api.orders import deadline_ms
from steelyard.api.problems import ProblemError, problem
from steelyard.api.views.payments import payment_answer
from steelyard.api.wire import Faults
from steelyard.client.types import Fault, PaymentAnswer
from steelyard.iso20022.canonical import CreditTransfer, Money
from steelyard.iso20022.commands import Pay
from steelyard.iso20022.context import Context, Finding
from steelyard.node.link import Lane, Submission
from steelyard.storage.evidence import EvidenceItem, evidence

KIND = "payment"


class Ready(NamedTuple):
    """A payment that was read and judged: its command's parts, or what the rules found."""

    item: Item
    transfer: CreditTransfer
    pay: Pay | None
    findings: list[Finding]


async def send(call: Call, items: Sequence[Item], raw: bytes) -> list[PaymentAnswer]:
    """Read, judge and hand in the payments of one request; a fault of shape in any of them stops all."""
    faults, digest = Faults(), sha256(raw).digest()
    ready = await prepare(call, items, digest, faults)
    faults.end()
    return await hand_in(call, ready, digest, raw)


async def prepare(call: Call, items: Sequence[Item], digest: bytes, faults: Faults) -> list[Ready]:
    """Read and judge payments; faults of shape are noted."""
    sender = call.who.owner
    if any(item.asked.debtor_agent not in (None, sender) for item in items):
        raise ProblemError("signer-does-not-own-account", f"the key is bound to {sender}", iso_code="DS0H")
    context = call.directory.context(sender, await call.gateway.fresh_now())
    amounts = {item.ordinal: await quoted(call, item) for item in items if _needs_quote(item)}

    def work() -> list[Ready]:
        return [
            _ready(item, sender, amounts.get(item.ordinal), digest, call, context, faults) for item in items
        ]

    return work() if len(items) < 20 else await call.gateway.aside(work)


def _ready(
    item: Item,
    sender: str,
    amounts: Amounts | None,
    digest: bytes,
    call: Call,
    context: Context,
    faults: Faults,
) -> Ready:
    before = len(faults.found)
    transfer = json_payments.transfer_of(item, sender, amounts, call.directory, faults)
    if len(faults.found) > before:
        return Ready(item, transfer, None, [])
    findings = json_payments.judged(transfer, context, item.pointer)
    pay = (
        None
        if findings
        else json_payments.pay_of(transfer, digest, context, item.asked.disclosure, item.asked.may_split)
    )
    return Ready(item, transfer, pay, findings)


def _needs_quote(item: Item) -> bool:
    asked = item.asked
    return asked.quote_id is not None and (asked.settlement is None or asked.instructed is None)


async def quoted(call: Call, item: Item) -> Amounts | None:
    """Give the amounts of the quote that a payment names: the state's while it is open, else the projection's."""
    quote_id = wire.uuid_bytes(item.asked.quote_id)
    found = await call.gateway.read("quote", quote_id, viewer=call.who.owner)
    row = found.decoded(dict[str, Any] | None)
    if row is None or "source_minor" not in row:
        row = await call.gateway.aside(
            call.gateway.stores.reader.one, "quote", quote_id=quote_id, debtor_agent=call.who.owner
        )
    if row is None:
        return None
    return Money(row["source"], row["source_minor"]), Money(row["target"], row["target_minor"])


async def hand_in(
    call: Call, ready: Sequence[Ready], digest: bytes, raw: bytes | None
) -> list[PaymentAnswer]:
    """Hand in what passed its rules, in order, and answer each payment; the request is evidence before.

    `raw` is None for the later parts of a file, whose first part has brought it along.
    """
    gateway, caller = call.gateway, call.who
    now, wait_ms = gateway.now(), deadline_ms(call)
    good = [one for one in ready if one.pay is not None]
    if not good:
        ids = [one.item.command_id for one in ready]
        if await gateway.aside(lambda: any(map(gateway.stores.reader.command_place, ids))):
            raise ProblemError("idempotency-key-reused")
        if raw is not None:
            item = evidence(KIND, raw, at_ns=now, digest=digest, sender=caller.owner)
            await gateway.link.submit(Submission(b"", (item,)))
        return [_refused(one) for one in ready]
    lane = Lane.PAYMENTS if len(good) < 100 else Lane.BULK

    def submission(one: Ready, pay: Pay) -> Submission:
        command = gateway.command("pay", pay.fields, id=one.item.command_id, caller=caller, added=pay.added)
        party = evidence("party", pay.party.raw, at_ns=now, digest=pay.party.digest)
        items: tuple[EvidenceItem, ...] = (party,)
        if raw is not None and one is good[0]:
            id = one.item.command_id
            whole = evidence(KIND, raw, at_ns=now, command=id, digest=digest, sender=caller.owner)
            items = (whole, party)
        return Submission(command, items, b"", lane, wait_ms)

    taken = await intake.hand_in_all(
        gateway, caller, [(one.pay, partial(submission, one)) for one in good if one.pay is not None]
    )
    answers = {one.item.ordinal: _answer(one, found, call) for one, found in zip(good, taken, strict=True)}
    return [answers.get(one.item.ordinal) or _refused(one) for one in ready]


def _answer(one: Ready, taken: Taken, call: Call) -> PaymentAnswer:
    return payment_answer(taken.found, taken.pay.fields, call.directory)


def _refused(one: Ready) -> PaymentAnswer:
    """Answer a payment that broke rules: nothing of it is known to the books."""
    errors = [Fault(found.path, found.code, found.text) for found in one.findings]
    first = one.findings[0]
    said = problem("message-breaks-rules", first.text, code=first.rule, iso_code=first.code, errors=errors)
    return PaymentAnswer(
        outcome="refused", uetr=one.transfer.uetr or "", state="REJECTED", refusal=said, iso=first.code,
        status="RJCT",
    )  # fmt: skip
