"""Money that a payer keeps on its account for urgent and for high payments.

A class uses what is not reserved for the ones before it: urgent all, high all but the urgent reservation, normal
what is above both. What settles uses up its own class's reservation first. More than is there may be reserved:
it is held as far as the money goes, urgent first, and what comes in fills it before lower classes get any. So
only what was asked for is state; what is held follows from it and the balance.

What is set aside for a purpose (a quote, a redemption, margin) is a reservation of the engine, gone from what is
available before any class is asked.
"""

from msgspec import Struct

from steelyard.values.wide import packed, unpacked

URGENT, HIGH = 0, 1
CLASSES = ("urgent", "high")


class Reservations:
    """What is asked to be reserved, by account: (urgent, high), in minor units."""

    __slots__ = ("_asked",)

    def __init__(self) -> None:
        self._asked: dict[int, tuple[int, int]] = {}

    @property
    def anything(self) -> bool:
        """Whether anything is reserved."""
        return bool(self._asked)

    def put(self, account_no: int, priority: int, amount_minor: int) -> None:
        """Reserve an amount for a class, in place of what was reserved for it."""
        urgent, high = self._asked.get(account_no, (0, 0))
        asked = (amount_minor, high) if priority == URGENT else (urgent, amount_minor)
        if any(asked):
            self._asked[account_no] = asked
        else:
            self._asked.pop(account_no, None)

    def accounts(self) -> list[int]:
        """Give the accounts with a reservation, ascending."""
        return sorted(self._asked)

    def has(self, account_no: int) -> bool:
        """Tell whether anything is reserved on an account."""
        return account_no in self._asked

    def asked(self, account_no: int) -> tuple[int, int]:
        """Give what is asked to be reserved for urgent and for high payments."""
        return self._asked.get(account_no, (0, 0))

    def held(self, account_no: int, available_minor: int) -> tuple[int, int]:
        """Give what of it is held, where so much is available on the account."""
        urgent, high = self._asked.get(account_no, (0, 0))
        held = min(urgent, max(0, available_minor))
        return held, min(high, max(0, available_minor) - held)

    def usable(self, account_no: int, available_minor: int, priority: int) -> int:
        """Give what a class may use of what is available; 0 or less means nothing.

        >>> kept = Reservations(); kept.put(7, URGENT, 50); kept.put(7, HIGH, 30)
        >>> [kept.usable(7, 100, priority) for priority in (0, 1, 2)]
        [100, 50, 20]
        """
        if priority == URGENT or account_no not in self._asked:
            return available_minor
        urgent, high = self._asked[account_no]
        return available_minor - urgent if priority == HIGH else available_minor - urgent - high

    def take(self, account_no: int, priority: int, amount_minor: int) -> int:
        """Let a payment of a class use its reservation up; give how much of it was used."""
        if priority > HIGH or account_no not in self._asked:
            return 0
        asked = self._asked[account_no][priority]
        used = min(asked, amount_minor)
        self.put(account_no, priority, asked - used)
        return used

    def give_back(self, account_no: int, priority: int, used_minor: int) -> None:
        """Reserve again what a payment used that did not settle in the end."""
        if used_minor:
            self.put(account_no, priority, self.asked(account_no)[priority] + used_minor)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(_Saved([(no, self._asked[no]) for no in self.accounts()]))

    @classmethod
    def decode(cls, data: bytes) -> "Reservations":
        """Build what `encode` described."""
        reservations = cls()
        reservations._asked = dict(unpacked(data, _Saved).asked)
        return reservations


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    asked: list[tuple[int, tuple[int, int]]]
