"""The leg to the creditor agent: the received payment goes on under a header and ids of ours.

Everything but header, message id, creation time, count, sums and the hub's own charge equals what came in:
UETR, end-to-end id, instruction id, parties, remittance, what was carried.
"""

from typing import Any

from steelyard.iso20022 import write
from steelyard.iso20022.context import Verdict
from steelyard.iso20022.desk import HEADER, Desk, checked, header_values, own_id, stamped

Values = dict[str, Any]


def forward(
    message: str,
    body: Values,
    ordinal: int,
    desk: Desk,
    *,
    at: int,
    item: bytes,
    receiver: str,
    service: str = "",
    charge: tuple[str, str] | None = None,
    header_id: str = HEADER,
) -> bytes:
    """Write one transaction of a received message to its creditor agent.

    `body` are the lexical values of the received Document, `ordinal` the transaction's place from 1,
    `item` the outbox item's id. `charge` (currency, decimal text) is what the hub took, as ChrgsInf.
    """
    tx: Values = dict(body["transactions"][ordinal - 1])
    if charge is not None:
        taken = {"amount": charge, "agent": {"bic": desk.hub_bic}}
        tx["charges"] = [*tx.get("charges", ()), taken]
    message_id = own_id(desk.prefix, at, item)
    group: Values = {**body["group"], "message_id": message_id, "created_at": stamped(at), "count": "1"}
    if "control_sum" in group:
        group["control_sum"] = tx["settlement"][1].strip()
    if "total" in group:
        group["total"] = tx["settlement"]
    values: Values = {**body, "group": group, "transactions": [tx]}
    header = header_values(desk, message_id, message, at=at, receiver=receiver, service=service)
    return checked(write.document(header, values, (header_id, message)), desk)


def forward_payment(
    verdict: Verdict, ordinal: int, desk: Desk, *, at: int, item: bytes, charge: tuple[str, str] | None = None
) -> bytes:
    """Write one transaction of a judged message to the agent it instructs, else to its creditor agent."""
    if verdict.message is None or verdict.body is None:
        raise ValueError("only a judged message can go on")
    tx, group = verdict.body["transactions"][ordinal - 1], verdict.body["group"]
    agents = (tx.get("instructed_agent"), group.get("instructed_agent"), tx.get("creditor_agent"))
    receiver = next((one["bic"] for one in agents if one is not None and "bic" in one), "")
    service = (verdict.header or {}).get("service", "")
    header_id = verdict.header_id or HEADER
    return forward(
        verdict.message, verdict.body, ordinal, desk,
        at=at, item=item, receiver=receiver, service=service, charge=charge, header_id=header_id,
    )  # fmt: skip
