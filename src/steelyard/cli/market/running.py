"""`steelyard market`: how the operator runs it; most of it takes a second person."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from steelyard.cli import told
from steelyard.cli.market import contracts
from steelyard.cli.reading import File, made, money, shape
from steelyard.cli.session import NOTHING_GIVEN, USAGE, Common, Switch, end, node

Phase = Literal[
    "closed", "pre_open", "opening_call", "closing_call", "volatility_call", "continuous", "post_close", "halt",
    "delivery_month",
]  # fmt: skip


Several = Annotated[list[str], Parameter(negative=())]


def list_instrument(
    file: File | None = None,
    /,
    *,
    contract: str | None = None,
    month: str = "",
    asset: str | None = None,
    currency: str = "",
    code: str | None = None,
    reference: str | None = None,
    basket: Several | None = None,
    packs: Path | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List an instrument: by a file of its terms, or by the pack of its contract.

    Parameters
    ----------
    file
        A JSON file with its terms, as the API takes them; - is standard input.
    contract
        Code of a contract that has a pack.
    month
        Month of a future, such as 2027-03.
    asset
        Class of the receipts that are traded, or the contract that is cleared; without it, the instrument's code.
    currency
        In one currency, in place of the pack's basket.
    code
        Code of the instrument, in place of the contract's.
    reference
        First reference price.
    basket
        What one unit of the pack's basket holds, such as 'ZAR 8.50'.
    packs
        Folder of packs of one's own.
    """
    from steelyard.client.market import InstrumentAsked

    if (file is None) == (contract is None):
        end("name a file of terms, or a contract by --contract", USAGE)
    with node(common) as (client, out):
        if file is not None:
            return told.done(out, client.market.put(shape(file, InstrumentAsked)))
        known = contracts.read(packs).get(contract or "")
        if known is None:
            end(f"{contract}: no contract is called so (hint: steelyard market contracts)", USAGE)
        own = currency or known.currency
        scales = {one.asset: one.scale for one in client.directory.assets()} if own else {}
        if own and own not in scales:
            end(f"{own}: no currency of this code is booked there", USAGE)
        if bool(own) == bool(basket):
            end(f"{contract}: name what one unit of its basket holds by --basket, or one currency", USAGE)
        scale = scales[own] if own else contracts.BASKET_SCALE
        fields = contracts.terms(
            known, scale, month=month, currency=currency, asset=asset, code=code, reference=reference,
            basket_holds={one.asset: one.value for one in map(money, basket)} if basket else None,
        )  # fmt: skip
        return told.done(out, client.market.put(made(InstrumentAsked, fields)))


def phase(instrument: str, phase: Phase, reason: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Set the phase of an instrument by hand.

    Parameters
    ----------
    instrument
        Code of the instrument.
    phase
        The phase; a halt is left into a call.
    reason
        Why, in up to 35 characters.
    """
    with node(common) as (client, out):
        return told.done(out, client.market.phase(instrument, phase, reason))


def reference(
    instrument: str, price: str, /, *, widened: Switch = False, common: Common = NOTHING_GIVEN
) -> int:
    """Set the reference price of an instrument by hand; orders beyond the new daily limits are cancelled.

    Parameters
    ----------
    instrument
        Code of the instrument.
    price
        The reference price.
    widened
        With limits half as wide again, as on the day after a settlement at the limit.
    """
    with node(common) as (client, out):
        return told.done(out, client.market.reference(instrument, price, widened=widened))


def seed(instrument: str, digest: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Commit the seed of an instrument's next random end.

    Parameters
    ----------
    instrument
        Code of the instrument.
    digest
        SHA-256 of the seed, in hex.
    """
    with node(common) as (client, out):
        return told.done(out, client.market.commit_seed(instrument, digest))


def end_call(instrument: str, seed: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """End a call by the seed that was committed for it.

    Parameters
    ----------
    instrument
        Code of the instrument.
    seed
        The seed, in hex.
    """
    with node(common) as (client, out):
        return told.done(out, client.market.end_call(instrument, seed))


def group(participant: str, group: str | None = None, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Set with which group a participant's orders count: among them nobody trades with himself.

    Parameters
    ----------
    participant
        Its BIC.
    group
        Another participant's BIC; without it the participant stands alone.
    """
    with node(common) as (client, out):
        return told.done(out, client.market.group(participant, group))


def reverse(trade: str, reason: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a trade back to which all its sides have agreed, within a quarter of an hour.

    Parameters
    ----------
    trade
        Id of the trade.
    reason
        Why.
    """
    with node(common) as (client, out):
        return told.done(out, client.market.reverse(trade, reason))
