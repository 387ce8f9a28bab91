"""Journal rows made by hand, for tests and benchmarks of what reads them.

Nothing is decided here: facts and leg records are written as a machine could have written them.
"""

import random
from collections.abc import Iterable

import numpy as np

from steelyard.engine.records import (
    LAST,
    LEG,
    MOVE,
    NO_LEG,
    OUTCOME,
    RELEASE,
    RESERVE,
    SETTLE,
    LegRecord,
    pack,
    stamp,
)
from steelyard.flows import facts
from steelyard.flows.command import NO_FIELDS, Command, Notice, Outcome, encode, raw
from steelyard.storage.frames import FrameWriter
from steelyard.storage.journal import NO_HASH, Head, Row, head_after, next_row

BANKS = ("GHAFAEA0XXX", "AAAABRSPXXX", "BBBBINBBXXX", "CCCCZAJJXXX", "DDDDCNSHXXX")
START = 1_795_000_000_000_000_000


class Maker:
    """Writes rows one after another."""

    def __init__(self, seed: int = 1, *, epoch: int = 1) -> None:
        self.random = random.Random(seed)
        self.head = Head(0, NO_HASH, epoch, START)
        self.now = START
        self.bundles = 0

    def bytes(self, count: int) -> bytes:
        """Draw some bytes."""
        return self.random.randbytes(count)

    def id(self) -> bytes:
        """Draw an id that carries the time."""
        return (self.now // 1_000_000).to_bytes(6, "big") + self.bytes(10)

    def row(self, acts: Iterable[tuple[Command, Outcome, list[LegRecord]]]) -> Row:
        """Frame commands with their outcomes and legs as the next row."""
        writer, first, last, count = FrameWriter(), 0, 0, 0
        for command, outcome, legs in acts:
            writer.command(encode(command))
            records = bytearray(b"".join(map(pack, legs)))
            stamp(records, self.head.seq + 1, count)
            writer.legs(bytes(records))
            writer.outcome(encode(outcome))
            first, last, count = first or command.at_ns, command.at_ns, count + 1
        row = next_row(self.head, time_first=first, time_last=last, count=count, body=writer.body())
        self.head = head_after(row)
        return row

    def command(self, name: str = "payment.send", fields: object = None, sender: str = BANKS[0]) -> Command:
        """Make a command at the next instant."""
        self.now += 1_000
        asked = raw(fields) if fields is not None else NO_FIELDS
        return Command(
            name, 1, self.id(), sender, f"key:{sender[:8]}", self.now, asked, NO_FIELDS, self.bytes(16)
        )

    def leg(self, source: int, target: int, amount: int, **given: int) -> LegRecord:
        """Make a leg record of a bundle of its own, or of the one given."""
        self.bundles += 1
        known = {
            "bundle_id": self.now // 1_000_000 << 80 | self.bundles, "seq": 0, "position": 0, "leg_no": 0,
            "source": source, "target": target, "amount_minor": amount, "at": self.now, "reference": 0,
            "asset_no": 1, "act": MOVE, "policy": 0, "kind": 1, "original": 0, "released_minor": 0,
            "deadline_at": 0, "flags": LAST,
        }  # fmt: skip
        return LegRecord(**(known | given))

    def accounts(self, count: int) -> Row:
        """Open accounts 1 to `count`, by turns of the banks."""
        opened = tuple(
            raw(
                facts.AccountOpened(
                    number, f"{BANKS[number % 5]}/NOR/{number}", BANKS[number % 5], 1, "settlement"
                )
            )
            for number in range(1, count + 1)
        )
        asset = raw(facts.AssetOpened(1, "NOR", "currency", 2, "operator"))
        return self.row(
            [(self.command("account.open", sender="operator"), Outcome(0, facts=(asset, *opened)), [])]
        )

    def payment(self, accounts: int = 20, *, quoted: bool = True) -> tuple[Command, Outcome, list[LegRecord]]:
        """Make a payment in two currencies that settles at once: 3 legs, its quote used, two notices."""
        draw = self.random
        payer, payee = draw.sample(BANKS, 2)
        uetr, quote, bundle = self.bytes(16), self.bytes(16), self.id()
        amount = draw.randrange(100, 10**7)
        fees = (("fee", "operator", "AED", 25),)
        entered = facts.PaymentEntered(
            uetr, 0, 0, payer, payee, "AED", amount, "INR", amount * 22, 20_400, 9, 0, (BANKS[2],), quote,
            self.bytes(32), self.bytes(32), 1, bundle, amount + 25, amount * 22, 225034, 10000, fees,
        )  # fmt: skip
        moves = (
            facts.PaymentMoved(uetr, 0, "VALIDATED", 1),
            facts.PaymentMoved(uetr, 4, "SETTLED_NOW", 9, 0, bundle),
        )
        found: list[facts.Fact] = [entered, *moves]
        if quoted:
            found.append(facts.QuoteEnded(quote, "used"))
        fields = (uetr, 0, 0, self.bytes(16), self.bytes(16), self.bytes(16), self.bytes(16), 1, payer, payee,
                  "AED", amount, "INR", amount * 22, 225034, 10000, quote, "", 0, 0, 0, 0, "GDDS", "SUPP", b"",
                  b"", self.now)  # fmt: skip
        command = self.command("payment.send", fields, payer)
        notices = tuple(Notice(who, "payment.settled", uetr, (9, amount)) for who in (payer, payee))
        outcome = Outcome(0, 0, -1, tuple(map(raw, found)), notices)
        number = int.from_bytes(bundle, "big")
        ends = [draw.sample(range(1, accounts + 1), 2) for _ in range(3)]
        legs = [
            self.leg(
                *pair, amount, bundle_id=number, leg_no=place, reference=int.from_bytes(uetr, "big"),
                flags=LAST if place == 2 else 0,
            )
            for place, pair in enumerate(ends)
        ]  # fmt: skip
        return command, outcome, legs

    def waiting(self, accounts: int = 20) -> list[tuple[Command, Outcome, list[LegRecord]]]:
        """Make a payment that is reserved and offered, waits, gets a new price, then settles or is released."""
        draw = self.random
        payer, payee = draw.sample(BANKS, 2)
        uetr, bundle = self.bytes(16), self.id()
        amount, part = draw.randrange(100, 10**6), draw.randrange(0, 100)
        number, reference = int.from_bytes(bundle, "big"), int.from_bytes(uetr, "big")
        source, target = draw.sample(range(1, accounts + 1), 2)
        given = {"bundle_id": number, "reference": reference, "deadline_at": self.now + 10**12}
        entered = facts.PaymentEntered(
            uetr, 0, 1, payer, payee, "NOR", amount, "NOR", amount, 20_400, 4, 80, (), b"", self.bytes(32),
            self.bytes(32), 1, waits=1,
        )  # fmt: skip
        first = self.command("payment.send", (uetr,), payer), Outcome(0, facts=(raw(entered),)), []
        steps = [
            facts.PaymentWaits(uetr, 2, 5, 20_401),
            facts.PaymentPriced(uetr, amount, amount, amount, amount, 1, 1, (BANKS[3],), (), b"q" * 16),
            facts.PaymentMoved(uetr, 4, "RESERVED_ALL", 6, 0, bundle),
            facts.PaymentMoved(uetr, 6, "OFFERED", 7, detail=("payee", 3)),
        ]
        held = self.command("tick", sender="operator")
        reserved = self.leg(source, target, amount, act=RESERVE, **given)
        second = (
            held,
            Outcome(0, facts=tuple(map(raw, steps)), notices=(Notice(payee, "offer", uetr),)),
            [reserved],
        )
        answer = self.command("offer.answer", (uetr,), payee)
        if draw.random() < 0.5:
            end = facts.PaymentMoved(uetr, 7, "ACCEPTED", 9, 0, bundle)
            leg = self.leg(
                source, target, amount - part, act=SETTLE, original=number, released_minor=part, **given
            )
        else:
            end = facts.PaymentMoved(uetr, 7, "DECLINED", 20, 310)
            leg = self.leg(source, target, 0, act=RELEASE, original=number, released_minor=amount, **given)
        return [first, second, (answer, Outcome(0, facts=(raw(end),)), [leg])]

    def day_end(
        self, on: int, balances: dict[int, int], number: int
    ) -> tuple[Command, Outcome, list[LegRecord]]:
        """End a day with the closing balances given."""
        statements = tuple((account, number, balances[account]) for account in sorted(balances))
        fact = facts.DayEnded("NOR", on, self.now, statements)
        return self.command("tick", sender="operator"), Outcome(0, facts=(raw(fact),)), []

    def bulk(self, count: int, accounts: int) -> Row:
        """Make a row of one batch of the bulk lane: single legs that all were done."""
        draw = np.random.default_rng(self.head.seq)
        records: np.ndarray = np.zeros(count, LEG)
        records["id_high"] = self.now // 1_000_000 << 16
        records["id_low"] = draw.integers(0, 2**63, count)
        records["source"] = draw.integers(1, accounts, count)
        records["target"] = records["source"] % accounts + 1
        records["amount_minor"] = draw.integers(1, 10**7, count)
        records["asset_no"], records["act"], records["kind"] = 1, MOVE, 1
        sent = records.tobytes()
        command = self.command("legs.apply", (count, self.bytes(32)))
        records["at"] = command.at_ns + np.arange(count)
        records["seq"], records["flags"] = self.head.seq + 1, LAST
        outcomes: np.ndarray = np.zeros(count, OUTCOME)
        outcomes["leg"], outcomes["position"] = NO_LEG, np.arange(count)
        writer = FrameWriter()
        writer.command(encode(command))
        writer.packed_commands(sent)
        writer.legs(records.tobytes())
        writer.packed_outcomes(outcomes.tobytes())
        writer.outcome(encode(Outcome(0)))
        first, self.now = command.at_ns, command.at_ns + count
        row = next_row(self.head, time_first=first, time_last=self.now, count=1, body=writer.body())
        self.head = head_after(row)
        return row

    def refused(self) -> tuple[Command, Outcome, list[LegRecord]]:
        """Make a command that was refused."""
        return self.command("fund.request", (1,)), Outcome(1, 80), []

    def rare(self) -> tuple[Command, Outcome, list[LegRecord]]:
        """Make one command with every fact that changes rarely."""
        draw, id = self.random, self.bytes(16)
        bank, state = draw.choice(BANKS), draw.choice(["asked", "done", "failed"])
        found = (
            facts.AccountChanged(draw.randint(1, 12), "blocked", -(10**18), -1),
            facts.MemberMoved("NO", "NOR", bank, state),
            facts.ParticipantMoved(bank, "NO", state, "because"),
            facts.ActorChanged("p-1", bank, "person", ("maker", "checker"), state, "h"),
            facts.ApprovalMoved(b"p" * 16, state, "member.admit", "operator", "p-1", id * 2, self.now, "p-2"),
            facts.CalendarAmended("NOR", draw.randint(1, 3), self.now),
            facts.PackLoaded("calendar", "nor", "1", id * 2, self.now),
            facts.RuleActivated("some.rule", self.now),
            facts.FundingMoved(b"f" * 15 + bytes([draw.randint(1, 3)]), bank, "NOR", 500, state, "", id),
            facts.RedemptionMoved(b"r" * 15 + bytes([draw.randint(1, 3)]), bank, "NOR", 400, state),
            facts.SheetPut(bank, "NOR", "SUD", draw.randint(1, 9), 1, self.now),
            facts.RatePut("NOR", "SUD", 2**63, 10, "feed", self.now, "market", 0, ()),
            facts.TradeMoved(b"t" * 16, bank, BANKS[0], "NOR", 5, "SUD", 6, 20_400, state),
            facts.SettingChanged(bank, "line", raw({"a": draw.randint(1, 9)})),
            facts.QuoteEnded(b"unknown" + bytes(9), "expired"),
            facts.PaymentStands(id, 9, 0, 1, 1),
            facts.CreditsLate(bank, (id,)),
            facts.CancelAsked(id, "DUPL"),
            facts.LimitSet(draw.randint(1, 3), bank, "net_debit", "NOR", 10**12, ""),
            facts.ReserveStated("NOR", "s-1", self.now, 900, str(2**64), False, (("missing", "r-1", 1, 0),)),
            facts.ReserveCleared("NOR", 1, "booked late"),
            facts.PoolChosen(bank, ("NOR", "SUD"), "NOR", 10**12),
            facts.FxOrderMoved(
                b"o" * 15 + bytes([draw.randint(1, 3)]),
                bank,
                "NOR",
                "SUD",
                10**17,
                10**16,
                7,
                str(2**63 - 1),
                "1",
                self.now,
                draw.choice(["open", "filled"]),
                0,
                draw.randint(0, 1),
            ),
            facts.FxFilled(
                b"o" * 16,
                b"b" * 16,
                bank,
                "NOR",
                "SUD",
                10**17,
                5,
                ("9" * 90, "1"),
                (("NOR", "market", "feed", self.now, ("DUAL",)),),
                id,
            ),
            facts.FxBatchOver(
                b"b" * 16, "fx_auction", (), (("OST", 456),), (("NOR", "9" * 90),), "", (), (("SUD", -1),)
            ),
            facts.CreditLineSet(
                b"l" * 15 + bytes([draw.randint(1, 3)]),
                "member",
                bank,
                BANKS[0],
                "NOR",
                10**17,
                10**16,
                300,
                0,
                self.now,
                draw.choice(["open", "closed"]),
                draw.random() < 0.5,
                10**12,
            ),
            facts.CreditUsed(
                b"l" * 16,
                draw.randint(1, 9),
                "drawn",
                500,
                400,
                bank,
                20_400,
                id,
                2**62,
                "9" * 30,
                "1" + "0" * 12,
                self.now + 7,
                id,
                b"c" * 16,
            ),
            facts.CreditInterest(b"l" * 16, bank, 17, draw.choice([b"", id])),
            facts.CreditCaseMoved(
                b"c" * 15 + bytes([draw.randint(1, 3)]),
                b"l" * 16,
                "OVERNIGHT_USE",
                draw.choice(["open", "closed"]),
                300,
            ),
            facts.ClaimMoved(
                b"k" * 15 + bytes([draw.randint(1, 3)]),
                bank,
                BANKS[1],
                "NOR",
                10**17,
                draw.choice([0, 5]),
                20_000,
                b"h" * 32,
                True,
                draw.choice([True, False]),
                bank,
                draw.choice(["filed", "set_off"]),
            ),
            facts.ClaimSetOff(b"k" * 16, id, bank, BANKS[1], "NOR", 10**17, 0, id),
            facts.PaceJudged(
                bank,
                "NOR",
                20_000,
                3,
                10**19,
                2,
                10**18,
                5,
                10**18,
                (1, 10**19),
                1,
                draw.choice([True, False]),
                7,
                30,
                2,
                1,
                33,
                draw.choice([b"", id]),
            ),
            facts.SurplusOffered(bank, "NOR", "SUD", 10**17, 5),
            facts.RingMoved(
                b"r" * 15 + bytes([draw.randint(1, 3)]),
                ((bank, 10**17, "NOR", 5, "SUD"), (BANKS[1], 5, "SUD", 1, "NOR")),
                (bank,),
                9,
                draw.choice(["open", "settled"]),
                0,
                draw.choice([b"", id]),
            ),
            *self.batch(draw.randint(1, 3)),
            *self.cycle(draw.randint(1, 3)),
        )
        return self.command("some.change", sender="operator"), Outcome(0, facts=tuple(map(raw, found))), []

    def batch(self, number: int) -> tuple[facts.BatchRequested, facts.BatchReported]:
        """Make the facts of a batch from its request to its report."""
        id = number.to_bytes(16, "big")
        asked = facts.BatchRequested(id, number, "currency", ("NOR",), "timer", 7, self.random.randint(0, 3))
        report = facts.BatchReported(
            id, number, "currency", ("NOR",), "timer", 7, self.now, self.now + 1, 0, "A4", "or-tools 9", 3, "250", 1,
            "70", 2, "140", 2, "40", (0, 0), str(2**70), "210", 0, "0", bytes(32), True, (("A6", "0"),),
            ((BANKS[0], "NOR", "70", "70", str(2**70)), (BANKS[1], "NOR", "70", "70", "10")),
            (b"u" * 16, self.now, 80, "short"), self.bytes(16),
        )  # fmt: skip
        return asked, report

    def cycle(self, number: int) -> tuple[facts.Fact, ...]:
        """Make the facts of a netting cycle from its opening to its end."""
        id = number.to_bytes(16, "big")
        head = (id, number, ("NOR", "SUD"), "calendar")
        made = [("", "OPENED", "OPEN"), ("OPEN", "CUT", "CUT"), ("CUT", "PLANNED", "COMPUTED")]
        moved = [facts.CycleMoved(*head, *step, self.now + 9, 5, 7, 11, 2) for step in made]
        nets = ((BANKS[0], "NOR", "70", "30", 40), (BANKS[1], "NOR", "30", "70", 0))
        rows = (("NOR", 2, "100", 2, "100", str(2**70)), ("SUD", 0, "0", 0, "0", ""))
        return (
            *moved,
            facts.CycleCut(id, number, (*BANKS[:2], "NOR"), self.bytes(16) + bytes(29)),
            facts.CyclePlanned(id, number, False, "A4", "or-tools 9", bytes(32), True, rows, nets, 11),
            facts.CyclePaid(id, BANKS[0], "NOR", 40, 40, 0, self.bytes(16)),
            facts.CycleReported(
                id, number, (("NOR", 2, "100", 0, "0", str(2**70), 0),), ((BANKS[0], "NOR", "70", "30", "40"),), "A4",
                bytes(32), True, 1, 5, 12, self.bytes(16), "",
            ),
            facts.CycleMoved(*head, "PVP_SETTLE", "APPLIED", "CLOSED", 12, 5, 7, 11, 0),
            facts.CycleScheduled(("NOR", "SUD"), (600, 660)),
        )  # fmt: skip

    def quote(self) -> tuple[Command, Outcome, list[LegRecord]]:
        """Make a quote as a bank asks for it before it pays."""
        payer = self.random.choice(BANKS)
        given = facts.QuoteGiven(
            self.bytes(16), 1, payer, (BANKS[2],), "AED", "INR", 33_333, 750_106, 225034, 10000,
            (("fee", "operator", "AED", 25),), self.bytes(32), self.now, self.now + 30_000_000_000, 0, 33_358, 750_106,
            ((BANKS[2], "AED", "INR", 33_333, 750_106, 225034, 10000),),
        )  # fmt: skip
        return self.command("quote.ask", ("AED", "INR", 33_333), payer), Outcome(0, facts=(raw(given),)), []
