"""ISO 20022 messages: in, judged without booking, and out."""

from collections.abc import Iterator
from itertools import islice

from steelyard.api import intake, listing, paging, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.orders import deadline_ms
from steelyard.api.paging import Key
from steelyard.api.problems import ProblemError
from steelyard.api.query import PAGE
from steelyard.api.route import FILE_MAX, JSON, XML, Param, Route
from steelyard.api.routes.payments import payment_row
from steelyard.api.shape import unfit
from steelyard.api.views import cycle_letters, letters
from steelyard.api.views.messages import checked, message_answer, refused_problem
from steelyard.client import types
from steelyard.client.types import MessageAnswer, MessageChecked, MessageOut
from steelyard.iso20022 import answers
from steelyard.iso20022.context import Outcome
from steelyard.storage.evidence import get
from steelyard.storage.queries import Filter, Found


async def send_message(call: Call) -> Reply:
    """Take a pacs.008 or pacs.009 in: judge it, hand its payments to the node, answer with a pacs.002."""
    gateway, raw, caller = call.gateway, call.body, call.who
    context = call.directory.context(caller.owner, await gateway.fresh_now(), intake.limits_for(raw))
    verdict = await intake.judge(gateway, raw, context)
    if "order" in call.query and gateway.is_open:
        await gateway.turns.reach(call.query["order"])
    if not intake.is_taken(verdict):
        await intake.keep(gateway, raw, verdict, sender=caller.owner)
        if verdict.outcome is Outcome.REFUSED:
            return refused_problem(call, verdict, context)
        body = message_answer(verdict, [], call) if call.accepts(JSON) else None
        return tell(body) if body else Reply(200, intake.refusal_answer(verdict, context), XML)
    taken = await intake.take(gateway, caller, raw, verdict, context, deadline_ms=deadline_ms(call))
    written = ("Steelyard-Seq", str(max((one.found.answer.seq for one in taken), default=0)))
    if call.accepts(JSON):
        return tell(message_answer(verdict, taken, call)).with_headers(written)
    return Reply(200, intake.report(verdict, taken, context, caller.owner), XML, (written,))


async def check_message(call: Call) -> Reply:
    """Judge a message and tell every finding; nothing is kept and nothing booked."""
    raw = call.body
    context = call.directory.context(call.who.owner, await call.gateway.fresh_now(), intake.limits_for(raw))
    verdict = await intake.judge(call.gateway, raw, context)
    if call.accepts(XML):
        made = answers.answer(verdict, context, at=context.now_at)
        if made is None:
            raise ProblemError("not-acceptable", "no ISO 20022 message answers this one")
        return Reply(200, made, XML)
    return tell(checked(verdict))


ORDER = Param("order", "text", "N/M: in the sandbox, the place of this message among M sent together")


async def list_messages(call: Call) -> Reply:
    """List the messages that the node has for the caller, newest first."""
    reader, vault = call.gateway.stores.reader, call.gateway.vault
    name = listing.list_name(call)
    window = paging.window(vault, call.query, of=name)
    if window.before is not None:
        raise unfit([types.Fault("before", "one-of", "this list goes forward alone")])

    def work() -> Reply:
        applied = reader.applied_seq()
        found = list(islice(_messages(call, window.after, window.limit + 1), window.limit + 1))
        some = found[: window.limit]
        page: types.Page[MessageOut] = types.Page(
            items=[message for _, message in some],
            next=paging.write(vault, some[-1][0], of=name) if len(found) > window.limit else None,
            prev=None,
            applied_seq=applied,
        )
        return tell(page, seq=applied)

    return await call.gateway.aside(work)


def _messages(call: Call, after: Key | None, step: int) -> Iterator[tuple[Key, MessageOut]]:
    """Give the caller's messages, newest notice first, each with its place: one notice may stand for several.

    `after` is the place of the last one seen.
    """
    reader = call.gateway.stores.reader
    filters: list[Filter] = [("recipient", "=", call.who.owner), ("kind", "in", MESSAGE_EVENTS)]
    key: Key = ()
    if after is not None:
        key, seen = after[:2], after[2]
        row = reader.one("event", key=key[0], n=key[1])
        yield from islice(_of_notice(row, call) if row is not None else (), seen, None)
    while True:
        rows = reader.page("event", filters, after=key, limit=step, newest_first=True)
        for row in rows:
            yield from _of_notice(row, call)
        if len(rows) < step:
            return
        key = (rows[-1]["key"], rows[-1]["n"])


def _of_notice(row: Found, call: Call) -> Iterator[tuple[Key, MessageOut]]:
    for number, message in enumerate(letters.of_notice(row, call), 1):
        yield (row["key"], row["n"], number), message


async def get_message(call: Call) -> Reply:
    """Show what is known of a message: one of ours by its id, one that came in by its SHA-256."""
    id = call.path_params["id"]
    if is_digest(id):
        return tell(await _incoming(call, id))

    def work() -> MessageOut:
        letter = letters.find(id, call)
        _need(call, letter)
        return next(one for one in letters.of_notice(letter.row, call) if one.id.endswith(f"-{letter.kind}"))

    return tell(await call.gateway.aside(work))


async def get_message_raw(call: Call) -> Reply:
    """Give a message's bytes."""
    id = call.path_params["id"]
    if is_digest(id):
        found = await _incoming(call, id)
        raw = await call.gateway.aside(get, call.gateway.stores.evidence, bytes.fromhex(id))
        if raw is None:
            raise ProblemError("not-found", "the evidence of this message is no longer kept")
        return Reply(200, raw, JSON if found.message == "payment" else XML)

    def work() -> bytes:
        letter = letters.find(id, call)
        _need(call, letter)
        return letters.render(letter, call)

    return Reply(200, await call.gateway.aside(work), XML)


async def payment_messages(call: Call) -> Reply:
    """List the messages to the caller about a payment, oldest first."""
    row, reader, owner = await payment_row(call), call.gateway.stores.reader, call.who.owner

    def work() -> list[MessageOut]:
        filters: list[Filter] = [("recipient", "=", owner), ("subject", "=", row["uetr"])]
        rows = reader.page("event", filters, after=(row["entered"], -1), limit=100)
        return [message for row in rows for message in letters.of_notice(row, call)]

    return tell(await call.gateway.aside(work), seq=await call.gateway.applied_seq())


def _need(call: Call, letter: letters.Letter) -> None:
    """Raise where a message is another's."""
    if letter.row["recipient"] != call.who.owner:
        view_of(call.who, call.directory.members).need(letter.row["recipient"])


async def _incoming(call: Call, id: str) -> MessageOut:
    """Give what is known of a message that came in, to who sent it and to who reads that sender's."""
    stores = call.gateway.stores

    def work() -> MessageOut:
        kept, view = stores.evidence.look(bytes.fromhex(id)), view_of(call.who, call.directory.members)
        rows = kept.brought() if kept is not None else ()
        one = next((row for row in rows if row.sender and view.sees(row.sender)), None)
        if one is None:
            raise ProblemError("not-found")
        return MessageOut(
            id=id, message=one.kind, at=wire.at_text(one.at_ns), subject=one.sender, event="received",
            raw=f"/v1/messages/{id}/raw",
        )  # fmt: skip

    return await call.gateway.aside(work)


def is_digest(id: str) -> bool:
    """Tell whether an id is a SHA-256 in hex."""
    return len(id) == 64 and all(letter in "0123456789abcdef" for letter in id)


MESSAGE_EVENTS = (
    "payment.settled", "payment.part_settled", "payment.closed_partly", "payment.rejected", "payment.cancelled",
    "payment.queued", "payment.offered", "payment.credited", "payment.unposted", "payment.released",
    "payment.reserved", *cycle_letters.EVENTS,
)  # fmt: skip
ROUTES = (
    Route(
        "POST", "/v1/messages", "pay", send_message, "Send an ISO 20022 message", told=MessageAnswer,
        asks=(XML, "text/xml"), tells=(XML, JSON), body_max=FILE_MAX, is_payment=True, query=(ORDER,),
    ),
    Route(
        "POST", "/v1/messages/check", "read", check_message, "Check a message; nothing is booked",
        told=MessageChecked, asks=(XML, "text/xml"), tells=(JSON, XML), body_max=FILE_MAX,
    ),
    Route(
        "GET", "/v1/messages", "read", list_messages, "Messages for the caller", told=types.Page[MessageOut],
        query=PAGE,
    ),
    Route("GET", "/v1/messages/{id}", "read", get_message, "Show a message", told=MessageOut),
    Route("GET", "/v1/messages/{id}/raw", "read", get_message_raw, "A message's bytes", tells=(XML, JSON)),
    Route(
        "GET", "/v1/payments/{uetr}/messages", "read", payment_messages, "Messages about a payment",
        told=list[MessageOut],
    ),
)  # fmt: skip
