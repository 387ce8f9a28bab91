"""Which account serves which purpose of which owner: look-ups by owner, then asset, and nothing else.

Accounts themselves are the engine's; here are only their numbers, so that a payment finds its accounts by
two dictionary look-ups.
"""

Numbers = dict[str, dict[str, int]]
_NONE: dict[str, int] = {}

SETTLEMENT, SUSPENSE, FX, FEE, RESIDUAL, ISSUER = "settlement", "suspense", "fx", "fee", "residual", "issuer"


class Accounts:
    """Account numbers by purpose, owner and asset. Purposes beyond the six are reserved accounts."""

    __slots__ = ("_by_purpose", "_fx", "_settlement")

    def __init__(self) -> None:
        self._by_purpose: dict[str, Numbers] = {}
        self._settlement = self._by_purpose.setdefault(SETTLEMENT, {})
        self._fx = self._by_purpose.setdefault(FX, {})

    def put(self, purpose: str, owner: str, asset: str, account_no: int) -> None:
        """Note which account serves a purpose."""
        self._by_purpose.setdefault(purpose, {}).setdefault(owner, {})[asset] = account_no

    def drop(self, purpose: str, owner: str, asset: str) -> None:
        """Forget an account; nothing happens where there is none."""
        self._by_purpose.get(purpose, {}).get(owner, {}).pop(asset, None)

    def settlement(self, owner: str, asset: str) -> int | None:
        """Give the settlement account, or None."""
        return self._settlement.get(owner, _NONE).get(asset)

    def fx(self, owner: str, asset: str) -> int | None:
        """Give the account a provider deals from: its fx account, else by its choice its settlement account."""
        found = self._fx.get(owner, _NONE).get(asset)
        return found if found is not None else self._settlement.get(owner, _NONE).get(asset)

    def get(self, purpose: str, owner: str, asset: str) -> int | None:
        """Give the account for a purpose, or None."""
        numbers = self._by_purpose.get(purpose)
        return None if numbers is None else numbers.get(owner, _NONE).get(asset)

    def of(self, owner: str) -> list[tuple[str, str, int]]:
        """Give all accounts of an owner as (purpose, asset, number), sorted."""
        return sorted(
            (purpose, asset, number)
            for purpose, owners in self._by_purpose.items()
            for asset, number in owners.get(owner, _NONE).items()
        )

    def rows(self) -> list[tuple[str, str, str, int]]:
        """Give everything as (purpose, owner, asset, number), sorted: the canonical form."""
        return sorted(
            (purpose, owner, asset, number)
            for purpose, owners in self._by_purpose.items()
            for owner, numbers in owners.items()
            for asset, number in numbers.items()
        )

    @classmethod
    def load(cls, rows: list[tuple[str, str, str, int]]) -> "Accounts":
        """Build what `rows` described."""
        accounts = cls()
        for row in rows:
            accounts.put(*row)
        return accounts
