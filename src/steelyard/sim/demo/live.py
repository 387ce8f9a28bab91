"""The demonstration's world, live: a clock that goes with the wall's, banks that pay and houses that trade.

The node's clock is a simulated one that begins on the day's morning; it is moved every quarter of a second, so
that the world behaves as on any working day whatever today is.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from steelyard.client.aio import AsyncSteelyard
from steelyard.client.errors import ClientError
from steelyard.packs import worlds
from steelyard.packs.worlds import WorldPack
from steelyard.sim.day import Planned, needs, plan
from steelyard.sim.demo.founding import OPERATORS, Scribe, advices, found, people
from steelyard.sim.demo.household import Household, MakeKey
from steelyard.sim.demo.market import pack as market_packs
from steelyard.sim.demo.market.founding import people as market_people
from steelyard.sim.demo.market.founding import trader
from steelyard.sim.demo.market.served import EVE_BEFORE, ServedMarket
from steelyard.sim.demo.script import makers
from steelyard.sim.messages import Sender
from steelyard.values.instants import DAY, SECOND

CLOCK_STEP_S = 0.25
TRADE_S = 2.0
POOL = 20_000


class Live(Struct):
    """A running world: address and folder, a key for each actor, its market, how many payments were sent."""

    address: str
    folder: Path
    keys: dict[str, str]
    market: ServedMarket
    sent: int = 0
    refused: int = 0


async def serve(
    folder: Path, *, listen: str, rate: int, make_key: MakeKey, ready: Callable[[Live], None], stop: asyncio.Event,
) -> int:  # fmt: skip
    """Serve the world in a folder until `stop`; a new one is founded and funded first. Gives the exit code."""
    world = worlds.load()
    fresh = not (folder / "node" / "journal.db").exists()
    async with Household(folder / "node", gateways=1, listen=listen) as house:
        pack, opens_at = market_packs.load_served(), int(world.network.opens_at.timestamp()) * SECOND
        if fresh:
            folder.mkdir(parents=True, exist_ok=True)
            house.make(world, begins_at=opens_at - EVE_BEFORE)
        actors = [("operator", actor) for actor in OPERATORS]
        actors += [(person.owner, person.id) for person in (*people(world), *market_people(pack))]
        market = ServedMarket(pack, world, house, opens_at=opens_at)
        live = Live(house.address, folder, house.keys(actors, make_key), market)
        _keep(live.keys, folder / "keys")
        _, payments = await asyncio.gather(house.start(), asyncio.to_thread(plan, world, POOL))
        if fresh:
            await house.give(found(world, Scribe("demo/founding", opens_at - EVE_BEFORE)))
            await market.found()
            await house.give(advices(world, Scribe("demo/live", opens_at), needs(payments), "opening"))
        tasks = [asyncio.ensure_future(_clock(house))]
        if rate:
            tasks.append(asyncio.ensure_future(_banks(world, house, live, payments, rate)))
            tasks.append(asyncio.ensure_future(_houses(house, live)))
        ready(live)
        await stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return await house.stop()


def _keep(keys: dict[str, str], folder: Path) -> None:
    """Write every actor's key into a file of its own, readable by its owner alone; those of former runs go."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for actor, text in keys.items():
        file = folder / f"{actor}.key"
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"{text}\n", "utf-8")


async def _clock(house: Household) -> None:
    """Move the node's clock as fast as the wall's, on from wherever somebody else has moved it to."""
    before = time.monotonic()
    while True:
        await asyncio.sleep(CLOCK_STEP_S)
        passed, before = time.monotonic() - before, time.monotonic()
        await house.advance(await house.now() + int(passed * SECOND))


async def _banks(world: WorldPack, house: Household, live: Live, payments: list[Planned], rate: int) -> None:
    """Send payments at an even rate, each with an id nobody has used."""
    clients = {bic: house.client(live.keys[actor], connections=2) for bic, actor in makers(world)}
    scales = {member.currency: member.scale for member in world.members}
    number = int(time.time()) % 10_000_000
    try:
        for item in payments:
            number += 1
            await asyncio.sleep(1 / rate)
            at = await house.now()
            sender = Sender(
                hub_bic=world.network.hub_bic, clearing_system=world.network.node_prefix,
                business_on=at // DAY, scales=scales,
            )  # fmt: skip
            fresh = replace(item, number=number, uetr=_another(item.uetr, number))
            live.refused += not await _one(clients[item.payer.bank], sender.pacs_008(fresh, at=at))
            live.sent += 1
    finally:
        for client in clients.values():
            await client.close()


async def _houses(house: Household, live: Live) -> None:
    """Let houses go on trading, one after another; what is refused is passed over, as a house would."""
    begun, market = time.time_ns(), live.market
    random = Random(begun)
    market.scribe = Scribe(f"demo/market/{begun}", begun)
    async with house.client(live.keys[trader(market.buyer.bic)], connections=1, patient=True) as client:
        for number in count():
            await asyncio.sleep(TRADE_S)
            await market.go_on(random, number)
            with contextlib.suppress(ClientError):
                await market.renew(client)


async def _one(client: AsyncSteelyard, raw: bytes) -> bool:
    with contextlib.suppress(ClientError):
        answer = await client.messages.send(raw)
        return answer.outcome == "accepted"
    return False


def _another(uetr: str, number: int) -> str:
    """Give a UETR of the same shape with the run's number in it."""
    return f"{number:08x}{uetr[8:]}"
