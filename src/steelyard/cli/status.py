"""`steelyard status [UETR]`: how a node and its members are, or where one payment stands."""

from steelyard.cli.session import NOTHING_GIVEN, Common, node

NODE = (
    ("network", "network_id"), ("hub", "hub_bic"), ("profile", "profile"), ("time", "at"), ("clock", "clock"),
    ("row", "seq"), ("projected", "applied_seq"), ("median ms", "median_latency_ms"),
)  # fmt: skip
MEMBERS = (
    ("member", "code"), ("asset", "asset"), ("state", "state"), ("open", "open"), ("closes", "closes_at"),
    ("opens", "opens_at"),
)  # fmt: skip
PAYMENT = (
    ("uetr", "uetr"), ("state", "state"), ("status", "status"), ("waits for", "waits"), ("from", "debtor_agent"),
    ("to", "creditor_agent"), ("providers", "providers"), ("debit", "debit"), ("settlement", "settlement"),
    ("credit", "credit"), ("settled", "settled"), ("open", "open"), ("given up", "abandoned"), ("rate", "rate"),
    ("quote", "quote_id"), ("refusal", "refusal.code"), ("why", "refusal.title"), ("rule", "refusal.detail"),
    ("iso", "iso"), ("entered", "entered_at"), ("ended", "ended_at"), ("row", "seq"),
)  # fmt: skip


def status(uetr: str | None = None, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show how a node and its members are, or where a payment stands.

    Parameters
    ----------
    uetr
        A payment; without one, the node.
    """
    with node(common) as (client, out):
        if uetr is not None:
            out.item(client.payments.get(uetr), PAYMENT)
            return 0
        found = client.status()
        out.item(found, NODE)
        if not out.json and found.members:
            print()
            out.rows(found.members, MEMBERS)
    return 0
