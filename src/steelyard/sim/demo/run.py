"""The demonstration from an empty folder to its last line: a world, a day, a kill, a proof, a report."""

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct
from rich.console import Console

from steelyard.client.aio import AsyncSteelyard
from steelyard.packs import worlds
from steelyard.packs.worlds import WorldPack
from steelyard.sim.day import Planned, plan
from steelyard.sim.demo import report
from steelyard.sim.demo.book import Book, read_book
from steelyard.sim.demo.checks import Tally, check_rule_cases, check_samples
from steelyard.sim.demo.founding import Scribe, found
from steelyard.sim.demo.household import Household, MakeKey
from steelyard.sim.demo.market import pack as market_packs
from steelyard.sim.demo.market import pictures as market_pictures
from steelyard.sim.demo.market import report as market_report
from steelyard.sim.demo.market.day import MarketDay
from steelyard.sim.demo.market.telling import tell as tell_market
from steelyard.sim.demo.pictures import draw_all
from steelyard.sim.demo.proof import Claim, Proved, prove, told_right
from steelyard.sim.demo.saving import Saving, compare, worth, write_day
from steelyard.sim.demo.script import WAVE, Day, Sent, makers
from steelyard.sim.demo.summary import Summary, summarise
from steelyard.storage.opening import open_journal
from steelyard.values.instants import DAY, HOUR, SECOND, format_date
from steelyard.values.refusal import Refusal

MARK = ".steelyard-demo"
CARELESS_AT_S = 6 * 3600
MARKET_AT_S = 7 * 3600 + 300
"""When the market's day begins: after the last payment"""
LAST_CLOSE_NS = 20 * HOUR
"""From opening to after the last currency's date has ended: 03:30 UTC of the next day."""
CATCH_UP_SECONDS = 60.0
STATEMENTS_AT_ONCE = 16
DAY_S = 86_400
JOBS_MAX = 4
"""Most processes that settle the day by other rules; there are eight runs."""


class NotOurs(Exception):
    """The output folder holds something that no demonstration made."""


class Wanted(Struct, frozen=True):
    """What a run is asked for. `shared` is a folder of reference data, None for none."""

    out: Path
    payments: int = 20_000
    pictures: bool = True
    force: bool = False
    shared: Path | None = None


class Stopwatch:
    """Seconds per step, for the file of timings; no figure of the day depends on it."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.seconds: dict[str, float] = {}
        self._tell = tell

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step and say that it begins."""
        self._tell(name)
        begun = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begun, 3)


def prepare(wanted: Wanted) -> None:
    """Make the output folder anew; one that is not a former demonstration's is left alone without `force`."""
    out = wanted.out
    if out.exists() and any(out.iterdir()):
        if not (out / MARK).exists() and not wanted.force:
            raise NotOurs(
                f"{out} is not empty and no demonstration made it; choose another folder or use --force"
            )
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).write_text("made by steelyard demo\n", "utf-8")


async def run(wanted: Wanted, make_key: MakeKey, console: Console, tell: Callable[[str], None]) -> bool:
    """Run everything; True where every expectation held."""
    prepare(wanted)
    watch = Stopwatch(tell)
    world = worlds.load()
    opens_at = int(world.network.opens_at.timestamp()) * SECOND
    tallies: list[Tally] = []
    if wanted.shared is not None:
        with watch.step("check messages"):
            folder = wanted.shared / "iso20022"
            tallies = [check_rule_cases(folder), check_samples(folder)]
    with watch.step("plan the day"):
        payments = plan(world, wanted.payments)
        scenario = write_day(wanted.out / "day", world, payments, opens_s=opens_at // SECOND % DAY_S)
    with watch.step("settle the same day by other rules"):
        saving = compare(scenario, jobs=min(os.cpu_count() or 1, JOBS_MAX))
    async with Household(wanted.out / "node", in_step=True) as house:
        with watch.step("found the world"):
            house.make(world)
            texts = house.keys(makers(world), make_key)
            await house.start()
            await house.give(found(world, Scribe("demo/founding", opens_at)))
        clients = {bic: house.client(texts[actor]) for bic, actor in makers(world)}
        try:
            sent = await _day(world, house, clients, payments, opens_at, watch, tell)
            with watch.step("trade grain"):
                market = MarketDay(
                    market_packs.load(), world, house, begins_at=opens_at + MARKET_AT_S * SECOND
                )
                await market.run()
            with watch.step("close the day"):
                await house.advance(opens_at + LAST_CLOSE_NS)
                await _catch_up(house)
            with watch.step("fetch statements"):
                statements = await _statements(
                    clients, wanted.out / "statements", format_date(opens_at // DAY)
                )
        finally:
            for client in clients.values():
                await client.close()
        with watch.step("stop the node"):
            stopped = await house.stop()
    claims, book, proved, summary = _judge(world, house, sent, stopped, statements, tallies, watch)
    watch.seconds |= {"day": sent.seconds, "restart": sent.restart_seconds}
    if wanted.pictures:
        with watch.step("draw pictures"):
            caption = f"steelyard demo, {wanted.payments:,} payments, seed {world.network.seed}"
            folder = wanted.out / "pictures"
            draw_all(book, summary, saving, folder, day_starts_at=opens_at, caption=caption)
            market_pictures.draw(book.market, folder, scale=_scale_of_cleared(world), caption=caption)
    with watch.step("write reports"):
        report.write_files(
            wanted.out, book, summary, saving, claims, proved, sent, watch.seconds, tallies, refusal_names()
        )
        market_report.write(wanted.out / "reports", book.market, _scales(world))
    tell("")
    _print(console, world, book, summary, saving, claims, tallies, proved, sent, wanted)
    return all(claim.holds for claim in claims)


async def _day(
    world: WorldPack, house: Household, clients: dict[str, AsyncSteelyard], payments: list[Planned], opens_at: int,
    watch: Stopwatch, tell: Callable[[str], None],
) -> Sent:  # fmt: skip
    total = len(payments)
    day = Day(
        world,
        house,
        clients,
        payments,
        opens_at=opens_at,
        tell=lambda done: tell(f"send the day {done:,}/{total:,}"),
    )
    with watch.step("send the day"):
        sent = await day.run(kill_at=(total // WAVE) // 2)
    with watch.step("send what must be refused"):
        await day.careless(CARELESS_AT_S)
        await day.stale_quotes(CARELESS_AT_S + 60)
    return sent


async def _catch_up(house: Household) -> None:
    """Wait until the tables for questions have reached the journal."""
    until = time.monotonic() + CATCH_UP_SECONDS
    async with house.client("") as client:
        while time.monotonic() < until:
            health = await client.health()
            if health.get("lag_rows", 0) <= 0:
                return
            await asyncio.sleep(0.05)


async def _statements(clients: dict[str, AsyncSteelyard], folder: Path, on: str) -> list[Claim]:
    """Fetch every bank's statements of the day, as camt.053 and CSV, and hold them to the accounts."""
    folder.mkdir(parents=True, exist_ok=True)
    gate = asyncio.Semaphore(STATEMENTS_AT_ONCE)
    wrong: list[str] = []
    count = 0

    async def one(client: AsyncSteelyard, number: int, name: str) -> None:
        nonlocal count
        account = str(number)
        async with gate:
            told = await client.statements.get(account, on)
            xml = await client.statements.camt_053(account, on)
            text = await client.statements.csv(account, on)
        stem = name.replace("/", "_")
        (folder / f"{stem}.camt053.xml").write_bytes(xml)
        (folder / f"{stem}.csv").write_bytes(text)
        count += 1
        moved = sum(entry.amount.minor * (1 if entry.is_credit else -1) for entry in told.entries)
        if told.opening.minor + moved != told.closing.minor:
            wrong.append(name)

    async def bank(client: AsyncSteelyard) -> None:
        rows = [row async for row in client.accounts.list(limit=100) if row.kind == "settlement"]
        await asyncio.gather(*(one(client, row.account_no, row.name) for row in rows))

    await asyncio.gather(*(bank(client) for client in clients.values()))
    return [
        Claim(
            "every statement: opening and entries make the closing balance",
            not wrong,
            f"{count:,} statements",
        )
    ]


def _judge(
    world: WorldPack, house: Household, sent: Sent, stopped: int, statements: list[Claim], tallies: list[Tally],
    watch: Stopwatch,
) -> tuple[list[Claim], Book, Proved, Summary]:  # fmt: skip
    with watch.step("prove it from the journal"):
        journal = open_journal(house.folder / "journal.db")
        try:
            book = read_book(journal)
        finally:
            journal.close()
        proved = prove(house.folder, book, sent)
    country = {bank.bic: member.code for member in world.members for bank in member.participant}
    apart = [one.bic for one in market_packs.load().everybody]
    summary = summarise(book, country, refusal_names(), worth(world), apart=apart)
    indexed = [
        Claim(f"{tally.name} end as indexed", not tally.wrong, f"{tally.count} messages") for tally in tallies
    ]
    claims = [
        *indexed,
        *told_right(sent),
        Claim(
            "the node was killed and went on", house.starts == 2, f"in wave {sent.killed_after // WAVE + 1}"
        ),
        *proved.claims,
        *statements,
        Claim("the node stopped in good order", stopped == 0, f"exit code {stopped}"),
    ]
    return claims, book, proved, summary


def _scales(world: WorldPack) -> dict[str, int]:
    return {member.currency: member.scale for member in world.members}


def _scale_of_cleared(world: WorldPack) -> int:
    return _scales(world)[market_packs.load().cleared_in]


def refusal_names() -> dict[int, str]:
    """Give every refusal's name by its number."""
    return {member.code: member.name for kind in Refusal.__subclasses__() for member in kind}


def _print(
    console: Console, world: WorldPack, book: Book, summary: Summary, saving: Saving, claims: list[Claim],
    tallies: list[Tally], proved: Proved,
    sent: Sent, wanted: Wanted,
) -> None:  # fmt: skip
    if tallies:
        report.show_checks(console, tallies)
    report.show(console, summary, _scales(world))
    report.show_batches(console, summary)
    report.show_saving(console, saving)
    market_report.show(console, tell_market(book.market), _scales(world))
    report.show_claims(console, claims)
    rate = len(sent.answers) / sent.seconds if sent.seconds else 0
    console.print(
        f"{len(sent.answers):,} messages in {sent.seconds:.1f} s ({rate:,.0f} a second, sender on the same machine), "
        f"{sent.sent_again} sent again after the kill, restart {sent.restart_seconds:.1f} s"
    )
    console.print(f"state hash {proved.state_hash}")
    console.print(f"reports, statements, messages and pictures: {wanted.out}")
    for claim in claims:
        if not claim.holds:
            console.print(f"FAILED expectation: {claim.name} ({claim.detail})", style="bold red")
