"""Batches as they cross the wire: the public figures, one's own rows, and the file that auditors check."""

from typing import Any, Literal

import msgspec

from steelyard.api import refusals, wire
from steelyard.api.auth.visibility import View
from steelyard.api.directory import Directory
from steelyard.client import liquidity as shapes
from steelyard.flows.fx_batch import MOST
from steelyard.flows.liquidity_facts import FxBatchOver
from steelyard.liquidity.certificate import from_msgpack, to_json
from steelyard.storage.queries import Found, Reader

FORMAT: Literal["steelyard-batch/1"] = "steelyard-batch/1"
_AS_THEY_ARE = (
    "queued_count", "queued", "settled_count", "settled", "parts_count", "parts", "left_count", "left",
    "distance_bp", "priority_cost", "proved",
)  # fmt: skip
"""Fields of a report that are told as the journal has them"""


def batch(row: Found) -> shapes.Batch:
    """Give a batch as everybody may know it."""
    over = bool(row["report"])
    return shapes.Batch(
        **_head(row),
        algorithm=row["algorithm"] if over else None,
        settled=row["settled"] if over else None,
        bound=row["bound"] or None if over else None,
        distance_bp=row["distance_bp"] if over and row["bound"] else None,
        proved=bool(row["proved"]),
    )


def report(row: Found, view: View, payer: str, directory: Directory) -> shapes.BatchReport:
    """Give a batch's report; `payer` is whose the payment is that waits longest."""
    head = _head(row)
    if not row["report"]:
        return shapes.BatchReport(**head)
    kept = msgspec.json.decode(row["report"])
    told = {name: kept[name] for name in _AS_THEY_ARE}
    if not kept["bound"]:
        told["distance_bp"] = None
    return shapes.BatchReport(
        **head,
        **told,
        algorithm=kept["algorithm"],
        solver=kept["solver_version"] or None,
        skipped_settled=kept["skipped"][0],
        skipped_gone=kept["skipped"][1],
        bound=kept["bound"] or None,
        bound_free=kept["bound_free"] or None,
        certificate=kept["certificate"] or None,
        runners_up=dict(kept["runners_up"]),
        units={asset: str(unit) for asset, unit in kept["units"]},
        held_abroad=[wire.amount(minor, asset, directory) for asset, minor in kept["held_abroad"]],
        bundle_id=_uuid(kept["bundle_id"]),
        participants=[_member(one, directory) for one in kept["participants"] if view.sees(one[0])],
        oldest=_oldest(kept["oldest"]) if kept["oldest"][0] and payer and view.sees(payer) else None,
    )


def oldest_uetr(row: Found) -> bytes:
    """Give the UETR of the payment that waits longest after a batch, nothing where none does."""
    kept = msgspec.json.decode(row["report"]) if row["report"] else {"oldest": [""]}
    return bytes.fromhex(kept["oldest"][0])


def certificates(row: Found) -> list[dict[str, Any]]:
    """Give a batch's certificates in their published form."""
    packed = msgspec.msgpack.decode(row["certificates"], type=list[bytes]) if row["certificates"] else []
    return [msgspec.json.decode(to_json(from_msgpack(one))) for one in packed]


def exchange(reader: Reader, row: Found) -> shapes.BatchExchange:
    """Give what a batch of FX orders filled, and what is told of it beside its report."""
    told = msgspec.json.decode(row["exchange"], type=FxBatchOver)
    rows = reader.page("fx_fill", [("batch_id", "=", row["batch_id"])], limit=MOST)
    out = [(asset, refusals.of(number)) for asset, number in told.left_out]
    return shapes.BatchExchange(
        fills=[
            shapes.BatchFill(
                order=bytes(one["order_id"]).hex(), participant=one["owner"], sell=one["sell"], buy=one["buy"],
                sold_minor=one["sold_minor"], bought_minor=one["bought_minor"],
            )
            for one in rows
        ],
        prices=dict(told.prices), residual=dict(told.residual), excess=dict(told.excess),
        left_out={asset: found.name if found is not None else "" for asset, found in out},
        reason=told.reason or None, beyond=told.beyond,
    )  # fmt: skip


def trades(reader: Reader, row: Found) -> list[shapes.BatchTrade]:
    """Give the trades that a run of the PvP queue settled."""
    bundle_id = bytes.fromhex(msgspec.json.decode(row["report"])["bundle_id"])
    rows = reader.page("fx_trade", [("bundle_id", "=", bundle_id)], limit=MOST) if bundle_id else []
    return [
        shapes.BatchTrade(
            trade=bytes(one["trade"]).hex(), first=one["first"], second=one["second"], first_pays=one["first_pays"],
            first_minor=one["first_minor"], second_pays=one["second_pays"], second_minor=one["second_minor"],
        )
        for one in rows
    ]  # fmt: skip


def _head(row: Found) -> dict[str, Any]:
    return {
        "batch_id": wire.uuid_text(row["batch_id"]), "number": row["number"], "kind": row["kind"],
        "currencies": row["assets"].split(), "trigger": row["trigger"],
        "state": "applied" if row["report"] else "open", "snapshot_seq": row["snapshot_seq"],
        "started_at": wire.at_text(row["started_at"]), "applied_at": wire.at_or_none(row["applied_at"]),
        "tries": row["tries"],
    }  # fmt: skip


def _member(one: list[Any], directory: Directory) -> shapes.BatchRow:
    bic, asset, *minors = one
    paid, received, left = (wire.amount(minor, asset, directory) for minor in minors)
    return shapes.BatchRow(participant=bic, paid=paid, received=received, left=left)


def _oldest(row: list[Any]) -> shapes.BatchLeft:
    uetr, queued_at, reason, why = row
    found = refusals.of(reason)
    return shapes.BatchLeft(
        uetr=wire.uuid_text(bytes.fromhex(uetr)), queued_at=wire.at_text(queued_at),
        rule=found.name if found is not None else None, why=why,
    )  # fmt: skip


def _uuid(text: str) -> str | None:
    return wire.uuid_or_none(bytes.fromhex(text))
