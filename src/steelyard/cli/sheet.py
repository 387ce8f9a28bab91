"""`steelyard sheet`: a provider's standing offers."""

from typing import Annotated

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.reading import File, made, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, Switch, end, node

app = App(name="sheet", help="Publish, withdraw and list standing offers.", version_flags=())

COLUMNS = (
    ("provider", "provider"), ("sell", "sell"), ("buy", "buy"), ("tiers", "tiers"), ("min", "min"), ("max", "max"),
    ("until", "valid_until"), ("version", "version"),
)  # fmt: skip


@app.command(name="list")
def list_(
    *,
    provider: str | None = None,
    sell: str | None = None,
    buy: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List the standing offers in force.

    Parameters
    ----------
    provider
        Of this provider.
    sell
        What the customer gives.
    buy
        What the customer gets.
    """
    with node(common) as (client, out):
        out.rows(client.sheets.list(provider=provider, sell=sell, buy=buy, limit=1_000), COLUMNS)
    return DONE


@app.command
def put(
    *,
    sell: str | None = None,
    buy: str | None = None,
    tier: Annotated[list[str] | None, Parameter(negative=())] = None,
    min: str | None = None,
    max: str | None = None,
    valid_until: str | None = None,
    firm: Switch = False,
    file: File | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Publish a standing offer for a pair, in place of the one before.

    Parameters
    ----------
    sell
        What the customer gives.
    buy
        What the customer gets.
    tier
        A rate, as units bought for one sold, from an amount sold on: 0:22.50; may stand several times.
    min
        The least that is sold at once.
    max
        The most that is sold at once.
    valid_until
        When it ends, RFC 3339.
    firm
        Set the money aside with each quote.
    file
        A JSON file with the whole sheet, as the API takes it; - is standard input.
    """
    from steelyard.client.types import SheetAsked

    if file is not None:
        asked = shape(file, SheetAsked)
    else:
        tiers = [_tier(text) for text in tier or ()]
        asked = made(
            SheetAsked,
            {"sell": sell, "buy": buy, "tiers": tiers, "min": min, "max": max, "valid_until": valid_until,
             "firm_reserved": firm},
        )  # fmt: skip
    with node(common) as (client, out):
        return told.done(out, client.sheets.put(asked))


@app.command
def withdraw(sell: str, buy: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a standing offer back; quotes already given stay firm.

    Parameters
    ----------
    sell
        What the customer gives.
    buy
        What the customer gets.
    """
    with node(common) as (client, out):
        return told.done(out, client.sheets.withdraw(sell, buy))


def _tier(text: str) -> dict[str, str]:
    start, colon, rate = text.partition(":")
    if not colon:
        end(f"{text} is no tier: an amount and a rate, such as 0:22.50", USAGE)
    return {"from_value": start, "rate": rate}
