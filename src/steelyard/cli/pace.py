"""`steelyard pace`: what follows from sending late in a currency, and what did."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="pace", help="Show and set what follows from sending late; list what did.", version_flags=())

COLUMNS = (
    ("day", "on"), ("participant", "participant"), ("submitted", "submitted"), ("own day", "own_day"),
    ("missed", "missed"), ("published", "published"), ("ranks", "ranks"), ("due", "due"), ("bundle", "bundle_id"),
)  # fmt: skip


@app.command
def show(currency: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a currency's throughput rule.

    Parameters
    ----------
    currency
        Code of the currency.
    """
    with node(common) as (client, out):
        out.item(client.pace.rule(currency))
    return DONE


@app.command
def rule(currency: str, file: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Set a currency's throughput rule, as its settlement agent, by two people.

    Parameters
    ----------
    currency
        Code of the currency.
    file
        A JSON file with the rule, as PUT /v1/throughput/rules/{asset} takes it; - is standard input.
    """
    from steelyard.client.pace import PaceRuleAsked

    asked = shape(file, PaceRuleAsked)
    with node(common) as (client, out):
        return told.done(out, client.pace.set_rule(currency, asked))


@app.command
def days(
    *, currency: str | None = None, participant: str | None = None, common: Common = NOTHING_GIVEN
) -> int:
    """List what ends of days said of oneself, and what is published of others, newest first.

    Parameters
    ----------
    currency
        In this currency.
    participant
        Of this payer.
    """
    with node(common) as (client, out):
        out.rows(client.pace.days(currency=currency, participant=participant, limit=1_000), COLUMNS)
    return DONE
