"""What the rules see of a message: its lexical values, walked once, with the roles sorted out.

*Debtor side*: debtor, ultimate debtor, initiating party, debtor agent, instructing agent, previous agents,
and their accounts; *creditor side*: creditor, ultimate creditor, creditor agent, instructed agent,
intermediary agents, and theirs.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from steelyard.iso20022.context import GROUP, TRANSACTION, Finding
from steelyard.iso20022.lexical import Decimal, decimal, total_of
from steelyard.iso20022.tables import path_of

Values = dict[str, Any]
Place = tuple[str | int, ...]
Locate = Callable[[str, Place], str]
DEBTOR, CREDITOR = 0, 1
_PARTY, _AGENT, _ACCOUNT = 0, 1, 2

_AGENT_ROLES: Final = {
    "debtor_agent": DEBTOR,
    "instructing_agent": DEBTOR,
    "previous_agent_1": DEBTOR,
    "previous_agent_2": DEBTOR,
    "previous_agent_3": DEBTOR,
    "creditor_agent": CREDITOR,
    "instructed_agent": CREDITOR,
    "intermediary_agent_1": CREDITOR,
    "intermediary_agent_2": CREDITOR,
    "intermediary_agent_3": CREDITOR,
}
_PARTY_ROLES: Final = {
    "debtor": DEBTOR,
    "ultimate_debtor": DEBTOR,
    "initiating": DEBTOR,
    "creditor": CREDITOR,
    "ultimate_creditor": CREDITOR,
}
_CUSTOMER: Final = {
    **{role: (_PARTY, side) for role, side in _PARTY_ROLES.items()},
    **{role: (_AGENT, side) for role, side in _AGENT_ROLES.items()},
    **{role + "_account": (_ACCOUNT, side) for role, side in (_PARTY_ROLES | _AGENT_ROLES).items()},
}
_BANK: Final = _CUSTOMER | {
    role: (_AGENT, side) for role, side in _PARTY_ROLES.items() if role != "initiating"
}
PAYMENT_TYPE: Final = frozenset(
    {"priority", "clearing_channel", "service_levels", "local_instrument", "category_purpose"}
)
_NOTHING: Final = Decimal(0, 0)
PAYMENTS: Final = ("pacs.008", "pacs.009")


Held = tuple[str, Place, Values, int]
"""A party, agent or account: its role, where it stands below the transaction, its values, its side."""

Sum = tuple[Place, str, Decimal]
"""An amount: where it stands below the transaction, its currency, its exact value."""


class Tx:
    """One transaction. `parties` hold names (in a pacs.009 those of the underlying payment), `agents`
    are institutions, `described` are both where more than a BIC is given. `amounts` are settlement,
    instructed and charges, the settlement amount first. `typed` holds the payment type, `typed_at` says
    where it stands.
    """

    __slots__ = (
        "accounts",
        "agents",
        "amounts",
        "charges",
        "described",
        "group",
        "index",
        "instructed",
        "locate",
        "message_id",
        "parties",
        "settlement",
        "typed",
        "typed_at",
        "values",
    )

    def __init__(
        self, message_id: str, index: int, values: Values, group: Values, locate: Locate = path_of
    ) -> None:
        self.message_id, self.index, self.values, self.group = message_id, index, values, group
        self.locate = locate
        self.parties: list[Held] = []
        self.agents: list[Held] = []
        self.accounts: list[Held] = []
        self.described: list[Held] = []
        self._sort(values, _BANK if message_id.startswith("pacs.009") else _CUSTOMER, ())
        if "underlying" in values:
            self._sort(values["underlying"], _CUSTOMER, ("underlying",))
        for role in ("instructing_agent", "instructed_agent"):
            if role not in values and role in group:
                held = (role, ("group", role), group[role], _AGENT_ROLES[role])
                self.agents.append(held)
                if len(held[2]) > 1 or "bic" not in held[2]:
                    self.described.append(held)
        self.settlement = _sum(("settlement",), values["settlement"])
        self.instructed = _sum(("instructed",), values["instructed"]) if "instructed" in values else None
        self.charges: list[Sum] = []
        if "charges" in values:
            self.charges = [
                _sum(("charges", i, "amount"), one["amount"]) for i, one in enumerate(values["charges"])
            ]
        self.amounts = [self.settlement, *([self.instructed] if self.instructed else ()), *self.charges]
        self.typed = values
        self.typed_at: Place = ()
        if not _has_type(values) and _has_type(group):
            self.typed, self.typed_at = group, ("group",)

    def _sort(self, values: Values, roles: dict[str, tuple[int, int]], above: Place) -> None:
        lists = (self.parties, self.agents, self.accounts)
        for name, value in values.items():
            role = roles.get(name)
            if role is not None:
                kind, side = role
                held = (name, (*above, name), value, side)
                lists[kind].append(held)
                if kind != _ACCOUNT and (len(value) > 1 or "bic" not in value):
                    self.described.append(held)

    def either(self, name: str) -> Any:
        """Give a value of the transaction, else of the group, else None."""
        found = self.values.get(name)
        return found if found is not None else self.group.get(name)

    def place_of(self, name: str) -> Place:
        """Say where a value that may stand in group or transaction stands."""
        return (name,) if name in self.values or name not in self.group else ("group", name)

    def agent(self, role: str) -> Values | None:
        """Give an agent of the transaction or the group; an institution without one is its own."""
        found: Values | None = self.either(role)
        if found is None and role in ("debtor_agent", "creditor_agent"):
            found = self.values.get(role.removesuffix("_agent"))
        return found

    def path(self, place: Place) -> str:
        """Give the path of a place below this transaction; one that starts with `group` is the group's."""
        if place[:1] == ("group",):
            return self.locate(self.message_id, place)
        return self.locate(self.message_id, ("transactions", self.index, *place))

    def finding(self, rule: str, code: str, place: Place, text: str) -> Finding:
        """Make a finding of this transaction; an optional element that is absent is named by its place too."""
        return Finding(rule, code, self.path(place), text[:200], TRANSACTION, self.index + 1)


def _sum(place: Place, amount: tuple[str, str]) -> Sum:
    return place, amount[0], decimal(amount[1]) or _NOTHING


def _has_type(values: Values) -> bool:
    return not PAYMENT_TYPE.isdisjoint(values)


class Summed(NamedTuple):
    """All transactions of a message: how many, the exact sum of their settlement amounts, the currencies."""

    number: int
    total: Decimal
    currencies: frozenset[str]


class Message:
    """A message: `kind` is its name such as pacs.008, `body` the lexical values of the Document.

    `locate` turns a place into what findings say: an XML path, or a JSON pointer on the other face.
    `summed` holds count, sum and currencies of all transactions where only some of them are here.
    `is_clean`: whoever read it knows that all text is printable ASCII and references hold their set (rule 27).
    """

    __slots__ = (
        "body", "group", "header", "header_id", "id", "is_clean", "kind", "locate", "summed", "transactions"
    )  # fmt: skip

    def __init__(
        self,
        message_id: str,
        body: Values,
        header_id: str | None,
        header: Values | None,
        *,
        locate: Locate = path_of,
        is_clean: bool = False,
    ) -> None:
        self.locate = locate
        self.is_clean = is_clean
        self.summed: Summed | None = None
        self.id, self.kind, self.body = message_id, message_id[:8], body
        self.header_id, self.header = header_id, header
        self.group: Values = body.get("group", {})
        self.transactions: list[Tx] = []
        if self.kind in PAYMENTS:
            transactions = body["transactions"]
            self.transactions = [
                Tx(message_id, i, values, self.group, locate) for i, values in enumerate(transactions)
            ]

    def number(self) -> int:
        """Give how many transactions there are."""
        return len(self.transactions) if self.summed is None else self.summed.number

    def sums(self) -> Summed:
        """Give count, sum and currencies of all transactions."""
        if self.summed is not None:
            return self.summed
        amounts = [tx.settlement for tx in self.transactions]
        total = total_of([value for _, _, value in amounts])
        return Summed(len(amounts), total, frozenset([currency for _, currency, _ in amounts]))

    def finding(self, rule: str, code: str, place: Place, text: str) -> Finding:
        """Make a finding about the whole message."""
        return Finding(rule, code, self.locate(self.id, place), text[:200], GROUP)

    def header_finding(self, rule: str, code: str, place: Place, text: str) -> Finding:
        """Make a finding about the header."""
        path = path_of(self.header_id, place) if self.header_id is not None else "/AppHdr"
        return Finding(rule, code, path, text[:200], GROUP)
