"""What titles, deliveries and the corridor keep is bounded; what does not fit is refused and changes nothing."""

import pytest

from steelyard.corridor.refusals import CorridorRefusal
from steelyard.flows import bill, delivery, voyage, warehouse
from steelyard.flows.bill import DraftFields as BillFields
from steelyard.flows.receipt import DraftFields, SplitFields
from steelyard.flows.warehouse import ClassFields, SiteFields
from steelyard.market import deliveries, titles
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.values.instants import DAY
from tests.flows.goods import BUYER, HOUSE, JUDGE, PAPER, RYE, SELLER, SITE, done
from tests.flows.haul import opened
from tests.flows.payworld import is_refused
from tests.flows.sea import CARRIER, Sea


@pytest.fixture
def net() -> Sea:
    return Sea()


def test_sites_and_classes_are_bounded(net: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of each are there."""
    monkeypatch.setattr(warehouse, "SITES_MAX", 2)
    monkeypatch.setattr(warehouse, "CLASSES_MAX", 2)
    site = SiteFields("THIRD", HOUSE, JUDGE, 1, 1, "OST", 1)

    assert is_refused(net.two("site.put", site, "operator"), TitleRefusal.TITLES_ARE_FULL)
    third = ClassFields("BARLEY", SITE, "BARLEY", "2026")
    assert is_refused(net.one("receipt.class", third, HOUSE), TitleRefusal.TITLES_ARE_FULL)
    nameless = ClassFields("BARLEY", SITE, "", "2026")
    assert is_refused(net.one("receipt.class", nameless, HOUSE), TitleRefusal.SITE_OUT_OF_RANGE)


def test_receipts_are_bounded(net: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafts count, and so do the parts of a split."""
    receipt = net.issue(50_000)
    monkeypatch.setattr(titles, "RECEIPTS_MAX", 2)

    split = net.give("receipt.split", SplitFields(receipt, (20_000, 30_000)), SELLER)
    assert is_refused(split, TitleRefusal.TITLES_ARE_FULL)
    net.draft(1)
    draft = DraftFields(RYE, SELLER, 1, net.at // DAY, 0, PAPER)
    assert is_refused(net.one("receipt.draft", draft, HOUSE), TitleRefusal.TITLES_ARE_FULL)


def test_nobody_fills_the_register_by_splitting(net: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who holds as many receipts as one may splits no more; another still does."""
    mine, others = net.issue(50_000), net.issue(50_000, BUYER)
    monkeypatch.setattr("steelyard.flows.receipt.HOLDER_MAX", 2)
    parts = SplitFields(mine, (20_000, 20_000, 10_000))

    assert is_refused(net.give("receipt.split", parts, SELLER), TitleRefusal.TITLES_ARE_FULL)
    done(net.give("receipt.split", SplitFields(others, (20_000, 30_000)), BUYER))


def test_deliveries_are_bounded(net: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those under way."""
    monkeypatch.setattr(deliveries, "DELIVERIES_MAX", 1)
    net.open()

    full = net.two("delivery.open", net.terms(), "operator")
    assert is_refused(full, DeliveryRefusal.DELIVERIES_ARE_FULL)


def test_offers_of_one_seller_are_bounded(net: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that wait: one that is accepted or declined makes room."""
    monkeypatch.setattr(delivery, "OFFERS_MAX", 1)
    first = opened(net.give("delivery.offer", net.terms(), SELLER))
    full = net.give("delivery.offer", net.terms(), SELLER)
    assert is_refused(full, DeliveryRefusal.DELIVERIES_ARE_FULL)
    done(net.named("accept", first, BUYER))
    second = opened(net.give("delivery.offer", net.terms(), SELLER))
    done(net.named("decline", second, SELLER))
    opened(net.give("delivery.offer", net.terms(), SELLER))
    net.check()


def test_voyages_slots_and_bills_are_bounded(net: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    """One voyage that loads has a slot and takes a bill; a second of each does not fit."""
    loading, other = net.loading(), net.let_in()
    monkeypatch.setattr(voyage, "VOYAGES_MAX", 2)
    monkeypatch.setattr(voyage, "SLOTS_MAX", 1)
    monkeypatch.setattr(bill, "BILLS_MAX", 0)

    assert is_refused(net.register(), CorridorRefusal.CORRIDOR_IS_FULL)
    assert is_refused(net.plan(other, berth="B"), CorridorRefusal.CORRIDOR_IS_FULL)
    draft = BillFields(loading, SELLER, 1, PAPER)
    assert is_refused(net.one("bill.draft", draft, CARRIER), CorridorRefusal.CORRIDOR_IS_FULL)
    net.check()
