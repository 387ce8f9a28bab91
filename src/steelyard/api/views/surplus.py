"""The surplus report and throughput figures, made of what the projection keeps of payments and accounts.

What moved by payments is dated; what else moved an account (issue, redemption, exchange) counts as there from the
first day looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from steelyard.api import wire
from steelyard.api.auth.visibility import View
from steelyard.api.directory import Directory
from steelyard.client import surplus as shapes
from steelyard.client.types import Amount
from steelyard.liquidity import pace, surplus, throughput
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.pace import PaceRule
from steelyard.liquidity.surplus import Moved, Relation, Use
from steelyard.storage.queries import Found
from steelyard.values.instants import DAY, HOUR

YEAR = surplus.WINDOWS[-1]
MS = 1_000_000

Flows = dict[tuple[str, str], dict[int, list[int]]]
"""(holder, other) -> day -> [in, out]"""


def report(
    paid: Sequence[Found],
    accounts: Sequence[Found],
    caps: Mapping[tuple[str, str], int],
    old: Sequence[dict[str, Any]],
    uses: Sequence[dict[str, Any]],
    *,
    on: int,
    view: View,
    directory: Directory,
) -> shapes.SurplusReport:
    """Give the report of a date: rows that the viewer sees, figures of all."""
    homes = {bic: one.member for bic, one in directory.members.participants.items()}
    banks, members = _flows(paid, homes)
    return shapes.SurplusReport(
        on=wire.on_or_none(on) or "",
        clearing=_clearing(paid, homes, directory),
        banks=_rows(_held(banks, accounts, caps, homes, on, view, directory), on, directory),
        members=_rows(
            [
                Relation(holder, other, _moved(days))
                for (holder, other), days in members.items()
                if _sees_member(view, holder, directory)
            ],
            on, directory,
        ),
        old_lots=[_old_lot(one, directory) for one in old],
        uses=[shapes.SurplusUse(**one) for one in uses],
    )  # fmt: skip


def _old_lot(one: dict[str, Any], directory: Directory) -> shapes.OldLot:
    return shapes.OldLot(
        line_id=wire.uuid_text(one["line_id"]), lender=one["lender"], borrower=one["borrower"],
        participant=one["owner"] or None, open=wire.amount(one["open_minor"], one["asset"], directory),
        opened_on=wire.on_or_none(one["opened_on"]), age_days=one["age_days"],
    )  # fmt: skip


def _flows(paid: Iterable[Found], homes: Mapping[str, str]) -> tuple[Flows, Flows]:
    """Give flows by (bank, currency) and by (member, "member currency")."""
    banks: Flows = {}
    members: Flows = {}

    def add(flows: Flows, holder: str, other: str, on: int, side: int, minor: int) -> None:
        flows.setdefault((holder, other), {}).setdefault(on, [0, 0])[side] += minor

    for row in paid:
        payer, payee, on = row["debtor_agent"], row["creditor_agent"], row["settlement_on"]
        sold = row["sold_minor"] if row["source"] != row["target"] else row["bought_minor"]
        add(banks, payer, row["source"], on, 1, sold)
        add(banks, payee, row["target"], on, 0, row["bought_minor"])
        here, there = homes.get(payer, ""), homes.get(payee, "")
        if here and there and here != there:
            add(members, there, f"{here} {row['target']}", on, 0, row["bought_minor"])
            add(members, here, f"{there} {row['target']}", on, 1, row["bought_minor"])
    return banks, members


def _held(
    banks: Flows,
    accounts: Sequence[Found],
    caps: Mapping[tuple[str, str], int],
    homes: Mapping[str, str],
    on: int,
    view: View,
    directory: Directory,
) -> list[Relation]:
    """Give the relations of banks with foreign currencies, each with its balance of now."""
    own = {one.code: one.asset for one in directory.members.members.values()}
    balances: dict[tuple[str, str], int] = {}
    floors: dict[tuple[str, str], int] = {}
    for account in accounts:
        place = account["owner"], directory.by_no[account["asset_no"]].code
        if place[0] in homes and place[1] != own.get(homes[place[0]]) and view.sees(place[0]):
            minor = int(account["credits_settled"]) - int(account["debits_settled"])
            balances[place] = balances.get(place, 0) + minor
            floors[place] = min(floors.get(place, 0), int(account["floor_minor"]))
    found = []
    for place, balance in balances.items():
        moved, cap, floor = _moved(banks.get(place, {})), caps.get(place), floors[place]
        opening = balance - sum(day.inflow_minor - day.outflow_minor for day in moved)
        if balance or moved:
            found.append(
                Relation(
                    *place, moved, opening, min([on - YEAR, *(day.on for day in moved)]),
                    Use(-floor, max(0, -balance)) if floor else None,
                    Use(cap, max(0, balance)) if cap is not None else None,
                )
            )  # fmt: skip
    return found


def _moved(days: Mapping[int, list[int]]) -> tuple[Moved, ...]:
    return tuple(Moved(on, *days[on]) for on in sorted(days))


def _sees_member(view: View, member: str, directory: Directory) -> bool:
    """Tell whether the viewer sees a member's rows: who oversees the member, or everything."""
    found = directory.members.members.get(member)
    return view.owners is None or (found is not None and view.sees(found.settlement_agent))


def _rows(relations: Sequence[Relation], on: int, directory: Directory) -> list[shapes.SurplusRow]:
    return [_row(one, directory) for one in surplus.report(relations, on=on)]


def _row(row: surplus.Surplus, directory: Directory) -> shapes.SurplusRow:
    currency = row.other.split()[-1]

    def amount(minor: int) -> Amount:
        return wire.amount(minor, currency, directory)

    def used(use: Use | None) -> shapes.Used | None:
        if use is None:
            return None
        return shapes.Used(cap=amount(use.cap_minor), used=amount(use.used_minor), share_bp=use.share_bp)

    return shapes.SurplusRow(
        holder=row.holder,
        other=row.other.split()[0],
        currency=currency,
        balance=amount(row.balance_minor),
        inflow=list(map(amount, row.inflow_minor)),
        outflow=list(map(amount, row.outflow_minor)),
        ages=list(map(amount, row.ages)),
        spent_bp=row.spent_bp,
        line=used(row.lines),
        holding=used(row.holding),
        cap_is=row.cap_is or None,
    )


def _clearing(
    paid: Iterable[Found], homes: Mapping[str, str], directory: Directory
) -> list[shapes.SurplusClearing]:
    """Give the three figures of each currency, from exact flows over the members."""
    owed: dict[str, dict[tuple[str, str], int]] = {}
    for row in paid:
        pair = homes.get(row["debtor_agent"], ""), homes.get(row["creditor_agent"], "")
        if all(pair) and pair[0] != pair[1]:
            mine = owed.setdefault(row["target"], {})
            mine[pair] = mine.get(pair, 0) + row["bought_minor"]
    told = []
    for asset in sorted(owed):
        found = surplus.clearing(owed[asset], solver=SuccessivePaths())
        pairs_bp, network_bp, _ = found.shares_bp()
        minors = (found.total, found.pair_only, found.network, found.remainder)
        total, pairs, network, rest = (wire.amount(minor, asset, directory) for minor in minors)
        told.append(
            shapes.SurplusClearing(
                currency=asset, total=total, pairs=pairs, network=network, rest=rest, pairs_bp=pairs_bp,
                network_bp=network_bp, words=found.sentence(),
            )
        )  # fmt: skip
    return told


def timing(
    day: Sequence[Found],
    before: Sequence[Found],
    *,
    asset: str,
    on: int,
    at: int,
    rule: PaceRule | None,
    view: View,
    directory: Directory,
) -> shapes.ThroughputReport:
    """Give the figures of a currency's date as they stand at an instant."""
    points = throughput.checkpoints(on * DAY, HOUR) if rule is None else pace.points(rule, on)
    history: dict[str, list[int]] = {}
    for row in sorted(before, key=lambda row: int(row["settlement_on"])):
        history.setdefault(row["debtor_agent"], []).append(row["sent_minor"])
    paid = [
        throughput.Paid(
            row["debtor_agent"], row["creditor_agent"], row["source_minor"], row["entered_at"],
            row["settled_at"] or None,
        )
        for row in day
        if row["debtor_agent"] != row["creditor_agent"]
    ]  # fmt: skip
    rows = throughput.throughput(paid, history, at=at, checkpoints=points)

    def amount(minor: int) -> Amount:
        return wire.amount(minor, asset, directory)

    submitted = sum(row.submitted for row in rows)
    waits = sum(row.mean_wait * row.submitted for row in rows)
    return shapes.ThroughputReport(
        currency=asset,
        on=wire.on_or_none(on) or "",
        at=wire.at_text(at),
        checkpoints=[wire.at_text(point.at) for point in points],
        total=shapes.ThroughputTotal(
            submitted_count=submitted,
            submitted=amount(sum(row.submitted_minor for row in rows)),
            settled_count=sum(row.settled for row in rows),
            settled=amount(sum(row.settled_minor for row in rows)),
            mean_wait_ms=waits // submitted // MS if submitted else 0,
        ),
        participants=[_timed(row, asset, directory) for row in rows if view.sees(row.participant)],
    )


def _timed(row: throughput.Throughput, asset: str, directory: Directory) -> shapes.ThroughputRow:
    submitted, settled, own = (
        wire.amount(minor, asset, directory)
        for minor in (row.submitted_minor, row.settled_minor, row.own_day_minor)
    )
    return shapes.ThroughputRow(
        participant=row.participant,
        submitted_count=row.submitted,
        submitted=submitted,
        settled_count=row.settled,
        settled=settled,
        mean_wait_ms=row.mean_wait // MS,
        used_bp=row.used_bp,
        own_day=own,
        missed=[wire.at_text(point.at) for point in row.missed],
    )
