"""The demonstration's market day: what its data say, and what its figures must be whatever is drawn."""

import json
from collections import Counter
from fractions import Fraction

from steelyard.flows.price_facts import PricePublished
from steelyard.market.rules import MarketRules
from steelyard.packs import worlds
from steelyard.sim.demo.book import read_book
from steelyard.sim.demo.founding import Scribe
from steelyard.sim.demo.market import founding, pictures
from steelyard.sim.demo.market.pack import goods, load, price, worth
from steelyard.sim.demo.market.telling import tell
from steelyard.storage.opening import open_journal
from steelyard.values.instants import DAY, MILLISECOND, SECOND

AT = 1_795_000_000 * SECOND


def test_the_basket_is_one_unit_of_each_currency():
    """So the worths of one unit of each make one basket, a hundred hundredths."""
    pack, world = load(), worlds.load()
    scale = {member.currency: member.scale for member in world.members}
    found = worth(pack, world)

    assert {"AED", "BRL", "CNY", "EGP", "RUB", "ZAR"} == set(found)
    assert 100 == sum((found[code] * 10 ** scale[code] for code in found), Fraction(0))


def test_every_price_begins_at_the_same_worth_on_its_tick():
    """Within a tick, at the rates of the day."""
    pack, world = load(), worlds.load()
    rates = worth(pack, world)
    tick = goods(pack).spot.tick_minor
    prices = {code: price(pack, world, code, tick) for code in pack.currencies}

    assert all(minor % tick == 0 for minor in prices.values())
    low, high = (pick(minor * rates[code] for code, minor in prices.items()) for pick in (min, max))
    assert high - low <= tick * max(rates.values())


def test_names_stand_once_and_test_bics_have_a_zero():
    pack, world = load(), worlds.load()
    bics = [one.bic for one in pack.everybody]
    known = {bank.bic for member in world.members for bank in member.participant}

    assert len(bics) == len(set(bics))
    assert not known & set(bics)
    assert {"0"} == {bic[7] for bic in bics}
    assert {bic[4:6] for bic in bics} <= {member.code for member in world.members}


def test_all_money_of_the_market_is_advised_once():
    pack, world = load(), worlds.load()
    commands = list(founding.members(pack, world, Scribe("test", AT)))
    advised = Counter(command.sender for command in commands if command.name == "fund.advise")

    assert set(advised) <= {member.settlement_agent for member in world.members}
    assert len(commands) == len({command.id for command in commands})


def test_the_day_traded_in_six_currencies_and_bore_a_default(runs):
    """From the file that a run leaves; the journal says the same when it is counted again."""
    out, text = runs[0]
    market = json.loads((out / "summary.json").read_text("utf-8"))["market"]
    spot, nearest, *_ = market["lines"]

    assert 6 == spot["currencies"]
    assert spot["trades"] > 0 < spot["auction_tonnes"] <= spot["tonnes"]
    assert "vwap" == nearest["tier"]
    assert nearest["auction_minor"] > 0
    assert nearest["settlement_minor"] > 0
    assert int(market["benchmark"]) > 0 < market["benchmark_from"]
    assert all(run["called_minor"] == run["paid_minor"] for run in market["runs"])
    assert [2_000_000] == [one["net_kg"] for one in market["delivered"]]
    (tender,) = market["tenders"]
    assert ("CONTRACTED", 3, 4, 120_000) == tuple(
        tender[name] for name in ("state", "offers", "cargoes", "tonnes")
    )
    assert tender["suppliers"] > 1
    (default,) = market["defaults"]
    layers = ("margin", "own_fund", "capital", "survivors", "assessments", "gains", "uncovered")
    assert default["loss_minor"] == sum(default[f"{name}_minor"] for name in layers)
    assert default["own_fund_minor"] > 0
    assert "The market's day: wheat" in text
    rows = (out / "reports" / "market_trades.csv").read_text("utf-8").splitlines()
    assert len(rows) - 1 == sum(line["trades"] for line in market["lines"])


def test_the_benchmark_is_made_by_the_machine_at_the_fixing(runs):
    """Nobody hands anything in; it is published once, at its time."""
    journal = open_journal(runs[0][0] / "node" / "journal.db")
    try:
        told = read_book(journal).market
    finally:
        journal.close()
    made = [(at, one) for at, one in told if isinstance(one, PricePublished) and one.kind == "benchmark"]
    ((at, benchmark),) = [(at, one) for at, one in made if one.series == founding.BENCHMARK]

    assert MarketRules().fixing_ms == at % DAY // MILLISECOND - at % DAY // MILLISECOND % 60_000
    assert (at // DAY, 1, "") == (benchmark.on, benchmark.version, benchmark.reason)
    assert benchmark.value


def test_pictures_are_drawn_of_it(runs, tmp_path):
    journal = open_journal(runs[0][0] / "node" / "journal.db")
    try:
        book = read_book(journal)
    finally:
        journal.close()
    drawn = pictures.draw(book.market, tmp_path, scale=2, caption="test")

    assert ["market_auction", "market_candles", "market_depth", "market_curve"] == [
        path.stem for path in drawn
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)
    assert tell(book.market).lines
