"""How one request runs its course: sent, and sent again until its outcome is certain or time is over.

The course does no I/O. It is a generator that yields what is to happen, a Request to send or seconds to wait,
is given what came of it, and returns the answer; the sync and the async client drive the same course.

Sending again is always safe: reads change nothing, changes have an Idempotency-Key, and of a message the node
knows sender and message id. So whatever may have been done is sent again with the same bytes until the node
says what became of it.

A read that follows a change of the same client waits until the tables it is read from hold that change.

Source: engine spec, section 7 (done, refused, unknown; 50 ms doubled up to 2 s, with jitter).
"""

import re
import time
from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeVar

import msgspec

from steelyard import __version__
from steelyard.client.address import Address
from steelyard.client.ask import XML, Ask, Failure, Reply, Request, reader
from steelyard.client.clock import NodeClock
from steelyard.client.errors import KeyIsMalformed, ProblemError, Unreachable
from steelyard.client.keys import Key
from steelyard.client.results import Refused
from steelyard.client.types import Problem, Status

T = TypeVar("T")

Step = Request | float
Course = Generator[Step, Reply | Failure | None, T]

AGENT = f"steelyard/{__version__}".encode()
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
FAULTS_MAX = 2
"""How often a request is sent again that the node answers with 500: a fault of its own, which may last."""
WAIT_MS = 5_000
"""How long a read waits for the tables to hold what this client has written."""
_STATUSES_OF_DOUBT = frozenset({500, 502, 504})
_STATUSES_SENT_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class Resend(NamedTuple):
    """When a request is sent again, and until when. `reach_s` bounds the trying of a node that is not there."""

    deadline_s: float = 30.0
    first_s: float = 0.05
    cap_s: float = 2.0
    reach_s: float = 30.0


class Core:
    """What both clients share: address, key, the node's clock, and the course of a request."""

    def __init__(
        self,
        address: Address,
        key: Key | None,
        *,
        resend: Resend,
        raise_refused: bool,
        fresh: bool,
        clock: NodeClock,
        jitter: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = address
        self.key = key
        self.resend = resend
        self.raise_refused = raise_refused
        self.clock = clock
        self._jitter = jitter
        self._monotonic = monotonic
        self._base = address.base.encode()
        self.first_key: str | None = None
        """Idempotency key of the next change that brings none of its own"""
        self._must_ask_head = fresh
        self._written = self._seen = 0
        self._headers = [(b"host", address.host_header), (b"user-agent", AGENT)]
        if key is not None:
            self._headers.append((b"authorization", key.header))

    def request(self, ask: Ask[Any], key: str = "") -> Request:
        """Give the HTTP request of an ask."""
        headers = [*self._headers, (b"accept", ask.accepts.encode())]
        if ask.media:
            headers.append((b"content-type", ask.media.encode()))
        if key:
            headers.append((b"idempotency-key", key.encode()))
        if ask.version:
            headers.append((b"if-match", ask.version.encode()))
        if ask.body or ask.method != "GET":
            headers.append((b"content-length", str(len(ask.body)).encode()))
        target = self._base + ask.path.encode()
        if ask.sees_writes and self._written > self._seen:
            target += b"%bwait_seq=%d&wait_ms=%d" % (b"&" if b"?" in target else b"?", self._written, WAIT_MS)
        return Request(ask.method, target, headers, ask.body)

    def course(self, ask: Ask[T]) -> Course[T]:
        """Run an ask's course to its answer."""
        key = ""
        if ask.sees_writes and self._must_ask_head:
            self._must_ask_head = False
            self._note_head((yield Request("GET", self._base + b"/v1/status", self._headers)))
        if ask.keyed:
            given, self.first_key = ask.key or self.first_key, None
            if given is None and self.clock.is_stale:
                self._hear((yield Request("GET", self._base + b"/health/live", self._headers)))
            key = self.clock.key() if given is None else given
            if not _VISIBLE.fullmatch(key):
                raise KeyIsMalformed("an idempotency key has 1 to 255 visible ASCII characters")
        request = self.request(ask, key)
        changes = ask.method != "GET"
        started, wait, faults, in_doubt = self._monotonic(), self.resend.first_s, 0, False
        while True:
            got = yield request
            self._hear(got)
            if isinstance(got, Reply):
                if got.status < 300 or _is_xml_answer(ask, got):
                    return self._answer(ask, got)
                problem = problem_of(got)
                faults += got.status == 500
                if not _again(got, problem) or faults > FAULTS_MAX:
                    raise ProblemError(problem, in_doubt=in_doubt or (faults > 0 and changes))
                doubt = got.status in _STATUSES_OF_DOUBT or problem.code == "request-in-progress"
            else:
                doubt = got is not None and got.was_sent
            in_doubt |= doubt and changes
            pause = max(wait * (1 + self._jitter()) / 2, _asked_for(got))
            spent = self._monotonic() - started + pause
            lost = isinstance(got, Failure) and not in_doubt and spent > self.resend.reach_s
            if lost or spent > self.resend.deadline_s:
                return self._give_up(ask, got, key, in_doubt=in_doubt)
            yield pause
            wait = min(wait * 2, self.resend.cap_s)

    def _answer(self, ask: Ask[T], got: Reply) -> T:
        """Read an answer; a refusal is raised where the caller wants it so."""
        answer = ask.read(got)
        if ask.method != "GET":
            row = got.headers.get(b"steelyard-seq", b"")  # a message's answer has no other place for it
            named = int(row) if row.isdigit() else getattr(answer, "seq", None) or 0
            self._written = max(self._written, named)
        if self.raise_refused:
            if isinstance(answer, Refused):
                raise answer
            if getattr(answer, "outcome", "") == "refused" and getattr(answer, "refusal", None) is not None:
                raise Refused(answer)
        return answer

    def _note_head(self, got: Reply | Failure | None) -> None:
        """Note the last row that the node has recorded, for reads to wait for."""
        if isinstance(got, Reply) and got.status == 200:
            self._written = max(self._written, reader(Status)(got).seq)

    def _hear(self, got: Reply | Failure | None) -> None:
        if isinstance(got, Reply):
            applied = got.headers.get(b"steelyard-applied-seq", b"")
            if applied.isdigit():
                self._seen = max(self._seen, int(applied))
            stamp = got.headers.get(b"steelyard-time")
            if stamp:
                self.clock.hear(stamp.decode("latin-1"))

    def _give_up(self, ask: Ask[T], got: Reply | Failure | None, key: str, *, in_doubt: bool) -> T:
        """End a course whose time is over."""
        if in_doubt:
            why = got.why if isinstance(got, Failure) else problem_of(got).title if got else ""
            return ask.doubt(why, key)
        if isinstance(got, Reply):
            raise ProblemError(problem_of(got))
        raise Unreachable(f"{self.address}: {got.why if got else 'no answer'}")


def _is_xml_answer(ask: Ask[Any], reply: Reply) -> bool:
    """Tell whether the node answers a message by a message, whatever the status: an admi.002 is an answer."""
    return ask.accepts == XML and reply.headers.get(b"content-type", b"").startswith(b"application/xml")


def problem_of(reply: Reply) -> Problem:
    """Give the problem a reply carries; one is made up for a reply of something between us and the node."""
    if reply.headers.get(b"content-type", b"").startswith(b"application/problem+json"):
        try:
            return msgspec.json.decode(reply.body, type=Problem)
        except msgspec.MsgspecError:
            pass
    title = "The answer is not one of a node"
    detail = f"HTTP status {reply.status} of type {reply.header('content-type') or 'none'}"
    return Problem("about:blank", title, reply.status, f"http-{reply.status}", detail)


def _again(reply: Reply, problem: Problem) -> bool:
    """Tell whether the same request is sent again after this answer."""
    return reply.status in _STATUSES_SENT_AGAIN or (reply.status == 409 and problem.retryable)


def _asked_for(got: Reply | Failure | None) -> float:
    """Give the seconds that the node asks to wait, 0 where it does not."""
    if isinstance(got, Reply):
        text = got.headers.get(b"retry-after", b"")
        if text.isdigit():
            return float(text)
    return 0.0
