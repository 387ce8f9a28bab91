"""API keys as a client holds them: they print as stars and go nowhere but into the Authorization header."""

import os
import re
import stat
from pathlib import Path

from steelyard.client.errors import KeyFault

_FORM = re.compile(r"sk_([a-z]{1,12})_([0-9a-f]{16})_[0-9a-f]{64}")


class Key:
    """An API key. `id` may be shown; the rest never is."""

    __slots__ = ("_text", "id", "profile")

    def __init__(self, text: str) -> None:
        form = _FORM.fullmatch(text.strip())
        if form is None:
            raise KeyFault("this is no API key: one begins with sk_")
        self.profile, self.id = form.groups()
        self._text = form[0]

    @classmethod
    def load(cls, path: str | Path) -> "Key":
        """Read a key from a file that nobody but its owner may read."""
        path = Path(path)
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise KeyFault(f"{path} is readable by others: chmod 600 it")
            return cls(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise KeyFault(f"{path} cannot be read: {type(error).__name__}") from None

    def save(self, path: str | Path) -> None:
        """Write the key into a new file that nobody but its owner may read."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self._text + "\n")

    @property
    def header(self) -> bytes:
        """The value of the Authorization header."""
        return b"Bearer " + self._text.encode()

    def __repr__(self) -> str:
        return f"Key({self.id} ***)"

    def __reduce__(self) -> str:
        raise TypeError("a key is not pickled")


def key_of(given: "Key | str | None") -> Key | None:
    """Give a key out of what a caller passes as one."""
    return Key(given) if isinstance(given, str) else given
