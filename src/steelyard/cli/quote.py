"""`steelyard quote`: ask for firm quotes."""

from typing import Any, Literal

from steelyard.cli import told
from steelyard.cli.reading import made
from steelyard.cli.session import NOT_DUE, NOTHING_GIVEN, UNKNOWN, USAGE, Common, Switch, end, node
from steelyard.cli.wording import QUOTE

QUOTE_COLUMNS = (
    ("rank", "rank"), ("quote", "quote_id"), ("debit", "debit"), ("credit", "credit"), ("rate", "rate"),
    ("all in", "effective_rate"), ("margin bp", "margin_bp"), ("providers", "providers"), ("expires", "expires_at"),
)  # fmt: skip


def quote(
    *,
    sell: str,
    buy: str,
    send: str | None = None,
    receive: str | None = None,
    to: str | None = None,
    urgent: Switch = False,
    bank: Switch = False,
    charges: Literal["SHAR", "DEBT", "CRED"] = "SHAR",
    common: Common = NOTHING_GIVEN,
) -> int:
    """Ask for quotes, best first. Exit code 3 where nobody quotes.

    Parameters
    ----------
    sell
        Currency that leaves.
    buy
        Currency that arrives.
    send
        Amount that leaves; or else:
    receive
        Amount that arrives.
    to
        BIC of the payee's bank, where there will be a payment.
    urgent
        For a payment of high priority.
    bank
        For a payment between banks on their own account.
    charges
        Who bears the charges.
    """
    if (send is None) == (receive is None):
        end("either --send or --receive has the amount", USAGE)
    from steelyard.client.types import QuoteAsked

    fields: dict[str, Any] = {
        "sell": sell, "buy": buy, "send": send, "receive": receive, "creditor_agent": to, "charge_bearer": charges,
        "priority": "HIGH" if urgent else "NORM", "kind": "bank" if bank else "customer",
    }  # fmt: skip
    made(QuoteAsked, fields, QUOTE)
    with node(common, options=QUOTE) as (client, out):
        found = client.quotes.ask(**fields)
        if found.outcome == "unknown":
            end("outcome unknown: ask again, quotes that are not used cost nothing", UNKNOWN)
        if found.refusal is not None:
            return told.refused(out, found, found.refusal, found.iso, QUOTE)
        count = out.rows(found.quotes, QUOTE_COLUMNS)
        if count and not out.json:
            out.hint(f"Take one: steelyard pay --quote {found.quotes[0].quote_id} --to BIC …")
    return 0 if count else NOT_DUE
