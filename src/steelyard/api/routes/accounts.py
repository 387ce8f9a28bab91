"""Accounts: balances, what moved on them, statements; and money on its way in and out."""

from typing import Any

from steelyard.api import csv, listing, paging
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import ITEMS, ORDERING, Field, Listing
from steelyard.api.problems import ProblemError
from steelyard.api.query import PAGE
from steelyard.api.route import CSV, JSON, XML, Param, Route, lists
from steelyard.api.views import accounts as views
from steelyard.api.views import camt
from steelyard.api.views import legs as leg_views
from steelyard.client import types
from steelyard.engine.records import RESERVE
from steelyard.storage.queries import Found
from steelyard.values.instants import parse_date


async def list_accounts(call: Call) -> Reply:
    """List the caller's accounts with what they hold."""
    return await listing.answer(call, ACCOUNTS)


async def get_account(call: Call) -> Reply:
    """Show an account, by its name or number."""
    row = await account_row(call)
    return tell(views.account(row, call.directory), seq=await call.gateway.applied_seq())


async def account_legs(call: Call) -> Reply:
    """List what moved on an account, newest first."""
    row = await account_row(call)
    reader, vault = call.gateway.stores.reader, call.gateway.vault
    name = listing.list_name(call)
    window = paging.window(vault, call.query, of=name)
    newest = call.query.get("order", "newest") == "newest"
    back = window.before is not None
    edge = (window.before if back else window.after) or ()
    descending = newest != back
    bound: dict[str, Any] = {("before" if descending else "after"): edge[0]} if edge else {}

    def work() -> Reply:
        found = reader.account_legs(
            row["account_no"], limit=window.limit + 1, newest_first=descending, **bound
        )
        more, rows = len(found) > window.limit, found[: window.limit]
        if back:
            rows.reverse()
        names = leg_views.Names(reader)
        page: types.Page[types.LegRow] = types.Page(
            items=[leg_views.leg(leg, call.directory, names) for leg in rows],
            next=paging.write(vault, (rows[-1]["key"],), of=name) if rows and (back or more) else None,
            prev=paging.write(vault, (rows[0]["key"],), of=name)
            if rows and (more if back else window.after is not None)
            else None,
            applied_seq=reader.applied_seq(),
        )
        return tell(page, seq=page.applied_seq)

    return await call.gateway.aside(work)


async def account_reservations(call: Call) -> Reply:
    """List what is set aside on an account: on its way out or in."""
    row = await account_row(call)
    found, seq = await _open_reservations(call, row)
    return tell(found, seq=seq)


async def _open_reservations(call: Call, row: Found) -> tuple[list[types.Reservation], int]:
    """Look back through an account's legs until what is found still open makes up all that it has reserved."""
    gateway, number = call.gateway, row["account_no"]
    asset = call.directory.by_no[row["asset_no"]].code
    missing = int(row["debits_reserved"]) + int(row["credits_reserved"])
    seen: set[bytes] = set()
    shown: list[types.Reservation] = []
    edge: dict[str, Any] = {}
    for _ in range(LOOKS):
        legs = await gateway.aside(gateway.stores.reader.account_legs, number, limit=STEP, **edge)
        bundles = dict.fromkeys(leg["bundle_id"] for leg in legs if leg["act"] == RESERVE)
        found = await gateway.read("reservations", *(bundle for bundle in bundles if bundle not in seen))
        seen.update(bundles)
        for one in found.decoded(list[dict[str, Any]]):
            told = [views.reservation(one, leg, number, asset, call.directory) for leg in one["legs"]]
            shown += [each for each in told if each is not None]
        if len(legs) < STEP or sum(int(one.amount.amount_minor) for one in shown) >= missing:
            break
        edge = {"before": legs[-1]["key"]}
    return shown, found.seq


async def get_statement(call: Call) -> Reply:
    """Show a business day's statement of an account: as JSON, CSV or camt.053."""
    row, on = await account_row(call), parse_date(call.path_params["on"])
    reader = call.gateway.stores.reader
    day = await call.gateway.aside(reader.statement, row["account_no"], on) if on is not None else None
    if day is None:
        raise ProblemError("not-found", "the day has not ended, or is not of this account's calendar")

    def work() -> types.Statement:
        legs = reader.statement_legs(day)
        return views.statement(row, day, legs, call.directory, leg_views.Names(reader))

    made = await call.gateway.aside(work)
    seq = await call.gateway.applied_seq()
    if call.is_csv:
        pieces = csv.stream(
            types.StatementEntry, listing.once(made.entries, None), bom=call.query.get("bom") == "true"
        )
        return Reply(200, media=f"{CSV}; charset=utf-8", pieces=pieces)
    if call.accepts(XML):
        return Reply(200, await call.gateway.aside(camt.statement_message, made, call), XML)
    return tell(made, seq=seq)


async def list_fundings(call: Call) -> Reply:
    """List money brought in, newest first."""
    return await listing.answer(call, FUNDINGS)


async def list_redemptions(call: Call) -> Reply:
    """List money taken out, newest first."""
    return await listing.answer(call, REDEMPTIONS)


async def account_row(call: Call) -> Found:
    """Give the account in the address, by number or name, if the caller may see it."""
    text = call.path_params["account"]
    by: dict[str, Any] = {"name": text.replace("~", "/")}
    if text.isascii() and text.isdigit() and len(text) < 19:
        by = {"account_no": int(text)}
    row = await call.gateway.aside(call.gateway.stores.reader.one, "account", **by)
    if row is None or not view_of(call.who, call.directory.members).sees(row["owner"]):
        raise ProblemError("not-found")
    return row


def _asset_no(codes: Any, call: Call) -> list[int]:
    return [call.directory.assets[code].asset_no for code in codes if code in call.directory.assets]


STEP, LOOKS = 5_000, 20
"""Legs of an account that are looked at in one go for its open reservations, and how often"""
_OF = (
    Field(Param("state", "text", "How it stands."), "state", value=lambda word, call: word.upper()),
    Field(Param("currency", "asset", "In these currencies."), "asset"),
    Field(Param("participant", "bic", "Whose."), "participant"),
)
ACCOUNTS = Listing(
    "account",
    types.AccountState,
    lambda row, call: views.account(row, call.directory),
    listing.own("owner"),
    (
        Field(Param("name", "text", "The name of one account."), "name"),
        Field(Param("owner", "text", "Whose."), "owner"),
        Field(Param("currency", "asset", "In these assets."), "asset_no", value=_asset_no),
        Field(Param("kind", "text", "What it is for."), "kind"),
    ),
    newest_first=False,
)
FUNDINGS = Listing(
    "funding",
    types.Funding,
    lambda row, call: views.funding(row, call.directory),
    listing.own("participant"),
    _OF,
)
REDEMPTIONS = Listing(
    "redemption", types.Redemption, lambda row, call: views.redemption(row, call.directory),
    listing.own("participant"), _OF,
)  # fmt: skip
_AT = "/v1/accounts/{account}"
ROUTES = (
    lists("/v1/accounts", "read", list_accounts, "Accounts", types.AccountState, ACCOUNTS.query),
    Route("GET", _AT, "read", get_account, "Show an account", told=types.AccountState),
    Route(
        "GET", f"{_AT}/legs", "read", account_legs, "What moved on an account", told=types.Page[types.LegRow],
        query=(ORDERING, *PAGE),
    ),
    Route(
        "GET", f"{_AT}/reservations", "read", account_reservations, "What is set aside on an account",
        told=list[types.Reservation],
    ),
    Route(
        "GET", "/v1/statements/{account}/{on}", "read", get_statement, "A day's statement", told=types.Statement,
        tells=(JSON, CSV, XML), query=(ITEMS[0],),
    ),
    lists("/v1/fundings", "read", list_fundings, "Money brought in", types.Funding, FUNDINGS.query),
    lists("/v1/redemptions", "read", list_redemptions, "Money taken out", types.Redemption, REDEMPTIONS.query),
)  # fmt: skip
