"""Messages to a member of a netting cycle, rendered from its notices and the legs of the bundle.

A call for a pay-in and what is expected in turn are pending entries of a camt.054, due when pay-ins end. A pay-in,
and what comes back of one, are booked entries on both of the member's accounts. With its statement come the way
back of its pay-in and a camt.053 of the bundle: what its accounts held before, every leg, what they held after.
"""

from typing import Any, NamedTuple

import msgspec

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.problems import ProblemError
from steelyard.api.views.events import NAMES, event_id
from steelyard.api.views.legs import Names
from steelyard.client import types
from steelyard.flows.cycle_fund import in_legs
from steelyard.iso20022.desk import desk_of, stamped
from steelyard.iso20022.notices import Account, Entry, notice_of
from steelyard.iso20022.statements import Statement, pages_of, statement
from steelyard.liquidity.cycles import PURPOSE
from steelyard.storage.queries import Found, key_of, place_of
from steelyard.values.amount import format_minor
from steelyard.values.instants import DAY

NOTICE, STATEMENT = "camt.054", "camt.053"
CALLED, REMINDED, PAID, RETURNED, STATED = (
    "cycle.notified", "cycle.pay_in_is_due", "cycle.paid", "cycle.returned", "cycle.statement",
)  # fmt: skip
EVENTS = (CALLED, REMINDED, PAID, RETURNED, STATED)
STEP = 5_000
"""Legs of an account that are looked through in one go"""


class Told(NamedTuple):
    """A notice about a cycle: its row, its data by name."""

    row: Found
    data: dict[str, Any]


def told_of(row: Found) -> Told | None:
    """Read a notice about a cycle that a message stands for, None for another."""
    if row["kind"] not in EVENTS or not row["data"]:
        return None
    values = msgspec.msgpack.decode(bytes(row["data"]))
    return Told(row, dict(zip(NAMES[row["kind"]], values, strict=True)))


def kinds(told: Told) -> list[str]:
    """Give which messages a notice stands for; pages of a statement after the first have their number."""
    if told.row["kind"] != STATED:
        return [NOTICE]
    pages = pages_of(_legs_in_all(told))
    more = [f"{STATEMENT}-{number}" for number in range(2, pages + 1)]
    return [*([NOTICE] if int(told.data["pay_in_minor"]) else []), STATEMENT, *more]


def shown(told: Told) -> list[types.MessageOut]:
    """List the messages of a notice."""
    id = event_id(told.row)
    return [
        types.MessageOut(
            id=f"{id}-{kind}",
            message=kind[: len(NOTICE)],
            at=wire.at_text(told.row["at_ns"]),
            subject=wire.uuid_text(told.row["subject"]),
            event=told.row["kind"],
            raw=f"/v1/messages/{id}-{kind}/raw",
        )
        for kind in kinds(told)
    ]


def render(told: Told, kind: str, call: Call) -> bytes:
    """Give a message's bytes."""
    if kind != NOTICE:
        return _statement(told, kind, call)
    match told.row["kind"]:
        case "cycle.notified":
            accounts = [_expected(told, call)]
        case "cycle.pay_in_is_due":
            accounts = [_due(told, call)]
        case _:
            accounts = _moved(told, call)
    return _notice(told, accounts, call)


def _notice(told: Told, accounts: list[Account], call: Call) -> bytes:
    at, owner = told.row["at_ns"], told.row["recipient"]
    desk = desk_of(call.directory.context(None, at))
    return notice_of(desk, accounts, owner=owner, at=at, item=f"{event_id(told.row)}-{NOTICE}".encode())


def _expected(told: Told, call: Call) -> Account:
    """Give what a plan means for a member: a pending debit of what it is to pay in, or credit of what it will get."""
    data = told.data
    out, back = int(data["out_minor"]), int(data["in_minor"])
    text = (
        f"Netting cycle {wire.uuid_text(told.row['subject'])}: out {_text(out, told, call)},"
        f" in {_text(back, told, call)}, to pay in {_text(data['call_minor'], told, call)}."
        f" Certificates {data['certificate'].hex() or 'none'}."
    )
    call_minor = data["call_minor"]
    minor = call_minor or max(0, back - out)
    detail = f"Pay-in to {data['account']}" if call_minor else "What the cycle pays on balance"
    return _account(told, call, "", _pending(told, minor, call_minor == 0, detail, call), text)


def _due(told: Told, call: Call) -> Account:
    """Give what a member is still to pay in, and until when."""
    text = f"Netting cycle {wire.uuid_text(told.row['subject'])}: {_text(told.data['open_minor'], told, call)} is due."
    return _account(
        told, call, "", _pending(told, told.data["open_minor"], False, "Rest of a pay-in", call), text
    )


def _moved(told: Told, call: Call) -> list[Account]:
    """Give a booking between a member's settlement account and its account for pay-ins, as both show it."""
    pays = told.row["kind"] == PAID
    minor = int(told.data["pay_in_minor" if told.row["kind"] == STATED else "amount_minor"])
    return [
        _account(told, call, "", _booked(told, minor, not pays, "", call)),
        _account(told, call, PURPOSE, _booked(told, minor, pays, PURPOSE, call)),
    ]


def _account(told: Told, call: Call, purpose: str, entries: list[Entry], text: str = "") -> Account:
    return Account(_name(told, purpose), told.data["asset"], entries, text)


def _name(told: Told, purpose: str) -> str:
    name = f"{told.row['recipient']}/{told.data['asset']}"
    return f"{name}/{purpose}" if purpose else name


def _text(minor: int, told: Told, call: Call) -> str:
    asset = told.data["asset"]
    return f"{asset} {format_minor(minor, call.directory.scale(asset))}"


def _pieces(told: Told, minor: int, call: Call) -> list[str]:
    """Write an amount, cut into as many as the legs that move it."""
    asset = told.data["asset"]
    scale = call.directory.scale(asset)
    return [format_minor(part, scale) for _, _, part in in_legs([("", asset, minor)])]


def _pending(told: Told, minor: int, is_credit: bool, text: str, call: Call) -> list[Entry]:
    id, due_at = event_id(told.row), told.data["deadline_at"]
    return [
        Entry(amount, is_credit, 0, 0, f"{id}-{number}", is_own=not is_credit, due_at=due_at, text=text)
        for number, amount in enumerate(_pieces(told, minor, call), 1)
    ]


def _booked(told: Told, minor: int, is_credit: bool, purpose: str, call: Call) -> list[Entry]:
    on = int(told.data.get("closed_at") or told.row["at_ns"]) // DAY
    id = "-".join((event_id(told.row), purpose)) if purpose else event_id(told.row)
    return [
        Entry(amount, is_credit, on, on, f"{id}-{number}", is_own=True, counterparty=told.row["recipient"])
        for number, amount in enumerate(_pieces(told, minor, call), 1)
    ]


def _statement(told: Told, kind: str, call: Call) -> bytes:
    """Write what a bundle did on a member's accounts, or one page of it."""
    data, at, owner = told.data, told.row["at_ns"], told.row["recipient"]
    page = int(kind[len(STATEMENT) + 1 :] or 1)
    pay_in, kept, closed_at = int(data["pay_in_minor"]), int(data["pay_ins_kept_minor"]), data["closed_at"]
    scale = call.directory.scale(data["asset"])
    text = (
        f"Netting cycle {wire.uuid_text(told.row['subject'])}, number {data['number']}, bundle"
        f" {wire.uuid_text(data['bundle_id'])}: {data['paid_count']} paid, {data['received_count']} received,"
        f" SHA-256 of its legs {data['digest'].hex()}."
    )

    def made(purpose: str, opening: int, closing: int, entries: list[Entry], words: str) -> Statement:
        return Statement(
            _name(told, purpose), data["asset"], scale, opening, closing, entries, {"at": stamped(closed_at)},
            is_interim=True, period=(closed_at, closed_at), text=words,
        )  # fmt: skip

    accounts = [made("", int(data["opening_minor"]), int(data["closing_minor"]), _entries(told, call), text)]
    if pay_in:
        back = _booked(told, pay_in, False, PURPOSE, call)
        accounts.append(made(PURPOSE, pay_in + kept, kept, back, ""))
    desk = desk_of(call.directory.context(None, at))
    item = f"{event_id(told.row)}-{kind}".encode()
    return statement(desk, accounts, owner=owner, at=at, item=item, page=page)


def _legs_in_all(told: Told) -> int:
    pieces = sum(1 for _ in in_legs([("", "", int(told.data["pay_in_minor"]))]))
    return int(told.data["paid_count"]) + int(told.data["received_count"]) + pieces


def _entries(told: Told, call: Call) -> list[Entry]:
    """Give the legs of the bundle on a member's settlement account, in their order in the journal."""
    reader, owner, asset = call.gateway.stores.reader, told.row["recipient"], told.data["asset"]
    row = reader.one("account", name=_name(told, ""))
    if row is None:
        raise ProblemError("not-found")
    account_no, bundle_id, wanted = row["account_no"], told.data["bundle_id"], _legs_in_all(told)
    found: list[Found] = []
    before = key_of(place_of(told.row["key"])[0] + 1, 0)
    while len(found) < wanted:  # it was booked shortly before it was told of
        legs = reader.account_legs(account_no, before=before, limit=STEP)
        found += [leg for leg in legs if leg["bundle_id"] == bundle_id]
        if len(legs) < STEP:
            break
        before = legs[-1]["key"]
    names, scale, on = Names(reader), call.directory.scale(asset), told.data["closed_at"] // DAY
    entries = []
    for number, leg in enumerate(reversed(found), 1):
        is_credit = leg["target"] == account_no
        other = names.of(leg["source"] if is_credit else leg["target"])[1]
        entries.append(
            Entry(
                format_minor(leg["amount_minor"], scale), is_credit, on, on, f"{event_id(told.row)}-{number}",
                uetr="" if other == owner else wire.uuid_text(leg["reference"]), counterparty=other,
                is_own=other == owner,
            )
        )  # fmt: skip
    return entries
