"""A day read from files: CSV with a column map, or pacs.008 messages. What cannot be used is refused row by row.

A row is refused with its place and the rule it breaks, in the order of the checks; the day is made of the rest.
The member of a bank is what a column says, else the country in its BIC, else the bank itself.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from msgspec import Struct

from steelyard.sim.scenario import Columns, ScenarioIsWrong
from steelyard.sim.synthetic import Day
from steelyard.values.instants import SECOND, parse_instant

if TYPE_CHECKING:
    from steelyard.iso20022.canonical import CreditTransfer

HOUR = 3600
MOST = 2**62
DIGITS_MOST = 40
SECONDS_MOST = 2**40
WEEK = 7 * 24 * HOUR
_BIC = re.compile("[A-Z0-9]{4}([A-Z]{2})[A-Z0-9]{2}([A-Z0-9]{3})?")
_MADE = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?CreDtTm>\s*([^\s<]{1,40})\s*<")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


class Sent(Struct, frozen=True):
    """One payment of a file; `at_s` counts from midnight of the first day, or of 1970 for instants."""

    id: str
    payer: str
    payee: str
    payer_member: str
    payee_member: str
    currency: str
    amount_minor: int
    at_s: int
    priority: int
    place: str


class RefusedRow(Struct, frozen=True):
    """A row that is not in the day: where it stands and which rule it breaks."""

    place: str
    reason: str


class ReadDay(Struct, frozen=True):
    """What a file gave."""

    day: Day
    refused: list[RefusedRow]


def read_day(path: Path, columns: Columns, rates: dict[str, Decimal]) -> Day:
    """Read a day in which nothing may be wrong."""
    found = read(path, columns, rates)
    if found.refused:
        first = found.refused[0]
        raise ScenarioIsWrong(f"{first.place}: {first.reason}")
    return found.day


def read(path: Path, columns: Columns = Columns(), rates: dict[str, Decimal] | None = None) -> ReadDay:  # noqa: B008
    """Read a CSV file, one pacs.008 message, or a folder of them in the order of their names."""
    rates = rates or {}
    if path.is_dir():
        messages = sorted(path.glob("*.xml"))
        if not messages:
            raise ScenarioIsWrong(f"{path}: there is no message (*.xml) in this folder")
        rows = (row for file in messages for row in _message(file, file.name))
        return _day(_by_time(rows), rates, str(path.name))
    if not path.is_file():
        raise ScenarioIsWrong(f"{path}: there is no such file or folder")
    if path.suffix.lower() == ".xml":
        return _day(_by_time(_message(path, path.name)), rates, path.name)
    if path.suffix.lower() == ".parquet":
        return _day(_parquet(path, columns), rates, path.name)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise ScenarioIsWrong(f"{path}: cannot be read as UTF-8 text") from fault
    return _day(_csv(text, columns, path.name), rates, path.name)


def _csv(text: str, columns: Columns, name: str) -> Iterator[Sent | RefusedRow]:
    rows = csv.DictReader(StringIO(text))
    yield from _rows(rows, list(rows.fieldnames or []), columns, name)


def _parquet(path: Path, columns: Columns) -> Iterator[Sent | RefusedRow]:
    try:
        from pyarrow import parquet  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise ScenarioIsWrong(f"{path}: Parquet is read where pyarrow is installed") from None
    table = parquet.read_table(path)
    rows = ({key: "" if v is None else str(v) for key, v in row.items()} for row in table.to_pylist())
    yield from _rows(rows, list(table.column_names), columns, path.name)


def _rows(
    rows: Iterable[dict[str, str]], headings: list[str], columns: Columns, name: str
) -> Iterator[Sent | RefusedRow]:
    for field in ("payer", "payee", "currency", "amount", "at"):
        if getattr(columns, field) not in headings:
            raise ScenarioIsWrong(
                f"{name}:1: there is no column {getattr(columns, field)!r} for {field}; name it in [data.columns]"
            )
    for number, row in enumerate(rows, start=2):
        place = f"{name}:{number}"
        try:
            yield _sent(row, columns, number, place)
        except _Wrong as fault:
            yield RefusedRow(place, str(fault))


class _Wrong(Exception):
    pass


def _sent(row: dict[str, str], columns: Columns, number: int, place: str) -> Sent:
    def cell(name: str) -> str:
        return (row.get(name) or "").strip()

    amount, priority = cell(columns.amount), cell(columns.priority) or "2"
    if not re.fullmatch(r"-?\d+", amount):
        raise _Wrong(f"{columns.amount}: {amount!r} is no whole number of minor units")
    if len(amount) > DIGITS_MOST:
        raise _Wrong(f"{columns.amount}: the amount is beyond all measure")
    if int(amount) <= 0:
        raise _Wrong(f"{columns.amount}: {amount} is not above zero")
    if priority not in ("0", "1", "2"):
        raise _Wrong(f"{columns.priority}: {priority!r} is none of 0, 1, 2")
    payer, payee = cell(columns.payer), cell(columns.payee)
    if not payer or not payee:
        raise _Wrong(f"{columns.payer if not payer else columns.payee}: nobody is named")
    return Sent(
        cell(columns.id) or str(number), payer, payee, cell(columns.payer_member) or _member(payer),
        cell(columns.payee_member) or _member(payee), cell(columns.currency), int(amount),
        _seconds(cell(columns.at), columns.at), int(priority), place,
    )  # fmt: skip


def _seconds(text: str, column: str) -> int:
    if re.fullmatch(r"\d{1,13}", text) and int(text) < SECONDS_MOST:
        return int(text)
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        return int(clock[1]) * HOUR + int(clock[2]) * 60 + int(clock[3] or 0)
    instant = parse_instant(text)
    if instant is None:
        raise _Wrong(f"{column}: {text!r} is no instant with an offset, no HH:MM:SS and no number of seconds")
    return instant // SECOND


def _member(bank: str) -> str:
    bic = _BIC.fullmatch(bank)
    return bic[1] if bic is not None else bank


def _message(path: Path, name: str) -> Iterator[Sent | RefusedRow]:
    """Read the payments of one pacs.008, judged as of when it was made; a refused message is one refused row."""
    from steelyard.iso20022.check import check
    from steelyard.iso20022.context import FILE_TREE
    from steelyard.iso20022.profiles import builtin
    from steelyard.iso20022.profiles.file import context_of, setting_of
    from steelyard.packs.reference import reference

    profile = builtin("iso")
    assert profile is not None
    raw = path.read_bytes()
    made = _MADE.search(raw)
    made_at = parse_instant(made[1].decode()) if made is not None else None
    context = context_of(setting_of(profile), reference(), now_at=made_at or 0)
    verdict = check(raw, msgspec.structs.replace(context, limits=FILE_TREE))
    if verdict.envelope is None or not (verdict.message or "").startswith("pacs.008"):
        said = verdict.findings[0].text if verdict.findings else f"{verdict.message} is no pacs.008"
        yield RefusedRow(name, said)
        return
    transfers: tuple[CreditTransfer, ...] = verdict.envelope.body  # type: ignore[assignment]
    for transfer in transfers:
        place = f"{name}:{transfer.ordinal}"
        payer, payee = transfer.debtor_agent.bic or "", transfer.creditor_agent.bic or ""
        if not payer or not payee:
            yield RefusedRow(place, "both agents need a BIC")
        else:
            yield Sent(
                transfer.uetr or place, payer, payee, _member(payer), _member(payee), transfer.settlement.asset,
                transfer.settlement.amount_minor, transfer.created_at // SECOND,
                1 if transfer.priority == "HIGH" else 2, place,
            )  # fmt: skip


def _by_time(rows: Iterable[Sent | RefusedRow]) -> list[Sent | RefusedRow]:
    """Put messages, which come by name of file, in the order of their times."""
    return sorted(rows, key=lambda row: row.at_s if isinstance(row, Sent) else -1)


def _day(rows: Iterable[Sent | RefusedRow], rates: dict[str, Decimal], source: str) -> ReadDay:
    kept: list[Sent] = []
    refused: list[RefusedRow] = []
    seen: set[str] = set()
    home: dict[str, str] = {}
    total = 0
    for row in rows:
        if isinstance(row, RefusedRow):
            refused.append(row)
            continue
        reason = _fault(row, kept, rates, seen, home, MOST - total)
        if reason:
            refused.append(RefusedRow(row.place, reason))
            continue
        total += _worth(row, rates)
        seen.add(row.id)
        home.setdefault(row.payer, row.payer_member)
        home.setdefault(row.payee, row.payee_member)
        kept.append(row)
    if not rates and len({row.currency for row in kept}) > 1:
        raise ScenarioIsWrong(
            f"{source}: there are several currencies; say in [data.rates] of a scenario what each one's minor unit is"
            " worth"
        )
    return ReadDay(_columns(kept, home, rates, source), refused)


def _fault(
    row: Sent, kept: list[Sent], rates: dict[str, Decimal], seen: set[str], home: dict[str, str], room: int
) -> str:
    """Say what is wrong with a row after those that were `kept`, or nothing; `room` is what may still be sent."""
    if row.payer == row.payee:
        return f"payer and payee are the same: {row.payer}"
    if not re.fullmatch("[A-Z]{3}", row.currency) or (rates and row.currency not in rates):
        return f"unknown currency {row.currency!r}"
    if kept and row.at_s < kept[-1].at_s:
        return "times are not sorted: earlier than the row before"
    if kept and row.at_s - kept[0].at_s > WEEK:
        return "more than a week after the first payment: what is simulated is a day"
    if row.id in seen:
        return f"id {row.id} is there twice"
    for bank, member in ((row.payer, row.payer_member), (row.payee, row.payee_member)):
        if home.get(bank, member) != member:
            return f"{bank} is of member {home[bank]} in an earlier row"
    if _worth(row, rates) >= MOST:
        return "the amount is beyond all measure"
    if _worth(row, rates) >= room:
        return "the amounts of the day sum to more than is counted with"
    return ""


def _worth(row: Sent, rates: dict[str, Decimal]) -> int:
    """Give an amount in units of account: half even, never below one."""
    return row.amount_minor if not rates else max(round(row.amount_minor * Fraction(rates[row.currency])), 1)


def _columns(rows: list[Sent], home: dict[str, str], rates: dict[str, Decimal], source: str) -> Day:
    banks = tuple(sorted(home))
    members = tuple(sorted(set(home.values())))
    currencies = tuple(sorted({row.currency for row in rows}))
    bank = {name: number for number, name in enumerate(banks)}
    coin = {name: number for number, name in enumerate(currencies)}
    opening = rows[0].at_s // HOUR * HOUR if rows else 8 * HOUR
    close_s = -(-(rows[-1].at_s - opening + 1) // HOUR) * HOUR if rows else 10 * HOUR

    def column(values: Iterable[int]) -> "np.typing.NDArray[np.int64]":
        return np.fromiter(values, np.int64, len(rows))

    said = sha256(msgspec.msgpack.encode(rows)).hexdigest()
    return Day(
        banks=banks, bank_member=np.array([members.index(home[name]) for name in banks], dtype=np.int64),
        members=members, homes=members, currencies=currencies,
        payer=column(bank[row.payer] for row in rows), payee=column(bank[row.payee] for row in rows),
        currency=column(coin[row.currency] for row in rows), amount_minor=column(_worth(row, rates) for row in rows),
        priority=column(row.priority for row in rows), at_s=column(row.at_s - opening for row in rows),
        close_s=max(close_s, 10 * HOUR), source=f"{source}/{said}", opens_s=opening % (24 * HOUR),
    )  # fmt: skip
