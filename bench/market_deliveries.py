"""Titles and deliveries: receipts moved, deliveries settled through the machine on memory, and the pure rules."""

from collections.abc import Callable, Iterator
from time import perf_counter

from bench.figures import Figure, main
from steelyard.flows.command import Code, Outcome
from steelyard.flows.delivery import AssignFields, CertifyFields, NamedFields
from steelyard.flows.delivery_pay import FundFields
from steelyard.flows.receipt import TransferFields
from steelyard.market.delivery import assign_deliveries
from steelyard.market.quality import quality_price
from steelyard.market.receipts import Receipt, ReceiptState
from steelyard.market.titles import ReceiptClass, Site, Titles
from tests.flows.goods import BUYER, JUDGE, PAPER, SELLER
from tests.flows.haul import DUE, FOUND, SCHEDULE, Haul

DELIVERIES = 60
TRANSFERS = 4_000
LONGS = 10_000
RECEIPTS = 100_000


def rows() -> Iterator[Figure]:
    """Give the figures."""
    yield Figure("market receipt transfers through the machine, one core", _transfers(), "receipts/s")
    yield Figure(
        "market deliveries from named goods to settled, five commands each", _deliveries(), "deliveries/s"
    )
    longs = [(f"M{number:05d}", number % 30, 1 + number % 7) for number in range(LONGS)]
    total = sum(lots for _, _, lots in longs) * 2 // 3
    yield Figure(
        "market assignment of deliveries to 10,000 longs", _ms(lambda: assign_deliveries(total, longs)), "ms"
    )
    found = dict(FOUND)
    times = 2_000

    def price() -> None:
        for _ in range(times):
            quality_price(SCHEDULE, found, net_kg=499_999, price=24_000)

    yield Figure("market quality price of one certificate", _ms(price) * 1_000 / times, "us")
    register = _register()
    data = register.encode()
    yield Figure("market register of 100,000 receipts: encoded", _ms(register.encode), "ms")
    yield Figure("market register of 100,000 receipts: read back", _ms(lambda: Titles.decode(data)), "ms")


def _transfers() -> float:
    """Hand receipts to and fro; transfers a second."""
    net = Haul()
    names = [net.issue(1_000) for _ in range(20)]
    hands = (SELLER, BUYER)
    began = perf_counter()
    for number in range(TRANSFERS):
        turn = number // len(names) % 2
        fields = TransferFields(names[number % len(names)], hands[1 - turn])
        _done(net.give("receipt.transfer", fields, hands[turn]))
    return TRANSFERS / (perf_counter() - began)


def _deliveries() -> float:
    """Settle deliveries of one receipt each: named, certified, taken, paid; deliveries a second."""
    net = Haul(certified_kg=4_000_000)
    net.fund(BUYER, "OST", DUE * DELIVERIES)
    pairs = [(net.open(), net.issue(50_000)) for _ in range(DELIVERIES)]
    began = perf_counter()
    for delivery, receipt in pairs:
        _done(net.give("delivery.assign", AssignFields(delivery, (receipt,)), SELLER))
        certified = CertifyFields(delivery, 50_000, FOUND, PAPER)
        _done(net.give("delivery.certify", certified, JUDGE, actor=f"p-{JUDGE}-1"))
        _done(net.give("delivery.take", NamedFields(delivery), BUYER))
        _done(net.give("delivery.fund", FundFields(delivery), BUYER))
        _done(net.give("delivery.order_out", NamedFields(delivery), BUYER))
    return DELIVERIES / (perf_counter() - began)


def _register() -> Titles:
    titles = Titles()
    titles.sites["PORT"] = Site("PORT", "CARL", "BIRK", 10**12, 10**12, "OST", 3)
    titles.classes["RYE"] = ReceiptClass("RYE", "PORT", "RYE 1", "2026")
    for number in range(RECEIPTS):
        kg = 20_000 + number % 100
        holder = f"HOLDER{number % 500:03d}"
        titles.put(
            Receipt(number.to_bytes(16, "big"), "RYE", holder, kg, ((kg, 20_000),), ReceiptState.ISSUED)
        )
    return titles


def _done(outcome: Outcome) -> None:
    assert outcome.code == Code.DONE, outcome.refusal


def _ms(act: Callable[[], object]) -> float:
    """Give the best of three, in milliseconds."""
    best = float("inf")
    for _ in range(3):
        began = perf_counter()
        act()
        best = min(best, perf_counter() - began)
    return best * 1_000


if __name__ == "__main__":
    main(rows)
