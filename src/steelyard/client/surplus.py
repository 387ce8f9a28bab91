"""The shapes of the surplus report and of throughput figures that cross the wire."""

from steelyard.client.types import Amount, Told


class Used(Told):
    """What may be used or held at most, and what is."""

    cap: Amount
    used: Amount
    share_bp: int


class SurplusRow(Told):
    """One relation: a bank and a foreign currency, or a member and another member in one currency.

    `inflow` and `outflow` are of the last 1, 30, 90 and 365 days; `ages` of what is left: up to 7, 30, 90 and 180
    days old, and older.
    """

    holder: str
    other: str
    currency: str
    balance: Amount
    inflow: list[Amount]
    outflow: list[Amount]
    ages: list[Amount]
    spent_bp: int | None
    """What of the last 365 days' inflow has gone out again"""
    line: Used | None
    holding: Used | None
    cap_is: str | None
    """near or reached"""


class SurplusClearing(Told):
    """Of what members paid one another in a currency in a year: what clears by netting, and what does not."""

    currency: str
    total: Amount
    pairs: Amount
    """if only pairs offset each other"""
    network: Amount
    """if the whole network nets"""
    rest: Amount
    """what needs trade, lines or investment"""
    pairs_bp: int
    network_bp: int
    words: str


class OldLot(Told):
    """A draw on a member line that has reached the line's age limit: it is closed for new use until this is repaid."""

    line_id: str
    lender: str
    borrower: str
    participant: str | None
    open: Amount
    opened_on: str | None
    age_days: int


class SurplusUse(Told):
    """What a surplus of a currency may go into by the rulebook: an import, a security, a line."""

    currency: str
    kind: str
    name: str
    note: str


class SurplusReport(Told):
    """What stays with whom at the end of a date. Figures of clearing are public, rows the caller's own.

    `old_lots` and `uses` are those of now, whatever the date.
    """

    on: str
    clearing: list[SurplusClearing]
    banks: list[SurplusRow]
    members: list[SurplusRow]
    old_lots: list[OldLot]
    uses: list[SurplusUse]


class ThroughputRow(Told):
    """How early one participant sends, and whose money it uses.

    `used_bp` is the share of what it received that paid for its own payments; `missed` are checkpoints, as times,
    by which too little had been sent in.
    """

    participant: str
    submitted_count: int
    submitted: Amount
    settled_count: int
    settled: Amount
    mean_wait_ms: int
    used_bp: int | None
    own_day: Amount
    missed: list[str]


class ThroughputTotal(Told):
    """All participants together."""

    submitted_count: int
    submitted: Amount
    settled_count: int
    settled: Amount
    mean_wait_ms: int


class ThroughputReport(Told):
    """Figures of one currency and date. The total is public, rows are the caller's own."""

    currency: str
    on: str
    at: str
    checkpoints: list[str]
    total: ThroughputTotal
    participants: list[ThroughputRow]
