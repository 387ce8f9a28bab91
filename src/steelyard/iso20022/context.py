"""What a message is judged against, and what the judgement looks like.

`Context` is handed in and immutable: nothing in this package reads a clock, a file or a network.
A `Finding` names one broken rule; a `Verdict` is everything one message got.

Three outcomes: *refused* (level A, nothing of it is known to the books), *rejected* (level B, a
business answer with a reason code), *accepted* (level C, a command may enter the sequencer).
"""

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from steelyard.iso20022.canonical import Envelope
    from steelyard.iso20022.profiles import Profile
    from steelyard.iso20022.schema import Official


class Level(Enum):
    """How far a check goes."""

    SCHEMA = "schema"
    RULES = "rules"


class Outcome(Enum):
    """What became of a message."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REFUSED = "refused"


GROUP, TRANSACTION = "group", "transaction"


class Reference(Protocol):
    """The tables rules look things up in; a face reads them from packs and hands them in."""

    @property
    def countries(self) -> frozenset[str]:
        """Country codes of the standard."""

    @property
    def bic_countries(self) -> frozenset[str]:
        """Country codes that may stand in a BIC."""

    @property
    def currencies(self) -> Mapping[str, int | None]:
        """Minor-unit digits by currency code; None: a code without minor unit."""

    @property
    def funds(self) -> frozenset[str]:
        """Codes that are never settled."""

    @property
    def iban_lengths(self) -> Mapping[str, int]:
        """Length of an IBAN by country."""

    @property
    def code_sets(self) -> Mapping[str, Mapping[str, str]]:
        """Code sets by name, each a code to its meaning."""


class Limits(Struct, frozen=True):
    """Bounds on memory and time that hold before any tree exists; a route may lower them, nothing may
    raise them at run time. `elements_max` bounds the count of `<`, `attributes_max` that of `=`
    (white space may stand around the sign, so quotes cannot be counted)."""

    bytes_max: int
    elements_max: int
    attributes_max: int
    transactions_max: int
    is_file: bool = False


MESSAGE_ROUTE = Limits(4 << 20, 400_000, 20_000, 1_000)
FILE_TREE = Limits(32 << 20, 6_000_000, 400_000, 10_000, is_file=True)
FILE_STREAM = Limits(4 << 30, 20_000, 500, 1_000_000, is_file=True)  # the two counts hold per transaction


class Finding(Struct, frozen=True):
    """One broken rule: its name, the ISO code (or the admi.002 word), where, and why.

    `path` is free of namespaces, with an index from 1 on every element that may repeat; `text` is
    English, at most 200 characters, quotes at most 40 of the input. `scope` is `group` or
    `transaction`, `ordinal` the transaction's place from 1.
    """

    rule: str
    code: str
    path: str
    text: str
    scope: str = GROUP
    ordinal: int | None = None


class Participant(Struct, frozen=True):
    """One line of the directory. `currencies` None: all that are settled here."""

    bic: str
    active: bool = True
    currencies: frozenset[str] | None = None


class Days(Protocol):
    """Which days a currency's settlement system works; days count from 1970-01-01."""

    def is_open(self, day: int, /) -> bool:
        """Say whether money of this currency moves on the day."""


class OpenDays(Struct, frozen=True):
    """Open days by weekend and closed dates. Monday is 0."""

    weekend: frozenset[int] = frozenset({5, 6})
    closed_on: frozenset[int] = frozenset()

    def is_open(self, day: int) -> bool:
        """Say whether money of this currency moves on the day.

        >>> OpenDays().is_open(3), OpenDays().is_open(2)  # 4 January 1970 was a Sunday
        (False, False)
        """
        return (day + 3) % 7 not in self.weekend and day not in self.closed_on


class Context(Struct, frozen=True):
    """Everything a check may know besides the bytes.

    `now_at` is the clock's instant (UTC, nanoseconds), `business_on` the business date (days since
    1970-01-01). `directory` maps a BIC in its 11-character form to its participant; None where nobody
    knows who takes part, as `settled_currencies` None and an empty `hub_bic`: what they would judge is
    then not judged. `sender` is the
    authenticated party's BIC, None where nobody is authenticated (files, the command line).
    `calendars` holds a currency's open days; `""` is the default. `profile` is the one that judges unless
    the business service names one of `others`. `official` holds published schemas that go before ours.
    `node_prefix` (at most 6 characters) starts the ids of our own messages.
    """

    now_at: int
    business_on: int
    hub_bic: str
    profile: "Profile"
    reference: Reference
    directory: Mapping[str, Participant] | None
    settled_currencies: frozenset[str] | None
    settlement_methods: frozenset[str] = frozenset({"CLRG"})
    clearing_system: tuple[str, str] | None = None  # ("code" or "proprietary", value)
    calendars: Mapping[str, Days] = {}
    sender: str | None = None
    limits: Limits = MESSAGE_ROUTE
    others: tuple["Profile", ...] = ()
    official: "Official | None" = None
    node_prefix: str = "HUB"

    def days_of(self, currency: str) -> Days:
        """Give the open days of a currency."""
        return self.calendars.get(currency) or self.calendars.get("") or OpenDays()

    def participant(self, bic: str) -> Participant | None:
        """Look a BIC up; one of 8 characters and the same with XXX are one."""
        if self.directory is None:
            return Participant(bic)
        return self.directory.get(bic if len(bic) == 11 else bic + "XXX")


class Verdict(Struct, frozen=True):
    """What one message got. `message` is the Document's id, the header's if alone, None if never
    classified; `header` and `body` are the lexical values an answer quotes from; `sender` is the BIC that
    the answer goes to, `reference` what it refers to."""

    outcome: Outcome
    message: str | None
    profile: str
    findings: tuple[Finding, ...]
    raw_sha256: bytes
    body_sha256: bytes | None = None
    envelope: "Envelope | None" = None
    header_id: str | None = None
    header: dict[str, Any] | None = None
    body: dict[str, Any] | None = None
    reference: str | None = None
    sender: str | None = None
    transactions: tuple[int, int] | None = None  # accepted, rejected
    findings_beyond: int = 0  # counted, not listed

    @property
    def codes(self) -> list[str]:
        """List the distinct codes in order; the first is the cause."""
        return list(dict.fromkeys(finding.code for finding in self.findings))


def quoted(text: str) -> str:
    """Give at most 40 characters of input for a message to people, control characters replaced.

    >>> quoted("a\\x07b")
    'a?b'
    """
    cut = text if len(text) <= 40 else text[:39] + "…"
    return cut if cut.isprintable() else "".join(c if c.isprintable() else "?" for c in cut)
