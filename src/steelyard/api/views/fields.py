"""From the bodies of orders to the fields of their commands: texts become minor units, instants, digests."""

from hashlib import sha256
from typing import Any

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.gateway import MS
from steelyard.api.problems import ProblemError
from steelyard.api.wire import Faults
from steelyard.client import acts
from steelyard.flows import (
    activate,
    calendar,
    currency,
    fund,
    hand,
    ledger,
    limits,
    packs,
    person,
    rates,
    reconcile,
    redeem,
)
from steelyard.flows.command import id_time_ms
from steelyard.fx.rates import SIMULATION
from steelyard.members.roles import Role
from steelyard.values.calendars import CalendarRow
from steelyard.values.rate import from_decimal_text


def roles(words: list[Any]) -> tuple[Role, ...]:
    """Give roles by their words."""
    return tuple(Role(word) for word in words)


def asset_of(call: Call) -> str:
    """Give the asset in the address; one that is not booked here is not found."""
    asset = call.path_params["asset"]
    if asset not in call.directory.assets and asset not in call.directory.members.assets:
        raise ProblemError("not-found")
    return asset


def account_name(call: Call) -> str:
    """Give the name of the account in the address, which is its number or its name with ~ for slashes."""
    text = call.path_params["account"]
    if text.isascii() and text.isdigit() and len(text) < 19:
        row = call.gateway.stores.reader.one("account", account_no=int(text))
        if row is None:
            raise ProblemError("not-found")
        return str(row["name"])
    return text.replace("~", "/")


def cap(call: Call, asked: acts.CapAsked, faults: Faults) -> currency.CapFields:
    """Make the fields of a cap; the amount is of the currency in the address."""
    asset = asset_of(call)
    if asked.cap.asset != asset:
        faults.add("/cap/asset", "asset-differs", f"must be {asset}", asked.cap.asset)
    return currency.CapFields(asset, wire.minor(asked.cap, call.directory, faults, "/cap"))


def rules(call: Call, asked: acts.CurrencyRules, faults: Faults) -> currency.RulesFields:
    """Make the fields of a currency's rules."""
    asset = asset_of(call)
    scale = call.directory.scale(asset)
    advice = -1
    if asked.advice_line is not None:
        advice = wire.minor_of(asked.advice_line, scale, faults, "/advice_line", zero_allowed=True)
    return currency.RulesFields(
        asset, asked.open_to_all, tuple(asked.allowed), asked.fund_on_advice,
        wire.minor_of(asked.issue_line, scale, faults, "/issue_line", zero_allowed=True), advice,
        asked.stop_on_difference,
        asked.queue_mode,
    )  # fmt: skip


def system_key(call: Call, asked: acts.SystemKeyAsked, faults: Faults) -> person.KeyFields:
    """Make the fields of a system key; without a public key its credential is an API key, kept elsewhere."""
    public_key = bytes.fromhex(asked.public_key) if asked.public_key else b""
    credential = b"" if public_key else sha256(b"steelyard.api-key\0" + asked.actor.encode()).digest()
    return person.KeyFields(
        asked.actor, asked.owner, roles(list(asked.roles)), asked.holder, public_key, credential,
        wire.instant(asked.valid_from, faults, "/valid_from"), wire.instant(asked.valid_to, faults, "/valid_to"),
    )  # fmt: skip


def advice(call: Call, asked: acts.AdviceAsked, faults: Faults) -> fund.AdviceFields:
    """Make the fields of an advice."""
    minor = wire.minor(asked.amount, call.directory, faults, "/amount")
    return fund.AdviceFields(
        asked.amount.asset, asked.participant, minor, asked.advice, wire.uuid_bytes(asked.funding)
    )


def issue(call: Call, asked: acts.IssueAsked, faults: Faults) -> fund.IssueFields:
    """Make the fields of an issue by hand."""
    minor = wire.minor(asked.amount, call.directory, faults, "/amount")
    return fund.IssueFields(asked.amount.asset, asked.participant, minor, asked.reference)


def payout(call: Call, asked: acts.PayoutAsked, faults: Faults) -> redeem.PayoutFields:
    """Make the fields of a report about a pay-out."""
    minor = wire.minor(asked.amount, call.directory, faults, "/amount")
    redemption = wire.path_id(call.path_params["id"])
    return redeem.PayoutFields(redemption, asked.paid, minor, asked.payout, asked.reason)


def statement(call: Call, asked: acts.ReserveStatement, faults: Faults) -> reconcile.StatementFields:
    """Make the fields of a reserve account's statement."""
    scale = call.directory.scale(asked.asset)
    items = tuple(
        (item.reference, signed(item.value, scale, faults, f"/items/{n}/value"))
        for n, item in enumerate(asked.items)
    )
    return reconcile.StatementFields(
        asked.asset, asked.statement, wire.instant(asked.until_at, faults, "/until_at"),
        wire.minor_of(asked.closing, scale, faults, "/closing", zero_allowed=True), items,
    )  # fmt: skip


def signed(text: str, scale: int, faults: Faults, pointer: str) -> int:
    """Read a decimal that may have a minus as minor units."""
    minor = wire.minor_of(text.removeprefix("-"), scale, faults, pointer, zero_allowed=True)
    return -minor if text.startswith("-") else minor


def account(call: Call, asked: acts.AccountAsked, faults: Faults) -> ledger.OpenFields:
    """Make the fields of a further account."""
    ceiling = -1
    if asked.ceiling is not None:
        ceiling = wire.minor_of(
            asked.ceiling, call.directory.scale(asked.asset), faults, "/ceiling", zero_allowed=True
        )
    return ledger.OpenFields(asked.asset, asked.kind, asked.purpose, ceiling)


def bounds(call: Call, asked: acts.BoundsAsked, faults: Faults) -> ledger.BoundsFields:
    """Make the fields of an account's bounds."""
    name = account_name(call)
    scale = call.directory.scale(name.split("/")[1] if "/" in name else "")
    ceiling = -1
    if asked.ceiling is not None:
        ceiling = wire.minor_of(asked.ceiling, scale, faults, "/ceiling", zero_allowed=True)
    return ledger.BoundsFields(name, signed(asked.floor, scale, faults, "/floor"), ceiling)


def limit(call: Call, asked: acts.LimitAsked, faults: Faults) -> limits.LimitFields:
    """Make the fields of a limit."""
    row = call.directory.assets.get(asked.cap.asset)
    if row is None:
        faults.add("/cap/asset", "asset-unknown", "no asset of this code is booked here", asked.cap.asset)
    scale = row.scale if row is not None else 0
    cap_minor = wire.minor_of(asked.cap.value, scale, faults, "/cap/value", zero_allowed=True)
    return limits.LimitFields(asked.kind, asked.cap.asset, cap_minor, asked.other, asked.reset)


def move(call: Call, asked: acts.MoveAsked, faults: Faults) -> hand.MoveFields:
    """Make the fields of a move."""
    minor = wire.minor(asked.amount, call.directory, faults, "/amount")
    return hand.MoveFields(asked.source, asked.target, minor)


def reservation(call: Call, asked: acts.ReserveAsked, faults: Faults) -> hand.ReserveFields:
    """Make the fields of a reservation."""
    minor = wire.minor(asked.amount, call.directory, faults, "/amount")
    deadline = wire.instant(asked.deadline_at, faults, "/deadline_at")
    voyage, step = wire.uuid_bytes(asked.voyage), asked.after_step or ""
    return hand.ReserveFields(asked.source, asked.target, minor, deadline, voyage, step)


def reservation_end(call: Call, asked: acts.ReleaseAsked, faults: Faults) -> hand.EndFields:
    """Make the fields that end a reservation."""
    minor = wire.minor(asked.amount, call.directory, faults, "/amount") if asked.amount is not None else 0
    return hand.EndFields(wire.path_id(call.path_params["bundle"]), minor)


def calendar_rows(call: Call, asked: acts.CalendarAsked, faults: Faults) -> calendar.CalendarFields:
    """Make the fields of a calendar's revision."""
    rows = []
    for n, row in enumerate(asked.rows):
        at = f"/rows/{n}"
        opens = tuple(
            (wire.instant(start, faults, f"{at}/open/{k}/0"), wire.instant(end, faults, f"{at}/open/{k}/1"))
            for k, (start, end) in enumerate(row.open)
        )
        rows.append(
            CalendarRow(
                wire.date(row.on, faults, f"{at}/on"), wire.instant(row.starts_at, faults, f"{at}/starts_at"),
                row.business, opens,
            )
        )  # fmt: skip
    issued = wire.instant(asked.issued_at, faults, "/issued_at") or id_time_ms(call.command_id) * MS
    return calendar.CalendarFields(
        asset_of(call), asked.revision, issued, wire.instant(asked.in_force_from, faults, "/in_force_from"),
        tuple(rows), tuple(sorted(asked.cutoffs.items())), asked.always_open,
    )  # fmt: skip


def pack(call: Call, asked: acts.PackAsked, faults: Faults) -> packs.PackFields:
    """Make the fields of a pack's version."""
    content = asked.content.encode()
    if sha256(content).hexdigest() != asked.digest:
        faults.add("/digest", "digest-differs", "is not the SHA-256 of the content", asked.digest)
    in_force = wire.instant(asked.in_force_from, faults, "/in_force_from")
    return packs.PackFields(
        asked.kind, asked.id, asked.version, bytes.fromhex(asked.digest), content, in_force
    )


def activation(call: Call, asked: acts.ActivationAsked, faults: Faults) -> activate.ActivateFields:
    """Make the fields that bring a rule into force."""
    return activate.ActivateFields(asked.rule, wire.instant(asked.from_at, faults, "/from_at"))


def reference_rates(call: Call, asked: acts.RatesAsked, faults: Faults) -> rates.RatesFields:
    """Make the fields of reference rates."""
    rows = []
    for n, one in enumerate(asked.rates):
        scale = call.directory.scale
        found = from_decimal_text(
            one.base, one.quote, one.rate, base_scale=scale(one.base), quote_scale=scale(one.quote)
        )
        if found is None:
            faults.add(f"/rates/{n}/rate", "no-rate", "more than zero, at most 18 digits", one.rate)
            continue
        rows.append((one.base, one.quote, found.num, found.den, SIMULATION * one.simulation))
    return rates.RatesFields(asked.source, wire.instant(asked.at, faults, "/at"), tuple(rows), asked.kind)


def rate_confirmed(call: Call, asked: acts.RateConfirmed, faults: Faults) -> rates.ConfirmFields:
    """Make the fields of a confirmation."""
    return rates.ConfirmFields(asked.base, asked.quote, asked.kind, wire.instant(asked.at, faults, "/at"))


def rate_rules(call: Call, asked: acts.RateRulesAsked, faults: Faults) -> rates.RulesFields:
    """Make the fields of a currency's rules about its rates."""
    return rates.RulesFields(
        call.path_params["asset"], asked.stale_after_ms, asked.dual_bp, asked.jump_bp, tuple(asked.kinds),
        tuple((one.flow, one.kind) for one in asked.choices),
    )  # fmt: skip
