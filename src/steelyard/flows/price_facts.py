"""The facts about published prices. The list of all facts: `facts.py`."""

from steelyard.flows.fact import Fact


class MethodSet(Fact, frozen=True, tag="price.method"):
    """A version of a series' method applies from a day on."""

    series: str
    version: int
    from_on: int
    tick: str
    cap: str
    participants_min: int
    volume_min: int
    held_min: int
    instruments: tuple[str, ...] = ()
    basket: tuple[tuple[str, int], ...] = ()


class PricePublished(Fact, frozen=True, tag="price"):
    """A version of a day's price; `kind` is settlement, or benchmark, of an index too.

    `value` and `currencies` are "p/q" text, empty where none is published. `source` is the tier or rung it comes
    from, or override; `digest` SHA-256 over what it was made from.
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
