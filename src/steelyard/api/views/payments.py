"""Payments as they cross the wire."""

from collections.abc import Iterable
from typing import Any

import msgspec

from steelyard.api import refusals, wire
from steelyard.api.call import Call
from steelyard.api.directory import Directory
from steelyard.api.intake import is_rejected_before, standing
from steelyard.api.orders import Recorded
from steelyard.client.types import Balance, FeeLine, Offer, Payment, PaymentAnswer, PaymentStep
from steelyard.flows.command import Code
from steelyard.flows.facts import PaymentPriced
from steelyard.flows.fields import PayFields, PaymentKind, Service
from steelyard.iso20022.reasons import PARTLY, STATUS, WITHDRAWN
from steelyard.payments.payment import Split, Wait
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import State
from steelyard.storage.queries import Found, place_of

UNKNOWN_UETR = PaymentRefusal.UNKNOWN_UETR.code
WAITS = {
    Wait.NOTHING: None, Wait.FUNDS: "funds", Wait.PROVIDER: "provider", Wait.WINDOW: "window",
    Wait.CONSENT: "consent", Wait.CAP: "holding_cap", Wait.CYCLE: "cycle", Wait.GATHERING: "open_cycle",
}  # fmt: skip

CLASSES = ("URGT", "HIGH", "NORM")
"""SttlmPrty of a class of queued payments"""
SPLIT = {Split.WHOLE: "no", Split.MAY: "yes", Split.NOT_LARGE: "not_large", Split.NOT_LAWFUL: "not_lawful"}


def status(state: State | None) -> str | None:
    """Give the ISO 20022 status of a state."""
    if state is State.CANCELLED:
        return "CANC"
    return STATUS[state] if state is not None else None


def payment_answer(found: Recorded, fields: PayFields, directory: Directory) -> PaymentAnswer:
    """Give what became of a payment that was handed in."""
    stands = standing(found, fields.uetr)
    is_over = stands.state in (State.REJECTED, State.CANCELLED)
    problem, iso = wire.refusal(
        stands.refusal,
        iso=WITHDRAWN if stands.state is State.CANCELLED else "",
        detail=refusals.REJECTED_BEFORE if is_rejected_before(found, stands) else "",
    )
    entered, priced = stands.entered, found.fact(PaymentPriced)
    told = priced or entered
    return PaymentAnswer(
        outcome="refused" if found.outcome.code == Code.REFUSED or (problem and is_over) else "done",
        uetr=wire.uuid_text(fields.uetr),
        seq=found.answer.seq,
        state=stands.state.name if stands.state is not None else None,
        waits=WAITS[Wait(entered.waits)] if entered is not None else None,
        refusal=problem,
        iso=iso,
        status=status(stands.state),
        at=wire.at_text(found.answer.at_ns),
        debit=wire.amount(told.debit_minor, fields.source, directory) if told is not None else None,
        credit=wire.amount(told.payee_minor, fields.target, directory) if told is not None else None,
        quote_id=wire.uuid_or_none(fields.quote_id),
        replayed=found.answer.replayed or found.outcome.code == Code.REPEATED,
        balances=[balance(row, directory) for row in found.answer.balances],
    )


def balance(row: tuple[int, str, str], directory: Directory) -> Balance:
    """Give what an account of the caller holds after a command."""
    account_no, held, available = row
    asset = directory.asset_of_account(account_no)
    return Balance(
        account_no=account_no,
        asset=asset,
        balance=wire.amount(held, asset, directory),
        available=wire.amount(available, asset, directory),
    )


def payment(row: Found, call: Call) -> Payment:
    """Give a payment out of the projection as the caller may see it."""
    directory, state = call.directory, State(row["state"])
    problem, iso = wire.refusal(row["refusal"], iso=WITHDRAWN if state is State.CANCELLED else "")
    source, target = row["source"], row["target"]
    scales = {"base_scale": directory.scale(source), "quote_scale": directory.scale(target)}
    is_over = state in (State.SETTLED, State.CREDITED, State.REJECTED, State.CANCELLED)
    return Payment(
        uetr=wire.uuid_text(row["uetr"]),
        kind=PaymentKind(row["kind"]).name.lower(),
        service=Service(row["service"]).name,
        role=role_of(row, call),
        state=state.name,
        status=PARTLY if state is State.QUEUED and row["settled_minor"] else status(state),
        waits=WAITS[Wait(row["waits"])] if state in (State.QUEUED, State.VALIDATED) else None,
        settlement_priority=CLASSES[row["priority"]],
        reason=_reason(row, state),
        debtor_agent=row["debtor_agent"],
        creditor_agent=row["creditor_agent"],
        providers=row["providers"].split(),
        debit=wire.amount(row["debit_minor"] or row["source_minor"], source, directory),
        instructed=wire.amount(row["source_minor"], source, directory),
        settlement=wire.amount(row["target_minor"], target, directory),
        credit=wire.amount(row["payee_minor"] or row["target_minor"], target, directory),
        rate=wire.rate_text(int(row["num"]), int(row["den"]), **scales) if source != target else None,
        quote_id=wire.uuid_or_none(row["quote_id"]),
        fees=fees(row["fees"], directory),
        settlement_on=wire.on_or_none(row["settlement_on"]),
        not_before_at=wire.at_or_none(row["not_before_at"]),
        refusal=problem,
        iso=iso,
        entered_at=wire.at_text(row["entered_at"]),
        ended_at=wire.at_or_none(row["settled_at"] or row["moved_at"]) if is_over else None,
        seq=place_of(row["moved"])[0],
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
        screening="not configured" if not row["screening"] else "done",
        message=f"/v1/messages/{row['message_digest'].hex()}",
        split=SPLIT[Split(row["split"])],
        **_parts(row, state, directory),
    )


def _reason(row: Found, state: State) -> str | None:
    """Give the rule that keeps a queued payment waiting."""
    found = refusals.of(row["reason"]) if state is State.QUEUED else None
    return None if found is None else found.name


def _parts(row: Found, state: State, directory: Directory) -> dict[str, Any]:
    """Give what of a payment has settled, what is open and what was given up."""
    whole, settled, abandoned = row["target_minor"], row["settled_minor"], row["abandoned_minor"]
    if state in (State.SETTLED, State.CREDITED, State.UNPOSTED):
        settled = whole - abandoned
    is_open = state.value < State.SETTLED
    minors = {"settled": settled, "open": whole - settled if is_open else 0, "abandoned": abandoned}
    return {name: wire.amount(minor, row["target"], directory) for name, minor in minors.items()}


def state_of(found: Recorded, uetr: bytes) -> State | None:
    """Give where an act left a payment, as far as its outcome says."""
    return standing(found, uetr).state


def offer(row: dict[str, Any], call: Call) -> Offer:
    """Give an offer as its creditor agent sees it."""
    directory, target = call.directory, row["target"]
    return Offer(
        uetr=wire.uuid_text(row["uetr"]),
        debtor_agent=row["debtor_agent"],
        settlement=wire.amount(row["target_minor"], target, directory),
        credit=wire.amount(row["payee_minor"], target, directory),
        service=Service(row["service"]).name,
        purpose=row["purpose"] or None,
        settlement_on=wire.on_or_none(row["settlement_on"]),
        answer_by_at=wire.at_text(row["deadline_at"]),
        cancel_asked=row["cancel_asked"],
    )


def role_of(row: Found, call: Call) -> str:
    """Give in which part the caller sees a payment."""
    owner = call.who.owner
    if owner == row["debtor_agent"]:
        return "debtor"
    return "creditor" if owner == row["creditor_agent"] else "reader"


def fees(text: str, directory: Directory) -> list[FeeLine]:
    """Give fees that a column keeps as JSON text of (what, keeper, asset, amount)."""
    return fee_lines(msgspec.json.decode(text) if text else [], directory)


def fee_lines(rows: Iterable[Any], directory: Directory) -> list[FeeLine]:
    """Give fees of (what, keeper, asset, amount)."""
    return [
        FeeLine(what=what, keeper=keeper, amount=wire.amount(minor, asset, directory))
        for what, keeper, asset, minor in rows
    ]


def first_step(row: Found, moves: list[Found]) -> PaymentStep:
    """Give the step by which a payment became known: it stood then where its first move began."""
    seq, position = place_of(row["entered"])
    state = State(moves[0]["before"] if moves else row["state"])
    found = refusals.of(row["refusal"]) if state is State.REJECTED else None
    return PaymentStep(
        seq=seq,
        position=position,
        at=wire.at_text(row["entered_at"]),
        event="ENTERED",
        before=None,
        after=state.name,
        refusal=found.name if found is not None else None,
    )


def step(row: Found) -> PaymentStep:
    """Give a step of a payment's life."""
    seq, position = place_of(row["key"])
    found = refusals.of(row["refusal"])
    detail = row["detail"]
    return PaymentStep(
        seq=seq,
        position=position,
        at=wire.at_text(row["at_ns"]),
        event=row["event"],
        before=State(row["before"]).name,
        after=State(row["after"]).name,
        refusal=found.name if found is not None else None,
        detail=[str(part) for part in msgspec.json.decode(detail)] if detail else [],
    )
