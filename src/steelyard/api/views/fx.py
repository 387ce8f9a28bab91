"""Quotes, sheets, trades and reference rates as they cross the wire."""

from typing import Any

import msgspec

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.directory import Directory
from steelyard.api.views.payments import fee_lines
from steelyard.client import types
from steelyard.flows.facts import QuoteGiven
from steelyard.flows.fields import PaymentKind, Service
from steelyard.fx.rates import SIMULATION
from steelyard.storage.queries import Found
from steelyard.values.rate import Rounding

EFFECTIVE_DIGITS = 10


def quote(fact: QuoteGiven, directory: Directory, state: str = "open") -> types.Quote:
    """Give a quote with all that must be disclosed before consent."""
    source, target = fact.source, fact.target
    scales = {"base_scale": directory.scale(source), "quote_scale": directory.scale(target)}
    reference_num, reference_den, reference_source, reference_at = fact.reference
    given_source, given_target = fact.hint
    hint = None
    if given_source:
        more, less = (
            wire.amount(given_target, target, directory),
            wire.amount(given_source, source, directory),
        )
        hint = f"{less.value} {source} would buy {more.value} {target}"
    return types.Quote(
        quote_id=wire.uuid_text(fact.quote_id),
        rank=fact.rank,
        providers=list(fact.providers),
        debit=wire.amount(fact.debit_minor or fact.source_minor, source, directory),
        instructed=wire.amount(fact.source_minor, source, directory),
        settlement=wire.amount(fact.target_minor, target, directory),
        credit=wire.amount(fact.payee_minor or fact.target_minor, target, directory),
        rate=wire.rate_text(fact.num, fact.den, **scales),
        effective_rate=effective(fact, scales),
        hops=[hop(row, directory) for row in fact.hops],
        fees=fee_lines(fact.fees, directory),
        reference=types.ReferenceRate(
            rate=wire.rate_text(reference_num, reference_den, **scales), source=reference_source,
            at=wire.at_text(reference_at),
        )
        if reference_num
        else None,
        margin_bp=fact.margin_bp if reference_num else None,
        issued_at=wire.at_text(fact.issued_at),
        expires_at=wire.at_text(fact.expires_at),
        lock_until=wire.at_text(fact.lock_until),
        earliest_at=wire.at_or_none(fact.earliest_at),
        latest_at=wire.at_or_none(fact.latest_at),
        pvp="atomic",
        disclosure=fact.disclosure.hex(),
        state=state,
        hint=hint,
    )  # fmt: skip


def effective(fact: QuoteGiven, scales: dict[str, int]) -> str:
    """Give what a unit that leaves brings in all, fees included, to ten digits."""
    paid, got = fact.debit_minor or fact.source_minor, fact.payee_minor or fact.target_minor
    scale = 10**EFFECTIVE_DIGITS
    whole = got * 10 ** scales["base_scale"] * scale // (paid * 10 ** scales["quote_scale"]) if paid else 0
    return f"{whole // scale}.{whole % scale:0{EFFECTIVE_DIGITS}d}"


def hop(row: tuple[Any, ...] | list[Any], directory: Directory) -> types.Hop:
    """Give one exchange of a quote."""
    provider, sold, bought, sold_minor, bought_minor, num, den = row
    return types.Hop(
        provider=provider,
        sold=wire.amount(sold_minor, sold, directory),
        bought=wire.amount(bought_minor, bought, directory),
        rate=wire.rate_text(
            int(num), int(den), base_scale=directory.scale(sold), quote_scale=directory.scale(bought)
        ),
    )


def quote_row(row: Found, call: Call) -> types.Quote:
    """Give a quote out of the projection."""
    detail = msgspec.json.decode(row["detail"])
    fact = QuoteGiven(
        row["quote_id"], row["rank"], row["debtor_agent"], tuple(row["providers"].split()), row["source"],
        row["target"], row["source_minor"], row["target_minor"], int(row["num"]), int(row["den"]),
        tuple(map(tuple, detail["fees"])), row["disclosure"], row["issued_at"], row["expires_at"],
        row["lock_until"], row["debit_minor"], row["payee_minor"], tuple(map(tuple, detail["hops"])),
        tuple(detail["reference"]), detail["margin_bp"], detail["earliest_at"], detail["latest_at"],
        tuple(detail["hint"]),
    )  # fmt: skip
    return quote(fact, call.directory, row["ended"] or "open")


def sheet(row: dict[str, Any], directory: Directory) -> types.Sheet:
    """Give a sheet as it stands."""
    sell, buy = row["sell"], row["buy"]
    scales = {"base_scale": directory.scale(sell), "quote_scale": directory.scale(buy)}
    return types.Sheet(
        provider=row["provider"],
        sell=sell,
        buy=buy,
        tiers=[
            types.Tier(
                from_value=wire.amount(start, sell, directory).value,
                rate=wire.rate_text(int(num), int(den), **scales),
            )
            for start, num, den in row["tiers"]
        ],
        min=wire.amount(row["min_minor"], sell, directory),
        max=wire.amount(row["max_minor"], sell, directory),
        valid_from=wire.at_text(row["valid_from"]),
        valid_until=wire.at_text(row["valid_until"]),
        ttl_ms=row["ttl_ms"],
        lock_ms=row["lock_ms"],
        rounding=Rounding(row["rounding"]).name,
        services=[one.name for one in Service if row["services"] >> one & 1],
        kinds=[KINDS[one] for one in PaymentKind if row["kinds"] >> one & 1],
        firm_reserved=row["firm_reserved"],
        version=row["version"],
    )


KINDS = {PaymentKind.CUSTOMER: "customer", PaymentKind.INSTITUTION: "bank", PaymentKind.COVER: "cover"}


def trade(row: dict[str, Any], directory: Directory) -> types.Trade:
    """Give a trade."""
    return types.Trade(
        trade_id=wire.uuid_text(row["trade"]),
        first=row["first"],
        second=row["second"],
        first_pays=wire.amount(row["first_minor"], row["first_pays"], directory),
        second_pays=wire.amount(row["second_minor"], row["second_pays"], directory),
        value_on=wire.on_or_none(row["value_on"]) or "",
        state=row["state"],
        entered_at=wire.at_text(row["entered_at"]),
    )


def rate(row: dict[str, Any], directory: Directory) -> types.RateShown:
    """Give a reference rate."""
    scales = {"base_scale": directory.scale(row["base"]), "quote_scale": directory.scale(row["quote"])}
    return types.RateShown(
        base=row["base"],
        quote=row["quote"],
        rate=wire.rate_text(int(row["num"]), int(row["den"]), **scales),
        kind=row["kind"],
        source=row["source"],
        at=wire.at_text(row["at"]),
        received_at=wire.at_text(row["received_at"]),
        confirmed_at=wire.at_text(row["confirmed_at"]) if row["confirmed_at"] else None,
        marks=list(row["marks"]),
        simulation=bool(row["flags"] & SIMULATION),
    )
