"""Coming in: enrolment, log-in, sessions, API keys."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import ParamSpec, TypeVar

from steelyard.api import listing, wire
from steelyard.api.auth import keys, limits, sessions, totp
from steelyard.api.auth.caller import SESSION, Caller
from steelyard.api.auth.secret import Secret
from steelyard.api.call import Call, Reply, tell
from steelyard.api.problems import ProblemError
from steelyard.api.route import ANYONE, PUBLIC, Route, lists
from steelyard.api.shape import unfit
from steelyard.client import types
from steelyard.members.people import KEY, REVOKED
from steelyard.members.rights import ACTIONS
from steelyard.storage.access import ApiKey, Session

P = ParamSpec("P")
T = TypeVar("T")

FAILURE_SECONDS = 0.5
"""What every failed log-in takes at least, so that nothing is learnt from its time"""


async def enrol(call: Call) -> Reply:
    """Come in first with a one-time code: password, authenticator and recovery codes are set, shown once."""
    asked, gateway = call.asked(types.EnrolAsked), call.gateway
    gateway.limits.take(limits.LOG_INS, "log-in", call.address)
    made = await _slowly(call, gateway.sessions.enrol, Secret(asked.code), Secret(asked.password))
    network = call.directory.network.network_id
    return tell(
        types.Enrolled(
            person=made.person, owner=made.owner, totp_secret=totp.text(made.totp_secret),
            totp_address=totp.address(made.totp_secret, person=made.person, network=network),
            recovery_codes=list(made.recovery_codes),
        ),
        status=HTTPStatus.CREATED,
    )  # fmt: skip


async def log_in(call: Call) -> Reply:
    """Begin a session; the cookie that comes back is the session."""
    asked = call.asked(types.LogInAsked)
    return await _begin(call, asked.person, asked.password, asked.code, b"")


async def step_up(call: Call) -> Reply:
    """Log in once more within a session, as sensitive acts ask for; the session gets a new id."""
    asked, who = call.asked(types.StepUpAsked), call.who
    if who.way != SESSION:
        raise ProblemError("not-allowed", "a key has no session")
    return await _begin(call, who.actor, asked.password, asked.code, who.session)


async def show_session(call: Call) -> Reply:
    """Show the running session."""
    row = await call.gateway.aside(call.gateway.sessions.row, call.who.session)
    if row is None:
        raise ProblemError("not-found")
    return tell(_shown(row, call.who))


async def log_out(call: Call) -> Reply:
    """End the session."""
    await call.gateway.aside(call.gateway.sessions.log_out, call.who.session)
    return Reply(HTTPStatus.NO_CONTENT, headers=(("Set-Cookie", _cookie("", 0)),))


async def new_key(call: Call) -> Reply:
    """Make an API key for oneself, or for a system key that one holds; its text is shown once.

    For nobody else, whatever right one has: who holds another's key is another. A narrowed key makes none.
    """
    asked, gateway, who = call.asked(types.ApiKeyAsked), call.gateway, call.who
    if who.is_narrowed:
        raise ProblemError("not-allowed", "a key with scopes or addresses makes no other key")
    holder = call.directory.members.actors.get(asked.holder or who.actor)
    if holder is None or holder.state == REVOKED or who.actor not in (holder.id, holder.holder):
        raise ProblemError("not-found", "there is no such holder that is yours")
    _check_scopes(asked.scopes)
    made = keys.make(
        env=gateway.config.profile, owner=holder.owner, holder=holder.id, scopes=tuple(asked.scopes),
        addresses=tuple(asked.addresses), label=asked.label, at=gateway.wall(), days=asked.days,
    )  # fmt: skip
    await gateway.aside(gateway.stores.access.add_key, made.key)
    shown = key_shown(made.key, gateway.wall(), made.text.reveal())
    return tell(shown, status=HTTPStatus.CREATED, location=f"/v1/api-keys/{made.key.id}")


async def list_keys(call: Call) -> Reply:
    """List the API keys of the caller's owner, without their secrets."""
    rows = await call.gateway.aside(call.gateway.stores.access.keys, call.who.owner)
    wall = call.gateway.wall()
    found = [key_shown(row, wall) for row in rows if _may_see(call, row)]
    return await listing.answer_items(call, types.ApiKeyShown, found, lambda one: (one.created_at, one.id))


async def revoke_key(call: Call) -> Reply:
    """Revoke an API key for good; within a second no gateway takes it any more."""
    gateway, access = call.gateway, call.gateway.stores.access
    row = await gateway.aside(access.key, call.path_params["id"])
    if row is None or not _may_see(call, row) or (call.who.is_narrowed and row.id != call.who.token):
        raise ProblemError("not-found")
    await gateway.aside(access.revoke_key, row.id, gateway.wall())
    gateway.keys.forget()
    now = await gateway.aside(access.key, row.id)
    return tell(key_shown(now or row, gateway.wall()))


async def _begin(call: Call, person: str, password: str, code: str, instead_of: bytes) -> Reply:
    """Begin a session in place of another, or fail as slowly as ever."""
    gateway = call.gateway
    gateway.limits.take(limits.LOG_INS, "log-in", call.address)
    started = await _slowly(
        call, lambda: gateway.sessions.log_in(
            person, Secret(password), Secret(code), address=call.address, instead_of=instead_of
        )
    )  # fmt: skip
    actor = call.directory.members.actors.get(person)
    if actor is None or actor.state == REVOKED:
        await gateway.aside(gateway.sessions.log_out, started.session.id_hash)
        raise keys.refused("log-in-failed")
    who = Caller(actor.id, actor.owner, actor.kind, actor.roles, SESSION, "")
    cookie = _cookie(started.cookie.reveal(), sessions.ABSOLUTE_NS // 1_000_000_000)
    return tell(_shown(started.session, who), status=HTTPStatus.CREATED).with_headers(("Set-Cookie", cookie))


async def _slowly(call: Call, work: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
    """Do what may fail aside; a failure takes its full time."""
    begun = call.gateway.monotonic()
    try:
        return await call.gateway.aside(work, *values, **named)
    except ProblemError:
        left = FAILURE_SECONDS - (call.gateway.monotonic() - begun)
        await asyncio.sleep(max(left, 0.0))
        raise


def _cookie(value: str, seconds: int) -> str:
    return f"{sessions.COOKIE}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict"


def _shown(row: Session, who: Caller) -> types.SessionShown:
    return types.SessionShown(
        person=row.person, owner=row.owner, roles=[role.value for role in who.roles], csrf=row.csrf,
        expires_at=wire.at_text(row.expires_at), idle_until=wire.at_text(row.seen_at + sessions.IDLE_NS),
    )  # fmt: skip


def _check_scopes(scopes: list[str]) -> None:
    """Raise with every scope that is no right."""
    faults = [
        types.Fault(f"/scopes/{n}", "one-of", "is no right", scope)
        for n, scope in enumerate(scopes)
        if scope not in ACTIONS
    ]
    if faults:
        raise unfit(faults)


def _may_see(call: Call, row: ApiKey) -> bool:
    """Tell whether a key is the caller's own, of a system key it holds, or of whom it may grant and revoke."""
    who, members = call.who, call.directory.members
    actor = members.actors.get(row.holder)
    if who.actor == row.holder or (actor is not None and actor.kind == KEY and actor.holder == who.actor):
        return True
    return who.right("grant") is not None and members.reaches(who.actor, "grant", owner=row.owner)


def key_shown(row: ApiKey, wall: int, text: str | None = None) -> types.ApiKeyShown:
    """Give a key without its secret, or with it the one time it is made."""
    state = "revoked" if row.revoked_at else "active" if row.holds(wall) else "expired"
    return types.ApiKeyShown(
        id=row.id, owner=row.owner, holder=row.holder, label=row.label, scopes=list(row.scopes),
        addresses=list(row.addresses), created_at=wire.at_text(row.created_at),
        expires_at=wire.at_text(row.expires_at), state=state, key=text,
    )  # fmt: skip


_CURRENT = "/v1/sessions/current"
ROUTES = (
    Route("POST", "/v1/enrolments", PUBLIC, enrol, "Come in first", types.EnrolAsked, types.Enrolled, status=201),
    Route("POST", "/v1/sessions", PUBLIC, log_in, "Log in", types.LogInAsked, types.SessionShown, status=201),
    Route("GET", _CURRENT, ANYONE, show_session, "The running session", told=types.SessionShown),
    Route("DELETE", _CURRENT, ANYONE, log_out, "Log out", status=204),
    Route(
        "POST", f"{_CURRENT}/step-up", ANYONE, step_up, "Log in once more", types.StepUpAsked, types.SessionShown,
        status=201,
    ),
    Route(
        "POST", "/v1/api-keys", ANYONE, new_key, "Make an API key", types.ApiKeyAsked, types.ApiKeyShown,
        keyed=True, status=201, secret="key", is_journalled=False,
    ),
    lists("/v1/api-keys", ANYONE, list_keys, "API keys", types.ApiKeyShown, listing.ITEMS),
    Route(
        "DELETE", "/v1/api-keys/{id}", ANYONE, revoke_key, "Revoke an API key", told=types.ApiKeyShown, keyed=True,
        is_journalled=False,
    ),
)  # fmt: skip
