"""Rules 15 to 18: amounts and currencies. Integers only; nothing is rounded."""

from collections.abc import Iterable

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.lexical import minor
from steelyard.iso20022.rules.view import Message

_MINOR_MAX = 10**18


def decimals(message: Message, context: Context) -> Iterable[Finding]:
    """No more decimals than ISO 4217 gives the currency; trailing zeros count. 0 JPY, 2 IRR, 3 KWD."""
    currencies = context.reference.currencies
    for tx in message.transactions:
        for amount in tx.amounts:
            digits = currencies.get(amount.currency)
            if digits is not None and amount.value.digits > digits:
                text = f"{amount.currency} has {digits} decimals, {amount.value.digits} are given"
                yield tx.finding("decimals", "CH20", amount.place, text)


def amount_in_bounds(message: Message, context: Context) -> Iterable[Finding]:
    """More than zero (charges may be zero) and below 10^18 minor units."""
    currencies = context.reference.currencies
    for tx in message.transactions:
        for amount in tx.amounts:
            if not amount.value.unscaled:
                if amount.place[0] != "charges":
                    yield tx.finding("amount", "AM01", amount.place, "the amount is zero")
                continue
            units = minor(amount.value, max(currencies.get(amount.currency) or 0, amount.value.digits))
            if units is not None and units >= _MINOR_MAX:
                yield tx.finding("amount", "AM12", amount.place, "the amount is too large")


def currency_active(message: Message, context: Context) -> Iterable[Finding]:
    """The currency is one of ISO 4217 today."""
    currencies = context.reference.currencies
    for tx in message.transactions:
        for amount in tx.amounts:
            if amount.currency not in currencies:
                text = f"{quoted(amount.currency)} is no currency"
                yield tx.finding("currency_active", "AM11", amount.place, text)


def currency_settled(message: Message, context: Context) -> Iterable[Finding]:
    """The settlement amount is in a currency that is settled here; metals and fund codes never are.

    Codes without a minor unit cannot be an instructed amount or a charge either.
    """
    reference, settled = context.reference, context.settled_currencies
    for tx in message.transactions:
        for amount in tx.amounts:
            currency = amount.currency
            countable = reference.currencies.get(currency, 0) is not None
            if not countable:
                text = f"{quoted(currency)} has no minor unit"
            elif amount.place[0] == "settlement" and (
                (settled is not None and currency not in settled) or currency in reference.funds
            ):
                text = f"{quoted(currency)} is not settled here"
            else:
                continue
            yield tx.finding("currency_settled", "AM03", amount.place, text)
