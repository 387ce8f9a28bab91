"""The file of a batch as the API publishes it, made from the facts of the command that booked it."""

from typing import Any

import msgspec

from steelyard.flows.command import Outcome
from steelyard.flows.facts import TradeMoved
from steelyard.flows.liquidity_facts import BatchReported, FxBatchOver, FxFilled
from steelyard.liquidity.batch_file import FORMAT
from steelyard.liquidity.certificate import from_msgpack, to_json
from steelyard.liquidity.file_shapes import snap_of
from steelyard.liquidity.fx_snapshot import FxSnapshot
from steelyard.liquidity.pvp_snapshot import PvpSnapshot
from tests.flows.payworld import facts

FIGURES = (
    "kind", "snapshot_seq", "algorithm", "queued_count", "queued", "settled_count", "settled", "parts_count", "parts",
    "left_count", "left", "distance_bp", "proved",
)  # fmt: skip


def published(
    outcome: Outcome, certificates: list[bytes], snapshot: FxSnapshot | PvpSnapshot
) -> dict[str, Any]:
    """Give the file, with the queue in it."""
    found = facts(outcome)
    (report,) = [fact for fact in found if isinstance(fact, BatchReported)]
    whole: dict[str, Any] = {
        "format": FORMAT,
        "report": {name: getattr(report, name) for name in FIGURES}
        | {
            "currencies": list(report.assets), "state": "applied", "bound": report.bound or None,
            "certificate": report.certificate.hex() or None, "bundle_id": report.bundle_id.hex() or None,
            "units": {asset: str(unit) for asset, unit in report.units},
            "participants": [_part(*row) for row in report.participants],
        },
        "certificates": [msgspec.json.decode(to_json(from_msgpack(one))) for one in certificates],
        "snapshot": msgspec.to_builtins(snap_of(snapshot)),
    }  # fmt: skip
    if not report.bound:
        whole["report"]["distance_bp"] = None
    for fact in found:
        if isinstance(fact, FxBatchOver):
            whole["exchange"] = {
                "fills": [_fill(one) for one in found if isinstance(one, FxFilled)],
                "prices": dict(fact.prices), "residual": dict(fact.residual), "excess": dict(fact.excess),
            }  # fmt: skip
    if report.kind == "pvp":
        gone = [one for one in found if isinstance(one, TradeMoved) and one.bundle_id == report.bundle_id]
        names = ("first", "second", "first_pays", "first_minor", "second_pays", "second_minor")
        whole["trades"] = [
            {"trade": one.trade.hex()} | {name: getattr(one, name) for name in names} for one in gone
        ]
    return whole


def _part(bic: str, asset: str, paid: str, received: str, left: str) -> dict[str, Any]:
    amounts = {"paid": paid, "received": received, "left": left}
    return {"participant": bic} | {
        name: {"asset": asset, "amount_minor": str(minor)} for name, minor in amounts.items()
    }


def _fill(one: FxFilled) -> dict[str, Any]:
    return {
        "order": one.order_id.hex(), "participant": one.owner, "sell": one.sell, "buy": one.buy,
        "sold_minor": one.sold_minor, "bought_minor": one.bought_minor,
    }  # fmt: skip
