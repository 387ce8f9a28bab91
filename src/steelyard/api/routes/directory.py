"""Who takes part: members, participants and their settings, people, assets, currencies, calendars."""

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, need_match, tell
from steelyard.api.listing import ITEMS
from steelyard.api.orders import order
from steelyard.api.problems import ProblemError
from steelyard.api.route import ANYONE, Param, Route, lists
from steelyard.api.routes.acts import outcome
from steelyard.api.views import directory as views
from steelyard.api.wire import Faults
from steelyard.client import acts, types
from steelyard.flows.choose import SettingsFields
from steelyard.flows.person import PersonFields
from steelyard.members.calendars import CUSTOMER
from steelyard.members.participants import Participant
from steelyard.node.init import CODE_HOURS, code_hash, new_code
from steelyard.storage.access import Enrolment
from steelyard.values.calendars import common_window
from steelyard.values.instants import HOUR, parse_date

DAYS_SHOWN, DAYS_MAX = 30, 800


async def who_am_i(call: Call) -> Reply:
    """Tell the caller who it is to the node and what it may do."""
    who = call.who
    return tell(
        types.Me(
            actor=who.actor, owner=who.owner, kind=who.kind, roles=[role.value for role in who.roles],
            way=who.way, scopes=list(who.scopes), rights=views.rights(call),
        )
    )  # fmt: skip


async def list_members(call: Call) -> Reply:
    """List the members."""
    found = [views.member(one) for one in call.directory.members.members.values()]
    return await listing.answer_items(call, types.Member, found, lambda one: (one.code,))


async def list_participants(call: Call) -> Reply:
    """List the participants of the network."""
    found = [views.participant(one) for one in call.directory.members.participants.values()]
    if "member" in call.query:
        found = [one for one in found if one.member == call.query["member"]]
    return await listing.answer_items(call, types.Participant, found, lambda one: (one.bic,))


async def get_participant(call: Call) -> Reply:
    """Show a participant."""
    return tell(views.participant(_participant(call)))


async def get_settings(call: Call) -> Reply:
    """Show what a participant has set for itself."""
    return tell(views.settings(_own(call), call.directory))


async def change_settings(call: Call) -> Reply:
    """Change one's own settings; a line that rises takes two people."""
    asked, faults, one = call.asked(acts.Settings), Faults(), _own(call)
    if one.bic != call.who.owner:
        raise ProblemError("not-allowed", "a participant changes its own settings alone")
    fields = SettingsFields(
        _pairs(call, asked.accepts, "accepts", faults), _pairs(call, asked.lines, "lines", faults),
        asked.best_quote, asked.requote_tolerance_bp, asked.outside_hours, asked.reports_credit,
        asked.oversubscription_bp, asked.splits, asked.tells_parts,
        None if asked.by_cycle is None else tuple(asked.by_cycle), asked.pays_in,
        asked.explainable,
    )  # fmt: skip
    faults.end()
    need_match(call, views.settings(one, call.directory))
    return tell(outcome(await order(call, "participant.choose", fields)))


async def list_persons(call: Call) -> Reply:
    """List the persons and system keys that the caller sees."""
    view = view_of(call.who, call.directory.members)
    found = [views.person(one) for one in call.directory.members.actors.values() if view.sees(one.owner)]
    return await listing.answer_items(call, types.Person, found, lambda one: (one.owner, one.actor))


async def add_person(call: Call) -> Reply:
    """Let a person act for an owner; the answer has the code to enrol with, once."""
    asked, gateway = call.asked(acts.PersonAsked), call.gateway
    code, wall = new_code(), gateway.wall()
    human = gateway.vault.sign("human", asked.human.encode()) if asked.human else b""
    public_key = bytes.fromhex(asked.public_key) if asked.public_key else b""
    fields = PersonFields(
        asked.actor, asked.owner, tuple(views.role(word) for word in asked.roles), human, public_key,
        b"" if public_key else code_hash(code),
    )  # fmt: skip
    told = outcome(await order(call, "person.add", fields))
    until = wall + CODE_HOURS * HOUR
    if told.outcome == "refused":
        return tell(views.person_added(told, None, None))
    await gateway.aside(
        gateway.stores.access.add_enrolment,
        Enrolment(code_hash(code), asked.actor, asked.owner, wall, until),
    )
    return tell(views.person_added(told, code, wire.at_text(until)))


async def list_assets(call: Call) -> Reply:
    """List what can be booked."""
    found = [views.asset(row) for row in call.directory.assets.values()]
    return await listing.answer_items(call, types.Asset, found, lambda one: (one.asset,))


async def get_currency(call: Call) -> Reply:
    """Show a currency's rules."""
    return tell(views.currency_now(call))


async def list_calendars(call: Call) -> Reply:
    """List the calendars in force."""
    at = await call.gateway.fresh_now()
    found = [views.calendar_shown(code, call.directory, at) for code in call.directory.calendars.assets()]
    return await listing.answer_items(call, types.CalendarShown, found, lambda one: (one.asset,))


async def get_calendar(call: Call) -> Reply:
    """Show a currency's calendar day by day."""
    code, at = call.path_params["asset"], await call.gateway.fresh_now()
    held = call.directory.calendars.of(code, at)
    today = call.directory.calendars.today(code, at)
    if code not in call.directory.calendars.assets() or today is None:
        raise ProblemError("not-found")
    first = parse_date(call.query.get("from_on", "")) or today
    last = parse_date(call.query.get("to_on", "")) or first + DAYS_SHOWN
    return tell(views.calendar_days(code, held, first, min(last, first + DAYS_MAX)))


async def common_calendar(call: Call) -> Reply:
    """Show when several currencies are open together next, now or from a date on."""
    codes = [code for code in call.query.get("currencies", "").split(",") if code]
    if not codes or any(code not in call.directory.calendars.assets() for code in codes):
        raise ProblemError("schema-violation", errors=[_UNKNOWN])
    at = await call.gateway.fresh_now()
    on = parse_date(call.query.get("on", ""))
    held = [call.directory.calendars.of(code, at) for code in codes]
    start = at if on is None else max(at, min(views.starts_at(one, on) for one in held))
    found = common_window(held, CUSTOMER, start)
    if found is not None and on is not None and found.on != on:
        found = None
    return tell(
        types.Window(
            currencies=codes,
            on=wire.on_or_none(found.on) if found else None,
            opens_at=wire.at_or_none(found.start) if found else None,
            closes_at=wire.at_or_none(found.end) if found else None,
        )
    )


def _participant(call: Call) -> Participant:
    found = call.directory.members.participant(call.path_params["bic"])
    if found is None:
        raise ProblemError("not-found")
    return found


def _own(call: Call) -> Participant:
    """Give the participant in the address if the caller sees what is its own."""
    found = _participant(call)
    view_of(call.who, call.directory.members).need(found.bic)
    return found


def _pairs(
    call: Call, given: dict[str, str | None] | None, name: str, faults: Faults
) -> tuple[tuple[str, int | None], ...] | None:
    """Give amounts by asset as the fields have them."""
    if given is None:
        return None
    pairs: list[tuple[str, int | None]] = []
    for asset, text in sorted(given.items()):
        if text is None or text == views.ANY:
            pairs.append((asset, None if text is None else -1))
        else:
            scale = call.directory.scale(asset)
            pairs.append((asset, wire.minor_of(text, scale, faults, f"/{name}/{asset}", zero_allowed=True)))
    return tuple(pairs)


_UNKNOWN = types.Fault("currencies", "asset-unknown", "names currencies that have a calendar here")
_BIC = "/v1/participants/{bic}"
_MEMBER = Param("member", "text", "Of this member alone.")
_SPAN = (Param("from_on", "date", "First date."), Param("to_on", "date", "Last date."))
_COMMON = (
    Param("currencies", "asset", "Codes, separated by commas."),
    Param("on", "date", "The date; without it the next one."),
)
ROUTES = (
    Route("GET", "/v1/me", ANYONE, who_am_i, "Who the caller is", told=types.Me),
    lists("/v1/members", ANYONE, list_members, "Members", types.Member, ITEMS),
    lists("/v1/participants", ANYONE, list_participants, "Participants", types.Participant, (_MEMBER, *ITEMS)),
    Route("GET", _BIC, ANYONE, get_participant, "Show a participant", told=types.Participant),
    Route("GET", f"{_BIC}/settings", "read", get_settings, "A participant's settings", told=types.ParticipantSettings),
    Route(
        "PATCH", f"{_BIC}/settings", "limit", change_settings, "Change one's own settings", acts.Settings,
        types.Done, keyed=True, is_journalled=False,
    ),
    lists("/v1/persons", "read", list_persons, "Persons and system keys", types.Person, ITEMS),
    Route(
        "POST", "/v1/persons", "grant", add_person, "Let a person act", acts.PersonAsked, types.PersonAdded,
        keyed=True, is_journalled=False, secret="code",
    ),
    lists("/v1/assets", ANYONE, list_assets, "Assets", types.Asset, ITEMS),
    Route("GET", "/v1/currencies/{asset}", ANYONE, get_currency, "A currency's rules", told=types.Currency),
    lists("/v1/calendars", ANYONE, list_calendars, "Calendars", types.CalendarShown, ITEMS),
    Route(
        "GET", "/v1/calendars/common", ANYONE, common_calendar, "When currencies are open together",
        told=types.Window, query=_COMMON,
    ),
    Route("GET", "/v1/calendars/{asset}", ANYONE, get_calendar, "A calendar's days", told=types.Calendar, query=_SPAN),
)  # fmt: skip
