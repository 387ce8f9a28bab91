"""The door every request passes: who asks, may he, is the body of a size and kind that is read, and the reply.

One function for all routes, in one order: address and query, caller, right, rate, body, idempotency key, the
route itself, headers. Whatever ends a request on the way is a problem document.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from steelyard.api import exchange, idempotency
from steelyard.api.auth import limits, sessions
from steelyard.api.auth.caller import Caller
from steelyard.api.auth.keys import refused
from steelyard.api.auth.secret import Secret
from steelyard.api.call import Call, Reply, etag
from steelyard.api.gateway import WAIT_MS, Gateway
from steelyard.api.problems import MEDIA_TYPE, ProblemError, encode
from steelyard.api.query import check_query
from steelyard.api.route import ANYONE, PUBLIC, Route
from steelyard.members.rights import Persons
from steelyard.node.logs import log, where
from steelyard.values.instants import format_instant

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

HEADERS_MAX = 16 * 1024
BODY_SECONDS = 30.0
ONCE = frozenset({b"authorization", b"content-type", b"host", b"idempotency-key", b"steelyard-csrf"})
"""Headers that a proxy before us might read otherwise than we do, if they stood twice"""
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SAFE = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_START, _BODY = "http.response.start", "http.response.body"


async def serve(
    gateway: Gateway, routes: Mapping[str, Route], scope: Any, receive: Receive, send: Send
) -> None:
    """Answer one request to an address; `routes` are its methods."""
    begun = time.perf_counter()
    request_id = gateway.request_id()
    is_head = scope["method"] == "HEAD"
    route = routes.get("GET" if is_head else scope["method"])
    try:
        if route is None:
            raise ProblemError("method-not-allowed", headers={"Allow": ", ".join(sorted(routes))})
        reply = await answer(gateway, route, scope, receive, request_id)
    except ProblemError as error:
        reply = problem_reply(error, request_id)
    except Exception as error:  # our fault: an id for the caller, the place for the log, no words of either
        log().error(
            "request failed", request_id=request_id, path=route.path if route else "", why=where(error)
        )
        reply = problem_reply(ProblemError("internal"), request_id)
    await write(gateway, reply, request_id, scope, receive, send)
    gateway.seen(route.name if route else "none", reply.status, time.perf_counter() - begun)


async def answer(gateway: Gateway, route: Route, scope: Any, receive: Receive, request_id: str) -> Reply:
    """Give the reply to a request, or raise the problem that ends it."""
    call = await open_call(gateway, route, scope, request_id)
    admit(call, scope)
    if route.method in CHANGES:
        call.body = await read_body(call, scope, receive)
    if "wait_seq" in call.query:
        await gateway.wait_for(int(call.query["wait_seq"]), int(call.query.get("wait_ms", WAIT_MS)))
    reply = await (idempotency.run(call) if route.keyed else route.run(call))
    if route.method == "GET" and reply.status == 200 and reply.pieces is None:
        tag = etag(reply.body)
        if call.header("if-none-match") == tag:
            return Reply(304, headers=(*reply.headers, ("ETag", tag)))
        return reply.with_headers(("ETag", tag))
    return reply


async def open_call(gateway: Gateway, route: Route, scope: Any, request_id: str) -> Call:
    """Read address, headers and query of a request, and find out who asks."""
    directory = await gateway.directory()
    headers = headers_of(scope)
    call = Call(
        gateway, route, directory, path=scope["path"], path_params=scope.get("path_params") or {},
        query=query_of(scope), headers=headers, request_id=request_id, address=address_of(scope, gateway),
    )  # fmt: skip
    if route.action != PUBLIC or b"authorization" in headers or b"cookie" in headers:
        call.caller = await known_caller(call, public=route.action == PUBLIC)
    check_query(route, call.query)
    return call


async def known_caller(call: Call, *, public: bool) -> Caller | None:
    """Find out who asks; where the copy of the directory may be behind, look once at the newest."""
    try:
        return await caller_of(call, public=public)
    except ProblemError as error:
        if error.problem.code != "holder-may-not-act":
            raise
    await call.gateway.read("now")  # its answer brings the version of the directory
    call.directory = await call.gateway.directory()
    return await caller_of(call, public=public)


def headers_of(scope: Any) -> dict[bytes, bytes]:
    """Give the headers by name, within their bound; one of those that decide must not stand twice."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if sum(len(name) + len(value) for name, value in headers) > HEADERS_MAX:
        raise ProblemError("headers-too-large")
    found = dict(headers)
    if len(found) != len(headers):
        names = [name for name, _ in headers if name in ONCE]
        if len(names) != len(set(names)):
            raise ProblemError("schema-violation", "a header stands twice that may stand once")
    return found


def query_of(scope: Any) -> dict[str, str]:
    """Give the query fields; one that stands twice is refused."""
    raw = scope["query_string"]
    if not raw:
        return {}
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise ProblemError("schema-violation", "the query is no list of name=value") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ProblemError("schema-violation", "a query field stands twice")
    return found


def address_of(scope: Any, gateway: Gateway) -> str:
    """Give the address of who asks; what a proxy says of it counts only from trusted ones."""
    client = scope.get("client")
    address = client[0] if client else ""
    if address in gateway.config.trusted_proxies:
        for name, value in reversed(scope["headers"]):  # the proxy's own line is the last
            if name == b"x-forwarded-for":
                return str(value.decode("latin-1").rpartition(",")[2].strip())
    return str(address)


async def caller_of(call: Call, *, public: bool = False) -> Caller | None:
    """Tell who asks, by key or by session; on a public route nobody needs to be anybody."""
    gateway, members = call.gateway, call.directory.members
    try:
        kind, _, text = call.header("authorization").partition(" ")
        if kind:
            if kind.lower() != "bearer":
                raise refused("key-malformed")
            return gateway.keys.caller(text.strip(), members, address=call.address)
        cookie = cookie_of(call.header("cookie"))
        if cookie is not None:
            return await gateway.aside(gateway.sessions.caller, cookie, members)
        raise refused("no-credentials")
    except ProblemError:
        if public:
            return None
        gateway.limits.take(limits.UNKNOWN, "unknown", call.address)
        raise


def cookie_of(header: str) -> Secret | None:
    """Give what our cookie holds."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == sessions.COOKIE and value:
            return Secret(value)
    return None


def admit(call: Call, scope: Any) -> None:
    """Raise where the caller has no right to the route, or asks too often."""
    route, caller = call.route, call.caller
    if route.action == PUBLIC:
        call.gateway.limits.take(limits.READS, "public", call.address)
        return
    if caller is None:
        raise refused("no-credentials")
    right = caller.right(route.action)
    if route.action != ANYONE and right is None:
        raise ProblemError("not-allowed", f"the right {route.action} is needed")
    if route.method in CHANGES:
        sensitive = route.action == "approve" or (right is not None and right.persons is Persons.TWO)
        if sensitive and sessions.needs_step_up(caller, call.gateway.wall()):
            raise ProblemError("step-up-needed", "log in once more at /v1/sessions/current/step-up")
        sessions.check_csrf(caller, call.header("steelyard-csrf"))
        call.gateway.limits.take(limits.PAYMENTS, "changes", caller.token)
    else:
        call.gateway.limits.take(limits.READS, "reads", caller.token)


async def read_body(call: Call, scope: Any, receive: Receive) -> bytes:
    """Read the body within the route's bounds; a kind that the route does not read is refused first."""
    check_media(call)
    most = call.route.body_max
    length = call.headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > most:
        raise ProblemError("body-too-large", f"at most {most} bytes")
    whole = exchange.whole_body(scope)
    if whole is not None:
        if len(whole) > most:
            raise ProblemError("body-too-large", f"at most {most} bytes")
        return whole
    pieces, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ProblemError("malformed-body", "the body ended before its length")
                piece = message.get("body", b"")
                size += len(piece)
                if size > most:
                    raise ProblemError("body-too-large", f"at most {most} bytes")
                pieces.append(piece)
                if not message.get("more_body"):
                    return b"".join(pieces)
    except TimeoutError:
        exchange.make_last(scope)  # who sends so slowly need not keep the connection
        raise ProblemError("request-too-slow") from None


def check_media(call: Call) -> None:
    """Raise where the body is of a kind, or packed in a way, that the route does not read."""
    if call.header("content-encoding") not in ("", "identity"):
        raise ProblemError("media-type-not-supported", "send the body without Content-Encoding")
    given, _, rest = call.header("content-type").partition(";")
    charset = rest.strip().lower()
    if charset.startswith("charset=") and charset.removeprefix("charset=").strip('"') != "utf-8":
        raise ProblemError("media-type-not-supported", "the charset is UTF-8")
    if given.strip().lower() not in call.route.asks and (
        given or call.headers.get(b"content-length", b"0") != b"0"
    ):
        raise ProblemError("media-type-not-supported", f"this address reads {', '.join(call.route.asks)}")


def problem_reply(error: ProblemError, request_id: str) -> Reply:
    """Give the reply that carries a problem."""
    error.problem.instance = f"urn:steelyard:request:{request_id}"
    return Reply(error.problem.status, encode(error.problem), MEDIA_TYPE, tuple(error.headers.items()))


async def write(
    gateway: Gateway, reply: Reply, request_id: str, scope: Any, receive: Receive, send: Send
) -> None:
    """Send a reply with the headers that every one has."""
    is_head = scope["method"] == "HEAD"
    headers = [
        (b"content-type", reply.media.encode()),
        (b"steelyard-request-id", request_id.encode()),
        (b"steelyard-time", format_instant(gateway.now()).encode()),
        *_SAFE,
        *((name.lower().encode(), value.encode("latin-1", "replace")) for name, value in reply.headers),
    ]
    if gateway.is_open:
        headers.append((b"steelyard-sandbox", b"true"))
    if reply.pieces is None:
        headers.append((b"content-length", str(len(reply.body)).encode()))
        if exchange.send_whole(scope, reply.status, headers, reply.body):
            return
        await send({"type": _START, "status": reply.status, "headers": headers})
        await send({"type": _BODY, "body": b"" if is_head else reply.body})
        return
    await send({"type": _START, "status": reply.status, "headers": headers})
    if is_head:
        async with contextlib.aclosing(reply.pieces) as pieces:
            await anext(pieces, None)  # what has not begun does not end either, and would keep its place
        await send({"type": _BODY, "body": b""})
    else:
        await stream(reply.pieces, receive, send)


async def stream(pieces: AsyncGenerator[bytes], receive: Receive, send: Send) -> None:
    """Send pieces until they end or the reader is gone; what gives them is told either way."""

    async def pump() -> None:
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                await send({"type": _BODY, "body": piece, "more_body": True})
        await send({"type": _BODY, "body": b""})

    async def leave() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue

    pumping, gone = asyncio.ensure_future(pump()), asyncio.ensure_future(leave())
    try:
        await asyncio.wait((pumping, gone), return_when=asyncio.FIRST_COMPLETED)
        if pumping.done():
            pumping.result()
    finally:
        gone.cancel()
        pumping.cancel()
        await asyncio.wait((pumping, gone))
