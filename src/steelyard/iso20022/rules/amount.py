"""Rules 15 to 18: amounts and currencies. Integers only; nothing is rounded."""

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.lexical import minor
from steelyard.iso20022.rules.view import Message

_MINOR_MAX = 10**18


def decimals(message: Message, context: Context) -> list[Finding]:
    """No more decimals than ISO 4217 gives the currency; trailing zeros count. 0 JPY, 2 IRR, 3 KWD."""
    found: list[Finding] = []
    currencies = context.reference.currencies
    for tx in message.transactions:
        for place, currency, value in tx.amounts:
            digits = currencies.get(currency)
            if digits is not None and value.digits > digits:
                text = f"{currency} has {digits} decimals, {value.digits} are given"
                found.append(tx.finding("decimals", "CH20", place, text))
    return found


def amount_in_bounds(message: Message, context: Context) -> list[Finding]:
    """More than zero (charges may be zero) and below 10^18 minor units."""
    found: list[Finding] = []
    currencies = context.reference.currencies
    for tx in message.transactions:
        for place, currency, value in tx.amounts:
            if not value.unscaled:
                if place[0] != "charges":
                    found.append(tx.finding("amount", "AM01", place, "the amount is zero"))
                continue
            units = minor(value, max(currencies.get(currency) or 0, value.digits))
            if units is not None and units >= _MINOR_MAX:
                found.append(tx.finding("amount", "AM12", place, "the amount is too large"))
    return found


def currency_active(message: Message, context: Context) -> list[Finding]:
    """The currency is one of ISO 4217 today."""
    found: list[Finding] = []
    currencies = context.reference.currencies
    for tx in message.transactions:
        for place, currency, _ in tx.amounts:
            if currency not in currencies:
                text = f"{quoted(currency)} is no currency"
                found.append(tx.finding("currency_active", "AM11", place, text))
    return found


def currency_settled(message: Message, context: Context) -> list[Finding]:
    """The settlement amount is in a currency that is settled here; metals and fund codes never are.

    Codes without a minor unit cannot be an instructed amount or a charge either.
    """
    found: list[Finding] = []
    currencies, funds, settled = (
        context.reference.currencies,
        context.reference.funds,
        context.settled_currencies,
    )
    for tx in message.transactions:
        for place, currency, _ in tx.amounts:
            if currencies.get(currency, 0) is None:
                text = f"{quoted(currency)} has no minor unit"
            elif place[0] == "settlement" and (
                (settled is not None and currency not in settled) or currency in funds
            ):
                text = f"{quoted(currency)} is not settled here"
            else:
                continue
            found.append(tx.finding("currency_settled", "AM03", place, text))
    return found
