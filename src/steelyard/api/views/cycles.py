"""Netting cycles as they cross the wire, and from bodies to the fields of their commands."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.directory import Directory
from steelyard.api.views.events import NAMES
from steelyard.api.wire import Faults
from steelyard.client import cycles as shapes
from steelyard.client.types import Amount
from steelyard.flows import netting_cycle as flow
from steelyard.flows.cycle_cut import obligations
from steelyard.liquidity.certificate import from_msgpack, to_json
from steelyard.storage.queries import Found, Reader

FORMAT: Literal["steelyard-cycle/1"] = "steelyard-cycle/1"
WHOLE_BP = 10_000
TOLD_MAX = 1_000_000


def cycle(row: Found) -> shapes.Cycle:
    """Give a cycle as everybody may know it."""
    return shapes.Cycle(
        cycle_id=wire.uuid_text(row["cycle_id"]),
        number=row["number"],
        currencies=row["assets"].split(),
        trigger=row["trigger"],
        state=row["state"],
        opened_at=wire.at_text(row["opened_at"]),
        cut_at=wire.at_or_none(row["cut_at"]),
        cut_seq=row["cut_seq"] or None,
        due_at=wire.at_or_none(row["due_at"]),
        deadline_at=wire.at_or_none(row["deadline_at"]),
        closed_at=wire.at_or_none(row["closed_at"]),
        reason=row["reason"] or None,
        algorithm=row["algorithm"] or None,
        proved=bool(row["proved"]),
    )


def report(row: Found, members: Sequence[Found], directory: Directory) -> shapes.CycleReport:
    """Give a cycle with its figures and some rows of participants."""
    over = msgspec.json.decode(row["report"]) if row["report"] else None
    plan = msgspec.json.decode(row["plan"]) if row["plan"] else None
    told = over or plan
    return shapes.CycleReport(
        cycle=cycle(row),
        by_currency=[_currency(one, directory, is_over=over is not None) for one in told["assets"]]
        if told
        else [],
        participants=[_member(one, directory) for one in members],
        certificate=(told["certificate"] or None) if told else None,
        bundle_id=wire.uuid_or_none(bytes.fromhex(over["bundle_id"])) if over else None,
    )


def _currency(one: list[Any], directory: Directory, *, is_over: bool) -> shapes.CycleCurrency:
    """Give a currency of a plan (gathered, settles, bound) or of a report (settled, left, bound, distance)."""
    asset, bound = one[0], one[5]
    if is_over:
        settles_count, settles, left_count, left = one[1], int(one[2]), one[3], int(one[4])
        gathered_count, gathered = settles_count + left_count, settles + left
    else:
        gathered_count, gathered, settles_count, settles = one[1], int(one[2]), one[3], int(one[4])

    def amount(minor: int) -> Amount:
        return wire.amount(minor, asset, directory)

    most = int(bound) if bound else 0
    return shapes.CycleCurrency(
        currency=asset,
        gathered_count=gathered_count,
        gathered=amount(gathered),
        settles_count=settles_count,
        settles=amount(settles),
        bound=amount(most) if bound else None,
        distance_bp=(max(0, most - settles) * WHOLE_BP // most if most else 0) if bound else None,
    )


def _member(row: Found, directory: Directory) -> shapes.CycleRow:
    asset, out, back = row["asset"], int(row["paid_out"]), int(row["received"])
    amounts = {
        "out": out, "back": back, "net": back - out, "called": row["called_minor"], "paid_in": row["paid_in_minor"],
    }  # fmt: skip
    return shapes.CycleRow(
        participant=row["participant"],
        **{name: wire.amount(minor, asset, directory) for name, minor in amounts.items()},
    )


def file(row: Found, members: Sequence[Found], call: Call) -> shapes.CycleFile:
    """Give the file by which a cycle is checked."""
    reader = call.gateway.stores.reader
    packed = msgspec.msgpack.decode(row["certificates"], type=list[bytes]) if row["certificates"] else []
    kept = reader.one("cycle_cut", number=row["number"])
    names, rows = (
        msgspec.msgpack.decode(kept["members"], type=tuple[tuple[str, ...], bytes]) if kept else ((), b"")
    )
    settled = _settled(row, reader)
    return shapes.CycleFile(
        format=FORMAT,
        report=report(row, members, call.directory),
        obligations=[
            shapes.CycleObligation(
                uetr=wire.uuid_text(one.uetr), payer=one.payer, payee=one.payee, currency=one.asset,
                priority=one.priority, seq=one.seq, open_minor=one.open_minor,
                settled_minor=settled.get(one.uetr, 0),
            )
            for one in obligations(names, rows)
        ],
        told=_told(row, reader),
        certificates=[msgspec.json.decode(to_json(from_msgpack(one))) for one in packed],
    )  # fmt: skip


def _settled(row: Found, reader: Reader) -> dict[bytes, int]:
    """Give what of each obligation the bundle of a cycle has moved, by the legs in the journal."""
    bundle_id = bytes.fromhex(msgspec.json.decode(row["report"])["bundle_id"]) if row["report"] else b""
    if not any(bundle_id):
        return {}
    legs = reader.bundle_legs(bundle_id)
    return {leg["reference"]: leg["amount_minor"] for leg in legs if leg["reference"] != row["cycle_id"]}


def _told(row: Found, reader: Reader) -> list[shapes.CycleTold]:
    """Give the hashes that members were told of their legs."""
    filters = [("kind", "=", "cycle.statement"), ("subject", "=", row["cycle_id"])]
    names, told = NAMES["cycle.statement"], []
    for event in reader.page("event", filters, limit=TOLD_MAX):
        data = dict(zip(names, msgspec.msgpack.decode(bytes(event["data"])), strict=True))
        told.append(
            shapes.CycleTold(
                participant=event["recipient"], currency=data["asset"], digest=data["digest"].hex()
            )
        )
    return told


def schedule(row: dict[str, Any]) -> shapes.CycleSchedule:
    """Give when cycles are cut."""
    return shapes.CycleSchedule(
        currencies=row["assets"],
        cuts=[f"{minute // 60:02}:{minute % 60:02}" for minute in row["cuts"]],
        next_at=wire.at_text(row["next_at"]),
    )


# From bodies to fields


def opened(call: Call, faults: Faults) -> Any:
    """Make the fields that open a cycle."""
    asked = call.asked(shapes.CycleAsked)
    return flow.OpenFields(tuple(asked.currencies), wire.instant(asked.cut_at, faults, "/cut_at"))


def scheduled(call: Call, faults: Faults) -> Any:
    """Make the fields of a calendar of cuts."""
    asked = call.asked(shapes.CycleScheduleAsked)
    cuts = sorted({int(text[:2]) * 60 + int(text[3:]) for text in asked.cuts})
    return flow.ScheduleFields(tuple(asked.currencies), tuple(cuts))


def named(call: Call, faults: Faults) -> Any:
    """Make the fields of an act that may have a reason."""
    asked = call.asked(shapes.CycleBecause) if call.body else shapes.CycleBecause()
    return flow.NamedFields(_id(call), asked.reason)


def extended(call: Call, faults: Faults) -> Any:
    """Make the fields that move the end of pay-ins."""
    return flow.ExtendFields(_id(call), call.asked(shapes.CycleExtended).by_ms)


def excluded(call: Call, faults: Faults) -> Any:
    """Make the fields that leave somebody out."""
    return flow.ExcludeFields(_id(call), call.asked(shapes.CycleExcluded).participant)


def paid_in(call: Call, faults: Faults) -> Any:
    """Make the fields of a pay-in."""
    asked = call.asked(shapes.PayInAsked)
    if asked.amount is None:
        return flow.PayInFields(_id(call), asked.currency)
    if asked.amount.asset != asked.currency:
        faults.add("/amount/asset", "asset-differs", f"must be {asked.currency}", asked.amount.asset)
    return flow.PayInFields(
        _id(call), asked.currency, wire.minor(asked.amount, call.directory, faults, "/amount")
    )


def _id(call: Call) -> bytes:
    return wire.path_id(call.path_params["id"])
