"""Who writes our messages, and what all of them share: derived ids, the header, the check against the schema."""

import re
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from msgspec import Struct

from steelyard.iso20022 import schema
from steelyard.iso20022.classify import classify
from steelyard.iso20022.context import Context, Finding
from steelyard.iso20022.forms import whole_pattern
from steelyard.iso20022.parse import parse
from steelyard.iso20022.profiles import Profile
from steelyard.values.identifiers import bic_is_shaped
from steelyard.values.instants import format_date

HEADER: Final = "head.001.001.02"
Values = dict[str, Any]
_PATTERNS_MAX: Final = 256
_patterns: dict[tuple[Any, ...], "re.Pattern[str] | None"] = {}


class OwnMessageIsInvalid(Exception):
    """A message that we wrote does not pass its own schema: our bug."""


class Desk(Struct, frozen=True):
    """Who writes: the hub's BIC, the prefix of its ids (at most 6 characters), the profile it speaks.

    With `self_check` every message passes its schema before it leaves.
    """

    hub_bic: str
    profile: Profile
    prefix: str = "HUB"
    self_check: bool = True


def desk_of(context: Context, *, self_check: bool = True) -> Desk:
    """Give the desk of a check's context."""
    return Desk(context.hub_bic, context.profile, context.node_prefix, self_check)


def own_id(prefix: str, at: int, item: bytes) -> str:
    """Give the id of a message of ours: prefix, date, 20 hex digits of the item's hash; 34 at most.

    >>> own_id("HUB", 0, b"item")
    'HUB197001014a33eacd5fa65f2b2e28'
    """
    day = day_text(at // 86_400_000_000_000)
    return f"{prefix[:6]}{day[:4]}{day[5:7]}{day[8:]}{sha256(item).hexdigest()[:20]}"


def header_values(
    desk: Desk, message_id: str, definition: str, *, at: int, receiver: str | None, service: str = ""
) -> Values:
    """Give the header of a message of ours; a receiver that cannot be read has no BIC."""
    known = receiver is not None and bic_is_shaped(receiver)
    values: Values = {
        "from": {"bic": desk.hub_bic},
        "to": {"bic": receiver} if known else {"organisation": {"name": "UNKNOWN"}},
        "business_message_id": message_id,
        "definition": definition,
        "created_at": stamped(at),
    }
    if service:
        values["service"] = service
    return values


def stamped(at: int) -> str:
    """Write an instant to the millisecond, which every receiver of ISO 20022 reads.

    >>> stamped(1_500_000_000), stamped(86_400_000_000_000)
    ('1970-01-01T00:00:01.5Z', '1970-01-02T00:00:00Z')
    """
    on, rest = divmod(at // 1_000_000, 86_400_000)
    seconds, ms = divmod(rest, 1_000)
    fraction = f".{ms:03d}".rstrip("0") if ms else ""
    return f"{day_text(on)}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}Z"


@lru_cache(maxsize=16)
def day_text(on: int) -> str:
    """Write a day; nearly all messages of a while are of one."""
    return format_date(on)


def ascii_line(text: str, most: int) -> str:
    """Give a text that every receiver can read: printable ASCII, cut at the end.

    >>> ascii_line("Ж<\\n", 3)
    '?<?'
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(c if " " <= c <= "~" else "?" for c in text)
    return text[:most]


def checked(raw: bytes, desk: Desk, *, form: tuple[Any, ...] | None = None) -> bytes:
    """Give our message if it passes its own schema; what does not is our bug and raises.

    `form` names what is written from one template: the schema judges its first message, and the pattern that
    is made of that one (`forms.py`) judges the others; the schema again where it does not fit.
    """
    if not desk.self_check:
        return raw
    known = _patterns.get(form) if form is not None else None
    if known is not None and raw.isascii() and known.fullmatch(raw.decode("ascii")) is not None:
        return raw
    root = parse(raw)
    parts = classify(root, raw) if not isinstance(root, Finding) else root
    if isinstance(parts, Finding):
        raise OwnMessageIsInvalid(parts.text)
    for message, element in ((parts.header_id, parts.header), (parts.document_id, parts.document)):
        if message is not None and element is not None:
            fault = schema.validate(message, element, size=len(raw))
            if fault is not None:
                raise OwnMessageIsInvalid(f"{fault.path}: {fault.text}")
    if form is not None and form not in _patterns and len(_patterns) < _PATTERNS_MAX:
        _patterns[form] = whole_pattern(raw)
    return raw
