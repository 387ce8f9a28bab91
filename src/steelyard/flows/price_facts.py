"""The facts about published prices. The list of all facts: `facts.py`."""

from steelyard.flows.fact import Fact


class MethodSet(Fact, frozen=True, tag="price.method"):
    """A version of a series' method applies from a day on, with what the machine makes the series from."""

    series: str
    version: int
    from_on: int
    tick: str
    cap: str
    participants_min: int
    volume_min: int
    held_min: int
    within_bp: int
    days_min: int
    takes_outside: bool
    makes: str
    """benchmark, index, curve, or empty where the data is handed in"""
    sources: tuple[tuple[str, str, str], ...] = ()
    """(code, origin, grade)"""
    basket: tuple[tuple[str, int], ...] = ()
    unit_kg: int = 0
    related: str = ""
    parent: str = ""
    origin: str = ""
    grade: str = ""
    contract: str = ""


class PricePublished(Fact, frozen=True, tag="price"):
    """A version of a day's price; `kind` is settlement, benchmark, index or curve.

    `value` and `currencies` are "p/q" text, empty where none is published, and `reason` says why. `source` is the tier
    or rung it comes from, or override; `digest` SHA-256 over what it was made from. A curve has `points` (month,
    "p/q" text, tier), and in `currencies` what one minor unit of its own is.
    """

    series: str
    kind: str
    on: int
    version: int
    value: str
    source: str
    method: int
    digest: bytes
    reason: str
    currencies: tuple[tuple[str, str], ...]
    inputs: tuple[bytes, ...]
    """SHA-256 of each piece of data"""
    points: tuple[tuple[str, str, str], ...] = ()
    origin: str = ""
    grade: str = ""
    """What an index is of"""
    unit: str = ""
    """The currency of the value; empty where it is in the unit of a basket"""
    basket: tuple[tuple[str, int], ...] = ()
    """What one unit of the basket holds: (currency, minor units); empty where the series says nothing of it"""
    per_kg: int = 0
    """For how many kg the value is, 0 where the series says nothing of it"""


class ComplaintMoved(Fact, frozen=True, tag="price.complaint"):
    """A complaint about a version of a day is in this state now; `text` is the SHA-256 of the words."""

    number: int
    series: str
    on: int
    version: int
    by: str
    event: str
    state: str
    text: bytes


class OtcMoved(Fact, frozen=True, tag="otc"):
    """A registered trade outside the book is in this state now; `proven` is rfq, dvp, title or evidence."""

    trade_id: bytes
    code: str
    kg: int
    currency: str
    minor: int
    buyer: str
    seller: str
    traded_at: int
    proof: bytes
    proven: str
    on: int
    by: str
    state: str
