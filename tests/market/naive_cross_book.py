"""A book in many currencies that converts everything at every step: lists, scans and fractions, nothing else."""

from fractions import Fraction


def rounded(value: Fraction) -> int:
    """Half to even, as the language does it for fractions."""
    return round(value)


class NaiveCrossBook:
    """Orders are dicts. `trades` and `gone` collect what happened, in order."""

    def __init__(self, lot: int = 1, stp: str = "cancel_taker") -> None:
        self.lot, self.stp = lot, stp
        self.orders: list[dict] = []
        self.quotes: list[dict] = []
        self.trades: list[tuple] = []
        self.gone: list[tuple[int, int]] = []
        self.time = 0

    def quote(self, no, sell, buy, ratio, sell_left, buy_left, until):
        """`ratio`: of `buy` for one of `sell`."""
        self.quotes.append(
            {"no": no, "sell": sell, "buy": buy, "ratio": Fraction(ratio), "sell_left": sell_left,
             "buy_left": buy_left, "until": until}
        )  # fmt: skip

    def enter(self, id, side, qty, price, currency, *, at, peak=0, owner=0, tif="gtc", post_only=False):
        """Give refused, whole (fok that cannot fill), or None where it entered."""
        self.time += 1
        order = {"id": id, "side": side, "left": qty, "price": price, "currency": currency, "peak": peak,
                 "owner": owner, "time": self.time}  # fmt: skip
        if post_only and self.next(order, at) is not None:
            self.time -= 1
            return "refused"
        if tif == "fok":
            kept = self.copy()
            self.match(order, at)
            if order["left"]:
                self.restore(kept)
                return "not whole"
            return None
        self.match(order, at)
        if order["left"] and price is not None and tif == "gtc" and not order.get("ended"):
            self.show(order)
            self.orders.append(order)
        elif order["left"]:
            self.gone.append((id, order["left"]))
        return None

    def copy(self):
        return (
            [dict(one) for one in self.orders], [dict(one) for one in self.quotes], list(self.trades),
            list(self.gone), self.time,
        )  # fmt: skip

    def restore(self, kept):
        self.orders, self.quotes, self.trades, self.gone, self.time = kept

    def show(self, order):
        order["shown"] = min(order["peak"], order["left"]) if order["peak"] else order["left"]

    def next(self, order, at):
        """The maker, the quantity, both amounts and the quote of the next trade, or None."""
        buys = order["side"] == "buy"
        found = []
        for currency in {one["currency"] for one in self.orders}:
            there = [
                one for one in self.orders if one["side"] != order["side"] and one["currency"] == currency
            ]
            if not there:
                continue
            maker = min(there, key=lambda one: (one["price"] if buys else -one["price"], one["time"]))
            quantity = min(order["left"], maker["shown"])
            if currency == order["currency"]:
                exact = maker["price"] * quantity
                found.append((Fraction(maker["price"]), maker, quantity, exact, exact, None))
                continue
            paid, got = (order["currency"], currency) if buys else (currency, order["currency"])
            for quote in sorted(self.quotes, key=lambda one: (one["ratio"], one["no"])):
                if (quote["buy"], quote["sell"]) != (paid, got) or at >= quote["until"]:
                    continue
                fits = self.fits(maker, quantity, quote)
                if fits is not None:
                    value = maker["price"] * quote["ratio"] if buys else maker["price"] / quote["ratio"]
                    found.append((value, maker, *fits, quote))
                    break
        if not found:
            return None
        best = min(found, key=lambda one: (one[0] if buys else -one[0], one[1]["time"]))
        limit = order["price"]
        if limit is not None and (best[0] > limit if buys else best[0] < limit):
            return None
        return best[1:]

    def fits(self, maker, quantity, quote):
        while quantity > 0:
            exact = maker["price"] * quantity
            if maker["side"] == "sell":
                paid, got = rounded(exact * quote["ratio"]), exact
            else:
                paid, got = exact, rounded(exact / quote["ratio"])
            inside = (quote["sell_left"] < 0 or got <= quote["sell_left"]) and (
                quote["buy_left"] < 0 or paid <= quote["buy_left"]
            )
            if inside:
                return (quantity, paid, got) if paid and got else None
            quantity -= self.lot
        return None

    def match(self, order, at):
        while order["left"]:
            best = self.next(order, at)
            if best is None:
                return
            maker, quantity, paid, got, quote = best
            if self.stp != "none" and order["owner"] and order["owner"] == maker["owner"]:
                if self.stp == "cancel_maker":
                    self.orders.remove(maker)
                    self.gone.append((maker["id"], maker["left"]))
                    continue
                order["ended"] = True
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
