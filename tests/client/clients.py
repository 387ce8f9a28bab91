"""Both clients behind one face, so that a test says once what holds for each."""

import asyncio
from typing import Any

from steelyard.client import AsyncSteelyard, Resend, Steelyard

KEY = "sk_test_" + "0" * 16 + "_" + "a" * 64
QUICK = Resend(deadline_s=0.5, first_s=0.001, cap_s=0.01, reach_s=0.05)


class Sync:
    """The sync client."""

    def __init__(self, address: str, **given: Any) -> None:
        self.client = Steelyard(address, **{"key": KEY, "resend": QUICK, "timeout_s": 0.5, **given})

    def do(self, name: str, *values: Any, **named: Any) -> Any:
        """Call a method by its name, such as payments.get."""
        return _found(self.client, name)(*values, **named)

    def all(self, name: str, *values: Any, **named: Any) -> list[Any]:
        """Give every item of a list."""
        return list(_found(self.client, name)(*values, **named))

    def first(self, count: int, name: str, *values: Any, **named: Any) -> list[Any]:
        """Give the first items of a stream."""
        stream = _found(self.client, name)(*values, **named)
        return [next(stream) for _ in range(count)]

    def close(self) -> None:
        """Close it."""
        self.client.close()


class Async:
    """The async client, on a loop of its own."""

    def __init__(self, address: str, **given: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.client: Any = self.loop.run_until_complete(self._make(address, given))

    async def _make(self, address: str, given: dict[str, Any]) -> AsyncSteelyard:
        return AsyncSteelyard(address, **{"key": KEY, "resend": QUICK, "timeout_s": 0.5, **given})

    def do(self, name: str, *values: Any, **named: Any) -> Any:
        """Call a method by its name, such as payments.get."""
        return self.loop.run_until_complete(_found(self.client, name)(*values, **named))

    def all(self, name: str, *values: Any, **named: Any) -> list[Any]:
        """Give every item of a list."""

        async def gather() -> list[Any]:
            return [item async for item in _found(self.client, name)(*values, **named)]

        return self.loop.run_until_complete(gather())

    def first(self, count: int, name: str, *values: Any, **named: Any) -> list[Any]:
        """Give the first items of a stream."""

        async def gather() -> list[Any]:
            stream = _found(self.client, name)(*values, **named)
            found = [await anext(stream) for _ in range(count)]
            await stream.aclose()
            return found

        return self.loop.run_until_complete(asyncio.wait_for(gather(), 10))

    def close(self) -> None:
        """Close it."""
        self.loop.run_until_complete(self.client.close())
        self.loop.close()


def _found(client: Any, name: str) -> Any:
    for part in name.split("."):
        client = getattr(client, part)
    return client
