"""Every award there is, one after the other: the plain answer beside the clever ones. Shares no code with them."""

from fractions import Fraction
from itertools import product

BUYER_BEARS = {
    "EXW": ("export_duty", "loading", "freight", "insurance", "unloading", "duty"),
    "FCA": ("loading", "freight", "insurance", "unloading", "duty"),
    "CPT": ("insurance", "unloading", "duty"),
    "FOB": ("freight", "insurance", "unloading", "duty"),
    "CFR": ("insurance", "unloading", "duty"),
    "CIF": ("unloading", "duty"),
    "DAP": ("unloading", "duty"),
}


def cost_of(tender, offer, vessel, price):
    """Add up what a cargo costs, in basket minor units."""
    rates = {"": Fraction(1)} | {one.currency: Fraction(one.num, one.den) for one in tender.rates}
    goods = Fraction(price * tender.cargo_t) * rates[offer.currency]
    bears = BUYER_BEARS[offer.incoterm]
    extra = goods * Fraction(tender.insurance_bp, 10_000) if "insurance" in bears else 0
    extra -= goods * Fraction(tender.finance_bp, 10_000) * Fraction(offer.pay_days, 365)
    extra += sum(one.rate_minor * tender.cargo_t for one in tender.costs if one.cost in bears)
    freight = vessel.rate_minor * tender.cargo_t * rates[vessel.currency] if vessel else 0
    return round(goods + extra + freight)


def awards(tender, prices=None):
    """Give every award that keeps the rules, as (cost, suppliers, {(offer id, vessel id): cargoes})."""
    prices = prices or {}
    offers = [one for one in tender.offers if one.valid_until > tender.at]
    vessels = [one for one in tender.vessels if one.valid_until > tender.at]
    pairs = []
    for offer in offers:
        if "freight" not in BUYER_BEARS[offer.incoterm]:
            pairs.append((offer, None, offer.laycan[0]))
            continue
        for vessel in vessels:
            common = [max(offer.laycan[0], vessel.laycan[0]), min(offer.laycan[1], vessel.laycan[1])]
            large = vessel.size_t == 0 or vessel.size_t >= tender.cargo_t
            if offer.port == vessel.port and common[0] <= common[1] and large:
                pairs.append((offer, vessel, common[0]))
    for counts in product(
        *[
            range(min(tender.cargoes, one.cargoes_max, two.count if two else tender.cargoes) + 1)
            for one, two, _ in pairs
        ]
    ):
        if sum(counts) != tender.cargoes:
            continue
        loads = [(*pair, count) for pair, count in zip(pairs, counts, strict=True) if count]
        if not _kept(tender, offers, vessels, loads):
            continue
        cost = sum(
            count * cost_of(tender, one, two, prices.get(one.id, one.price_minor))
            for one, two, _, count in loads
        )
        if tender.budget_minor and cost > tender.budget_minor:
            continue
        suppliers = {one.supplier for one, _, _, _ in loads}
        if tender.suppliers_max and len(suppliers) > tender.suppliers_max:
            continue
        yield cost, len(suppliers), {(one.id, name(two)): count for one, two, _, count in loads}


def name(vessel):
    """Give the id of a vessel; what a seller ships on himself has none."""
    return vessel.id if vessel else ""


def _kept(tender, offers, vessels, loads):
    for offer in offers:
        taken = sum(count for one, _, _, count in loads if one is offer)
        if taken and not offer.cargoes_min <= taken <= offer.cargoes_max:
            return False
    for vessel in vessels:
        if sum(count for _, two, _, count in loads if two is vessel) > vessel.count:
            return False
    for origin in {one.origin for one in offers}:
        if tender.origin_max and sum(n for one, _, _, n in loads if one.origin == origin) > tender.origin_max:
            return False
    for capacity in tender.capacities:
        first, last = capacity.window
        loaded = sum(n for one, _, on, n in loads if capacity.port in ("", one.port) and first <= on <= last)
        if loaded > capacity.cargoes_max:
            return False
    return True


def best(tender, prices=None):
    """Give the first of all awards by cost, suppliers and the written order of ties, or None."""
    offers = sorted(tender.offers, key=lambda one: (one.offered_at, one.id))
    order = [(one.id, name(two)) for one in offers for two in (None, *sorted(tender.vessels, key=name))]

    def rank(award):
        cost, suppliers, loads = award
        of_offers = [-sum(n for key, n in loads.items() if key[0] == one.id) for one in offers]
        return cost, suppliers, of_offers, [-loads.get(key, 0) for key in order]

    return min(awards(tender, prices), key=rank, default=None)


def second(tender, loads):
    """Give the least cost of an award with other quantities of some offer, or None."""

    def by_offer(one):
        return {offer: sum(n for key, n in one.items() if key[0] == offer) for offer, _ in one}

    return min((cost for cost, _, one in awards(tender) if by_offer(one) != by_offer(loads)), default=None)


def entry(tender, offer, cost):
    """Give the highest price, up to its own, at which an award with an offer costs less, or None."""
    for price in range(offer.price_minor, -1, -1):
        found = (
            one
            for one, _, loads in awards(tender, {offer.id: price})
            if any(key[0] == offer.id for key in loads)
        )
        if min(found, default=cost) < cost:
            return price
    return None
