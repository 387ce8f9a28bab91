"""What a case expects beside what was found. No expectation goes unread: one nobody knows is a failure."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec

SHOWN_MAX = 400
"""Characters of a value that a line shows; the JSON report has all."""

Check = Callable[[Any], "Iterator[Failure] | list[Failure]"]
"""Takes what is expected and gives what fails."""


class Failure(NamedTuple):
    """One expectation that does not hold; `rule` is said instead where no two values are compared."""

    key: str
    expected: Any = None
    found: Any = None
    rule: str = ""

    def words(self) -> str:
        """Say what fails."""
        return self.rule or f"expected {brief(self.expected)} got {brief(self.found)}"


def judged(expect: Mapping[str, Any], checks: Mapping[str, Check]) -> list[Failure]:
    """Check every expectation of a case."""
    if not expect:
        return [Failure("expect", rule="nothing is expected")]
    failures: list[Failure] = []
    for key, expected in expect.items():
        check = checks.get(key)
        if check is None:
            failures.append(unknown(key))
        else:
            failures += check(expected)
    return failures


def unknown(key: str) -> Failure:
    """Name an expectation that this format does not know."""
    return Failure(key, rule="unknown expectation")


def same(key: str, expected: Any, found: Any) -> list[Failure]:
    """Compare two values."""
    return [] if expected == found else [Failure(key, expected, found)]


def members(key: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[Failure]:
    """Compare what is expected under a key, name by name; a name that is not found here is unknown."""
    failures: list[Failure] = []
    for name, value in expected.items():
        place = f"{key}.{name}"
        failures += same(place, value, found[name]) if name in found else [unknown(place)]
    return failures


def brief(value: Any) -> str:
    """Write a value on one line, cut where it is long."""
    text = msgspec.json.encode(value, enc_hook=plain).decode()
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}… ({len(text)} characters)"


def plain(value: Any) -> Any:
    """Give what JSON has no word for as text."""
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(type(value).__name__)
