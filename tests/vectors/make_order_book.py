# ruff: noqa: E501 - a case is a line
"""Make the cases of `tests/vectors/market/order_book_cases.json`: `python -m tests.vectors.make_order_book`.

The streams are written by hand, a line for an event; what comes of them is worked out by the naive book of
`tests/market`, which shares nothing with the system. The ways of writing an event take turns.
"""

import json
from pathlib import Path

from tests.market.naive_book import NaiveBook

HERE = Path(__file__).parent / "market" / "order_book_cases.json"
FLAGS = {
    "market": ("type", "market"), "mtl": ("type", "mtl"), "post": ("post_only", True), "aon": ("aon", True),
    "ioc": ("tif", "ioc"), "fok": ("tif", "fok"), "gfa": ("tif", "gfa"), "day": ("tif", "day"), "gtd": ("tif", "gtd"),
}  # fmt: skip
FORMS = (
    lambda name, fields: {"op": name, **fields},
    lambda name, fields: {"event": name, **fields},
    lambda name, fields: {"ev": name, **fields},
    lambda name, fields: {name: fields},
    lambda name, fields: [name, fields],
)
INVARIANT = "invariant"

# id | title | kind | instrument | events, divided by ;
STREAMS = """
PR-01 | a buy walks two levels, each at its own price | invariant | | sell a 5 @100; sell b 5 @101; buy t 8 @101
PR-02 | a limit order stops at its limit and rests | invariant | | sell a 5 @100; sell b 5 @102; buy t 8 @101
PR-03 | a sell walks down and rests at its own limit | invariant | | buy a 5 @100; buy b 5 @98; sell t 20 @98
PR-04 | first come, first served at one price | invariant | | sell a 5 @100; sell b 5 @100; sell c 5 @100; buy t 12 @100
PR-05 | an order filled in part keeps its place | invariant | | sell a 5 @100; sell b 5 @100; buy t 2 @100; buy u 5 @100
PR-06 | a better price goes before an earlier time | invariant | | sell a 5 @101; sell b 5 @100; buy t 5 @101
CA-01 | the best price goes with its last order | invariant | | sell a 5 @100; sell b 5 @101; cancel a; buy t 5 @100
CA-02 | a cancel out of the middle leaves the order of the others | invariant | | sell a 5 @100; sell b 5 @100; sell c 5 @100; cancel b; buy t 7 @100
CA-03 | a cancel takes the right side | invariant | | buy b 5 @99; sell a 5 @101; cancel b; sell t 5 @99; buy u 5 @101
CA-04 | cancels of unknown, filled and cancelled orders are rejected | invariant | | sell a 5 @100; buy t 5 @100; cancel a; cancel x; buy u 5 @99; cancel u; cancel u
CA-05 | a level that emptied and filled again is there once | invariant | | sell a 5 @100; cancel a; sell b 5 @100; cancel b; sell c 5 @100; buy t 9 @100
MK-03 | without asks a market buy is cancelled | invariant | | buy t 5 market
MK-04 | what is left of a market order is cancelled | convention:market_rest_cancelled | | sell a 5 @100; buy t 8 market
MK-05 | a resting market buy meets the sell at the last price | convention:market_rests | rest_market last_price=103 | buy m 5 market; sell t 5 @100
MK-06 | ... at the best bid if that is higher | convention:market_rests | rest_market last_price=103 | buy m 5 market; buy b 5 @104; sell t 7 @100
MK-07 | ... at the limit of the sell if that is higher | convention:market_rests | rest_market last_price=103 | buy m 5 market; sell t 5 @106
MK-08 | a resting market sell meets the buy at the lowest of the three | convention:market_rests | rest_market ref_price=100 | sell m 5 market; sell a 5 @99; buy t 7 @105
MK-09 | two market orders without any price do not trade | convention:market_rests | rest_market | buy m 5 market; sell n 5 market
MK-10 | the reference counts where nothing has traded | convention:market_rests | rest_market ref_price=90 | buy m 5 market; sell n 3 market
ML-01 | market to limit takes one level and rests at its price | convention:mtl | | sell a 5 @100; sell b 5 @101; buy t 8 mtl
ML-02 | nothing opposite: market to limit is cancelled | convention:mtl | | buy t 8 mtl
ML-03 | market to limit fills whole within the level | convention:mtl | | buy a 9 @100; buy b 9 @99; sell t 4 mtl
IO-01 | an ioc that meets nobody is cancelled whole | invariant | | sell a 5 @101; buy t 5 @100 ioc
IO-02 | a market ioc never rests | convention:market_rests | rest_market | sell a 5 @100; buy t 8 market ioc
FK-01 | a fok that fills over two levels | invariant | | sell a 5 @100; sell b 5 @101; buy t 10 @101 fok
FK-02 | a fok one short of full touches nothing | invariant | | sell a 5 @100; sell b 4 @101; buy t 10 @101 fok
FK-03 | a fok beyond its limit touches nothing | invariant | | sell a 5 @100; sell b 5 @102; buy t 10 @101 fok
FK-04 | an all-or-none order that is too large does not count for a fok | convention:aon_skipped | | sell a 12 @100 aon; sell b 5 @100; buy t 10 @100 fok
FK-05 | an own order met before a fok is full makes it infeasible | convention:fok_self_trade | stp=cancel_taker | sell a 5 @100 member=A; sell b 5 @100 member=B; buy t 6 @100 fok member=A
FK-06 | an own order behind is not met | convention:fok_self_trade | stp=cancel_taker | sell b 5 @100 member=B; sell a 5 @101 member=A; buy t 5 @101 fok member=A
FK-07 | with cancel_maker own orders do not count | convention:fok_self_trade | stp=cancel_maker | sell a 5 @100 member=A; sell b 5 @100 member=B; buy t 6 @100 fok member=A; buy u 5 @100 fok member=A
FK-08 | a hidden quantity counts for a fok | invariant | | sell a 50 @100 peak=5; buy t 50 @100 fok
AO-02 | an incoming all-or-none that cannot fill rests whole | convention:aon | | sell a 5 @100; buy t 8 @100 aon
AO-03 | ... and looks crossed, but trades with what comes | convention:aon | | sell a 5 @100; buy t 8 @100 aon; sell b 8 @100
AO-04 | all or none with ioc is fok | convention:aon | | sell a 5 @100; buy t 8 @100 aon ioc
AO-05 | a skipped all-or-none keeps its place for one that is large enough | convention:aon_skipped | | sell a 10 @100 aon; sell b 5 @100; buy t 5 @100; buy u 10 @100
AO-06 | an all-or-none market order that cannot fill is cancelled | convention:aon | | sell a 5 @100; buy t 8 market aon
ST-03 | a stop already met is active at once | convention:stop_on_last_trade | last_price=100 | sell a 5 @101; buy t 5 market stop=100
ST-04 | a sell stop is released by a trade at its price | convention:stop_on_last_trade | last_price=100 | sell s 5 @95 stop=98; buy b 9 @98; sell x 2 @98
ST-05 | two stops enter in the order of their times | convention:stop_on_last_trade | last_price=100 | buy s 5 @110 stop=103; buy r 5 @110 stop=102; sell a 1 @103; sell b 7 @104; buy x 1 @103
ST-06 | stops release stops in one event | convention:stop_on_last_trade | last_price=100 | buy s 2 market stop=101; buy r 2 market stop=102; sell a 1 @101; sell b 2 @102; sell c 2 @105; buy x 1 @101
ST-07 | a waiting stop is cancelled and replaced as it waits | convention:stop_on_last_trade | last_price=100 | buy s 5 @106 stop=105; buy r 5 @106 stop=105; cancel s; replace r qty=3 price=107
ST-08 | a stop limit rests at its limit once released | convention:stop_on_last_trade | last_price=100 | buy s 5 @104 stop=103; sell a 2 @103; buy x 2 @103
IB-03 | the worked example: two buys of 50 against an iceberg of 90 | convention:iceberg_refresh_to_back | | sell i 90 @100 peak=30; sell p 25 @100; buy t 50 @100; buy u 50 @100
IB-04 | an iceberg acts with its whole size on entry | convention:iceberg_refresh_to_back | | sell a 40 @100; buy i 90 @100 peak=20
IB-05 | the last peak is what is left | convention:iceberg_refresh_to_back | | sell i 25 @100 peak=10; buy t 21 @100
IB-06 | an iceberg is neither ioc, fok nor market, nor smaller than its peak | invariant | | buy a 9 @100 peak=3 ioc; buy b 9 @100 peak=3 fok; buy c 9 market peak=3; buy d 2 @100 peak=3
IB-07 | a lower total keeps the place of an iceberg | convention:iceberg_refresh_to_back | | sell i 30 @100 peak=10; sell p 5 @100; replace i qty=12; buy t 11 @100
PO-02 | a post-only that would trade one unit is refused whole | invariant | | sell a 1 @100; buy t 50 @100 post
PO-03 | a post-only may rest beside what it does not meet | convention:aon_skipped | | sell a 9 @100 aon; buy t 5 @100 post
PO-04 | a replacement of a post-only that would trade is rejected | convention:post_only_replace | | sell a 5 @101; buy p 5 @100 post; replace p price=101
RE-01 | a lower total keeps the time | invariant | | sell a 9 @100; sell b 5 @100; replace a qty=4; buy t 5 @100
RE-02 | a higher total loses it | invariant | | sell a 5 @100; sell b 5 @100; replace a qty=6; buy t 6 @100
RE-03 | another price loses it, also when it comes back | invariant | | sell a 5 @100; sell b 5 @100; replace a price=101; replace a price=100; buy t 5 @100
RE-04 | a crossing replacement trades at the price of who rests | invariant | | sell a 5 @103; buy b 5 @100; replace b price=105
RE-05 | the total counts what has traded | invariant | | sell a 10 @100; buy t 4 @100; replace a qty=7
RE-06 | a total below what has traded ends the order | convention:replace_ends | | sell a 10 @100; buy t 4 @100; replace a qty=3
RE-07 | replacements of unknown and finished orders are rejected | invariant | | sell a 5 @100; buy t 5 @100; replace a qty=9; replace x qty=9
RE-08 | a replacement off the tick or outside the limits is rejected | invariant | tick=5 limit_high=110 | buy a 5 @100; replace a price=102; replace a price=115; replace a price=110
MC-01 | a mass cancel takes a member's orders of both sides, and its stops | invariant | last_price=100 | buy a 5 @99 member=A; buy b 5 @99 member=B; sell c 5 @101 member=A; buy d 5 @105 stop=104 member=A; mass_cancel member=A
MC-02 | a mass cancel of one side of a group | invariant | | buy a 5 @99 group=G member=A; sell b 5 @101 group=G member=B; sell c 5 @101 member=A; mass_cancel group=G side=sell
SE-03 | cancel_maker goes on with others | invariant | stp=cancel_maker | sell m 5 @100 member=A; sell o 5 @100 member=B; buy t 8 @100 member=A
SE-04 | cancel_both ends both | invariant | stp=cancel_both | sell o 2 @100 member=B; sell m 5 @100 member=A; sell p 5 @100 member=B; buy t 8 @100 member=A
SE-05 | decrement: the smaller order that rests ends as cancelled | convention:decrement | stp=decrement | sell m 5 @100 member=A; sell o 5 @100 member=B; buy t 8 @100 member=A
SE-06 | decrement: the smaller order that comes ends as filled | convention:decrement | stp=decrement | sell m 9 @100 member=A; buy t 4 @100 member=A
SE-07 | two members of one group do not trade | invariant | stp=cancel_taker | sell m 5 @100 member=A group=G; buy t 5 @100 member=B group=G
SE-08 | without prevention one trades with oneself | invariant | stp=none | sell m 5 @100 member=A; buy t 5 @100 member=A
SE-09 | nobody is not the same as nobody | invariant | stp=cancel_taker | sell m 5 @100; buy t 5 @100
VA-01 | quantity, lot and tick are refused in that order | invariant | tick=5 lot=10 | buy a 0 @101; buy b 5 @101; buy c 10 @101; buy d 10 @100
VA-02 | an id is used once | invariant | | buy a 5 @100; sell a 5 @101; cancel a; buy a 5 @100
PH-01 | in a call nothing trades before the uncross | invariant | phase=call ref_price=100 | sell a 5 @100; buy b 5 @101; phase halt
PH-02 | ioc and fok are refused in a call, gfa outside | convention:phases | phase=call | buy a 5 @100 ioc; buy b 5 @100 fok; buy c 5 @100 gfa; sell d 5 @100; uncross; buy e 5 @100 gfa
PH-03 | a halt lets cancel, not enter, and leaves into a call | convention:phases | | buy a 5 @100; buy b 5 @99; phase halt; cancel a; buy c 5 @101; replace b qty=3; phase call
PH-04 | at the end of the day only orders good till cancelled stay | convention:phases | | buy a 5 @100; buy b 5 @100 day; phase closed; buy c 5 @100; cancel a
PH-05 | what is left of gfa and market orders goes at the uncross | convention:phases | phase=call ref_price=100 | sell a 5 @100; buy g 4 @100 gfa; buy m 3 market; buy h 6 @100 gfa; uncross
PH-06 | what is left of market to limit rests at the auction price | convention:mtl | phase=call ref_price=100 | sell a 5 @100; buy m 8 mtl; buy b 2 @99; uncross
PH-07 | an auction without a price takes market to limit and market away | convention:mtl | phase=call | buy m 8 mtl; buy n 3 market; uncross
AU-03 | sellers in surplus at all: the lowest | invariant | phase=call | buy a 20 @150; sell b 35 @148; sell c 10 @149; uncross
AU-04 | the reference between the candidates that remain | convention:reference | phase=call ref_price=69 | buy a 30 @71; buy b 10 @70; buy c 40 @66; sell d 25 @65; sell e 15 @68; sell f 50 @72; uncross
AU-05 | a reference above them: the highest | convention:reference | phase=call ref_price=75 | buy a 30 @71; buy b 10 @70; buy c 40 @66; sell d 25 @65; sell e 15 @68; sell f 50 @72; uncross
AU-06 | market orders make the reference a candidate | convention:reference | phase=call ref_price=1500 | buy m 25 market; sell a 30 @1490; uncross
AU-07 | candidates are prices of orders, not all ticks | convention:candidates | phase=call ref_price=45 | buy a 10 @42; buy b 10 @39; buy c 100 @38; sell d 10 @38; sell e 10 @41; sell f 100 @42; uncross
AU-08 | without a reference the middle, rounded down | convention:reference | phase=call | buy a 5 @103; sell b 5 @100; uncross
AU-09 | an iceberg counts with its full size | convention:iceberg_auction | phase=call | buy i 50 @100 peak=10; sell a 35 @100; uncross
AU-10 | market orders first, then better limits, then time | invariant | phase=call | buy b 5 @100; buy c 5 @101; buy m 5 market; sell a 11 @100; uncross
AU-11 | self-trade prevention is off in an auction | convention:auction_self_trade | phase=call stp=cancel_both | buy a 5 @100 member=A; sell b 5 @100 member=A; uncross
AU-12 | a stop is released by the price of the auction | convention:stop_on_last_trade | phase=call last_price=90 | buy s 5 @101 stop=100; buy b 5 @100; sell a 8 @100; uncross
BA-01 | trading at a daily limit is allowed | invariant | limit_low=90 limit_high=110 | sell a 5 @110; buy t 5 @110; buy b 5 @90; sell u 5 @90
BA-02 | the worked example of the collar | convention:collar | dyn_low=760 dyn_high=840 | sell a 4 @805; sell b 6 @850; buy t 7 @860; sell u 2 @845; uncross
BA-03 | a fill at the edge of the collar is allowed | convention:collar | dyn_low=95 dyn_high=105 | sell a 5 @105; sell b 5 @106; buy t 8 @105; buy u 2 @106
BA-04 | an ioc stopped by the collar starts the call and is cancelled | convention:collar | dyn_high=105 | sell a 5 @104; sell b 5 @106; buy t 8 @106 ioc
BA-05 | a fok that the collar would stop does nothing | convention:collar | dyn_high=105 | sell a 5 @104; sell b 5 @106; buy t 8 @106 fok; buy u 5 @106 fok
BA-06 | a market order stopped by the collar waits for the uncross | convention:collar | dyn_low=95 dyn_high=105 | sell a 5 @104; sell b 5 @106; buy t 8 market
"""


def event_of(line):
    """Read `buy t 5 @100 ioc member=A`, `cancel t`, `replace t qty=3`, `phase halt`, `uncross`, `mass_cancel member=A`."""
    name, *words = line.split()
    fields = {}
    if name in ("buy", "sell"):
        fields = {"id": words.pop(0), "side": name, "qty": int(words.pop(0))}
        name = "new"
    elif name in ("cancel", "replace"):
        fields = {"id": words.pop(0)}
    elif name == "phase":
        fields = {"to": words.pop(0)}
    for word in words:
        if word in FLAGS:
            key, value = FLAGS[word]
        elif word.startswith("@"):
            key, value = "price", int(word[1:])
        else:
            key, value = word.split("=")
            value = int(value) if value.isdecimal() else value
        fields[key] = value
    return name, fields


def instrument_of(text):
    """Read `tick=5 rest_market`."""
    terms = {"tick": 1, "lot": 1, "phase": "continuous", "stp": "none"}
    for word in text.split():
        key, _, value = word.partition("=")
        terms[key] = int(value) if value.isdecimal() else value or True
    return terms


def expectation(instrument, events):
    """Let the naive book work it out."""
    book = NaiveBook(instrument)
    for name, fields in events:
        call = fields.get("to") == "call"
        book.apply({name: {**fields, "to": "opening_call"} if call else fields})
    told = book.told
    status = {id: list(pair) for id, pair in book.status().items()}
    refused = {fact[1] for fact in told if fact[0] == "refused"} - status.keys()
    quantities = {
        fields["id"]: fields["qty"] for name, fields in events if name == "new" and fields["id"] in refused
    }
    auctions = [list(fact[1:]) for fact in told if fact[0] == "auction"]
    kept = ("cancel_rejected", "replace_rejected", "volatility_call")
    expect = {
        "trades": [list(trade) for trade in book.trades()],
        "bids": [["MKT" if price is None else price, *rest] for price, *rest in book.shown("buy")],
        "asks": [["MKT" if price is None else price, *rest] for price, *rest in book.shown("sell")],
        "status": status | {id: ["rejected", quantity] for id, quantity in quantities.items()},
        "phase": "call" if book.phase.endswith("_call") else book.phase,
        "events": [list(fact) for fact in told if fact[0] in kept],
    }
    if auctions:
        expect["auction"] = auctions[-1] if auctions[-1][0] is not None else None
    return expect


def made():
    """Make the document."""
    cases = []
    for number, line in enumerate(STREAMS.strip().splitlines()):
        id, title, kind, terms, stream = (part.strip() for part in line.split("|"))
        instrument, events = instrument_of(terms), [event_of(one) for one in stream.split(";")]
        form = FORMS[number % len(FORMS)]
        written = [form(name, fields) for name, fields in events]
        expect = expectation(instrument, events)
        cases.append(
            {
                "id": id,
                "title": title,
                "kind": kind,
                "instrument": instrument,
                "events": written,
                "expect": expect,
            }
        )
    return {"format": "order_book_cases/1", "cases": cases}


def text(document):
    """Write a case a line, so that a difference shows which case it is."""
    lines = ",\n".join(json.dumps(case) for case in document["cases"])
    return f'{{"format": "{document["format"]}", "cases": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    HERE.write_text(text(made()), "utf-8")
