"""ISO 20022 messages as bytes."""

from typing import Any

from steelyard.client.ask import XML, Ask, Listing, body_of, get, path, reader
from steelyard.client.types import MessageAnswer, MessageChecked, MessageOut
from steelyard.client.verbs import F, Group, Lists, Verb

MESSAGES = "/v1/messages"
_read_answer = reader(MessageAnswer)
_read_check = reader(MessageChecked)


class Messages(Group[F]):
    """Messages in and out. A message needs no key: sender and message id decide what is a repeat."""

    @Verb
    def send(self, raw: bytes, *, order: str = "") -> Ask[MessageAnswer]:
        """Send a message and give what became of it and of each payment in it.

        `order`, such as "3/50", fixes its place among messages sent together; in a sandbox only.
        """
        return Ask("POST", _ordered(order), _read_answer, raw, XML)

    @Verb
    def send_for_xml(self, raw: bytes, *, order: str = "") -> Ask[bytes]:
        """Send a message and give the bytes of the answering one: a pacs.002, or an admi.002."""
        return Ask("POST", _ordered(order), body_of, raw, XML, XML)

    @Verb
    def check(self, raw: bytes) -> Ask[MessageChecked]:
        """Have a message judged, with every finding; nothing is booked."""
        return Ask("POST", MESSAGES + "/check", _read_check, raw, XML)

    @Verb
    def get(self, id: str) -> Ask[MessageOut]:
        """Give what is known of a message."""
        return get(path(MESSAGES, id), MessageOut)

    @Verb
    def raw(self, id: str) -> Ask[bytes]:
        """Give a message's bytes."""
        return Ask("GET", path(MESSAGES, id, "raw"), body_of, accepts=XML)

    @Lists
    def list(self, /, *, limit: int | None = None, **filters: Any) -> Listing[MessageOut]:
        """List messages for oneself, newest first."""
        return Listing(MESSAGES, {**filters, "limit": limit}, MessageOut)


def _ordered(order: str) -> str:
    return f"{MESSAGES}?order={order}" if order else MESSAGES
