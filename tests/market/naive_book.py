"""The book again, as plainly as can be: one list of orders, sorted anew for every single fill.

Written from the rules alone and sharing nothing with the source, so that the fast book can be held against it.
Events are objects of one key, as in the files of cases; orders are dictionaries.
"""

import copy

CALLS = ("opening_call", "closing_call", "volatility_call")
ENTRY = ("pre_open", "continuous", "post_close", "delivery_month", *CALLS)
MATCH = ("continuous", "post_close", "delivery_month")
AFTER_CALL = ("continuous", "delivery_month", "post_close", "closed", "halt")
TRADING = ("opening_call", "closing_call", "volatility_call", "post_close", "closed", "halt")
NEXT = {
    "closed": ("pre_open", "opening_call", "halt"),
    "pre_open": ("opening_call", "closed", "halt"),
    "opening_call": AFTER_CALL,
    "closing_call": AFTER_CALL,
    "volatility_call": AFTER_CALL,
    "continuous": (*TRADING, "delivery_month"),
    "delivery_month": TRADING,
    "post_close": ("closed", "halt"),
    "halt": ("opening_call", "closing_call", "volatility_call", "closed"),
}


class NaiveBook:
    """Trades are (buy, sell, quantity, price); `told` has everything that happened, in order."""

    def __init__(self, instrument):
        one = {"tick": 1, "lot": 1, "stp": "cancel_taker", "phase": "continuous", **instrument}
        self.tick, self.lot, self.stp = one["tick"], one["lot"], one["stp"]
        self.rest_market, self.post_close = one.get("rest_market", False), one.get("post_close", False)
        self.cap = one.get("pressure_cap_pct")
        self.ref, self.last, self.settlement = one.get("ref_price"), one.get("last_price"), None
        self.limit = [one.get("limit_low"), one.get("limit_high")]
        self.dyn = [one.get("dyn_low"), one.get("dyn_high")]
        self.phase = "opening_call" if one["phase"] == "call" else one["phase"]
        self.resumes, self.extended = "continuous", False
        self.orders, self.clock, self.told, self.triggered = {}, 0, [], []

    # what is seen from outside

    def trades(self):
        return [tuple(fact[1:5]) for fact in self.told if fact[0] == "trade"]

    def side(self, side):
        """Give the resting orders of a side in priority: market orders, then price, then place in the queue."""
        sign = -1 if side == "buy" else 1
        resting = [o for o in self.orders.values() if o["status"] == "open" and o["side"] == side]
        return sorted(resting, key=lambda o: (o["price"] is not None, sign * (o["price"] or 0), o["place"]))

    def shown(self, side):
        return [(o["price"], o["shown"], o["id"]) for o in self.side(side)]

    def status(self):
        return {o["id"]: (o["status"], o["left"]) for o in self.orders.values()}

    # events

    def apply(self, event):
        ((name, fields),) = event.items()
        start = len(self.told)
        getattr(self, "on_" + name)(**fields)
        self.release_stops()
        return self.told[start:]

    def on_new(self, **new):
        order = {
            "price": None, "type": "limit", "tif": "gtc", "stop": None, "peak": None, "post_only": False,
            "aon": False, "member": 0, "group": 0, "stp": None, "until": 0, **new,
        }  # fmt: skip
        order |= {"left": order["qty"], "total": order["qty"], "shown": order["qty"], "place": 0}
        wrong = self.wrong_with(order)
        if wrong:
            self.told.append(("refused", order["id"], wrong))
            return
        self.told.append(("accepted", order["id"]))
        self.orders[order["id"]] = order
        order["time"] = self.tick_clock()
        if order["stop"] is not None and not self.meets(order):
            order["status"] = "stop_wait"
        else:
            self.enter(order)

    def on_cancel(self, id):
        order = self.alive(id)
        if order is None or not self.may_cancel(order):
            self.told.append(("cancel_rejected", id))
        else:
            self.end(order, "cancelled")

    def on_mass_cancel(self, member=None, group=None, side=None):
        for order in self.by_time():
            wanted = [(member, "member"), (group, "group"), (side, "side")]
            if all(value is None or order[name] == value for value, name in wanted) and self.may_cancel(
                order
            ):
                self.end(order, "cancelled")

    def on_replace(self, id, qty=None, price=None, of_open=False, to_back=False):
        order = self.alive(id)
        if order is None:
            self.told.append(("replace_rejected", id))
            return
        used = order["total"] - order["left"]
        total = order["total"] if qty is None else qty + used * of_open
        limit = order["price"] if price is None else price
        keeps = limit == order["price"] and total <= order["total"] and not to_back
        left = max(total - used, 0)
        wrong = (
            self.phase not in ENTRY
            or (
                self.phase == "post_close"
                and not keeps
                and not (self.post_close and limit == self.settlement)
            )
            or (qty is not None and (qty < 0 or (qty == 0 and used == 0)))
            or total >= 10**18
            or total % self.lot
            or (price is not None and self.wrong_price(price))
            or (price is not None and order["type"] != "limit" and order["price"] is None)
            or (order["peak"] and left > 1000 * order["peak"])
            or (
                order["post_only"]
                and left
                and not keeps
                and self.would_trade({**order, "price": limit, "left": left, "status": "open", "stop": None})
            )
        )
        if wrong:
            self.told.append(("replace_rejected", id))
            return
        self.told.append(("replaced", id, left))
        order["total"], order["left"], order["price"] = total, left, limit
        if left == 0:
            order["status"], order["shown"] = "filled", 0
            return
        if not keeps:
            order["time"] = self.tick_clock()
        if order["status"] == "stop_wait":
            return
        if keeps:
            order["shown"] = min(order["shown"], left)
        else:
            self.enter(order)

    def on_phase(self, to, on=0):
        if to not in NEXT[self.phase]:
            self.told.append(("phase_rejected", to))
            return
        if self.phase in CALLS and to in MATCH:
            self.auction()
        if self.phase == "closed":
            self.orders = {id: o for id, o in self.orders.items() if o["status"] in ("open", "stop_wait")}
        self.set_phase(to)
        if to == "closed":
            self.end_of_day(on)

    def on_uncross(self, to=None, forced=False):
        to = to or self.resumes
        if self.phase not in CALLS or to not in NEXT[self.phase]:
            self.told.append(("phase_rejected", to))
            return
        found = self.auction_price()
        if self.phase == "volatility_call" and found and not forced and None not in self.dyn:
            more = (self.dyn[1] - self.dyn[0] + 1) // 2
            if not self.dyn[0] - more <= found[0] <= self.dyn[1] + more:
                self.told.append(("call_extended", found[0], self.extended))
                self.extended = True
                return
        self.auction()
        self.set_phase(to)
        if to == "closed":
            self.end_of_day(0)

    def on_bands(self, reference=None, limit_low=None, limit_high=None, dyn_low=None, dyn_high=None):
        self.ref, self.limit, self.dyn = reference, [limit_low, limit_high], [dyn_low, dyn_high]
        for order in self.by_time():
            if order["price"] is not None and not self.in_limits(order["price"]):
                self.end(order, "cancelled")

    def on_settlement(self, price):
        self.settlement = price

    # checks

    def wrong_with(self, o):
        if not self.phase_takes(o):
            return "PHASE_DOES_NOT_ALLOW_IT"
        if o["id"] in self.orders:
            return "ORDER_ID_USED"
        peak = o["peak"]
        if not 0 < o["qty"] < 10**18 or (peak is not None and not 0 < peak < 10**18):
            return "QUANTITY_MUST_BE_POSITIVE"
        if o["qty"] % self.lot or (peak or 0) % self.lot:
            return "QUANTITY_NOT_IN_LOTS"
        if o["price"] is not None and self.wrong_price(o["price"]):
            return self.wrong_price(o["price"])
        if o["stop"] is not None and self.wrong_price(o["stop"]) == "PRICE_NOT_ON_TICK":
            return "PRICE_NOT_ON_TICK"
        at_once = o["tif"] in ("ioc", "fok")
        bad = [
            (o["type"] == "limit") != (o["price"] is not None),
            (o["tif"] == "gtd") != (o["until"] > 0),
            peak is not None
            and (at_once or o["type"] == "market" or o["aon"] or not peak <= o["qty"] <= 1000 * peak),
            o["post_only"] and (at_once or o["type"] != "limit" or o["stop"] is not None),
            o["aon"] and (o["type"] == "mtl" or o["tif"] == "gfa"),
            o["stop"] is not None and o["tif"] == "gfa",
        ]
        if any(bad):
            return "TYPE_COMBINATION_NOT_ALLOWED"
        if o["post_only"] and self.would_trade(o):
            return "POST_ONLY_WOULD_TRADE"
        return None

    def phase_takes(self, o):
        if self.phase == "post_close":
            return (
                self.post_close
                and o["price"] is not None
                and o["price"] == self.settlement
                and o["stop"] is None
            )
        if o["tif"] in ("ioc", "fok"):
            return self.phase in MATCH
        if o["tif"] == "gfa":
            return self.phase in CALLS
        return self.phase in ENTRY

    def wrong_price(self, price):
        if not 0 < price < 10**18 or price % self.tick:
            return "PRICE_NOT_ON_TICK"
        return None if self.in_limits(price) else "PRICE_OUTSIDE_DAILY_LIMIT"

    def in_limits(self, price):
        if self.resumes == "delivery_month":
            return True
        low, high = self.limit
        return (low is None or low <= price) and (high is None or price <= high)

    def may_cancel(self, o):
        return self.phase != "closed" or o["tif"] == "gtc"

    def would_trade(self, order):
        """Try it on a copy of everything."""
        if self.phase not in MATCH:
            return False
        trial = copy.deepcopy(self)
        order = {**copy.deepcopy(order), "post_only": False, "status": "open", "tif": "ioc"}
        order["shown"] = order["left"]
        trial.orders[order["id"]], trial.told = order, []
        trial.enter(order)
        return bool(trial.trades())

    # matching

    def enter(self, order):
        """Let an order act with all of its size, and rest or end the remainder."""
        order["status"], order["shown"] = "coming", order["left"]
        if self.phase not in MATCH:
            self.rest_in_call(order)
            return
        if order["type"] == "mtl" and order["price"] is None:
            other = self.side("sell" if order["side"] == "buy" else "buy")
            prices = [o["price"] for o in other if o["price"] is not None]
            if other and other[0]["price"] is None:
                order["price"] = self.priceless(other[0]["side"], None)
            elif prices:
                order["price"] = prices[0]
            if order["price"] is None:
                self.end(order, "cancelled")
                return
        if (order["aon"] or order["tif"] == "fok") and not self.can_fill(order):
            if order["tif"] == "fok":
                self.end(order, "cancelled")
            else:
                self.rest_or_end(order)
            return
        self.match(order)

    def can_fill(self, order):
        trial = copy.deepcopy(self)
        trial.told = []
        trial.match(trial.orders[order["id"]])
        return trial.orders[order["id"]]["left"] == 0 and not any(f[0] == "decremented" for f in trial.told)

    def match(self, order):
        while order["left"]:
            maker, price = self.first_that_meets(order)
            if maker is None:
                break
            mode = order["stp"] or self.stp
            if mode != "none" and self.owner(order) and self.owner(order) == self.owner(maker):
                if mode in ("cancel_maker", "cancel_both"):
                    self.end(maker, "cancelled")
                if mode in ("cancel_taker", "cancel_both"):
                    self.end(order, "cancelled")
                    return
                if mode == "decrement":
                    quantity = min(order["left"], maker["shown"])
                    self.told.append(("decremented", order["id"], maker["id"], quantity))
                    self.reduce(order, maker, quantity, "cancelled")
                continue
            low, high = self.dyn
            if self.phase != "post_close" and (
                (low is not None and price < low) or (high is not None and price > high)
            ):
                self.told.append(("volatility_call", price))
                self.set_phase("volatility_call")
                self.rest_in_call(order)
                return
            quantity = min(order["left"], maker["shown"])
            buy, sell = (order, maker) if order["side"] == "buy" else (maker, order)
            self.told.append(("trade", buy["id"], sell["id"], quantity, price))
            if self.phase != "post_close":
                self.note(price)
            self.reduce(order, maker, quantity, "filled")
        if order["left"]:
            self.rest_or_end(order)
        else:
            order["status"], order["shown"] = "filled", 0

    def first_that_meets(self, order):
        buys = order["side"] == "buy"
        low, high = self.limit if self.resumes != "delivery_month" else (None, None)
        limit = order["price"] if order["price"] is not None else (high if buys else low)
        for maker in self.side("sell" if buys else "buy"):
            price = maker["price"]
            if price is None:
                price = (
                    self.settlement
                    if self.phase == "post_close"
                    else self.priceless(maker["side"], order["price"])
                )
                if price is None:
                    continue
            elif limit is not None and (price > limit if buys else price < limit):
                return None, None
            elif self.phase == "post_close":
                price = self.settlement
            if not (maker["aon"] and maker["left"] > order["left"]):
                return maker, price
        return None, None

    def priceless(self, side, limit):
        """At which price resting market orders of a side meet an order with this limit."""
        last = self.last if self.last is not None else self.ref
        own = [o["price"] for o in self.side(side) if o["price"] is not None]
        known = [p for p in (last, own[0] if own else None, limit) if p is not None]
        if not known:
            return None
        low, high = self.limit if self.resumes != "delivery_month" else (None, None)
        if side == "buy":
            return max(known) if high is None else min(max(known), high)
        return min(known) if low is None else max(min(known), low)

    def reduce(self, order, maker, quantity, emptied):
        for one in (order, maker):
            one["left"] -= quantity
            one["shown"] -= quantity
        if maker["left"] == 0:
            maker["status"] = emptied
        elif maker["shown"] == 0:
            maker["shown"] = min(maker["peak"], maker["left"])
            maker["place"] = self.tick_clock()

    def rest_or_end(self, order):
        priceless = order["price"] is None and not (order["type"] == "market" and self.rest_market)
        if order["tif"] in ("ioc", "fok") or priceless:
            self.end(order, "cancelled")
        else:
            self.rest(order)

    def rest_in_call(self, order):
        if order["tif"] in ("ioc", "fok"):
            self.end(order, "cancelled")
        else:
            self.rest(order)

    def rest(self, order):
        order["status"], order["place"] = "open", self.tick_clock()
        order["shown"] = min(order["peak"] or order["left"], order["left"])

    def end(self, order, status):
        order["status"] = status
        self.told.append(("cancelled", order["id"], order["left"]))

    # stops

    def meets(self, o):
        return self.last is not None and (
            self.last >= o["stop"] if o["side"] == "buy" else self.last <= o["stop"]
        )

    def note(self, price):
        self.last = price
        for order in self.orders.values():
            if order["status"] == "stop_wait" and self.meets(order):
                order["status"] = "released"
                self.triggered.append(order)

    def release_stops(self):
        while self.triggered:
            batch, self.triggered = sorted(self.triggered, key=lambda o: o["time"]), []
            if self.phase not in ENTRY or self.phase == "post_close":
                for order in batch:
                    order["status"] = "stop_wait"
                return
            for order in batch:
                order["time"] = self.tick_clock()
                self.told.append(("released", order["id"]))
                self.enter(order)

    # calls

    def auction_price(self):
        buys = [o for o in self.side("buy") if not o["aon"]]
        sells = [o for o in self.side("sell") if not o["aon"]]
        candidates = {o["price"] for o in buys + sells if o["price"] is not None}
        ref = self.ref
        if ref is not None and self.resumes != "delivery_month":
            ref = ref if self.limit[0] is None else max(ref, self.limit[0])
            ref = ref if self.limit[1] is None else min(ref, self.limit[1])
        if ref is not None and any(o["price"] is None for o in buys + sells):
            candidates.add(ref)

        def at(price):
            demand = sum(o["left"] for o in buys if o["price"] is None or o["price"] >= price)
            supply = sum(o["left"] for o in sells if o["price"] is None or o["price"] <= price)
            return min(demand, supply), demand - supply

        if not candidates or max(at(p)[0] for p in candidates) == 0:
            return None
        most = max(at(p)[0] for p in candidates)
        candidates = {p for p in candidates if at(p)[0] == most}
        least = min(abs(at(p)[1]) for p in candidates)
        candidates = {p for p in candidates if abs(at(p)[1]) == least}
        lowest, highest = min(candidates), max(candidates)
        if all(at(p)[1] > 0 for p in candidates):
            price = highest
        elif all(at(p)[1] < 0 for p in candidates):
            price = lowest
        elif ref is None:
            price = (lowest + highest) // 2 // self.tick * self.tick
        else:
            price = min(max(ref, lowest), highest)
        return (price, *at(price))

    def auction(self):
        found = self.auction_price()
        self.told.append(("auction", *(found or (None, 0, 0))))
        if found:
            price, volume, _ = found
            buys = [
                o for o in self.side("buy") if not o["aon"] and (o["price"] is None or o["price"] >= price)
            ]
            sells = [
                o for o in self.side("sell") if not o["aon"] and (o["price"] is None or o["price"] <= price)
            ]
            traded = {}
            while volume:
                buy = next(o for o in buys if traded.get(o["id"], 0) < o["left"])
                sell = next(o for o in sells if traded.get(o["id"], 0) < o["left"])
                quantity = min(volume, *[o["left"] - traded.get(o["id"], 0) for o in (buy, sell)])
                self.told.append(("trade", buy["id"], sell["id"], quantity, price))
                for o in (buy, sell):
                    traded[o["id"]] = traded.get(o["id"], 0) + quantity
                volume -= quantity
            for id, quantity in traded.items():
                order = self.orders[id]
                order["left"] -= quantity
                if order["left"] == 0:
                    order["status"], order["shown"] = "filled", 0
                elif quantity < order["shown"]:
                    order["shown"] -= quantity
                elif order["peak"]:
                    order["shown"], order["place"] = min(order["peak"], order["left"]), self.tick_clock()
                else:
                    order["shown"] = order["left"]
            self.note(price)
        for order in self.by_time():
            if order["status"] != "open":
                continue
            if order["tif"] == "gfa":
                self.end(order, "cancelled")
            elif order["price"] is None and order["type"] == "mtl" and found:
                order["price"], order["time"] = found[0], self.tick_clock()
                self.rest(order)
            elif order["price"] is None and not (order["type"] == "market" and self.rest_market):
                self.end(order, "cancelled")

    def end_of_day(self, on):
        for o in self.by_time():
            stuck = (
                o["status"] == "open"
                and o["price"] is None
                and not (o["type"] == "market" and self.rest_market)
            )
            if o["tif"] not in ("gtc", "gtd") or (o["tif"] == "gtd" and o["until"] <= on) or stuck:
                self.end(o, "cancelled")

    # small things

    def set_phase(self, phase):
        self.phase, self.extended = phase, False
        if phase in ("continuous", "delivery_month"):
            self.resumes = phase
        self.told.append(("phase", phase))
        if self.last is not None and phase in ENTRY and phase != "post_close":
            self.note(self.last)

    def owner(self, o):
        return ("group", o["group"]) if o["group"] else ("member", o["member"]) if o["member"] else None

    def alive(self, id):
        order = self.orders.get(id)
        return order if order is not None and order["status"] in ("open", "stop_wait") else None

    def by_time(self):
        alive = [o for o in self.orders.values() if o["status"] in ("open", "stop_wait")]
        return sorted(alive, key=lambda o: o["time"])

    def tick_clock(self):
        self.clock += 1
        return self.clock
