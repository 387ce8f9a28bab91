"""Idempotency keys: the same request under the same key is done once and answered alike.

A key that is a UUIDv7 of the node's past gives the command's id by itself, so nothing is written for it: the
state's id window, and past its horizon the projection, know what became of it. Any other text is first
claimed in the gateways' common key table with a fresh id, and its answer is kept there.
"""

import contextlib
import re
import uuid
from collections.abc import AsyncGenerator
from hashlib import sha256
from typing import NamedTuple

import msgspec

from steelyard.api import shape
from steelyard.api.call import Call, Reply
from steelyard.api.gateway import MS, fresh_id
from steelyard.api.problems import ProblemError
from steelyard.api.route import JSON
from steelyard.client.types import Fault
from steelyard.storage.requests import Answered, Asked
from steelyard.values.instants import DAY, SECOND

PAYMENT_NS, OTHER_NS = 90 * DAY, DAY
RUNNING_NS = 15 * SECOND
"""After this long without an answer the first request has died with its gateway."""
KEPT_MAX = 4 * 1024 * 1024
"""Bytes of an answer in pieces up to which it is kept; a longer one is made anew under the same ids."""
FORMS = (
    "1 to 255 visible ASCII characters without spaces; best a UUID of version 7 in small letters, drawn anew for"
    " each request, but any text of your own will do"
)
"""What a key may look like, as it is told to who sent none"""
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")


class Ticket(NamedTuple):
    """What a key stands for: the command's id, and whether the key table holds it."""

    command_id: bytes
    owner: str
    key_digest: bytes
    is_tabled: bool
    first: Asked | None = None


async def run(call: Call) -> Reply:
    """Run a route under its key, or give what the key was answered before."""
    ticket = await take(call)
    if ticket.first is not None and ticket.first.status:
        stored = ticket.first
        return Reply(stored.status, stored.body, stored.content_type, (("Idempotency-Replayed", "true"),))
    call.command_id = ticket.command_id
    requests = call.gateway.stores.access.requests
    try:
        reply = await call.route.run(call)
    except ProblemError as error:
        if ticket.is_tabled and error.problem.status != 504:
            await call.gateway.aside(requests.release, ticket.owner, ticket.key_digest)
        raise
    if ticket.is_tabled and reply.pieces is None:
        body = without_secret(reply.body, call.route.secret)
        kept = Answered(ticket.owner, ticket.key_digest, reply.status, reply.media, body)
        await call.gateway.aside(requests.answer, [kept])
    elif ticket.is_tabled and reply.pieces is not None:
        reply = reply._replace(pieces=_keep_at_the_end(call, ticket, reply, reply.pieces))
    return reply


async def _keep_at_the_end(
    call: Call, ticket: Ticket, reply: Reply, pieces: AsyncGenerator[bytes]
) -> AsyncGenerator[bytes]:
    """Pass an answer on, and keep it once it is whole; else a repeat may begin anew at once.

    It is kept before its end is told, so who has all of it finds it kept.
    """
    requests = call.gateway.stores.access.requests
    whole, size = list[bytes](), 0
    is_ended = False
    try:
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                size += len(piece)
                if size <= KEPT_MAX:
                    whole.append(piece)
                else:
                    whole.clear()
                yield piece
        is_ended = True
    finally:
        if is_ended and size <= KEPT_MAX:
            kept = Answered(ticket.owner, ticket.key_digest, reply.status, reply.media, b"".join(whole))
            await call.gateway.aside(requests.answer, [kept])
        else:
            await call.gateway.aside(requests.rest, ticket.owner, ticket.key_digest)


def without_secret(body: bytes, field: str) -> bytes:
    """Give an answer as it is kept for a repeat: what is shown once is not in it."""
    return msgspec.json.encode(msgspec.json.decode(body) | {field: None}) if field else body


async def take(call: Call) -> Ticket:
    """Find or claim the key of a request."""
    gateway, owner = call.gateway, call.who.owner
    key = key_of(call)
    digest = sha256(key.encode()).digest()
    now = await gateway.fresh_now()
    requests = gateway.stores.access.requests
    from_key = id_of(key, owner, now) if call.route.is_journalled else b""
    if from_key and await gateway.aside(requests.look, owner, digest) is None:
        return Ticket(from_key, owner, digest, is_tabled=False)
    content = request_digest(call)
    lives = PAYMENT_NS if call.route.is_payment else OTHER_NS
    fresh = fresh_id(now)
    wall = gateway.wall()
    first = await gateway.aside(
        requests.claim, owner, digest, command_id=fresh, request_digest=content, at=wall,
        expires_at=wall + lives,
    )  # fmt: skip
    if first is None:
        return Ticket(fresh, owner, digest, is_tabled=True)
    if first.request_digest != content:
        raise ProblemError("idempotency-key-reused")
    if not first.status and wall - first.created_at < RUNNING_NS:
        raise ProblemError("request-in-progress", headers={"Retry-After": "1"})
    return Ticket(first.command_id, owner, digest, is_tabled=True, first=first)


def key_of(call: Call) -> str:
    """Give the request's key, or raise that it is missing or malformed."""
    key = call.headers.get(b"idempotency-key", b"").decode("latin-1")
    if _VISIBLE.fullmatch(key) is None:
        said = "is missing" if not key else "is malformed"
        told = f"the header {said}: {FORMS}"
        header = Fault("Idempotency-Key", "missing" if not key else "pattern", told)
        raise ProblemError("idempotency-key-missing", told, errors=[header, *_faults_of_body(call)])
    return key


def _faults_of_body(call: Call) -> list[Fault]:
    """Give what else is wrong with a request without a key, so that all is told at once."""
    kind = call.route.asked
    if kind is None or call.route.asks[0] != JSON:
        return []
    try:
        value = shape.parse(call.body)
        is_array = isinstance(value, list) and call.route.is_payment
        shape.convert(value, list[kind] if is_array else kind)  # type: ignore[valid-type]
    except ProblemError as error:
        found = error.problem
        return found.errors or [Fault("", found.code, found.detail)]
    return []


def id_of(key: str, owner: str, now: int) -> bytes:
    """Give the command id that a UUIDv7 stands for; nothing for other texts and for one from the future.

    >>> id_of("0189dcd5-9411-7000-8000-000000000001", "GHAFAEA0", 1_700_000_000_000 * 1_000_000)[:6].hex()
    '0189dcd59411'
    """
    try:
        number = uuid.UUID(key)
    except ValueError:
        return b""
    if number.version != 7 or str(number) != key or number.int >> 80 > now // MS:
        return b""
    return (number.int >> 80).to_bytes(6, "big") + sha256(owner.encode() + b"\0" + key.encode()).digest()[:10]


def request_digest(call: Call) -> bytes:
    """Give the digest that tells one request from another: method, address, body."""
    head = f"{call.route.method} {call.path}\0".encode()
    return sha256(head + call.body).digest()


def part_id(command_id: bytes, number: int) -> bytes:
    """Give the id of one command of several that came under one key."""
    return command_id[:6] + sha256(command_id + number.to_bytes(4, "big")).digest()[:10]
