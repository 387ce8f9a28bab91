"""Reads payment scenes: a line an act, columns parted by two spaces or more, the outcome last.

    fund      WHO ASSET AMOUNT                                   (a provider's fx account by WHO/fx)
    sheet     WHO SELL/BUY RATE        [firm ttl=S lock=S]
    set       WHO                      [accepts=none|any best=BP]
    quote     NAME WHO SELL/BUY send|receive AMOUNT              OUTCOME
    pay       NAME PAYER -> PAYEE ASSET AMOUNT [=> ASSET] [by=QUOTE instant kind=bank class=C after=S]   STATE
    answer    NAME WHO accept|accept_unposted|decline [CODE]     STATE [REFUSAL]
    cancel    NAME                                               STATE [REFUSAL]
    credited  NAME yes|no                                        STATE [REFUSAL]
    state     NAME                                               STATE [REFUSAL]
    suspend   WHO | lift WHO
    mode      ASSET fifo|bypass|guarded
    limit     WHO -> OTHER|* ASSET AMOUNT|none
    keep      WHO ASSET urgent|high AMOUNT
    cap       WHO ASSET AMOUNT|none
    class     NAME urgent|high|normal                            STATE
    front     NAME | back NAME                                   STATE
    why       NAME                                               REASON
    resolve   ASSET                                              settled COUNT
    wait      SECONDS
    balance   WHO ASSET                                          BALANCE [AVAILABLE]

People are anna, arne (NOR), bram, birk (SUD), cleo, carl (OST); providers pons and levr. Amounts are minor units.
A quote's OUTCOME is `source -> target`, or the refusal in lower case. `#` begins a comment. Every invariant is
held after every line.
"""

from fractions import Fraction
from typing import Any

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.command import Code, Outcome
from steelyard.flows.diary import Diary
from steelyard.flows.gridlock import resolve
from steelyard.flows.own_rules import HoldingFields, LimitFields, ReservationFields
from steelyard.flows.queue import NamedFields, PriorityFields
from steelyard.flows.settle import work
from steelyard.fx.refusals import FxRefusal
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import State
from steelyard.values.instants import SECOND
from tests.flows.payworld import ANNA, ARNE, ASSETS, BIRK, BRAM, CARL, CLEO, LEVR, PONS, Network

WHO = {
    "anna": ANNA, "arne": ARNE, "bram": BRAM, "birk": BIRK, "cleo": CLEO, "carl": CARL, "pons": PONS, "levr": LEVR,
}  # fmt: skip
NAMES = {
    refusal.code: refusal.name.lower()
    for kind in (PaymentRefusal, FxRefusal, LiquidityRefusal, EngineRefusal)
    for refusal in kind
}
CLASSES = ("urgent", "high", "normal")


class Scene:
    """One scene as it plays."""

    def __init__(self) -> None:
        self.net = Network(accepts=True)
        self.uetrs: dict[str, bytes] = {}
        self.quotes: dict[str, bytes] = {}

    def play(self, columns: list[str]) -> str:
        """Play one line without its outcome, and give the outcome."""
        words = " ".join(columns).split()
        plain = [word for word in words[1:] if "=" not in word or word == "=>"]
        options = dict(word.split("=", 1) for word in words[1:] if "=" in word and word != "=>")
        said: str = getattr(self, "_" + words[0])(plain, options)
        self.net.check()
        return said

    def _fund(self, words: list[str], options: dict[str, str]) -> str:
        name, _, purpose = words[0].partition("/")
        self.net.fund(WHO[name], words[1], int(words[2].replace("_", "")), purpose or "settlement")
        return ""

    def _sheet(self, words: list[str], options: dict[str, str]) -> str:
        sell, buy = words[1].split("/")
        rate = Fraction(words[2])
        scale = 10**6
        more: dict[str, Any] = {"firm_reserved": "firm" in words}
        if "lock" in options:
            more |= {"ttl_ms": int(options["ttl"]) * 1_000, "lock_ms": int(options["lock"]) * 1_000}
        self.net.sheet(WHO[words[0]], sell, buy, (0, int(rate * scale), scale), **more)
        return ""

    def _set(self, words: list[str], options: dict[str, str]) -> str:
        changes: dict[str, Any] = {}
        if "accepts" in options:
            changes["accepts_minor"] = {} if options["accepts"] == "none" else dict.fromkeys(ASSETS, -1)
        if "best" in options:
            changes |= {"best_quote": True, "requote_tolerance_bp": int(options["best"])}
        self.net.set(WHO[words[0]], **changes)
        return ""

    def _quote(self, words: list[str], options: dict[str, str]) -> str:
        sell, buy = words[2].split("/")
        found = self.net.quote(WHO[words[1]], sell, buy, int(words[4]), send=words[3] == "send")
        if not found:
            return NAMES[self.net.outcomes[-1].refusal]
        self.quotes[words[0]] = found[0].quote_id
        return f"{found[0].source_minor} -> {found[0].target_minor}"

    def _pay(self, words: list[str], options: dict[str, str]) -> str:
        name, payer, _, payee, source, amount = words[:6]
        target = words[words.index("=>") + 1] if "=>" in words else ""
        more: dict[str, Any] = {
            "service": int("instant" in words),
            "kind": int(options.get("kind") == "bank"),
        }
        if "class" in options:
            more["priority"] = CLASSES.index(options["class"])
        if "by" in options:
            more["quote_id"] = self.quotes[options["by"]]
        if "after" in options:
            more["not_before_at"] = self.net.at + int(options["after"]) * SECOND
        if name in self.uetrs:
            more["uetr"] = self.uetrs[name]
        uetr, outcome = self.net.paid(WHO[payer], WHO[payee], source, int(amount), target, **more)
        self.uetrs[name] = uetr
        return self._where(name, outcome)

    def _answer(self, words: list[str], options: dict[str, str]) -> str:
        outcome = self.net.answer(WHO[words[1]], self.uetrs[words[0]], words[2], *words[3:])
        return self._where(words[0], outcome)

    def _cancel(self, words: list[str], options: dict[str, str]) -> str:
        uetr = self.uetrs[words[0]]
        live = self.net.world.payments.live.get(uetr)
        record = self.net.world.payments.record(uetr)
        payer = live.debtor_agent if live else self.net.world.payments.name(record.debtor_agent)  # type: ignore[union-attr]
        return self._where(words[0], self.net.cancel(payer, uetr))

    def _credited(self, words: list[str], options: dict[str, str]) -> str:
        uetr = self.uetrs[words[0]]
        live = self.net.world.payments.live.get(uetr)
        record = self.net.world.payments.record(uetr)
        payee = live.creditor_agent if live else self.net.world.payments.name(record.creditor_agent)  # type: ignore[union-attr]
        return self._where(words[0], self.net.credited(payee, uetr, words[1] == "yes"))

    def _state(self, words: list[str], options: dict[str, str]) -> str:
        return self._where(words[0], None)

    def _suspend(self, words: list[str], options: dict[str, str]) -> str:
        self.net.suspend(WHO[words[0]])
        while self.net.end_waiting(WHO[words[0]], 2_000):
            pass
        return ""

    def _lift(self, words: list[str], options: dict[str, str]) -> str:
        self.net.lift(WHO[words[0]])
        return ""

    def _mode(self, words: list[str], options: dict[str, str]) -> str:
        self.net.mode(words[0], words[1])  # type: ignore[arg-type]
        return ""

    def _limit(self, words: list[str], options: dict[str, str]) -> str:
        other, minor = WHO.get(words[2], words[2]), -1 if words[4] == "none" else int(words[4])
        outcome = self.net.give("limit.own", LimitFields(words[3], other, minor), WHO[words[0]])
        assert outcome.code == Code.DONE
        return ""

    def _keep(self, words: list[str], options: dict[str, str]) -> str:
        fields = ReservationFields(words[1], CLASSES.index(words[2]), int(words[3]))
        assert self.net.give("reservation.set", fields, WHO[words[0]]).code == Code.DONE
        return ""

    def _cap(self, words: list[str], options: dict[str, str]) -> str:
        minor = -1 if words[2] == "none" else int(words[2])
        assert self.net.give("holding.set", HoldingFields(words[1], minor), WHO[words[0]]).code == Code.DONE
        return ""

    def _class(self, words: list[str], options: dict[str, str]) -> str:
        return self._order("queue.reprioritise", words[0], CLASSES.index(words[1]))

    def _front(self, words: list[str], options: dict[str, str]) -> str:
        return self._order("queue.to_front", words[0])

    def _back(self, words: list[str], options: dict[str, str]) -> str:
        return self._order("queue.to_back", words[0])

    def _order(self, verb: str, name: str, *more: int) -> str:
        uetr = self.uetrs[name]
        kind = PriorityFields if more else NamedFields
        outcome = self.net.give(verb, kind(uetr, *more), self.net.world.payments.live[uetr].debtor_agent)
        return self._where(name, outcome)

    def _why(self, words: list[str], options: dict[str, str]) -> str:
        return NAMES[self.net.world.payments.live[self.uetrs[words[0]]].reason]

    def _resolve(self, words: list[str], options: dict[str, str]) -> str:
        diary = Diary()
        settled = resolve(self.net.world, diary, words[0], self.net.at)
        work(self.net.world, diary, self.net.at)
        self.net.world.engine.take_records()
        self.net.at += 1_000
        return f"settled {settled}"

    def _wait(self, words: list[str], options: dict[str, str]) -> str:
        self.net.wait(int(words[0].replace("_", "")) * SECOND)
        return ""

    def _balance(self, words: list[str], options: dict[str, str]) -> str:
        name, _, purpose = words[0].partition("/")
        who = WHO.get(name, name)
        held = self.net.balance(who, words[1], purpose or "settlement")
        free = self.net.available(who, words[1], purpose or "settlement")
        return str(held) if held == free else f"{held} {free}"

    def _where(self, name: str, outcome: Outcome | None) -> str:
        """Give where a payment is, and why where it was refused or ended."""
        uetr = self.uetrs[name]
        state = State(self.net.state(uetr)).name.lower()
        if outcome is not None and outcome.code == Code.REFUSED:
            return f"{state} {NAMES.get(outcome.refusal, str(outcome.refusal))}"
        record = self.net.world.payments.record(uetr)
        return f"{state} {NAMES[record.refusal]}" if record is not None and record.refusal else state
