"""A book in many currencies that converts everything at every step: lists, scans and fractions, nothing else."""

from fractions import Fraction
from math import ceil, floor
from statistics import median

from tests.market.naive_call import naive_price


class NaiveCrossBook:
    """Orders are dicts. `trades` and `gone` collect what happened, in order; `call` tells that one is on.

    `holds` is what one unit of the basket, 100 minor units, holds; `limits` and `collar` are in its minor units.
    """

    def __init__(
        self, lot=1, stp="cancel_taker", *, holds=None, limits=None, collar=None, reference=None, tick=1
    ):
        self.lot, self.stp, self.tick = lot, stp, tick
        self.holds, self.limits, self.collar, self.reference = holds or {}, limits, collar, reference
        self.orders: list[dict] = []
        self.waiting: list[dict] = []
        self.released: list[dict] = []
        self.quotes: list[dict] = []
        self.trades: list[tuple] = []
        self.gone: list[tuple[int, int]] = []
        self.time = 0
        self.call = False
        self.last = None
        self.at = 0

    # what currencies are worth

    def quote(self, no, sell, buy, ratio, sell_left, buy_left, until, provider="PROVAEA0"):
        """`ratio`: of `buy` for one of `sell`."""
        self.quotes.append(
            {"no": no, "sell": sell, "buy": buy, "ratio": Fraction(ratio), "sell_left": sell_left,
             "buy_left": buy_left, "until": until, "provider": provider}
        )  # fmt: skip

    def withdraw(self, no):
        self.quotes = [one for one in self.quotes if one["no"] != no]

    def rate(self, one, other):
        """How much of the other for one; the middle of every provider's best of each way."""
        if one == other:
            return Fraction(1)
        best = {}
        for quote in self.quotes:
            if self.at >= quote["until"] or not quote["sell_left"] or not quote["buy_left"]:
                continue
            way = (quote["provider"], quote["sell"])
            if {quote["sell"], quote["buy"]} == {one, other}:
                best[way] = min(best.get(way, quote["ratio"]), quote["ratio"])
        found = [ratio if sell == one else 1 / ratio for (_, sell), ratio in best.items()]
        return median(found) if found else None

    def worth(self, currency):
        """How much of a currency one minor unit of the basket is, or None."""
        if not self.holds:
            return None
        rates = [self.rate(code, currency) for code in self.holds]
        if None in rates:
            return None
        return sum(minor * rate for minor, rate in zip(self.holds.values(), rates, strict=True)) / 100

    # orders

    def enter(
        self, id, side, qty, price, currency, *, at, peak=0, owner=0, tif="gtc", post_only=False, aon=False, stop=None,
        mtl=False,
    ):  # fmt: skip
        """Give refused, whole (fok that cannot fill), or None where it entered."""
        self.at = at
        order = {"id": id, "side": side, "left": qty, "price": price, "currency": currency, "peak": peak,
                 "owner": owner, "tif": tif, "aon": aon, "stop": stop, "mtl": mtl}  # fmt: skip
        if tif in ("ioc", "fok") and self.call:
            return "phase"
        if self.limits:
            worth = self.worth(currency)
            if worth is None:
                return "no rate"
            if price is not None and not self.limits[0] <= price / worth <= self.limits[1]:
                return "outside"
        if post_only and not self.call and self.would_trade(order):
            return "refused"
        self.time += 1
        order["time"] = self.time
        if stop is not None and not self.met(order):
            self.waiting.append(order)
            return None
        result = self.act(order)
        self.cascade()
        return result

    def cancel(self, id):
        self.orders = [one for one in self.orders if one["id"] != id]
        self.waiting = [one for one in self.waiting if one["id"] != id]

    def would_trade(self, order):
        kept = self.copy()
        self.time += 1
        tried = dict(order, time=self.time)
        before = len(self.trades)
        self.match(tried)
        found = len(self.trades) > before and (
            not tried["aon"] or (not tried["left"] and not tried.get("cut"))
        )
        self.restore(kept)
        return found

    def act(self, order):
        """Let an order that is in no list do what it does."""
        if self.call:
            return self.stay(order, in_call=True)
        if order["price"] is None and self.limits and self.worth(order["currency"]) is None:
            self.gone.append((order["id"], order["left"]))
            return None
        if order["mtl"] and order["price"] is None:
            best = self.next(order, self.bound(order))
            price = None
            if best is not None:
                value = best[0] / self.tick
                price = (ceil(value) if order["side"] == "buy" else floor(value)) * self.tick
                worth = self.worth(order["currency"])
                if self.limits and not self.limits[0] <= price / worth <= self.limits[1]:
                    price = None
            if not price:
                self.gone.append((order["id"], order["left"]))
                return None
            order["price"] = price
        if order["tif"] == "fok" or order["aon"]:
            kept, tried = self.copy(), dict(order)
            self.match(tried)
            whole = not tried["left"] and not tried.get("cut")
            self.restore(kept)
            if not whole:
                if order["tif"] == "fok":
                    return "not whole"
                return self.stay(order)
        self.match(order)
        if order.get("stopped"):
            del order["stopped"]
            self.call = True
            return self.stay(order, in_call=True)
        if order["left"]:
            self.stay(order)
        return None

    def stay(self, order, *, in_call=False):
        rests = in_call or order["price"] is not None
        if rests and order["tif"] not in ("ioc", "fok") and not order.get("ended"):
            self.show(order)
            self.orders.append(order)
        else:
            self.gone.append((order["id"], order["left"]))

    def copy(self):
        return (
            [dict(one) for one in self.orders], [dict(one) for one in self.quotes], list(self.trades),
            list(self.gone), self.time, self.last, self.call, [dict(one) for one in self.waiting],
            [dict(one) for one in self.released],
        )  # fmt: skip

    def restore(self, kept):
        (self.orders, self.quotes, self.trades, self.gone, self.time, self.last, self.call, self.waiting,
         self.released) = kept  # fmt: skip

    def show(self, order):
        order["shown"] = min(order["peak"], order["left"]) if order["peak"] else order["left"]

    # stops

    def last_in(self, currency):
        if self.last is None:
            return None
        of, price = self.last
        if of == currency:
            return price
        mine = self.worth(currency)
        theirs = 1 if of == "" else self.worth(of)
        return None if mine is None or theirs is None else price / theirs * mine

    def met(self, order):
        last = self.last_in(order["currency"])
        return last is not None and (
            last >= order["stop"] if order["side"] == "buy" else last <= order["stop"]
        )

    def traded(self, currency, price):
        self.last = (currency, Fraction(price))
        self.release()

    def release(self):
        self.released += [one for one in self.waiting if self.met(one)]
        self.waiting = [one for one in self.waiting if not self.met(one)]

    def cascade(self):
        while self.released:
            batch, self.released = sorted(self.released, key=lambda one: one["time"]), []
            for order in batch:
                self.time += 1
                order["time"] = self.time
                self.act(order)

    # matching

    def bound(self, order):
        """How far an order goes in its own currency: its limit, or without one the daily limit."""
        if order["price"] is not None or not self.limits:
            return order["price"]
        worth = self.worth(order["currency"])
        return floor(self.limits[1] * worth) if order["side"] == "buy" else ceil(self.limits[0] * worth)

    def next(self, order, limit):
        """Value, maker, quantity, both amounts and the quote of the next trade, or None."""
        buys = order["side"] == "buy"
        found = []
        for currency in {one["currency"] for one in self.orders}:
            there = [
                one for one in self.orders if one["side"] != order["side"] and one["currency"] == currency
            ]
            there.sort(key=lambda one: (one["price"] if buys else -one["price"], one["time"]))
            for maker in there:
                if maker["aon"] and maker["left"] > order["left"]:
                    continue
                way = self.way(order, maker, limit)
                if way is not None:
                    found.append(way)
                if way is not None or not maker["aon"]:
                    break
        if not found:
            return None
        return min(found, key=lambda one: (one[0] if buys else -one[0], one[1]["time"]))

    def way(self, order, maker, limit):
        buys = order["side"] == "buy"
        quantity = min(order["left"], maker["shown"])

        def within(value):
            return limit is None or (value <= limit if buys else value >= limit)

        if maker["currency"] == order["currency"]:
            exact = maker["price"] * quantity
            value = Fraction(maker["price"])
            return (value, maker, quantity, exact, exact, None) if within(value) else None
        paid, got = order["currency"], maker["currency"]
        if not buys:
            paid, got = got, paid
        for quote in sorted(self.quotes, key=lambda one: (one["ratio"], one["no"])):
            if (quote["buy"], quote["sell"]) != (paid, got) or self.at >= quote["until"]:
                continue
            value = maker["price"] * quote["ratio"] if buys else maker["price"] / quote["ratio"]
            fits = self.fits(maker, quantity, quote)
            if fits is not None and within(value) and (not maker["aon"] or fits[0] == quantity):
                return (value, maker, *fits, quote)
        return None

    def fits(self, maker, quantity, quote):
        while quantity > 0:
            exact = maker["price"] * quantity
            if maker["side"] == "sell":
                paid, got = round(exact * quote["ratio"]), exact
            else:
                paid, got = exact, round(exact / quote["ratio"])
            inside = (quote["sell_left"] < 0 or got <= quote["sell_left"]) and (
                quote["buy_left"] < 0 or paid <= quote["buy_left"]
            )
            if inside:
                return (quantity, paid, got) if paid and got else None
            quantity -= self.lot
        return None

    def fenced(self, maker):
        """Whether a fill with a maker stays within the daily limits and the collar."""
        worth = self.worth(maker["currency"])
        value = None if worth is None else maker["price"] / worth
        bands = [band for band in (self.limits, self.collar) if band]
        return value is None or all(low <= value <= high for low, high in bands)

    def match(self, order):
        limit = self.bound(order)
        while order["left"]:
            best = self.next(order, limit)
            if best is None:
                return
            _, maker, quantity, paid, got, quote = best
            if self.stp != "none" and order["owner"] and order["owner"] == maker["owner"]:
                if self.stp == "decrement":
                    both = min(order["left"], maker["left"])
                    order["left"] -= both
                    maker["left"] -= both
                    maker["shown"] = min(maker["shown"], maker["left"])
                    order["cut"] = True
                    if not maker["left"]:
                        self.orders.remove(maker)
                    continue
                if self.stp in ("cancel_maker", "cancel_both"):
                    self.orders.remove(maker)
                    self.gone.append((maker["id"], maker["left"]))
                if self.stp == "cancel_maker":
                    continue
                order["ended"] = True
                return
            if not self.fenced(maker):
                order["stopped"] = True
                return
            buy, sell = (order, maker) if order["side"] == "buy" else (maker, order)
            self.trades.append(
                (buy["id"], sell["id"], quantity, buy["currency"], paid, sell["currency"], got,
                 quote["no"] if quote else 0)
            )  # fmt: skip
            order["left"] -= quantity
            maker["left"] -= quantity
            maker["shown"] -= quantity
            if quote:
                if quote["sell_left"] >= 0:
                    quote["sell_left"] -= got
                if quote["buy_left"] >= 0:
                    quote["buy_left"] -= paid
            if not maker["left"]:
                self.orders.remove(maker)
            elif not maker["shown"]:
                self.show(maker)
                self.time += 1
                maker["time"] = self.time
            self.traded(maker["currency"], maker["price"])

    # calls

    def uncross(self, at):
        """End a call: give its price in the unit, volume and surplus, or None."""
        self.at = at
        rates = {one["currency"]: self.worth(one["currency"]) for one in self.orders + self.waiting}
        sides = {"buy": [], "sell": []}
        for one in self.orders:
            worth = rates[one["currency"]]
            if worth is None or one["aon"]:
                continue
            value = None if one["price"] is None else one["price"] / worth
            if value is not None and self.limits:
                low, high = self.limits
                if value < low if one["side"] == "buy" else value > high:
                    continue
                value = min(max(value, low), high)
            sides[one["side"]].append((value, one))
        reference = self.reference
        if reference is not None and self.limits:
            reference = min(max(reference, self.limits[0]), self.limits[1])
        levels = [
            [(value, one["left"]) for value, one in side if value is not None] for side in sides.values()
        ]
        priceless = [sum(one["left"] for value, one in side if value is None) for side in sides.values()]
        found = naive_price(*levels, *priceless, reference, 1, None)
        self.call = False
        if found is not None:
            price, volume, _ = found
            queues = []
            for side, sign in (("buy", -1), ("sell", 1)):
                mine = [
                    (value, one)
                    for value, one in sides[side]
                    if value is None or (value >= price if side == "buy" else value <= price)
                ]
                mine.sort(key=lambda two: (two[0] is not None, sign * (two[0] or 0), two[1]["time"]))
                queues.append([[one, one["left"]] for _, one in mine])
            filled = []
            while volume:
                (buy, bought), (sell, sold) = queues[0][0], queues[1][0]
                quantity = min(bought, sold, volume)
                paid, got = (round(price * quantity * rates[one["currency"]]) for one in (buy, sell))
                if paid and got:
                    self.trades.append(
                        (buy["id"], sell["id"], quantity, buy["currency"], paid, sell["currency"], got, 0)
                    )
                    filled += [(buy, quantity), (sell, quantity)]
                volume -= quantity
                for queue in queues:
                    queue[0][1] -= quantity
                    if not queue[0][1]:
                        queue.pop(0)
            self.settle(filled)
        self.clear(None if found is None else found[0], rates)
        if found is not None and filled:
            self.last = ("", price)
            self.release()
        self.cascade()
        return found

    def settle(self, filled):
        for order in {one["id"]: one for one, _ in filled}.values():
            quantity = sum(taken for one, taken in filled if one is order)
            order["left"] -= quantity
            if not order["left"]:
                self.orders.remove(order)
            elif quantity < order["shown"]:
                order["shown"] -= quantity
            else:
                self.show(order)
                if order["peak"]:
                    self.time += 1
                    order["time"] = self.time

    def clear(self, price, rates):
        """Market orders go; market-to-limit orders rest at the price, in their own currency on their side of it."""
        for order in sorted(self.orders, key=lambda one: one["time"]):
            if order["price"] is not None:
                continue
            self.orders.remove(order)
            limit = 0
            if order["mtl"] and price is not None and rates[order["currency"]] is not None:
                exact = price * rates[order["currency"]] / self.tick
                limit = (floor(exact) if order["side"] == "buy" else ceil(exact)) * self.tick
            if not limit:
                self.gone.append((order["id"], order["left"]))
                continue
            self.time += 1
            order["price"], order["time"] = limit, self.time
            self.show(order)
            self.orders.append(order)
