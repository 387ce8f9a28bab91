"""Registered trades as JSON: from bodies to the fields of commands, from rows of the projection to shapes."""

from typing import Any

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.views.tenders import scale_of
from steelyard.api.wire import Faults
from steelyard.client import otc as shapes
from steelyard.flows.otc import ID_LENGTH, NamedFields, RegisterFields
from steelyard.storage.queries import Found
from steelyard.values.amount import format_minor
from steelyard.values.instants import format_date


def named(call: Call, asked: Any, faults: Faults) -> NamedFields:
    """Make the fields of an order about the registration in the address."""
    return NamedFields(wire.path_id(call.path_params["id"]))


def registered(call: Call, asked: shapes.OtcAsked, faults: Faults) -> RegisterFields:
    """Make the fields of a registration."""
    scale = scale_of(call, asked.currency, faults, "/currency")
    return RegisterFields(
        asked.side, asked.other, asked.code, asked.kg, asked.currency,
        wire.minor_of(asked.value, scale, faults, "/value"), wire.instant(asked.traded_at, faults, "/traded_at"),
        bytes.fromhex(asked.proof.replace("-", "")),
    )  # fmt: skip


def shown(row: Found, call: Call) -> shapes.OtcShown:
    """Give a registration."""
    proof: bytes = row["proof"]
    return shapes.OtcShown(
        trade_id=wire.uuid_text(row["trade_id"]),
        code=row["code"],
        kg=row["kg"],
        currency=row["currency"],
        value=format_minor(row["minor"], call.directory.scale(row["currency"])),
        buyer=row["buyer"],
        seller=row["seller"],
        traded_at=wire.at_text(row["traded_at"]),
        proof=wire.uuid_text(proof) if len(proof) == ID_LENGTH else proof.hex(),
        proven=row["proven"],
        on=format_date(row["on_day"]),
        by=row["by_owner"],
        state=row["state"],
        entered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )
