"""Following the stream of events over lost connections: what both clients share of it.

A stream that breaks is opened again from the last event that came whole. `reset` means that the node no
longer has what lies between: the caller is told so by an event of that type, and reads its lists anew.
"""

from typing import Any

import msgspec

from steelyard.client.ask import EVENTS, Ask, Failure, Reply, Request, body_of, query
from steelyard.client.core import Core, problem_of
from steelyard.client.errors import AnswerIsStrange, ProblemError
from steelyard.client.sse import Frame, Frames
from steelyard.client.types import Event

_decode = msgspec.json.Decoder(Event).decode
RESET, BYE = "reset", "bye"
_TRY_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


class Following:
    """One stream that is followed."""

    def __init__(self, core: Core, last_id: str | None, fields: dict[str, Any]) -> None:
        self._core = core
        self._fields = fields
        self._last_id = last_id or ""
        self._frames = Frames()
        self._wait = core.resend.first_s

    def request(self) -> Request:
        """Give the request that opens the stream, after the last event that came."""
        self._frames = Frames()
        ask = Ask("GET", "/v1/events" + query(self._fields), body_of, accepts=EVENTS)
        request = self._core.request(ask)
        if self._last_id:
            request.headers.append((b"last-event-id", self._last_id.encode("ascii", "replace")))
        return request

    def opened(self, got: Reply | Failure) -> None:
        """Look at what came of opening; a problem that lasts is raised."""
        if isinstance(got, Reply) and got.status != 200 and got.status not in _TRY_AGAIN:
            raise ProblemError(problem_of(got))

    def feed(self, piece: bytes) -> list[Event]:
        """Give the events that a piece completes."""
        self._wait = self._core.resend.first_s
        events = []
        for frame in self._frames.feed(piece):
            if frame.id:
                self._last_id = frame.id
            if frame.event != BYE:
                events += _events(frame)
        return events

    def pause(self) -> float:
        """Give the seconds to wait before the stream is opened again."""
        pause = self._wait
        self._wait = min(self._wait * 2, self._core.resend.cap_s)
        return pause


def _events(frame: Frame) -> list[Event]:
    """Read the events of a frame: one, or a list of several."""
    if frame.event == RESET:
        return [Event(id=frame.id, type=RESET, at="", seq=0, subject="", data={})]
    try:
        text = frame.data.encode()
        if text.startswith(b"["):
            return msgspec.json.decode(text, type=list[Event])
        return [_decode(text)]
    except msgspec.MsgspecError as error:
        raise AnswerIsStrange(f"an event of the stream cannot be read: {error}") from None
