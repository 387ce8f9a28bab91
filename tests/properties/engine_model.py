"""The engine as simply as it can be said: a list of legs, from which everything is counted anew each time.

No overlay, no counters, no running totals. It answers (code, leg) as the engine must, 0 for done.
"""

from steelyard.engine.bundles import Kind, Policy

OPEN_ENDED = {Kind.REDEEM, Kind.CASE, Kind.PURPOSE, Kind.EXTERNAL}
EVERY = ("settled", "reserved")
ENDED = {"settled": 52, "released": 53, "expired": 54}


class Model:
    """`accounts[no]` has owner, issuer, floor, ceiling, blocked; `limits[no]` has kind, accounts, cap, other."""

    def __init__(self):
        self.accounts, self.limits, self.legs, self.bundles = {}, {}, [], {}

    def total(self, legs, no, side, states):
        return sum(leg["amount"] for leg in legs if leg[side] == no and leg["state"] in states)

    def low(self, legs, no):
        """The credit side if all that is reserved goes out; `high` if all of it comes in."""
        return self.total(legs, no, "target", ("settled",)) - self.total(legs, no, "source", EVERY)

    def high(self, legs, no):
        return self.total(legs, no, "target", EVERY) - self.total(legs, no, "source", ("settled",))

    def used(self, legs, limit_no):
        limit = self.limits[limit_no]
        if limit["kind"] == "net":
            return -sum(self.low(legs, no) for no in limit["accounts"])
        now = limit["window"]
        out = sum(leg["amount"] for leg in legs if leg["out"].get(limit_no) == now)
        back = sum(
            leg["amount"] for leg in legs if leg["state"] == "settled" and leg["in"].get(limit_no) == now
        )
        return out - back

    def bound_fault(self, legs, no, side):
        account = self.accounts[no]
        ceiling = account["ceiling"]
        if account["issuer"]:
            if side == "source":
                return 71 if ceiling is not None and self.low(legs, no) < -ceiling else 0
            return 80 if self.high(legs, no) > 0 else 0
        if side == "source":
            return 80 if self.low(legs, no) < account["floor"] else 0
        return 70 if ceiling is not None and self.high(legs, no) > ceiling else 0

    def counting(self, source, target):
        """The limits that count a leg as outflow."""
        return [
            number
            for number, limit in self.limits.items()
            if source in limit["accounts"]
            and (limit["kind"] != "pair" or self.accounts[target]["owner"] == limit["other"])
        ]

    def windows(self, source, target):
        """The windows that a leg's outflow, and its inflow once settled, count in."""
        out = {n: self.limits[n]["window"] for n in self.counting(source, target)}
        into = {
            number: limit["window"]
            for number, limit in self.limits.items()
            if limit["kind"] == "pair"
            and target in limit["accounts"]
            and self.accounts[source]["owner"] == limit["other"]
        }
        return out, into

    def leg_faults(self, bundle, authority):
        for no, (source, target, amount, _) in enumerate(bundle.legs):
            shape = 22 if amount <= 0 else 23 if amount >= 10**18 else 25 if source == target else 0
            if shape:
                yield shape, no
                continue
            s, t = self.accounts.get(source), self.accounts.get(target)
            if s is None or t is None:
                yield 30, no
            elif any(account["issuer"] and account["owner"] not in authority for account in (s, t)):
                yield 33, no
            elif s["owner"] not in authority:
                yield 34, no
            elif s["blocked"] and bundle.kind != Kind.CASE:
                yield 41, no
            elif t["blocked"] and bundle.kind != Kind.CASE:
                yield 42, no

    def balance_faults(self, before, bundle, state):
        legs, last, counted = list(before), {}, {}
        for no, (source, target, amount, _) in enumerate(bundle.legs):
            out, into = self.windows(source, target)
            old = {number: self.used(legs, number) for number in self.limits}
            legs.append(
                {"state": state, "source": source, "target": target, "amount": amount, "out": out, "in": into}
            )
            sides = {(source, "source"): no, (target, "target"): no}
            limits = dict.fromkeys(self.counting(source, target), no)
            if bundle.policy == Policy.EACH_LEG:
                yield from ((self.bound_fault(legs, *side), no) for side in sides)
                yield from (
                    (73, no) for n in limits if self.used(legs, n) > max(old[n], self.limits[n]["cap"])
                )
            last, counted = last | sides, counted | limits
        if bundle.policy == Policy.AT_END:
            yield from ((self.bound_fault(legs, *side), no) for side, no in last.items())
            yield from ((73, no) for n, no in counted.items() if self.used(legs, n) > self.limits[n]["cap"])

    def open_fault(self, bundle_id, at):
        found = self.bundles.get(bundle_id)
        if found is None:
            return 50
        if found["state"] != "reserved":
            return ENDED.get(found["state"], 51)
        return 54 if found["deadline"] and at >= found["deadline"] else 0

    def bundle(self, bundle, state, authority, at, releasing=()):
        faults = sorted(self.leg_faults(bundle, authority))
        if faults:
            return faults[0]
        for number, bundle_id in enumerate(releasing):
            fault = 53 if bundle_id in releasing[:number] else self.open_fault(bundle_id, at)
            if fault:
                return fault, -1
        before = [leg for leg in self.legs if leg.get("bundle") not in releasing]
        late = bundle.deadline_at <= at if bundle.deadline_at else bundle.kind not in OPEN_ENDED
        if state == "reserved" and late:
            return 60, -1
        faults = sorted(fault for fault in self.balance_faults(before, bundle, state) if fault[0])
        if faults:
            return faults[0]
        for bundle_id in releasing:
            self.end(bundle_id, "released", [0] * 9)
        deadline = bundle.deadline_at if state == "reserved" else 0
        known = "reserved" if state == "reserved" else "moved"
        self.bundles[bundle.bundle_id] = {"state": known, "deadline": deadline, "legs": bundle.legs}
        for source, target, amount, _ in bundle.legs:
            out, into = self.windows(source, target)
            self.legs.append({"state": state, "source": source, "target": target, "amount": amount,
                              "out": out, "in": into, "bundle": bundle.bundle_id})  # fmt: skip
        return 0, -1

    def end(self, bundle_id, state, amounts):
        """End a reservation; the settled parts' inflow counts in the windows of now."""
        self.bundles[bundle_id]["state"] = state
        held = [leg for leg in self.legs if leg.get("bundle") == bundle_id and leg["state"] == "reserved"]
        for leg, amount in zip(held, amounts, strict=False):
            leg["state"], leg["amount"] = "settled", amount
            leg["in"] = self.windows(leg["source"], leg["target"])[1]
