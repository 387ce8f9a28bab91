"""Batches of FX orders and runs of the PvP queue, proved from their file; one change in it, and it is said."""

import json
from copy import deepcopy

import pytest

from steelyard.liquidity import batch_file
from steelyard.liquidity.order_book import AUCTION
from tests.flows.fxorders import Market
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO
from tests.flows.published import published
from tests.flows.test_pvp_queue import Queue, ring


def reference():
    """Orders in a ring, one of them filled in part, one left out by its limit, one cut by a cap."""
    net = Market()
    net.rate("SUD", "NOR", 2_001, 1_000)
    net.put(ANNA, "NOR", "SUD", 90_000)
    net.put(ARNE, "NOR", "SUD", 40_001)
    net.put(BRAM, "SUD", "OST", 52_011)
    net.put(CLEO, "OST", "NOR", 5_000)
    net.put(BIRK, "SUD", "NOR", 500, (3, 1))
    net.cap(ANNA, "NOR", 70_000)
    net.ask()
    fields = net.fields()
    return published(net.fill(), fields.certificates, net.asked[-1][1])


def auction():
    """Orders of three floating currencies, at prices they make themselves."""
    net = Market(fx_floating=["NOR", "SUD", "OST"], fx_orders_min=1, fx_band_bp=500)
    net.put(ANNA, "NOR", "SUD", 20_000, (49, 100))
    net.put(ARNE, "NOR", "SUD", 10_000, (50, 101))
    net.put(BIRK, "NOR", "SUD", 10_000, (50, 101))
    net.put(BRAM, "SUD", "NOR", 12_000, (198, 100))
    net.put(BRAM, "SUD", "OST", 3_000, (99, 1_000))
    net.put(CLEO, "OST", "NOR", 400, (199, 10))
    net.put(CLEO, "OST", "SUD", 200)
    net.ask(AUCTION)
    fields = net.fields()
    assert fields.prices, fields.reason
    return published(net.fill(), fields.certificates, net.asked[-1][1])


def pvp():
    """A ring of trades that settles, and one that waits for money."""
    net = Queue()
    ring(net)
    net.both(ANNA, "NOR", 50_000, CLEO, "OST", 2_500)
    net.both(ANNA, "SUD", 1_000, CLEO, "OST", 100)
    while net.world.pvp.open is not None:
        net.once_more()
        outcome = net.reply()
        whole = published(outcome, [], net.asked[-1][1])
        if whole["trades"]:
            return whole
    raise AssertionError("nothing settled")


FILES = json.loads(json.dumps({"fx_reference": reference(), "fx_auction": auction(), "pvp": pvp()}))


@pytest.fixture
def verify(alone, tmp_path):
    """Give a function that verifies a file with some content."""

    def run(content, *words):
        file = tmp_path / "batch.json"
        file.write_text(json.dumps(content))
        return alone("verify", "batch", str(file), *words)

    return run


def faults(whole):
    return batch_file.verify(batch_file.read(json.dumps(whole).encode())).faults


@pytest.mark.parametrize("kind", FILES)
def test_a_batch_is_proved_from_its_file_and_its_queue(verify, kind):
    shown = verify(FILES[kind])

    assert (0, "") == (shown.code, shown.err), shown
    assert shown.out.startswith("proved: ")


@pytest.mark.parametrize("kind", FILES)
def test_the_queue_may_stand_beside_it(verify, tmp_path, kind):
    whole = deepcopy(FILES[kind])
    queue = tmp_path / "queue.json"
    queue.write_text(json.dumps(whole.pop("snapshot")))
    shown = verify(whole)

    assert (1 if kind != "fx_reference" else 0) == shown.code
    assert "" == shown.err
    assert 0 == verify(whole, "--snapshot", str(queue)).code


def test_without_orders_an_auction_says_what_it_needs(verify):
    assert "by its orders (--snapshot)" in verify(FILES["fx_auction"] | {"snapshot": None}).out
    assert "by the queue (--snapshot)" in verify(FILES["pvp"] | {"snapshot": None}).out


FIGURES = (
    "queued_count", "queued", "settled_count", "settled", "parts_count", "parts", "left_count", "left", "snapshot_seq",
)  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_of_the_report_is_compared(kind, name):
    whole = deepcopy(FILES[kind])
    was = whole["report"][name]
    whole["report"][name] = was + 1 if isinstance(was, int) else str(int(was) + 1)

    assert faults(whole), name


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("name", ["paid", "received", "left"])
def test_every_participants_row_is_compared(kind, name):
    for place in range(len(FILES[kind]["report"]["participants"])):
        whole = deepcopy(FILES[kind])
        amount = whole["report"]["participants"][place][name]
        amount["amount_minor"] = str(int(amount["amount_minor"]) + 1)

        assert faults(whole), (place, name)
    whole = deepcopy(FILES[kind])
    del whole["report"]["participants"][0]
    assert faults(whole)


@pytest.mark.parametrize("kind", ["fx_reference", "fx_auction"])
def test_every_fill_and_what_is_told_of_it_is_compared(kind):
    def changed(change):
        whole = deepcopy(FILES[kind])
        change(whole)
        return faults(whole)

    for place, fill in enumerate(FILES[kind]["exchange"]["fills"]):
        for name in ("sold_minor", "bought_minor"):
            for more in (-1, 1, 100):
                assert changed(
                    lambda one, place=place, name=name, more=more, fill=fill: one["exchange"]["fills"][
                        place
                    ].update({name: fill[name] + more})
                ), (place, name, more)
        for name, other in (("participant", "XXXX"), ("order", "00" * 16), ("sell", "XXX"), ("buy", "XXX")):
            assert changed(
                lambda one, place=place, name=name, other=other: one["exchange"]["fills"][place].update(
                    {name: other}
                )
            ), (place, name)
        assert changed(lambda one, place=place: one["exchange"]["fills"].pop(place)), place
    assert changed(lambda one: one["exchange"]["residual"].update(NOR=-1))
    assert changed(lambda one: one["exchange"]["excess"].update(NOR="7"))
    assert changed(lambda one: one["exchange"]["fills"].reverse())
    assert changed(lambda one: one.pop("exchange"))
    assert changed(lambda one: one["report"]["units"].update(NOR="77"))
    assert changed(lambda one: one["snapshot"]["values"].update(NOR="77"))


def test_prices_of_an_auction_are_compared():
    for asset in FILES["fx_auction"]["exchange"]["prices"]:
        whole = deepcopy(FILES["fx_auction"])
        prices = whole["exchange"]["prices"]
        prices[asset] = str(int(prices[asset]) + max(1, int(prices[asset]) // 100))

        assert faults(whole), asset
    whole = deepcopy(FILES["fx_reference"])
    whole["exchange"]["prices"] = {"NOR": "1", "SUD": "2", "OST": "20"}
    assert faults(whole)


@pytest.mark.parametrize("kind", ["fx_reference", "fx_auction"])
def test_every_order_is_compared(kind):
    """A larger one, a stricter one, another owner: something in the file no longer holds."""
    for place, order in enumerate(FILES[kind]["snapshot"]["orders"]):
        for change in ({"amount_minor": order["amount_minor"] + 1}, {"member": "XXXX"}, {"limit": "1000/1"}):
            whole = deepcopy(FILES[kind])
            whole["snapshot"]["orders"][place] |= change
            if change == {"limit": "1000/1"} and order["limit"] == "3":
                continue  # left out as it was

            assert faults(whole), (place, change)


def test_caps_and_band_are_compared():
    whole = deepcopy(FILES["fx_reference"])
    whole["snapshot"]["caps"] = [[ANNA, "NOR", 60_000]]
    assert faults(whole)
    whole = deepcopy(FILES["fx_auction"])
    whole["snapshot"]["band_bp"] = 0
    assert faults(whole)


def test_of_two_equal_orders_neither_is_preferred():
    """The sums hold, the prices too: only the rule of the auction is broken."""
    whole = deepcopy(FILES["fx_auction"])
    mine, other = [one for one in whole["exchange"]["fills"] if one["participant"] in (ARNE, BIRK)]
    moved = min(mine["sold_minor"] // 2 // 2 * 2, 1_000)
    assert moved > 10
    worth = {name: int(price) for name, price in whole["exchange"]["prices"].items()}
    for fill, sign in ((mine, -1), (other, 1)):
        fill["sold_minor"] += sign * moved
    from steelyard.liquidity.file_exchange import _rows
    from steelyard.liquidity.file_shapes import Fill
    from steelyard.liquidity.fx_check import credits

    fills = [Fill(**one) for one in whole["exchange"]["fills"]]
    for one, bought in zip(whole["exchange"]["fills"], credits(_rows(fills), worth).bought, strict=True):
        one["bought_minor"] = bought

    assert any("rule of the auction" in fault for fault in faults(whole)), faults(whole)


def test_every_trade_and_the_queue_are_compared():
    def changed(change):
        whole = deepcopy(FILES["pvp"])
        change(whole)
        return faults(whole)

    count = len(FILES["pvp"]["trades"])
    assert count >= 2
    for place in range(count):
        one = FILES["pvp"]["trades"][place]
        for name in ("first_minor", "second_minor"):
            assert changed(lambda w, p=place, n=name, o=one: w["trades"][p].update({n: o[n] + 1})), (
                place,
                name,
            )
        for name in ("first", "second", "first_pays", "second_pays", "trade"):
            assert changed(lambda w, p=place, n=name: w["trades"][p].update({n: "XXX"})), (place, name)
        assert changed(lambda w, p=place: w["trades"].pop(p)), place
    assert changed(lambda w: w.pop("trades"))
    assert changed(lambda w: w["snapshot"]["units"].update(NOR=3))
    assert changed(lambda w: w["snapshot"].update(stopped=[ANNA]))
    assert changed(lambda w: w["snapshot"]["accounts"][ANNA].update(NOR=0))
    assert changed(lambda w: w["snapshot"]["instructions"].pop())
