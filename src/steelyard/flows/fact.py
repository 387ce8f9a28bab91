"""The base of all facts: a tagged msgpack array. What facts are and the list of them: `facts.py`."""

from msgspec import Struct


class Fact(Struct, array_like=True, frozen=True, gc=False, tag_field="fact"):
    """Base of all facts."""
