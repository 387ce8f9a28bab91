"""Reading a stream of events (text/event-stream) out of pieces of bytes, as the HTML standard says.

Source: HTML living standard, section 9.2.6, "Interpreting an event stream".
"""

from typing import NamedTuple

from steelyard.client.errors import AnswerIsStrange

LINE_MAX = 1 << 20


class Frame(NamedTuple):
    """One event of a stream: its type, its data, and the id that resumes after it."""

    event: str
    data: str
    id: str


class Frames:
    """Takes bytes in, gives whole events out."""

    def __init__(self) -> None:
        self.last_id = ""
        self._rest = b""
        self._event = ""
        self._data: list[str] = []
        self._after_return = False

    def feed(self, piece: bytes) -> list[Frame]:
        """Give the events that a piece completes.

        >>> Frames().feed(b"id: 7-0-0\\nevent: head.signed\\ndata: {}\\n\\n")
        [Frame(event='head.signed', data='{}', id='7-0-0')]
        """
        if self._after_return and piece.startswith(b"\n"):
            piece = piece[1:]
        self._after_return = piece.endswith(b"\r") if piece else self._after_return
        lines = (self._rest + piece).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LINE_MAX:
            raise AnswerIsStrange("a line of the event stream is too long")
        found = (self._line(line.decode("utf-8", "replace")) for line in lines)
        return [frame for frame in found if frame is not None]

    def _line(self, line: str) -> Frame | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self.last_id = value
        return None

    def _dispatch(self) -> Frame | None:
        event, data = self._event, self._data
        self._event, self._data = "", []
        return Frame(event or "message", "\n".join(data), self.last_id) if data else None
