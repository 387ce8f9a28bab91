"""Claims, as they cross the wire."""

from collections.abc import Sequence

from steelyard.api import wire
from steelyard.api.directory import Directory
from steelyard.client import set_off as shapes
from steelyard.storage.queries import Found

STATES = ("filed", "confirmed", "part_set_off", "set_off", "withdrawn")


def claim(row: Found, directory: Directory, parts: Sequence[Found] | None = None) -> shapes.Claim:
    """Give a claim as it stands."""
    asset = row["asset"]
    return shapes.Claim(
        claim_id=wire.uuid_text(row["claim_id"]),
        debtor=row["debtor"],
        creditor=row["creditor"],
        amount=wire.amount(row["amount_minor"], asset, directory),
        open=wire.amount(row["open_minor"], asset, directory),
        due_on=wire.on_or_none(row["due_on"]),
        document_hash=row["document_hash"].hex(),
        debtor_confirmed=bool(row["consent_debtor"]),
        creditor_confirmed=bool(row["consent_creditor"]),
        filed_by=row["filer"],
        state=row["state"],
        filed_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
        parts=None if parts is None else [_part(one, directory) for one in parts],
    )


def _part(row: Found, directory: Directory) -> shapes.ClaimPart:
    return shapes.ClaimPart(
        batch_id=wire.uuid_text(row["batch_id"]),
        amount=wire.amount(row["minor"], row["asset"], directory),
        left=wire.amount(row["left_minor"], row["asset"], directory),
        bundle_id=wire.uuid_text(row["bundle_id"]),
        at=wire.at_text(row["at_ns"]),
    )
