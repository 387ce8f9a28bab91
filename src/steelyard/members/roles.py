"""Who takes part, in words. What each may do stands in `rights.py`, row by row; what it may never do, here.

A role belongs to an actor: a person, or a system key that acts for its participant. An actor acts for one
owner: the operator, a settlement agent or a participant.
"""

from enum import StrEnum


class Role(StrEnum):
    """What an actor is to the network. The text stands in facts and in the journal."""

    OPERATOR = "operator"
    SETTLEMENT_AGENT = "settlement_agent"
    MAKER = "maker"
    CHECKER = "checker"
    COMPLIANCE_OFFICER = "compliance_officer"
    FX_PROVIDER = "fx_provider"
    TRADER = "trader"
    WAREHOUSE = "warehouse"
    INSPECTOR = "inspector"
    CARRIER = "carrier"
    OVERSEER = "overseer"
    AUDITOR = "auditor"


class OwnerKind(StrEnum):
    """For whom an actor acts."""

    OPERATOR = "operator"
    SETTLEMENT_AGENT = "settlement_agent"
    PARTICIPANT = "participant"


ROLES_OF: dict[OwnerKind, tuple[Role, ...]] = {
    OwnerKind.OPERATOR: (Role.OPERATOR, Role.AUDITOR),
    OwnerKind.SETTLEMENT_AGENT: (Role.SETTLEMENT_AGENT, Role.COMPLIANCE_OFFICER, Role.OVERSEER, Role.AUDITOR),
    OwnerKind.PARTICIPANT: (
        Role.MAKER,
        Role.CHECKER,
        Role.COMPLIANCE_OFFICER,
        Role.FX_PROVIDER,
        Role.TRADER,
        Role.WAREHOUSE,
        Role.INSPECTOR,
        Role.CARRIER,
        Role.OVERSEER,
        Role.AUDITOR,
    ),
}
"""The roles that an owner's people can have."""

KEY_ROLES: dict[OwnerKind, tuple[Role, ...]] = {
    OwnerKind.OPERATOR: (),
    OwnerKind.SETTLEMENT_AGENT: (Role.SETTLEMENT_AGENT,),
    OwnerKind.PARTICIPANT: (
        Role.MAKER,
        Role.CHECKER,
        Role.FX_PROVIDER,
        Role.TRADER,
        Role.WAREHOUSE,
        Role.INSPECTOR,
        Role.CARRIER,
    ),
}
"""The roles that a system key can have. Two keys with one holder count as one human, so none checks itself."""

NEVER: dict[Role, str] = {
    Role.OPERATOR: "issue, redeem, move a participant's money, release a hold, switch screening off",
    Role.SETTLEMENT_AGENT: "touch another currency",
    Role.MAKER: "see another's payments",
    Role.CHECKER: "see another's payments",
    Role.COMPLIANCE_OFFICER: "decide another member's cases",
    Role.FX_PROVIDER: "promise one sum to more quotes than its own oversubscription allows",
    Role.TRADER: "see another's orders before they are public",
    Role.WAREHOUSE: "issue a receipt for another's site",
    Role.INSPECTOR: "grade at another's site",
    Role.CARRIER: "report from another's site",
    Role.OVERSEER: "write",
    Role.AUDITOR: "write",
}
"""What the role can never do, whatever else changes."""
