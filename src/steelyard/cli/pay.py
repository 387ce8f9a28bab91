"""`steelyard pay`: send one payment, from flags or from a JSON file."""

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from steelyard.cli import told
from steelyard.cli.quote import QUOTE_COLUMNS
from steelyard.cli.reading import File, account, made, money, plain
from steelyard.cli.session import NOT_DUE, NOTHING_GIVEN, REFUSED, USAGE, Common, Switch, end, node
from steelyard.cli.wording import NO_OPTIONS, PAY

if TYPE_CHECKING:
    from steelyard.cli.output import Output
    from steelyard.client import Steelyard
    from steelyard.client.types import Quote


def pay(
    *,
    to: str | None = None,
    amount: str | None = None,
    sell: str | None = None,
    quote: str | None = None,
    file: File | None = None,
    payer: str | None = None,
    payer_account: str | None = None,
    payee: str | None = None,
    payee_account: str | None = None,
    purpose: str | None = None,
    remittance: Annotated[list[str] | None, Parameter(negative=())] = None,
    reference: str | None = None,
    bank: Switch = False,
    urgent: Switch = False,
    queue_class: Literal["URGT", "HIGH", "NORM"] | None = None,
    charges: Literal["SHAR", "DEBT", "CRED"] | None = None,
    on: str | None = None,
    uetr: str | None = None,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"], negative=())] = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Send a payment and say what became of it.

    Exit codes: 0 settled, queued, held, offered or proposed; 1 refused; 5 unknown.

    Parameters
    ----------
    to
        BIC of the payee's bank.
    amount
        What the payee's bank gets, such as 'INR 7350.00'.
    sell
        Currency to pay with: asks for quotes and takes the best, once its cost is agreed to.
    quote
        Id of a quote that was asked before.
    file
        A JSON file with the whole payment, as the API takes it; - is standard input.
    payer
        Name of who pays.
    payer_account
        Account of who pays: an IBAN, or a number with its scheme before a colon.
    payee
        Name of who is paid.
    payee_account
        Account of who is paid.
    purpose
        ISO 20022 purpose code, such as GDDS.
    remittance
        What the payment is for; may stand several times.
    reference
        End-to-end reference.
    bank
        A payment between banks on their own account.
    urgent
        High priority: settled at once or refused.
    queue_class
        Its class among one's own payments where money is short: URGT, HIGH or NORM.
    charges
        Who bears the charges.
    on
        Settlement date, YYYY-MM-DD.
    uetr
        UETR of one's own; without it one is drawn.
    yes
        Agree to the cost of the best quote without being asked.
    """
    from steelyard.client.types import PaymentAsked

    fields: dict[str, Any] = {
        "creditor_agent": to, "settlement": money(amount) if amount else None, "quote_id": quote,
        "debtor": {"name": payer} if payer else None, "debtor_account": account(payer_account),
        "creditor": {"name": payee} if payee else None, "creditor_account": account(payee_account),
        "purpose": purpose, "remittance": remittance, "end_to_end_id": reference, "kind": "bank" if bank else None,
        "priority": "HIGH" if urgent else None,
        "settlement_priority": queue_class, "charge_bearer": charges, "settlement_on": on, "uetr": uetr,
    }  # fmt: skip
    if file is not None:
        fields = plain(file) | {k: v for k, v in fields.items() if v is not None}
    elif quote is None and amount is None:
        end(
            "--amount is missing: what the payee's bank gets, such as 'INR 7350.00' (or --quote, or --file)",
            USAGE,
        )
    options = PAY if file is None else NO_OPTIONS
    asked = made(PaymentAsked, fields, options)
    if sell is not None and (quote is not None or asked.settlement is None):
        end("--sell asks for quotes: it needs --amount and no --quote", USAGE)
    with node(common, options=options) as (client, out):
        client.core.first_key = None  # it is the payment's, not that of asking for quotes
        best = _best(client, out, asked, sell, yes=yes) if sell is not None else None
        return told.payment(out, client.payments.send(asked, quote=best, key=common.idempotency_key), options)


def _best(client: "Steelyard", out: "Output", asked: Any, sell: str, *, yes: bool) -> "Quote":
    """Ask for quotes and give the best, once somebody has agreed to what it costs."""
    found = client.quotes.ask(
        sell=sell, buy=asked.settlement.asset, receive=asked.settlement.value, creditor_agent=asked.creditor_agent,
        kind=asked.kind, priority=asked.priority, charge_bearer=asked.charge_bearer,
    )  # fmt: skip
    if found.refusal is not None:
        raise SystemExit(told.refused(out, found, found.refusal, found.iso))
    if not found.quotes:
        end("nobody quotes for this now", NOT_DUE)
    best = found.quotes[0]
    if yes:
        return best
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        end("the cost of a quote has to be agreed to: --yes, or ask with steelyard quote first", USAGE)
    out._replace(json=False).item(best, QUOTE_COLUMNS)
    for fee in best.fees:
        print(f"fee: {fee.what}, {fee.keeper}: {fee.amount.asset} {fee.amount.value}")
    if input("Pay at this cost? [y/N] ").strip().lower() not in ("y", "yes"):
        end("not paid", REFUSED)
    return best
