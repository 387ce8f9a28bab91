"""The page of the first trade: every line of it is run against the world that `steelyard serve` serves."""

import asyncio
import contextlib
import io
import os
import re
import shlex
import subprocess
import tempfile
import threading
from pathlib import Path
from random import Random

import pytest

from steelyard.cli.__main__ import build
from steelyard.cli.demo import make_key
from steelyard.cli.serve import free_port, show
from steelyard.sim.demo import live
from steelyard.sim.demo.founding import Scribe
from steelyard.sim.demo.market.founding import trader
from steelyard.values.instants import DAY

PAGE = Path(__file__).resolve().parents[2] / "docs" / "start" / "first-trade.md"
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```", PAGE.read_text("utf-8"), re.S | re.M)
OF_THE_SHELL = ("make serve", ". .venv/bin/activate")
ADDRESS, FOLDER = "http://127.0.0.1:8080", "out/serve"
STREAM_ENDED = 28
"""How curl says that its time was over"""


class Served:
    """A served world in which nobody but the reader of the page does anything."""

    def __init__(self, folder, port):
        self.folder, self.address = folder, f"http://127.0.0.1:{port}"
        self.told, self.code, self.fault, self.world = io.StringIO(), None, None, None
        self.ready, self.loop, self.stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
        self.thread = threading.Thread(target=self.work, args=(port,), daemon=True)
        self.thread.start()
        assert self.ready.wait(120)
        assert self.fault is None, self.fault

    def work(self, port):
        def is_ready(world):
            self.world = world
            with contextlib.redirect_stdout(self.told):
                show(world)
            self.ready.set()

        serving = live.serve(
            self.folder, listen=f"127.0.0.1:{port}", rate=0, make_key=make_key, ready=is_ready, stop=self.stop
        )
        try:
            self.code = self.loop.run_until_complete(serving)
        except Exception as fault:
            self.fault = fault
            self.ready.set()

    def end(self):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(30)


@pytest.fixture(scope="module")
def served():
    with tempfile.TemporaryDirectory(prefix="sy") as place:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(live, "POOL", 300)  # nobody pays here, so few payments are drawn
            world = Served(Path(place) / "serve", free_port(18_300))
        yield world
        world.end()
        assert 0 == world.code


class Reader:
    """Whoever works through the page: a shell's variables, and what each command said."""

    def __init__(self, served, folder):
        self.served, self.folder = served, folder
        self.variables, self.last = {}, ""
        self.said = {}

    def here(self, text):
        """Put the address, the folder and the variables of this world in place of the page's."""
        text = text.replace(ADDRESS, self.served.address).replace(FOLDER, str(self.served.folder))
        return re.sub(r"\$([A-Z]+)", lambda found: self.variables.get(found[1], found[0]), text)

    def run(self, line):
        if line in OF_THE_SHELL or line.partition("    #")[0] in OF_THE_SHELL:
            return
        assigned = re.fullmatch(r"(?:export )?([A-Z_]+)=(.*?)(?:\s+#.*)?", line)
        if assigned:
            self.assign(*assigned.groups())
        elif line.startswith("curl"):
            self.curl(line)
        else:
            self.command(line)

    def assign(self, name, value):
        if value == "...":
            value = self.last.splitlines()[1].split("\t")[0]
        elif value.startswith("$("):
            value = subprocess.check_output(["bash", "-c", f"echo {self.here(value)}"], text=True).strip()
        self.variables[name] = self.here(value)
        os.environ[name] = self.variables[name]

    def curl(self, line):
        ends = "-N" in line
        more = " --max-time 1" if ends else ""
        ran = subprocess.run(
            ["bash", "-c", self.here(line) + more], capture_output=True, text=True, check=False
        )
        assert ran.returncode in (0, STREAM_ENDED if ends else 0), ran
        self.said.setdefault(line, []).append(ran.stdout)

    def command(self, line):
        """Run it in this process, as typed; a comment says where it is refused."""
        refused = re.search(r"# refused: ([A-Z_]+)$", line)
        words = shlex.split(self.here(line), comments=True)
        assert "steelyard" == words[0]
        out, err, code = io.StringIO(), io.StringIO(), 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                build()(words[1:])
            except SystemExit as ended:
                code = ended.code or 0
        if refused:
            assert (1, True) == (code, refused[1] in err.getvalue()), (line, err.getvalue())
        else:
            assert 0 == code, (line, err.getvalue())
        self.last = out.getvalue()
        self.said.setdefault(line.partition("#")[0].strip(), []).append(self.last)

    def python(self, block):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(self.here(block), str(PAGE), "exec"), {})
        self.said["python"] = [out.getvalue()]


@pytest.fixture(scope="module")
def read(served, tmp_path_factory):
    """Work through the page once, top to bottom; gives what each command said."""
    before, at = dict(os.environ), Path.cwd()
    for name in [name for name in os.environ if name.startswith("STEELYARD_")]:
        del os.environ[name]
    os.environ["STEELYARD_URL"] = served.address
    os.chdir(tmp_path_factory.mktemp("reader"))
    reader = Reader(served, Path.cwd())
    try:
        for kind, block in BLOCKS:
            if kind == "python":
                reader.python(block)
                continue
            for line in block.replace("\\\n", " ").splitlines():
                reader.run(line)
        yield reader
    finally:
        os.chdir(at)
        os.environ.clear()
        os.environ.update(before)


def test_one_order_fills_in_two_currencies_of_others(read):
    """The buyer pays his own money alone, sellers get theirs, and the titles are his."""
    (bought,) = read.said["steelyard market buy WHT-SPOT 50 890.00 --currency AED --tif ioc"]
    (trades,) = read.said["steelyard market trades WHT-SPOT"]
    (mine,) = read.said["steelyard market own-trades"]
    receipts, _ = read.said["steelyard warehouse-receipt list"]

    assert ["filled", "890.00", "AED", "50"] == bought.splitlines()[1].split("\t")[1:5]
    newest = [line.split("\t") for line in trades.splitlines()[1:3]]
    assert {"AED"} == {row[4].split()[0] for row in newest}
    assert {"RUB", "BRL"} == {row[5].split()[0] for row in newest}
    assert 50 == sum(int(row[2]) for row in newest)
    assert 3 == len(mine.splitlines())
    assert 50_000 == sum(int(line.split("\t")[3]) for line in receipts.splitlines()[1:])


def test_the_same_over_http_and_in_python(read):
    """The last block sells what others bid for, in their currencies."""
    (posted,) = next(said for line, said in read.said.items() if "/v1/orders" in line)

    assert '"state":"filled"' in posted
    assert '"traded":20' in posted
    assert read.said["python"][0].startswith("filled 20\n")
    assert "t for ZAR" in read.said["python"][0]


def test_the_stream_and_its_pictures(read):
    (followed,) = read.said["steelyard market feed WHT-2026-12 --after 1 --follow --count 5"]
    (streamed,) = next(said for line, said in read.said.items() if line.startswith("curl -N"))

    assert 5 == len(followed.splitlines())
    assert "event: market\ndata: {" in streamed
    assert {"depth.png", "candles.png", "curve.svg", "auction.svg", "wheat.jsonl"} <= {
        path.name for path in read.folder.iterdir()
    }


def test_prices_margin_and_what_waits(read):
    (margin,) = read.said["steelyard clearing margin"]
    (settled,) = read.said["steelyard price show WHT-2026-12"]
    (benchmark,) = read.said["steelyard price show WHEAT-ALY"]
    (funded,) = read.said["steelyard delivery fund $DELIVERY"]

    assert "WHT-2026-12" in margin
    assert "vwap" in settled
    assert "trades" in benchmark
    assert "SETTLED" in funded
    for waits in ("tender list", "rfq list", "energy list"):
        (shown,) = read.said[f"steelyard {waits}"]
        assert 2 == len(shown.splitlines()), waits
    assert "RUNNING" in read.said["steelyard energy agree $CONTRACT"][0]
    assert 2 <= len(read.said["steelyard energy matches"][0].splitlines())


def test_houses_go_on_trading(served, read):
    """Each renews its orders in one book after another, and takes what others offer; only the short of wheat fail."""

    async def some():
        market, random = served.world.market, Random(7)
        market.scribe = Scribe("test", 0)
        return [await market.go_on(random, number) for number in range(60)]

    done = asyncio.run_coroutine_threadsafe(some(), served.loop).result(60)
    reader = Reader(served, read.folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEELYARD_URL", served.address)
        patch.setenv("STEELYARD_KEY_FILE", str(served.folder / "keys" / "p-GHAFAEA0-trader.key"))
        for code in ("WHT-2026-12", "MAZ-2027-03", "WHT-SPOT"):
            reader.command(f"steelyard market book {code}")
            assert len(reader.last.splitlines()) > 12, code
        reader.command("steelyard market trades WHT-2026-12")

    assert sum(done) > 50
    assert reader.last.count("2026-11-23T") > 5


def test_what_was_asked_for_is_asked_for_anew_when_it_is_over(served, read):
    """After three days tender and request are over; looked at twice, one of each takes their place."""

    async def later():
        market, house = served.world.market, served.world.market.house
        key = served.world.keys[trader(market.buyer.bic)]
        await house.advance(await house.now() + 3 * DAY)
        for _ in range(
            2
        ):  # a client of its own each time, which waits for what others have written till then
            async with house.client(key, patient=True) as client:
                await market.renew(client)
                market.looks_at = 0
        async with house.client(key, patient=True) as client:
            tenders = [one async for one in client.tenders.list(buyer=market.buyer.bic)]
            asked = [one async for one in client.rfq.list() if one.requester == market.asker.bic]
        return [one.state for one in tenders], len(asked)

    states, asked = asyncio.run_coroutine_threadsafe(later(), served.loop).result(60)

    assert (1, 1) == (states.count("PUBLISHED"), asked)
    assert 1 < len(states)


def test_every_actor_has_a_key_and_those_of_the_page_are_shown(served):
    keys = {path.stem: path for path in (served.folder / "keys").iterdir()}
    told = served.told.getvalue()

    assert f"All {len(keys)} actors" in told
    assert {0o600} == {path.stat().st_mode & 0o777 for path in keys.values()}
    for actor in ("p-GHAFAEA0-trader", "p-FYNBZAC0-trader", "p-PRBEAEA0-1"):
        assert keys[actor].read_text().strip() in told
