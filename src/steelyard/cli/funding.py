"""`steelyard funding` and `redemption`: money on its way in and out, mostly as settlement agent."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import money
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, Switch, end, node

app = App(name="funding", help="List money on its way in; advise, refuse and rule on it.", version_flags=())
redemptions = App(
    name="redemption", help="List money on its way out; withdraw, advise and rule on it.", version_flags=()
)

COLUMNS = (
    ("funding", "funding"), ("participant", "participant"), ("amount", "amount"), ("state", "state"),
    ("entered", "entered_at"), ("reason", "reason"),
)  # fmt: skip
OUT = (
    ("redemption", "redemption"), ("participant", "participant"), ("amount", "amount"), ("state", "state"),
    ("entered", "entered_at"), ("reason", "reason"),
)  # fmt: skip


@app.command(name="list")
def list_(*, state: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List fundings, newest first.

    Parameters
    ----------
    state
        Of this state alone, such as asked.
    """
    with node(common) as (client, out):
        out.rows(client.funds.list(state=state, limit=1_000), COLUMNS)
    return DONE


@app.command
def advise(
    participant: str,
    amount: str,
    /,
    *,
    advice: str,
    funding: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Report money that is locked at the RTGS; it is issued by the currency's rule.

    Parameters
    ----------
    participant
        BIC of whose money it is.
    amount
        How much, such as 'INR 7350.00'.
    advice
        The RTGS's own id of it.
    funding
        The request it answers, if there was one.
    """
    asked = money(amount)
    with node(common) as (client, out):
        return told.done(out, client.funds.advise(participant, asked, advice, funding=funding))


@app.command
def refuse(funding: str, /, *, reason: str = "", common: Common = NOTHING_GIVEN) -> int:
    """Turn a request away.

    Parameters
    ----------
    funding
        The request.
    reason
        Why, in few words.
    """
    with node(common) as (client, out):
        return told.done(out, client.funds.refuse(funding, reason=reason))


@app.command
def rule(
    funding: str, /, *, issue: Switch = False, pay_back: Switch = False, common: Common = NOTHING_GIVEN
) -> int:
    """Rule on money that was advised and could not be issued.

    Parameters
    ----------
    funding
        The funding.
    issue
        Issue it now.
    pay_back
        Pay it back outside.
    """
    if issue == pay_back:
        end("either --issue or --pay-back", USAGE)
    with node(common) as (client, out):
        return told.done(out, client.funds.rule(funding, issue=issue))


@redemptions.command(name="list")
def list_redemptions(*, state: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List redemptions, newest first.

    Parameters
    ----------
    state
        Of this state alone, such as overdue.
    """
    with node(common) as (client, out):
        out.rows(client.redemptions.list(state=state, limit=1_000), OUT)
    return DONE


@redemptions.command
def withdraw(redemption: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take one back that is not yet ordered.

    Parameters
    ----------
    redemption
        The redemption.
    """
    with node(common) as (client, out):
        return told.done(out, client.redemptions.withdraw(redemption))


@redemptions.command(name="advise")
def advise_redemption(
    redemption: str,
    amount: str,
    /,
    *,
    paid: Switch = False,
    refused: Switch = False,
    payout: str = "",
    reason: str = "",
    common: Common = NOTHING_GIVEN,
) -> int:
    """Report what the RTGS did with a pay-out.

    Parameters
    ----------
    redemption
        The redemption.
    amount
        How much it was about.
    paid
        It was paid.
    refused
        It was refused: the money is given back here.
    payout
        The RTGS's own id of it.
    reason
        Why it was refused.
    """
    if paid == refused:
        end("either --paid or --refused", USAGE)
    asked = money(amount)
    with node(common) as (client, out):
        found = client.redemptions.advise(redemption, paid=paid, amount=asked, payout=payout, reason=reason)
        return told.done(out, found)


@redemptions.command(name="rule")
def rule_redemption(
    redemption: str,
    /,
    *,
    statement: str,
    paid: Switch = False,
    unpaid: Switch = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Rule on a pay-out that is overdue, by what the RTGS's statement says.

    Parameters
    ----------
    redemption
        The redemption.
    statement
        The statement that says so.
    paid
        It was paid.
    unpaid
        It was not: the money is given back here.
    """
    if paid == unpaid:
        end("either --paid or --unpaid", USAGE)
    with node(common) as (client, out):
        return told.done(out, client.redemptions.rule(redemption, paid=paid, statement=statement))
