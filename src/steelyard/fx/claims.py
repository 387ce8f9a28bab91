"""Soft claims: what a provider's open quotes promise out of one account, without booking anything."""


class Claims:
    """Minor units promised per (provider, asset). A claim ends with its quote."""

    __slots__ = ("_claimed",)

    def __init__(self) -> None:
        self._claimed: dict[tuple[str, str], int] = {}

    def add(self, provider: str, asset: str, amount_minor: int) -> None:
        """Promise so much more."""
        key = (provider, asset)
        self._claimed[key] = self._claimed.get(key, 0) + amount_minor

    def drop(self, provider: str, asset: str, amount_minor: int) -> None:
        """Promise so much less."""
        key = (provider, asset)
        left = self._claimed[key] - amount_minor
        if left:
            self._claimed[key] = left
        else:
            del self._claimed[key]

    def of(self, provider: str, asset: str) -> int:
        """Give what is promised."""
        return self._claimed.get((provider, asset), 0)

    def items(self) -> list[tuple[str, str, int]]:
        """Give (provider, asset, minor units), sorted."""
        return [(*key, self._claimed[key]) for key in sorted(self._claimed)]
