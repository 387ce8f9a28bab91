"""The client of a node: `Steelyard` and `AsyncSteelyard`, typed with the API's own shapes.

    with Steelyard("http://127.0.0.1:8080", key=Key.load("ghaf.key")) as bank:
        quotes = bank.quotes.ask(sell="AED", buy="INR", receive="7350.00")
        match bank.payments.send(quote=quotes.quotes[0], payer=payer, payee=payee, purpose="GDDS"):
            case Settled(uetr=uetr):
                print(bank.payments.get(uetr).credit.value)
            case Queued() | Held() as waiting:
                print(waiting.reason)

Nothing of the server is imported here, nor any of its libraries; each half of the client comes when it is
first named.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steelyard.client.aio import AsyncSteelyard
    from steelyard.client.core import Resend
    from steelyard.client.errors import (
        AddressError,
        AnswerIsStrange,
        ClientError,
        KeyFault,
        OutcomeUnknown,
        ProblemError,
        Unreachable,
    )
    from steelyard.client.groups.payments import Customer, payment
    from steelyard.client.keys import Key
    from steelyard.client.results import (
        Cancelled,
        Held,
        Offered,
        PaymentResult,
        Proposed,
        Queued,
        Refused,
        Settled,
        Unknown,
    )
    from steelyard.client.steelyard import Steelyard

__all__ = [
    "AddressError",
    "AnswerIsStrange",
    "AsyncSteelyard",
    "Cancelled",
    "ClientError",
    "Customer",
    "Held",
    "Key",
    "KeyFault",
    "Offered",
    "OutcomeUnknown",
    "PaymentResult",
    "ProblemError",
    "Proposed",
    "Queued",
    "Refused",
    "Resend",
    "Settled",
    "Steelyard",
    "Unknown",
    "Unreachable",
    "payment",
]

_HOMES = {
    "aio": "AsyncSteelyard",
    "core": "Resend",
    "errors": "AddressError AnswerIsStrange ClientError KeyFault OutcomeUnknown ProblemError Unreachable",
    "groups.payments": "Customer payment",
    "keys": "Key",
    "results": "Cancelled Held Offered PaymentResult Proposed Queued Refused Settled Unknown",
    "steelyard": "Steelyard",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
