"""The shapes of the directory: assets, members, participants, persons, calendars, approvals."""

from typing import Any, Literal

from steelyard.client.types.base import Amount, Asked, HexDigest, Problem, Told


class Asset(Told):
    """Something that can be booked. `asset_no` is its number in records of legs."""

    asset: str
    asset_class: str
    scale: int
    issuer: str
    state: str
    asset_no: int = 0


class Member(Told):
    """A country or union with one currency."""

    code: str
    name: str
    asset: str
    scale: int
    settlement_agent: str
    state: str


class Currency(Told):
    """A currency's rules, as its settlement agent set them; its ETag goes into If-Match of a change."""

    asset: str
    member: str
    cap: Amount
    open_to_all: bool
    allowed: list[str]
    fund_on_advice: bool
    issue_line: Amount
    advice_line: Amount | None
    stop_on_difference: bool
    queue_mode: str


class Participant(Told):
    """A bank or provider under one member."""

    bic: str
    name: str
    lei: str
    member: str
    state: str
    provider: bool
    sends: bool
    receives: bool
    currencies: list[str]


class ParticipantSettings(Told):
    """What a participant has set for itself; its ETag goes into If-Match of a change."""

    bic: str
    accepts: dict[str, str]
    lines: dict[str, str]
    best_quote: bool
    requote_tolerance_bp: int
    outside_hours: str
    reports_credit: bool
    oversubscription_bp: int
    splits: bool
    tells_parts: bool
    by_cycle: list[str]
    pays_in: bool
    explainable: bool


class Person(Told):
    """A person or system key that may act for an owner."""

    actor: str
    owner: str
    kind: str
    roles: list[str]
    state: str
    holder: str = ""


class PersonAdded(Told):
    """What became of a person that was added; `code` enrols, once, within 24 hours, when the person may act."""

    outcome: Literal["done", "refused", "unknown"]
    seq: int | None = None
    state: str | None = None
    refusal: Problem | None = None
    iso: str | None = None
    at: str | None = None
    subject: str | None = None
    details: dict[str, Any] = {}
    code: str | None = None
    code_expires_at: str | None = None


class Me(Told):
    """Who the caller is to the node, and what it may do."""

    actor: str
    owner: str
    kind: str
    roles: list[str]
    way: str
    scopes: list[str]
    rights: dict[str, str]


class CalendarShown(Told):
    """A currency's calendar in force, without its days."""

    asset: str
    revision: int
    in_force_from: str
    always_open: bool
    cutoffs: dict[str, int]
    today_on: str | None
    opens_at: str | None
    closes_at: str | None


class CalendarDay(Told):
    """One date of a currency."""

    on: str
    business: bool
    open: list[list[str]]


class Calendar(Told):
    """When money of a currency moves, day by day."""

    asset: str
    revision: int
    always_open: bool
    days: list[CalendarDay]


class Window(Told):
    """The first time at which all of some currencies are open together."""

    currencies: list[str]
    on: str | None
    opens_at: str | None
    closes_at: str | None


class Approval(Told):
    """Something that waits for a second person. `shown` is the digest of exactly what is approved."""

    proposal: str
    state: str
    command: str
    owner: str
    maker: str
    shown: str
    expires_at: str
    fields: dict[str, Any] = {}
    decided_by: str = ""
    outcome: str = ""


class Decision(Asked):
    """A second person's yes or no to what was shown."""

    shown: HexDigest
