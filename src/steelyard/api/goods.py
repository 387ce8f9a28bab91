"""What the routes about goods share: plain orders about one thing, and who sees what lies at which site.

A receipt, delivery, voyage or bill is seen by its parties and by the warehouse and inspector of its site. What a
caller does not see answers as if it were not there; what he sees and may not move is refused by its rule.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

from steelyard.api import refusals, wire
from steelyard.api.auth.visibility import View, Views, view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.orders import Recorded, done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Route
from steelyard.api.wire import Faults
from steelyard.client.types import Done
from steelyard.storage.queries import Found, Reader

Seen = Callable[[Call], Awaitable[bool]]
"""Tells whether the caller sees what the address names."""
SITES_MAX = 20_000


class Act(NamedTuple):
    """One order. `asked` None: it takes no body."""

    method: str
    path: str
    action: str
    command: str
    asked: Any
    make: Callable[[Call, Any, Faults], Any]
    about: str


class Noun(NamedTuple):
    """What orders are about: the fact that tells of it, its id there, the refusals of what is not the caller's."""

    fact: type[Any]
    id: str
    many: str
    not_ones: tuple[Any, ...]
    seen: Seen


class Reach(NamedTuple):
    """What a caller sees: whose things, and what lies at which sites of theirs."""

    view: View
    sites: tuple[str, ...]

    def of(self, columns: Iterable[str], *, site: str = "") -> Views:
        """Give the views of a list whose rows belong to the owners in these columns, or to a site."""
        views = self.view.of(*columns)
        if self.view.owners is not None and self.sites and site:
            views = [*views, [(site, "in", self.sites)]]
        return views

    def sees(self, row: Found, columns: Iterable[str], *sites: str) -> bool:
        """Tell whether a row is seen."""
        return self.view.sees(*(row[name] for name in columns)) or any(one in self.sites for one in sites)


async def reach_of(call: Call) -> Reach:
    """Give what a caller sees."""
    reader, view = call.gateway.stores.reader, view_of(call.who, call.directory.members)
    return Reach(view, await call.gateway.aside(_sites, reader, view))


def _sites(reader: Reader, view: View) -> tuple[str, ...]:
    if not view.owners:
        return ()
    mine = [("warehouse", "in", view.owners), ("inspector", "in", view.owners)]
    return tuple(row["site"] for row in reader.page("site", any_of=mine, limit=SITES_MAX))


def path_id(call: Call) -> bytes:
    """Give the id in the address."""
    return wire.path_id(call.path_params["id"])


def paper(text: str | None) -> bytes:
    """Give a digest's bytes."""
    return bytes.fromhex(text) if text else b""


def paper_text(digest: bytes | None) -> str | None:
    """Give a digest's text, or that of the id that stands in its place."""
    return (wire.uuid_text(digest) if len(digest) == 16 else digest.hex()) if digest else None


async def answer(call: Call, found: Recorded, noun: Noun) -> Reply:
    """Answer an order: where the thing stands now, and which others it made."""
    if found.is_refused:
        why = refusals.of(found.outcome.refusal)
        if why in noun.not_ones and not await noun.seen(call):
            raise ProblemError("not-found")
        return _told(found, done(found))
    facts = [fact for fact in found.facts if isinstance(fact, noun.fact)]
    if not facts:
        return _told(found, done(found))
    ids, named = [_id(fact, noun) for fact in facts], call.path_params.get("id", "")
    subject = named if named in ids else ids[-1]
    state = [getattr(fact, "state", "open") for fact in facts if _id(fact, noun) == subject]
    others = dict.fromkeys(_id(fact, noun) for fact in facts if _id(fact, noun) != subject)
    refusal = refusals.of(getattr(facts[-1], "refusal", 0))
    more: dict[str, Any] = {noun.many: list(others)} if others else {}
    return _told(
        found,
        done(
            found, state=state[-1] if state else None, subject=subject,
            why=refusal.name if refusal is not None else None, **more,
        ),
    )  # fmt: skip


def _id(fact: Any, noun: Noun) -> str:
    value = getattr(fact, noun.id)
    return wire.uuid_text(value) if isinstance(value, bytes) else str(value)


def _told(found: Recorded, answer: Done) -> Reply:
    reply = tell(answer)
    return reply.with_headers(("Idempotency-Replayed", "true")) if found.answer.replayed else reply


def routes_of(acts: Iterable[Act], noun: Noun) -> tuple[Route, ...]:
    """Give the routes of orders about one noun."""
    return tuple(_route(act, noun) for act in acts)


def _route(act: Act, noun: Noun) -> Route:
    async def run(call: Call) -> Reply:
        asked, faults = call.asked(act.asked) if act.asked is not None else None, Faults()
        fields = act.make(call, asked, faults)
        faults.end()
        return await answer(call, await order(call, act.command, fields), noun)

    run.__name__, run.__doc__ = act.command.replace(".", "_"), f"{act.about}."
    return Route(act.method, act.path, act.action, run, act.about, act.asked, Done, keyed=True)
