"""`steelyard currency`: the rules of a currency, and its reserve; `steelyard fx`: reference rates."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.reading import File, money, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="currency", help="Show a currency's rules; set them, and its cap.", version_flags=())
RateKind = Literal["official", "interbank", "market", "cross"]
fx = App(name="fx", help="List reference rates, enter, confirm and judge them.", version_flags=())

RATES = (
    ("base", "base"), ("quote", "quote"), ("rate", "rate"), ("kind", "kind"), ("source", "source"), ("at", "at"),
    ("flags", "marks"),
)  # fmt: skip


@app.command
def show(asset: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a currency's rules.

    Parameters
    ----------
    asset
        The currency.
    """
    with node(common) as (client, out):
        out.item(client.directory.currency(asset))
    return DONE


@app.command
def cap(amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Set how much of a currency is issued at most, as its settlement agent.

    Parameters
    ----------
    amount
        The most, such as 'INR 100000000.00'.
    """
    asked = money(amount)
    with node(common) as (client, out):
        return told.done(out, client.currencies.cap(asked, client.currencies.get(asked.asset).version))


@app.command
def rules(asset: str, file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Set a currency's rules, all of them anew, as its settlement agent.

    Parameters
    ----------
    asset
        The currency.
    file
        A JSON file with the rules, as the API takes them; - is standard input.
    """
    from steelyard.client.acts import CurrencyRules

    asked = shape(file, CurrencyRules)
    with node(common) as (client, out):
        version = client.currencies.get(asset).version
        return told.done(out, client.currencies.rules(asset, asked, version))


@app.command
def reconcile(file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Enter a statement of the reserve account, to be compared with what is issued.

    Parameters
    ----------
    file
        A JSON file with the statement, as the API takes it; - is standard input.
    """
    from steelyard.client.acts import ReserveStatement

    asked = shape(file, ReserveStatement)
    with node(common) as (client, out):
        return told.done(out, client.currencies.reconcile(asked))


@app.command
def clear(asset: str, /, *, reason: str, common: Common = NOTHING_GIVEN) -> int:
    """Say that two people have looked into a currency's differences: it may be issued again.

    Parameters
    ----------
    asset
        The currency.
    reason
        What they found, in few words.
    """
    with node(common) as (client, out):
        return told.done(out, client.currencies.clear(asset, reason))


@app.command
def ask(*currencies: Annotated[str, Parameter(name="currencies")], common: Common = NOTHING_GIVEN) -> int:
    """Ask, as participant, to hold further currencies.

    Parameters
    ----------
    currencies
        The currencies.
    """
    with node(common) as (client, out):
        return told.done(out, client.currencies.ask(list(currencies)))


@fx.command(name="rates")
def list_rates(*, common: Common = NOTHING_GIVEN) -> int:
    """List the reference rates there are."""
    with node(common) as (client, out):
        out.rows(client.rates.list(limit=1_000), RATES)
    return DONE


@fx.command
def put(file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Enter reference rates of one source and time.

    Parameters
    ----------
    file
        A JSON file with the rates, as the API takes them; - is standard input.
    """
    from steelyard.client.acts import RatesAsked

    asked = shape(file, RatesAsked)
    with node(common) as (client, out):
        return told.done(out, client.rates.put(asked))


@fx.command
def confirm(base: str, quote: str, kind: RateKind, at: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Confirm a rate that is stale or has jumped and is right all the same.

    A settlement agent of the pair does it alone; of the operator it takes two people.

    Parameters
    ----------
    base
        The currency of which one unit is meant.
    quote
        The currency in which it is counted.
    kind
        The kind of rate.
    at
        The time the rate speaks of, as the list of rates shows it.
    """
    from steelyard.client.acts import RateConfirmed

    with node(common) as (client, out):
        return told.done(out, client.rates.confirm(RateConfirmed(base, quote, kind, at)))


@fx.command(name="rules")
def rate_rules(currency: str, file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Say how a currency's rates are judged, and which kind applies to what.

    Parameters
    ----------
    currency
        The currency.
    file
        A JSON file with the rules, as the API takes them; - is standard input.
    """
    from steelyard.client.acts import RateRulesAsked

    asked = shape(file, RateRulesAsked)
    with node(common) as (client, out):
        return told.done(out, client.rates.set_rules(currency, asked))
