"""Reads scenes of members and money: a line an act, columns parted by two spaces or more, the outcome last.

    member    CODE                           a new member with people, calendar and a cap
    bank      NAME   CODE                    a new participant of it
    cap       CODE   AMOUNT                  OUTCOME
    rule      CODE   on_advice | asked_only  OUTCOME
    fund      NAME   CODE AMOUNT             OUTCOME
    advise    ADVICE NAME CODE AMOUNT        OUTCOME
    issue     ADVICE                         OUTCOME       two people issue a listed advice
    payback   ADVICE                         OUTCOME
    redeem    ID     NAME CODE AMOUNT        OUTCOME
    withdraw  ID                             OUTCOME
    paid      ID     [AMOUNT]                OUTCOME
    unpaid    ID                             OUTCOME
    found     ID     paid | unpaid           OUTCOME       two people rule by a statement
    statement CODE   CLOSING  [REF AMOUNT, ...]  OUTCOME
    clear     CODE                           OUTCOME
    suspend   NAME   [sending]               OUTCOME
    lift      NAME                           OUTCOME
    leave     NAME                           OUTCOME
    close     NAME                           OUTCOME
    wait      30m | 2h | 1d | until 12:30
    state     ID                             STATE
    balance   NAME   CODE                    BALANCE [AVAILABLE]

Banks anna (NOR), bram (SUD) and cleo (OST) are there; it is Monday 08:00, RTGSs take orders from 05:00 to 12:30.
OUTCOME is the state that follows, in lower case, with its reason where it has one; or the refusal. For a
statement it is `agrees` or what does not fit. `#` begins a comment.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from steelyard.flows.command import Code, Outcome
from steelyard.flows.currency import CapFields, RulesFields
from steelyard.flows.facts import FundingMoved, ParticipantMoved, RedemptionMoved, ReserveStated
from steelyard.flows.fund import AdviceFields
from steelyard.flows.fund import RuleFields as FundRule
from steelyard.flows.onboard import CloseFields
from steelyard.flows.onboard import MoveFields as BankFields
from steelyard.flows.reconcile import ClearFields, StatementFields
from steelyard.flows.redeem import FundFields, NamedFields, PayoutFields, RedeemFields
from steelyard.flows.redeem import RuleFields as RedeemRule
from steelyard.flows.suspend import LiftFields, SuspendFields
from steelyard.members import refusals
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.members.network import BANKS, add_bank, add_member, facts, ready

NAMES = {
    member.code: member.name.lower()
    for kind in (refusals.MemberRefusal, refusals.PeopleRefusal, refusals.MoneyRefusal)
    for member in kind
}
UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}


def lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the number and the columns of every line that says something."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        said = line.partition("#")[0].strip()
        if said:
            yield number, re.split(r"\s{2,}", said)


class Scene:
    """One scene as it plays."""

    def __init__(self) -> None:
        self.net = ready()
        self.bics = dict(BANKS)
        self.ids: dict[str, bytes] = {}

    def play(self, columns: list[str]) -> str:
        """Do what a line says and give what came of it; nothing where a line has no outcome."""
        verb, *rest = columns
        words = " ".join(rest).split()
        made: str | Outcome | None = getattr(self, "_" + verb)(*words)
        self.net.check()
        return made if isinstance(made, str) else "" if made is None else self._said(made)

    def _said(self, outcome: Outcome) -> str:
        if outcome.code == Code.REFUSED:
            return self._refusal(outcome.refusal)
        found: list[Any] = [
            fact
            for fact in facts(outcome)
            if isinstance(fact, FundingMoved | RedemptionMoved | ParticipantMoved)
        ]
        if not found:
            return "done"
        return f"{found[-1].state} {found[-1].reason}".lower().strip()

    def _refusal(self, code: int) -> str:
        from steelyard.engine.refusals import Refusal, SettingRefusal

        engine = {one.code: one.name.lower() for kind in (Refusal, SettingRefusal) for one in kind}
        return NAMES.get(code) or engine[code]

    # Members and banks

    def _member(self, code: str) -> None:
        add_member(self.net, code, f"STAG{code}0")

    def _bank(self, name: str, code: str) -> None:
        self.bics[name] = f"{name.upper():X<4}{code}0"
        add_bank(self.net, name, self.bics[name], code)

    def _cap(self, code: str, amount: str) -> Outcome:
        return self.net.agent(code, "currency.cap", CapFields(code, int(amount)))

    def _rule(self, code: str, how: str) -> Outcome:
        fields = RulesFields(code, True, fund_on_advice=how == "on_advice")
        return self.net.agent(code, "currency.rules", fields)

    def _suspend(self, name: str, how: str = "") -> Outcome:
        fields = SuspendFields(self.bics[name], how == "sending")
        outcome = self.net.ops("participant.suspend", fields)
        self.net.tick()
        return outcome

    def _lift(self, name: str) -> Outcome:
        return self.net.ops("participant.lift", LiftFields(self.bics[name]))

    def _leave(self, name: str) -> Outcome:
        fields = BankFields(self.bics[name])
        return self.net.two(f"{name}/maker", f"{name}/checker", "participant.leave", fields)

    def _close(self, name: str) -> str:
        outcome = self.net.ops("participant.close", CloseFields(self.bics[name], b"s" * 32))
        moved = facts(outcome, ParticipantMoved)
        return moved[0].state.lower() if moved else self._said(outcome)

    # Money in

    def _fund(self, name: str, code: str, amount: str) -> Outcome:
        return self.net.do(f"k-{name}", "fund", FundFields(code, int(amount)))

    def _advise(self, advice: str, name: str, code: str, amount: str) -> Outcome:
        fields = AdviceFields(code, self.bics[name], int(amount), advice)
        outcome = self.net.do(f"k-{code.lower()}", "fund.advise", fields)
        for fact in facts(outcome, FundingMoved):
            self.ids[advice] = fact.funding
        return outcome

    def _issue(self, advice: str) -> Outcome:
        return self._two(advice, "fund.rule", FundRule(self.ids[advice], True))

    def _payback(self, advice: str) -> Outcome:
        return self._two(advice, "fund.rule", FundRule(self.ids[advice], False))

    # Money out

    def _redeem(self, id: str, name: str, code: str, amount: str) -> Outcome:
        outcome = self.net.do(f"k-{name}", "redeem", RedeemFields(code, int(amount)))
        for fact in facts(outcome, RedemptionMoved):
            self.ids[id] = fact.redemption
        return outcome

    def _withdraw(self, id: str) -> Outcome:
        redemption = self.net.world.money.redemptions[self.ids[id]]
        name = next(name for name, bic in self.bics.items() if bic == redemption.participant)
        return self.net.do(f"k-{name}", "redeem.withdraw", NamedFields(self.ids[id]))

    def _paid(self, id: str, amount: str = "") -> Outcome:
        redemption = self.net.world.money.redemptions[self.ids[id]]
        minor = int(amount) if amount else redemption.amount_minor
        return self._advised(id, PayoutFields(self.ids[id], True, minor, f"P-{id}"))

    def _unpaid(self, id: str) -> Outcome:
        return self._advised(id, PayoutFields(self.ids[id], False, 0))

    def _advised(self, id: str, fields: PayoutFields) -> Outcome:
        asset = self.net.world.money.redemptions[self.ids[id]].asset
        return self.net.do(f"k-{asset.lower()}", "redeem.advise", fields)

    def _found(self, id: str, how: str) -> Outcome:
        return self._two(id, "redeem.rule", RedeemRule(self.ids[id], how == "paid", "STATEMENT"))

    def _two(self, id: str, name: str, fields: Any) -> Outcome:
        money = self.net.world.money
        found = money.fundings.get(self.ids[id]) or money.redemptions[self.ids[id]]
        return self.net.agent(found.asset, name, fields)

    def _statement(self, code: str, closing: str, *items: str) -> str:
        pairs = [item.split() for item in " ".join(items).split(",") if item.strip()]
        shown = tuple(
            (self.ids[name].hex() if name in self.ids and int(amount) < 0 else name, int(amount))
            for name, amount in pairs
        )
        number = len(self.net.world.money.statements.get(code, ())) + 1
        fields = StatementFields(code, f"S{number}", self.net.at, int(closing), shown)
        outcome = self.net.do(f"k-{code.lower()}", "reconcile", fields)
        (fact,) = facts(outcome, ReserveStated)
        return "agrees" if fact.agreed else ", ".join(why.lower() for why, *_ in fact.unlike)

    def _clear(self, code: str) -> Outcome:
        return self.net.agent(code, "reconcile.clear", ClearFields(code, "SEEN"))

    # Time and looking

    def _wait(self, *words: str) -> None:
        if words[0] == "until":
            hours, minutes = words[1].split(":")
            day = self.net.at - self.net.at % DAY
            self.net.wait_until(day + int(hours) * HOUR + int(minutes) * MINUTE)
        else:
            self.net.wait(int(words[0][:-1]) * UNITS[words[0][-1]])

    def _state(self, id: str) -> str:
        money = self.net.world.money
        found = money.fundings.get(self.ids[id]) or money.redemptions[self.ids[id]]
        return found.state.value.lower()

    def _balance(self, name: str, code: str) -> str:
        return f"{self.net.balance(self.bics[name], code)} {self.net.available(self.bics[name], code)}"
