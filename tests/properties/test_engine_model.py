"""The engine against a naive model: any sequence of acts gives the same answers and the same balances.

STEELYARD_NIGHTLY=1 runs many more and longer ones.
"""

import os

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.engine.commands import Expire, Move, Pin, Release, Reserve, Reverse, Settle
from steelyard.engine.invariants import first_broken
from steelyard.engine.limits import LimitKind
from steelyard.engine.records import unpack_all
from steelyard.engine.state import Engine
from tests.engine.world import AT, SECOND, Small
from tests.properties.engine_model import Model

NIGHTLY = bool(os.environ.get("STEELYARD_NIGHTLY"))
OWNERS = ("anna", "bram", "cleo")
WELL = st.tuples(st.integers(2, 6), st.integers(1, 4), st.integers(1, 60)).map(
    lambda leg: Leg(leg[0], 2 + (leg[0] - 2 + leg[1]) % 5, leg[2])  # two of the five settlement accounts
)
NUMBERS = st.sampled_from([1, 2, 3, 4, 5, 6, 6, 99])  # the issuer, and one that is not there
BADLY = st.tuples(NUMBERS, NUMBERS, st.sampled_from([5, 50, 0, -1, 10**18])).map(lambda leg: Leg(*leg))
GOOD = st.lists(WELL, min_size=1, max_size=4)
LEGS = st.one_of(GOOD, GOOD, GOOD, st.lists(WELL | BADLY, min_size=1, max_size=4)).map(tuple)
MOSTLY_ALL = [(2, 3, 4)] * 9 + [(1, 2, 3, 4), (2,)]
KINDS = st.sampled_from([Kind.PAYMENT, Kind.PAYMENT, Kind.FX, Kind.CASE, Kind.PURPOSE, Kind.ISSUE])
PICK = st.integers(1, 1_000) | st.integers(0, 1_000)  # 0 names none that exists


class EngineMachine(RuleBasedStateMachine):
    """Five settlement accounts of three owners and an issuer, under three limits."""

    @initialize(cap=st.sampled_from([None, 300]), ceiling=st.sampled_from([None, 90]))
    def begin(self, cap, ceiling):
        self.world = Small("anna", "bram", "cleo")
        self.engine = self.world.engine
        extra = {} if ceiling is None else {"ceiling": ceiling}
        self.world.open("anna/NOR/till", floor=-40)
        self.world.open("bram/NOR/till", **extra)
        if cap is not None:
            self.engine.change_account(1, floor=0, ceiling=cap, people=2)
        self.model = Model()
        for account in self.engine.accounts[1:]:
            self.model.accounts[account.account_no] = {
                "owner": account.owner_no, "issuer": account.kind == AccountKind.ISSUER, "floor": account.floor,
                "ceiling": account.ceiling, "blocked": False,
            }  # fmt: skip
        anna, bram, cleo = self.world.owner(*OWNERS)
        self.limit(LimitKind.NET_DEBIT, "net", [2, 5], 20)
        self.limit(LimitKind.FLOW, "flow", [3], 100)
        self.limit(LimitKind.PAIR, "pair", [4], 50, owner="cleo", other="anna")
        self.at, self.ids, self.moved = AT, [], []
        self.model.limits[3]["other"] = anna
        assert (anna, bram, cleo) == (2, 3, 4)
        for to in range(2, 7):
            self.fund(50, to)

    def limit(self, kind, name, accounts, cap, **sides):
        number = self.engine.open_limit(kind, 1, cap, **sides)
        assert self.engine.attach_limit(number, accounts) is None
        self.model.limits[number] = {"kind": name, "accounts": accounts, "cap": cap, "window": 0, "other": 0}

    # Acts

    def apply(self, command, expected):
        """Apply a command to the engine: the answer is the model's, and a refusal changes nothing."""
        before = self.engine.encode()
        checked = (
            self.engine.check_all((command,), at=self.at)[1] if not isinstance(command, Expire) else None
        )
        outcome = self.engine.apply(command, at=self.at)
        got = (outcome.refusal.code if outcome.refusal else 0, outcome.leg)
        assert expected == got
        assert checked is None or (outcome.refusal, outcome.leg) == checked
        if outcome.refusal:
            assert before == self.engine.encode()
        records = self.engine.take_records()
        assert bool(records) == (outcome.refusal is None)
        self.at += 1
        return records

    def some(self, pick):
        return self.ids[pick % len(self.ids)] if self.ids and pick else 12345

    def bundle(self, legs, kind, policy, deadline=0):
        self.world.count += 1
        return Bundle((self.at // 10**6) << 80 | self.world.count, kind, legs, policy, deadline_at=deadline)

    @rule(amount=st.integers(1, 100), to=st.integers(2, 6))
    def fund(self, amount, to):
        self.move((Leg(1, to, amount),), Kind.ISSUE, Policy.EACH_LEG, (1, 2, 3, 4), [])

    @rule(
        legs=LEGS, kind=KINDS, policy=st.sampled_from(Policy),
        authority=st.sampled_from(MOSTLY_ALL), picks=st.just([]) | st.lists(PICK, max_size=2),
    )  # fmt: skip
    def move(self, legs, kind, policy, authority, picks):
        bundle = self.bundle(legs, kind, policy)
        releasing = tuple(self.some(pick) for pick in picks)
        expected = self.model.bundle(bundle, "settled", authority, self.at, releasing)
        records = self.apply(Move(bundle, authority, releasing), expected)
        if expected[0] == 0:
            mine = [row for row in unpack_all(records) if row.act == 1]
            assert list(legs) == [Leg(row.source, row.target, row.amount_minor) for row in mine]
            self.moved.append((records[-128 * len(legs) :], legs, [0] * len(legs)))

    @rule(
        legs=LEGS, kind=KINDS, policy=st.sampled_from(Policy), wait=st.integers(-1, 5),
        authority=st.sampled_from(MOSTLY_ALL),
    )  # fmt: skip
    def reserve(self, legs, kind, policy, wait, authority):
        bundle = self.bundle(legs, kind, policy, 0 if wait is None else self.at + wait * SECOND)
        expected = self.model.bundle(bundle, "reserved", authority, self.at)
        self.apply(Reserve(bundle, authority), expected)
        if expected[0] == 0:
            self.ids.append(bundle.bundle_id)

    @precondition(lambda self: self.ids)
    @rule(pick=PICK, parts=st.none() | st.lists(st.integers(0, 9), min_size=1, max_size=4))
    def settle(self, pick, parts):
        bundle_id = self.some(pick)
        fault, leg, amounts = self.model.open_fault(bundle_id, self.at), -1, []
        if not fault:
            amounts = [part[2] for part in self.model.bundles[bundle_id]["legs"]]
            if parts is not None and len(parts) != len(amounts):
                fault = 56
            elif parts is not None:
                over = [no for no, (part, most) in enumerate(zip(parts, amounts, strict=True)) if part > most]
                fault, leg, amounts = (56, over[0], []) if over else (0, -1, parts)
        self.apply(Settle(bundle_id, None if parts is None else tuple(parts)), (fault, leg))
        if not fault:
            self.model.end(bundle_id, "settled", amounts)

    @precondition(lambda self: self.ids)
    @rule(pick=PICK)
    def release(self, pick):
        bundle_id = self.some(pick)
        fault = self.model.open_fault(bundle_id, self.at)
        self.apply(Release(bundle_id), (fault, -1))
        if not fault:
            self.model.end(bundle_id, "released", [0] * 4)

    @precondition(lambda self: self.ids)
    @rule(pick=PICK)
    def pin(self, pick):
        bundle_id = self.some(pick)
        fault = self.model.open_fault(bundle_id, self.at)
        self.apply(Pin(bundle_id), (fault, -1))
        if not fault:
            self.model.bundles[bundle_id]["deadline"] = 0

    @rule(step=st.sampled_from([0, 0, 1, 5, 20]), limit=st.integers(1, 3))
    def sweep(self, step, limit):
        """Time passes; what is due expires, earliest first."""
        self.at += step * SECOND
        open_now = {id: found for id, found in self.model.bundles.items() if found["state"] == "reserved"}
        late = sorted((f["deadline"], id) for id, f in open_now.items() if 0 < f["deadline"] <= self.at)
        assert late[:limit] == [(e.deadline_at, e.bundle_id) for e in self.engine.due(self.at, limit=limit)]
        waiting = [f["deadline"] for f in open_now.values() if f["deadline"]]
        assert self.engine.next_due() == min(waiting, default=None)
        for _, bundle_id in late[:limit]:
            self.apply(Expire(bundle_id), (0, -1))
            self.model.end(bundle_id, "expired", [0] * 4)

    @precondition(lambda self: self.moved)
    @rule(pick=PICK, parts=st.lists(st.integers(0, 60), min_size=4, max_size=4))
    def reverse(self, pick, parts):
        records, legs, gone = self.moved[pick % len(self.moved)]
        amounts = tuple(parts[: len(legs)])
        over = [no for no, leg in enumerate(legs) if gone[no] + amounts[no] > leg[2]]
        back = tuple(Leg(t, s, a) for (s, t, _, _), a in zip(legs, amounts, strict=True) if a)
        bundle = self.bundle(back, Kind.CORRECTION, Policy.AT_END)
        if over:
            expected = (57, over[0])
        else:
            expected = self.model.bundle(bundle, "settled", (1, 2, 3, 4), self.at) if back else (20, -1)
        self.apply(Reverse(bundle, records, amounts, (1, 2, 3, 4)), expected)
        if expected[0] == 0:
            gone[:] = [g + a for g, a in zip(gone, amounts, strict=True)]

    # Settings

    @rule(no=st.integers(1, 6), stop=st.sampled_from([True, False, False, False]))
    def block(self, no, stop):
        assert (self.engine.block(no) if stop else self.engine.unblock(no)) is None
        self.model.accounts[no]["blocked"] = stop

    @rule(no=st.integers(2, 6), floor=st.integers(-50, 0))
    def change_floor(self, no, floor):
        ceiling = self.model.accounts[no]["ceiling"]
        assert self.engine.change_account(no, floor=floor, ceiling=ceiling, people=2) is None
        self.model.accounts[no]["floor"] = floor

    @rule(number=st.integers(2, 3))
    def reset(self, number):
        assert self.engine.reset_window(number) is None
        self.model.limits[number]["window"] += 1

    @rule()
    def restart(self):
        """Go on from a snapshot."""
        again = Engine.decode(self.engine.encode())
        assert self.engine.encode() == again.encode()
        self.engine = self.world.engine = again

    # What must hold

    @invariant()
    def balances_are_those_of_the_model(self):
        if not hasattr(self, "model"):
            return
        for no, account in self.model.accounts.items():
            balance = self.engine.balance(no)
            signed = -balance.balance if account["issuer"] else balance.balance
            assert signed - balance.reserved_out == self.model.low(self.model.legs, no)
            assert signed + balance.reserved_in == self.model.high(self.model.legs, no)
        for number in self.model.limits:
            assert self.engine.limits[number].used == self.model.used(self.model.legs, number)
        assert first_broken(self.engine) is None


TestEngine = EngineMachine.TestCase
TestEngine.settings = settings(
    max_examples=20_000 if NIGHTLY else 200, stateful_step_count=50 if NIGHTLY else 30, deadline=None
)
