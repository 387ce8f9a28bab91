"""Payments as they cross the wire."""

from steelyard.api import wire
from steelyard.api.directory import Directory
from steelyard.api.intake import standing
from steelyard.api.orders import Recorded
from steelyard.client.types import Balance, PaymentAnswer
from steelyard.flows.command import Code
from steelyard.flows.facts import PaymentPriced
from steelyard.flows.fields import PayFields
from steelyard.iso20022.reasons import STATUS, WITHDRAWN
from steelyard.payments.payment import Wait
from steelyard.payments.states import State

WAITS = {
    Wait.NOTHING: None, Wait.FUNDS: "funds", Wait.PROVIDER: "provider", Wait.WINDOW: "window",
    Wait.CONSENT: "consent",
}  # fmt: skip


def status(state: State | None) -> str | None:
    """Give the ISO 20022 status of a state."""
    if state is State.CANCELLED:
        return "CANC"
    return STATUS[state] if state is not None else None


def payment_answer(found: Recorded, fields: PayFields, directory: Directory) -> PaymentAnswer:
    """Give what became of a payment that was handed in."""
    stands = standing(found, fields.uetr)
    is_over = stands.state in (State.REJECTED, State.CANCELLED)
    problem, iso = wire.refusal(stands.refusal, iso=WITHDRAWN if stands.state is State.CANCELLED else "")
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
