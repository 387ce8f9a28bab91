"""Who may do what: one table of rows `(role, action, scope, persons)`, and nothing else decides it.

Every command in the registry names its action. The door looks up whether one of the actor's roles has the
action and how many persons it takes; a flow asks how far the right reaches (`scope`). What stands in no row
is not allowed to anybody. An empty action is the node's own.
"""

from enum import IntEnum, StrEnum
from typing import NamedTuple

from steelyard.members.roles import NEVER, Role


class Scope(StrEnum):
    """How far a right reaches, seen from the owner that the actor acts for."""

    OWN = "own"
    OWN_MEMBER = "own member"
    OWN_ASSET = "own asset"
    NETWORK = "network"


class Persons(IntEnum):
    """How many persons an act takes. OVER_LINE: two above the owner's own line, one up to it."""

    ONE = 1
    OVER_LINE = 2
    TWO = 3


class Right(NamedTuple):
    """One row."""

    role: Role
    action: str
    scope: Scope
    persons: Persons = Persons.ONE


ACTIONS: dict[str, str] = {
    "pay": "submit and cancel own payments",
    "fund": "bring own money in",
    "redeem": "take own money out",
    "issue": "issue, pay back and rule on money of the own currency by hand",
    "advise": "report what the RTGS did with the own currency, and its statements (by hand two persons)",
    "offer": "answer offers and report credits",
    "return": "return payments and answer recalls",
    "alias": "publish and move aliases, check accounts",
    "limit": "set own limits, settings and reservations, move between own accounts",
    "queue": "order one's own queue, limit and reserve what leaves it, pay into netting cycles",
    "holding": "cap what one holds of a currency, a settlement agent what its member does",
    "credit": "give credit lines in the own currency, draw on those of others (opened, raised, extended by two)",
    "claim": "file, confirm and take back claims that are set off without money",
    "repay": "repay what was drawn on a credit line",
    "ask_quote": "ask for quotes",
    "quote": "publish sheets, answer quote requests",
    "trade": "enter foreign exchange trades",
    "order": "enter orders on the market, put money and receipts ready for it",
    "market": "list instruments, set their phases and bands by hand, group owners",
    "call": "commit and reveal the seed by which a call ends",
    "cleared": "take part in clearing: join (two persons), pay margin, lodge collateral, bid in a default",
    "margin": "run variation margin, enter what a margin model has found",
    "clearing": "set terms of clearing, size its fund, lead a member's default",
    "auction": "hold auctions, bid in those of others",
    "price": "publish settlement prices and benchmarks, answer complaints about them",
    "price_rule": "set methods of prices, correct published prices",
    "dispute": "complain about published prices",
    "tender": "run tenders and bid in them, ask dealers for quotes and answer, register trades made outside the"
    " book, run energy contracts",
    "receipt": "issue and grade warehouse receipts of the own site",
    "goods": "draft receipts, certify and compare stock, release and carry goods",
    "title": "transfer, pledge, split, merge, order out and deliver own receipts",
    "site": "register sites, decide on stock and deliveries, freeze receipts by order",
    "case": "decide cases",
    "admit": "enter, admit and let in participants",
    "suspend": "suspend participants and lift it",
    "leave": "leave the network",
    "member": "enter and change members",
    "cap": "set caps and lines, allow who holds the currency and whether claims are set off, say what follows"
    " from late sending",
    "block": "block and freeze accounts in the currency",
    "unblock": "lift blocks and freezes",
    "calendar": "amend the currency's calendar",
    "cycle": "cut, extend or cancel a netting cycle by hand, leave a participant out of one",
    "batch": "ask for a batch of queued payments, open netting cycles and set when they are cut",
    "residual": "empty the accounts of what roundings leave",
    "proof": "fetch the proof of a batch, which tells who pays whom how much",
    "activate": "bring a rule of the release into force",
    "stop": "stop the node",
    "hold_all": "hold everything",
    "clear_hold": "end holding everything",
    "rate": "enter reference rates",
    "pack": "bring a pack of the whole network into force",
    "rule_pack": "bring a rule pack of the own member into force",
    "sandbox": "move the simulated clock of a test node, which is everybody's",
    "grant": "grant roles, register and revoke persons and keys",
    "bulk": "send batches of legs from own accounts",
    "approve": "propose, approve, decline and withdraw",
    "read": "read",
}
"""Every action there is, in words."""

_R, _S, _P = Role, Scope, Persons


def _rows(
    roles: tuple[Role, ...], actions: str, scope: Scope, persons: Persons = _P.ONE
) -> tuple[Right, ...]:
    return tuple(Right(role, action, scope, persons) for action in actions.split() for role in roles)


_BANK = (_R.MAKER, _R.CHECKER, _R.FX_PROVIDER)

RIGHTS: tuple[Right, ...] = (
    *_rows(_BANK, "pay fund redeem offer", _S.OWN, _P.OVER_LINE),
    *_rows(_BANK, "return alias ask_quote trade", _S.OWN),
    *_rows(_BANK, "limit", _S.OWN, _P.OVER_LINE),
    *_rows(_BANK, "queue holding repay claim cleared", _S.OWN),
    *_rows((_R.MAKER, _R.CHECKER), "leave", _S.OWN, _P.TWO),
    *_rows((_R.MAKER, _R.FX_PROVIDER), "bulk", _S.OWN),
    *_rows((_R.FX_PROVIDER,), "quote", _S.OWN),
    *_rows((_R.TRADER,), "order", _S.OWN),
    *_rows((*_BANK, _R.TRADER), "tender dispute auction", _S.OWN),
    *_rows((_R.WAREHOUSE, _R.INSPECTOR, _R.CARRIER), "receipt", _S.OWN, _P.TWO),
    *_rows((_R.WAREHOUSE, _R.INSPECTOR, _R.CARRIER), "goods", _S.OWN),
    *_rows((*_BANK, _R.TRADER), "title", _S.OWN),
    *_rows((_R.OPERATOR,), "site clearing price_rule market", _S.NETWORK, _P.TWO),
    *_rows((_R.COMPLIANCE_OFFICER,), "case rule_pack", _S.OWN_MEMBER, _P.TWO),
    *_rows((_R.SETTLEMENT_AGENT,), "pay limit ask_quote", _S.OWN),
    *_rows((_R.SETTLEMENT_AGENT,), "issue credit", _S.OWN_ASSET, _P.OVER_LINE),
    *_rows((_R.SETTLEMENT_AGENT,), "repay", _S.OWN_MEMBER),
    *_rows((_R.SETTLEMENT_AGENT,), "advise rate", _S.OWN_ASSET),
    *_rows((_R.SETTLEMENT_AGENT,), "admit suspend", _S.OWN_MEMBER, _P.TWO),
    *_rows((_R.SETTLEMENT_AGENT,), "cap unblock", _S.OWN_ASSET, _P.TWO),
    *_rows((_R.SETTLEMENT_AGENT,), "block batch", _S.OWN_ASSET),
    *_rows((_R.SETTLEMENT_AGENT,), "calendar", _S.OWN_ASSET, _P.OVER_LINE),
    *_rows((_R.SETTLEMENT_AGENT,), "grant", _S.OWN, _P.TWO),
    *_rows((_R.SETTLEMENT_AGENT,), "hold_all holding", _S.OWN_MEMBER),
    *_rows((_R.SETTLEMENT_AGENT,), "clear_hold", _S.OWN_MEMBER, _P.TWO),
    *_rows(
        (_R.OPERATOR,),
        "admit suspend member activate cycle pack grant clear_hold residual",
        _S.NETWORK,
        _P.TWO,
    ),
    *_rows((_R.OPERATOR,), "stop hold_all rate sandbox batch margin price call", _S.NETWORK),
    *_rows(
        (
            _R.OPERATOR,
            _R.SETTLEMENT_AGENT,
            *_BANK,
            _R.TRADER,
            _R.WAREHOUSE,
            _R.INSPECTOR,
            _R.CARRIER,
            _R.COMPLIANCE_OFFICER,
        ),
        "approve",
        _S.OWN,
    ),
    *_rows((_R.OPERATOR, _R.AUDITOR), "read proof", _S.NETWORK),
    *_rows((_R.OVERSEER,), "proof", _S.OWN_ASSET),
    *_rows((_R.SETTLEMENT_AGENT, _R.COMPLIANCE_OFFICER, _R.OVERSEER), "read", _S.OWN_MEMBER),
    *_rows((*_BANK, _R.TRADER, _R.WAREHOUSE, _R.INSPECTOR, _R.CARRIER), "read", _S.OWN),
)
"""The table. `docs/reference/rights.md` is made from it."""

BY_ROLE: dict[Role, dict[str, Right]] = {role: {} for role in Role}
for _right in RIGHTS:
    BY_ROLE[_right.role][_right.action] = _right


def may(roles: tuple[Role, ...]) -> dict[str, Right]:
    """Give what an actor of these roles may do: by action, of several rows the one that takes fewest persons.

    >>> may((Role.MAKER,))["redeem"].persons.name, "issue" in may((Role.OPERATOR,))
    ('OVER_LINE', False)
    """
    found: dict[str, Right] = {}
    for role in roles:
        for action, right in BY_ROLE[role].items():
            if action not in found or right.persons < found[action].persons:
                found[action] = right
    return found


def checks(roles: tuple[Role, ...], action: str) -> bool:
    """Tell whether an actor of these roles may approve an act of this action: it may do it, not as a maker.

    >>> checks((Role.MAKER,), "redeem"), checks((Role.CHECKER,), "redeem"), checks((Role.AUDITOR,), "read")
    (False, True, True)
    """
    return any(action in BY_ROLE[role] for role in roles if role is not Role.MAKER)


def page() -> str:
    """Write the table as the page of the reference."""
    words = {Persons.ONE: "", Persons.OVER_LINE: ", 2 over line", Persons.TWO: ", 2"}
    lines = [
        "# Rights",
        "",
        "Made from `steelyard.members.rights.RIGHTS`; a test compares.",
        "A cell gives how far the right reaches; `2` means two persons, `2 over line` two above the owner's own line.",
        "What stands in no cell is not allowed.",
        "",
        "| action | " + " | ".join(role.value.replace("_", " ") for role in Role) + " |",
        "|---|" + "---|" * len(Role),
    ]
    for action, meaning in ACTIONS.items():
        cells = []
        for role in Role:
            right = BY_ROLE[role].get(action)
            cells.append("–" if right is None else right.scope.value + words[right.persons])
        lines.append(f"| `{action}`: {meaning} | " + " | ".join(cells) + " |")
    lines += ["", "## Never", "", "Whatever else changes, a role may never:", ""]
    lines += [f"- **{role.value.replace('_', ' ')}**: {NEVER[role]}." for role in Role]
    return "\n".join(lines) + "\n"
