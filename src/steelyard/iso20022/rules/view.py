"""What the rules see of a message: its lexical values, walked once, with the roles sorted out.

*Debtor side*: debtor, ultimate debtor, initiating party, debtor agent, instructing agent, previous agents,
and their accounts; *creditor side*: creditor, ultimate creditor, creditor agent, instructed agent,
intermediary agents, and theirs.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from steelyard.iso20022.context import GROUP, TRANSACTION, Finding
from steelyard.iso20022.lexical import Decimal, decimal
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
PAYMENT_TYPE: Final = (
    "priority",
    "clearing_channel",
    "service_levels",
    "local_instrument",
    "category_purpose",
)
PAYMENTS: Final = ("pacs.008", "pacs.009")


class Held(NamedTuple):
    """A party, agent or account: its role, where it stands below the transaction, its values, its side."""

    role: str
    place: Place
    values: Values
    side: int


class Sum(NamedTuple):
    """An amount: where it stands below the transaction, its currency, its exact value."""

    place: Place
    currency: str
    value: Decimal


class Tx:
    """One transaction. `parties` hold names (in a pacs.009 those of the underlying payment), `agents`
    are institutions; `amounts` are settlement, instructed and charges, the settlement amount first."""

    __slots__ = (
        "accounts",
        "agents",
        "amounts",
        "group",
        "index",
        "locate",
        "message_id",
        "parties",
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
        self._sort(values, _BANK if message_id.startswith("pacs.009") else _CUSTOMER, ())
        underlying = values.get("underlying")
        if underlying is not None:
            self._sort(underlying, _CUSTOMER, ("underlying",))
        for role in ("instructing_agent", "instructed_agent"):
            if role not in values and role in group:
                self.agents.append(Held(role, ("group", role), group[role], _AGENT_ROLES[role]))
        self.amounts = self._amounts(values)

    def _sort(self, values: Values, roles: dict[str, tuple[int, int]], above: Place) -> None:
        lists = (self.parties, self.agents, self.accounts)
        for name, value in values.items():
            role = roles.get(name)
            if role is not None:
                lists[role[0]].append(Held(name, (*above, name), value, role[1]))

    @staticmethod
    def _amounts(values: Values) -> list[Sum]:
        found: list[tuple[Place, tuple[str, str]]] = [(("settlement",), values["settlement"])]
        if "instructed" in values:
            found.append((("instructed",), values["instructed"]))
        for i, charge in enumerate(values.get("charges", ())):
            found.append((("charges", i, "amount"), charge["amount"]))
        return [Sum(place, amount[0], decimal(amount[1]) or Decimal(0, 0)) for place, amount in found]

    @property
    def settlement(self) -> Sum:
        """The settlement amount."""
        return self.amounts[0]

    @property
    def instructed(self) -> Sum | None:
        """The instructed amount, if one is given."""
        return self.amounts[1] if "instructed" in self.values else None

    @property
    def charges(self) -> list[Sum]:
        """The charges."""
        return self.amounts[2 if "instructed" in self.values else 1 :]

    def either(self, name: str) -> Any:
        """Give a value of the transaction, else of the group, else None."""
        found = self.values.get(name)
        return found if found is not None else self.group.get(name)

    def place_of(self, name: str) -> Place:
        """Say where a value that may stand in group or transaction stands."""
        return (name,) if name in self.values or name not in self.group else ("group", name)

    def payment_type(self) -> tuple[Values, Place]:
        """Give the values that hold the payment type, and where they stand."""
        if any(name in self.values for name in PAYMENT_TYPE) or not any(
            n in self.group for n in PAYMENT_TYPE
        ):
            return self.values, ()
        return self.group, ("group",)

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


class Message:
    """A message: `kind` is its name such as pacs.008, `body` the lexical values of the Document.

    `locate` turns a place into what findings say: an XML path, or a JSON pointer on the other face.
    """

    __slots__ = ("body", "group", "header", "header_id", "id", "kind", "locate", "transactions")

    def __init__(
        self,
        message_id: str,
        body: Values,
        header_id: str | None,
        header: Values | None,
        *,
        locate: Locate = path_of,
    ) -> None:
        self.locate = locate
        self.id, self.kind, self.body = message_id, message_id[:8], body
        self.header_id, self.header = header_id, header
        self.group: Values = body.get("group", {})
        self.transactions: list[Tx] = []
        if self.kind in PAYMENTS:
            transactions = body["transactions"]
            self.transactions = [
                Tx(message_id, i, values, self.group) for i, values in enumerate(transactions)
            ]

    def finding(self, rule: str, code: str, place: Place, text: str) -> Finding:
        """Make a finding about the whole message."""
        return Finding(rule, code, self.locate(self.id, place), text[:200], GROUP)

    def header_finding(self, rule: str, code: str, place: Place, text: str) -> Finding:
        """Make a finding about the header."""
        path = path_of(self.header_id, place) if self.header_id is not None else "/AppHdr"
        return Finding(rule, code, path, text[:200], GROUP)
