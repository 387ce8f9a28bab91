"""The day as it is sent: waves of messages over many connections, the clock moved between them, a kill in one.

Within a wave every message has a fixed place, so the node takes all of them in one order whatever the network
does. What was not acknowledged when the node was killed is sent again, from the first such message on. So the
end of the day is the same wherever the kill falls.
"""

import asyncio
import random
import re
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from hashlib import sha256
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from steelyard.client.aio import AsyncSteelyard
from steelyard.client.errors import ClientError
from steelyard.packs.worlds import WorldPack
from steelyard.sim.day import Planned, needs
from steelyard.sim.demo.faults import Faulty, faulty
from steelyard.sim.demo.founding import Scribe, advices, banks
from steelyard.sim.demo.household import Household
from steelyard.sim.messages import Sender
from steelyard.sim.prices import decimal_text
from steelyard.values.amount import format_minor
from steelyard.values.instants import MILLISECOND, SECOND

WAVE = 64
ROUNDS_S = (0, 2 * 3600, 4 * 3600, 5 * 3600 + 1800)
"""When banks bring money in, in seconds after opening; the first is before the first payment."""
SHARES_PERMILLE = (250, 250, 250, 300)
"""How much of what an account needs over the day comes in at each round."""
KEPT_PAIRS = 12
TRIES = 3
_STATUS = re.compile(rb"<TxSts>([A-Z]{4})</TxSts>")
_GROUP = re.compile(rb"<GrpSts>([A-Z]{4})</GrpSts>")
_CODE = re.compile(rb"<Rsn><Cd>([A-Z0-9]{4})</Cd></Rsn>")
_WORD = re.compile(rb"<RjctgPtyRsn>([A-Z0-9]+)</RjctgPtyRsn>")


class Told(Struct, frozen=True):
    """What an answer said: the status of a payment, or RJCT or a word for the whole, and the first code."""

    status: str
    code: str


class Sent(Struct):
    """What the banks know at the end of the day."""

    answers: dict[bytes, Told]
    messages: int = 0
    size: int = 0
    sent_again: int = 0
    with_quote: int = 0
    faults: list[tuple[str, str, bool]] = []
    """(what was wrong, what the node said, whether that is right)"""
    quotes: list[tuple[str, str, bool]] = []
    pairs: list[tuple[bytes, bytes]] = []
    seconds: float = 0.0
    restart_seconds: float = 0.0
    killed_after: int = 0
    waits_ms: list[float] = []


class Day:
    """Sends one planned day to a node."""

    def __init__(
        self, world: WorldPack, house: Household, clients: dict[str, AsyncSteelyard], plan: list[Planned],
        *, opens_at: int, tell: Callable[[int], None],
    ) -> None:  # fmt: skip
        self.world, self.house, self.clients, self.plan = world, house, clients, plan
        self.opens_at, self.tell = opens_at, tell
        self.scribe = Scribe("demo/day", opens_at)
        self.scales = {member.currency: member.scale for member in world.members}
        self.sender = Sender(
            hub_bic=world.network.hub_bic, clearing_system=world.network.node_prefix,
            business_on=opens_at // (86_400 * SECOND), scales=self.scales,
        )  # fmt: skip
        self.sent = Sent({})
        self.needs = needs(plan)
        self._rounds = 0

    async def run(self, *, kill_at: int) -> Sent:
        """Send everything; the node is killed while wave number `kill_at` is under way."""
        begun = time.perf_counter()
        await self._round()
        for start in range(0, len(self.plan), WAVE):
            wave = self.plan[start : start + WAVE]
            await self._move_to(wave[0].at_s)
            messages = [self._message(item, quote, wave[0].at_s) for item, quote in await self._quoted(wave)]
            killer = asyncio.ensure_future(self._kill(start)) if start // WAVE == kill_at else None
            await self._deliver(wave, messages, killer)
            self.tell(len(self.sent.answers))
        self.sent.seconds = time.perf_counter() - begun
        return self.sent

    async def _move_to(self, at_s: int) -> None:
        while self._rounds < len(ROUNDS_S) and ROUNDS_S[self._rounds] <= at_s:
            await self.house.advance(self.opens_at + ROUNDS_S[self._rounds] * SECOND)
            await self._round()
        await self.house.advance(self.opens_at + at_s * SECOND)
        await asyncio.sleep(0.03)

    async def _round(self) -> None:
        """Let money in: what an RTGS would advise when banks have locked reserves."""
        share, name = SHARES_PERMILLE[self._rounds], f"round{self._rounds + 1}"
        self.scribe.at = self.opens_at + ROUNDS_S[self._rounds] * SECOND
        money = {key: max(amount * share // 1000, 1) for key, amount in self.needs.items()}
        await self.house.give(advices(self.world, self.scribe, money, name))
        self._rounds += 1

    async def _quoted(self, wave: Sequence[Planned]) -> list[tuple[Planned, str]]:
        """Ask a firm quote for the first exchange of a wave; the others leave the choice to the node."""
        found = next((item for item in wave if len(item.hops) == 1), None)
        if found is None:
            return [(item, "") for item in wave]
        taken = await self.ask(found)
        return [(taken[0], taken[1]) if item is found else (item, "") for item in wave]

    async def ask(self, item: Planned) -> tuple[Planned, str]:
        """Give the payment at the amounts of the best quote, and the quote's id; unchanged where there is none."""
        client = self.clients[item.payer.bank]
        send = format_minor(item.source_minor, self.scales[item.source])
        answer = await client.quotes.ask(
            sell=item.source,
            buy=item.target,
            send=send,
            creditor_agent=item.payee.bank,
            key=self._key(f"q/{item.uetr}"),
        )
        if not answer.quotes:
            return item, ""
        best = answer.quotes[0]
        self.sent.with_quote += 1
        return replace(
            item, target_minor=best.settlement.minor, rate=decimal_text(Fraction(best.rate))
        ), best.quote_id

    def _key(self, seed: str) -> str:
        """Give an idempotency key: a UUIDv7 of the day's own time, its chance taken from a seed."""
        number = int.from_bytes(sha256(f"demo/{seed}".encode()).digest()[:10], "big")
        at_ms = self.scribe.at // MILLISECOND
        number = (at_ms << 80) | number
        number = (number & ~(0xF << 76)) | (7 << 76)
        number = (number & ~(0x3 << 62)) | (2 << 62)
        return str(UUID(int=number))

    def _message(self, item: Planned, quote: str, at_s: int) -> bytes:
        at = self.opens_at + at_s * SECOND
        return self.sender.pacs_008(item, at=at, quote_id=quote)

    async def _deliver(
        self, wave: Sequence[Planned], messages: list[bytes], killer: "asyncio.Future[None] | None"
    ) -> None:
        """Send a wave until every message is answered; a node that went away is started again first."""
        for attempt in range(TRIES):
            open_ = [n for n, item in enumerate(wave) if UUID(item.uetr).bytes not in self.sent.answers]
            if attempt:
                self.sent.sent_again += len(open_)
            await asyncio.gather(
                *(self._send(wave[n], messages[n], f"{k}/{len(open_)}") for k, n in enumerate(open_, start=1))
            )
            if killer is not None:
                await killer
                killer = None
                await self._start_again()
            if all(UUID(item.uetr).bytes in self.sent.answers for item in wave):
                return
        raise TimeoutError("a wave was not answered in three tries")

    async def _send(self, item: Planned, raw: bytes, order: str) -> None:
        begun = time.perf_counter()
        try:
            answer = await self.clients[item.payer.bank].messages.send_for_xml(raw, order=order)
        except ClientError:
            return  # in doubt: sent again
        self.sent.waits_ms.append((time.perf_counter() - begun) * 1000)
        told = self.sent.answers[UUID(item.uetr).bytes] = read_answer(answer)
        self.sent.messages += 1
        self.sent.size += len(raw)
        if told.status == "ACSC" and len(self.sent.pairs) < KEPT_PAIRS:
            self.sent.pairs.append((raw, answer))

    async def _kill(self, start: int) -> None:
        """Kill the node at some moment of the wave that nobody chose."""
        await asyncio.sleep(random.SystemRandom().uniform(0.0, 0.05))
        self.house.kill()
        self.sent.killed_after = start

    async def _start_again(self) -> None:
        await self.house.drop_link()
        begun = time.perf_counter()
        await self.house.start()
        self.sent.restart_seconds = time.perf_counter() - begun

    # what must be refused

    async def careless(self, at_s: int) -> None:
        """Send the twelve faulty messages, a quote used twice and a quote that died; note what was said."""
        await self._move_to(at_s)
        at = self.opens_at + at_s * SECOND
        for one in faulty(self.plan, self.sender, at=at):
            told = read_answer(await self.clients[one.bank].messages.send_for_xml(one.raw))
            self.sent.faults.append((one.what, told.code or told.status, _right(one, told)))

    async def stale_quotes(self, at_s: int) -> None:
        """Use one quote twice and another after its end."""
        await self._move_to(at_s)
        used = await self._fresh(8_000_001, at_s)
        late = await self._fresh(8_000_003, at_s)
        first = await self._told(used[0], used[1], at_s)
        again = replace(used[0], number=8_000_002, uetr=_uetr(8_000_002))
        second = await self._told(again, used[1], at_s)
        self.sent.quotes.append(("a quote used the first time", first.status, first.status != "RJCT"))
        self.sent.quotes.append(("the same quote again", second.code, second.code == "AB04"))
        later = at_s + 3600
        await self._move_to(later)
        third = await self._told(late[0], late[1], later)
        self.sent.quotes.append(("a quote after its end", third.code, third.code == "AB04"))

    async def _fresh(self, number: int, at_s: int) -> tuple[Planned, str]:
        item = next(item for item in self.plan if (item.source, item.target) == ("AED", "INR"))
        self.scribe.at = self.opens_at + at_s * SECOND
        return await self.ask(replace(item, number=number, uetr=_uetr(number), at_s=at_s))

    async def _told(self, item: Planned, quote: str, at_s: int) -> Told:
        raw = self._message(item, quote, at_s)
        answer = await self.clients[item.payer.bank].messages.send_for_xml(raw)
        told = read_answer(answer)
        self.sent.answers[UUID(item.uetr).bytes] = told
        return told


def read_answer(raw: bytes) -> Told:
    """Read the status and first code out of a pacs.002, or the word of an admi.002.

    >>> read_answer(b"<RjctgPtyRsn>XML02</RjctgPtyRsn>")
    Told(status='ADMI', code='XML02')
    """
    word = _WORD.search(raw)
    if word:
        return Told("ADMI", word[1].decode())
    status = _STATUS.search(raw) or _GROUP.search(raw)
    code = _CODE.search(raw)
    return Told(status[1].decode() if status else "", code[1].decode() if code else "")


def _right(one: Faulty, told: Told) -> bool:
    return told.code in one.codes


def _uetr(number: int) -> str:
    return str(UUID(bytes=sha256(f"demo/extra/{number}".encode()).digest()[:16], version=4))


def makers(world: WorldPack) -> list[tuple[str, str]]:
    """Give (bank, actor) of everybody who sends."""
    return [(bic, f"p-{bic}-maker") for bic in banks(world)]
