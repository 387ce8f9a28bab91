"""A text that does not show itself: not in logs, errors, tracebacks, pickles or JSON."""

from hashlib import sha256
from hmac import compare_digest
from typing import Never


class Secret:
    """Holds a secret until somebody asks for it by name.

    >>> print(Secret("open sesame"), [Secret("open sesame")])
    *** [***]
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text; the caller lets it go nowhere."""
        return self._text

    def digest(self) -> bytes:
        """Give its SHA-256."""
        return sha256(self._text.encode()).digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self.digest())

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, form: str) -> str:
        return "***"

    def __reduce__(self) -> Never:
        raise TypeError("a secret is not pickled")
