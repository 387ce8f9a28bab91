"""Orders about the network, each a line: its address, the right, the command, and how a body becomes its fields.

All of them answer alike: what became of the command, or the proposal that waits for a second person.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

from msgspec import Struct

from steelyard.api import wire
from steelyard.api.call import Call, Reply, need_match, tell
from steelyard.api.orders import Recorded, done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Route
from steelyard.api.views import directory
from steelyard.api.views import fields as fields_of
from steelyard.api.views import liquidity as liquid
from steelyard.api.wire import Faults
from steelyard.client import acts, liquidity
from steelyard.client.types import Done, FundAsked, RedeemAsked
from steelyard.flows import (
    choose,
    fund,
    ledger,
    member,
    onboard,
    person,
    reconcile,
    redeem,
    residual,
    suspend,
)
from steelyard.flows.clearing_facts import (
    CaseMoved,
    ClearingJoined,
    ClearingSet,
    MarginCalled,
    MarginCollected,
    MarginPaid,
)
from steelyard.flows.energy_facts import (
    DealMoved,
    EnergyAsked,
    EnergyBilled,
    EnergyMatched,
    IndexPut,
    SupplyMonth,
    SupplyMoved,
)
from steelyard.flows.facts import (
    AccountOpened,
    ActorChanged,
    ApprovalMoved,
    FundingMoved,
    MemberMoved,
    ParticipantMoved,
    RedemptionMoved,
)  # fmt: skip
from steelyard.flows.price_facts import OtcMoved
from steelyard.flows.rfq_facts import RfqAnswered, RfqMoved
from steelyard.flows.tender_facts import BidMoved, TenderMoved
from steelyard.flows.title_facts import CoverMoved
from steelyard.market.refusals.clearing import ClearingRefusal
from steelyard.market.refusals.energy import EnergyRefusal
from steelyard.market.refusals.otc import OtcRefusal
from steelyard.market.refusals.tenders import TenderRefusal
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.members.refusals import MoneyRefusal, PeopleRefusal

Make = Callable[[Call, Any, Faults], Struct]
NOT_THERE = frozenset(
    refusal.code
    for refusal in (
        MoneyRefusal.FUNDING_NOT_FOUND,
        MoneyRefusal.REDEMPTION_NOT_FOUND,
        PeopleRefusal.APPROVAL_NOT_FOUND,
        ClearingRefusal.MARGIN_RUN_UNKNOWN,
        ClearingRefusal.CLEARING_CASE_UNKNOWN,
        TitleRefusal.RECEIPT_NOT_FOUND,
        TenderRefusal.TENDER_NOT_FOUND,
        TenderRefusal.RFQ_NOT_FOUND,
        OtcRefusal.OTC_TRADE_NOT_FOUND,
        EnergyRefusal.SUPPLY_NOT_FOUND,
        EnergyRefusal.DEAL_NOT_FOUND,
        EnergyRefusal.ENERGY_BILL_NOT_FOUND,
    )
)
"""Refusals that say a thing named in the address is not there, or not the caller's."""


class Act(NamedTuple):
    """One order."""

    method: str
    path: str
    action: str
    command: str
    asked: Any
    make: Make
    about: str
    current: Callable[[Call], Any] | None = None
    """Gives what is changed, where a change needs the version that it was made against"""
    explain: Callable[[Call, Recorded], Awaitable[str]] | None = None
    """Says of a refusal how the thing stands that it is about"""


def bic(call: Call) -> str:
    """Give the participant in the address."""
    return call.path_params["bic"]


def moved(fields: type[Any]) -> Make:
    """Give what makes the fields of an act on a participant."""
    return lambda call, asked, faults: fields(bic(call), asked.reason)


def member_moved(call: Call, asked: acts.Because, faults: Faults) -> member.MoveFields:
    """Make the fields of an act on a member."""
    return member.MoveFields(call.path_params["code"], asked.reason)


def actor(call: Call) -> str:
    """Give the person or key in the address."""
    return call.path_params["actor"]


def money(call: Call, asked: Any, faults: Faults) -> tuple[str, int]:
    """Give the asset and minor units of a body's amount."""
    return asked.amount.asset, wire.minor(asked.amount, call.directory, faults, "/amount")


def named(fields: type[Any]) -> Make:
    """Give what makes the fields of an act on the account in the address."""
    return lambda call, asked, faults: fields(fields_of.account_name(call))


ACTS: tuple[Act, ...] = (
    Act("POST", "/v1/members", "member", "member.propose", acts.MemberAsked,
        lambda call, a, f: member.MemberFields(a.code, a.name, a.asset, a.scale, a.settlement_agent,
                                               tuple(map(tuple, a.packs)), a.open_to_all),
        "Enter a member"),
    *(Act("POST", f"/v1/members/{{code}}/{word}", "member", f"member.{word}", acts.Because, member_moved,
          f"{word.capitalize()} a member") for word in ("configure", "activate", "suspend", "lift", "leave", "close")),
    Act("PUT", "/v1/currencies/{asset}/cap", "cap", "currency.cap", acts.CapAsked, fields_of.cap,
        "Set how much of a currency is issued at most", directory.currency_now),
    Act("PUT", "/v1/currencies/{asset}/rules", "cap", "currency.rules", acts.CurrencyRules, fields_of.rules,
        "Set the rules of a currency", directory.currency_now),
    Act("POST", "/v1/participants", "admit", "participant.apply", acts.ParticipantAsked,
        lambda call, a, f: onboard.ApplyFields(a.bic, a.member, a.name, a.lei or "", a.provider,
                                               tuple(a.currencies), a.fx_on_settlement),
        "Enter an applicant"),
    *(Act("POST", f"/v1/participants/{{bic}}/{word}", "admit", f"participant.{word}", acts.Because,
          moved(onboard.MoveFields), about)
      for word, about in (("admit", "Admit an applicant to testing"), ("refuse", "Turn an applicant away"),
                          ("let_in", "Let a participant in"), ("withdraw", "End an application"))),
    Act("POST", "/v1/participants/{bic}/leave", "leave", "participant.leave", acts.Because,
        moved(onboard.MoveFields), "Leave the network"),
    Act("POST", "/v1/participants/{bic}/close", "admit", "participant.close", acts.ClosingAsked,
        lambda call, a, f: onboard.CloseFields(bic(call), bytes.fromhex(a.statement)), "Close a participant"),
    Act("POST", "/v1/participants/{bic}/suspend", "suspend", "participant.suspend", acts.SuspensionAsked,
        lambda call, a, f: suspend.SuspendFields(bic(call), a.sending_only, a.reason), "Suspend a participant"),
    Act("POST", "/v1/participants/{bic}/lift", "suspend", "participant.lift", acts.Because,
        moved(suspend.LiftFields), "Lift a suspension"),
    Act("POST", "/v1/currencies", "limit", "participant.ask", acts.CurrenciesAsked,
        lambda call, a, f: choose.CurrenciesFields(tuple(a.currencies)), "Ask to hold further currencies"),
    Act("POST", "/v1/persons/{actor}/roles", "grant", "actor.roles", acts.RolesAsked,
        lambda call, a, f: person.RolesFields(actor(call), fields_of.roles(a.roles)), "Set an actor's roles"),
    Act("POST", "/v1/persons/{actor}/revoke", "grant", "actor.revoke", acts.Because,
        lambda call, a, f: person.RevokeFields(actor(call), a.reason), "Let an actor act no more"),
    Act("POST", "/v1/system-keys", "grant", "key.register", acts.SystemKeyAsked, fields_of.system_key,
        "Register a system key"),
    Act("POST", "/v1/fund", "fund", "fund", FundAsked,
        lambda call, a, f: redeem.FundFields(*money(call, a, f)), "Ask to bring money in"),
    Act("POST", "/v1/fundings/{id}/refuse", "advise", "fund.refuse", acts.Because,
        lambda call, a, f: fund.RefuseFields(wire.path_id(call.path_params["id"]), a.reason), "Turn a funding away"),
    Act("POST", "/v1/fundings/{id}/rule", "issue", "fund.rule", acts.FundingRuling,
        lambda call, a, f: fund.RuleFields(wire.path_id(call.path_params["id"]), a.issue),
        "Rule on money that was advised and not issued"),
    Act("POST", "/v1/advices", "advise", "fund.advise", acts.AdviceAsked, fields_of.advice,
        "Report money locked at the RTGS"),
    Act("POST", "/v1/issue", "issue", "issue", acts.IssueAsked, fields_of.issue, "Issue money by hand"),
    Act("POST", "/v1/redeem", "redeem", "redeem", RedeemAsked,
        lambda call, a, f: redeem.RedeemFields(*money(call, a, f)), "Take money out"),
    Act("POST", "/v1/redemptions/{id}/withdraw", "redeem", "redeem.withdraw", acts.Because,
        lambda call, a, f: redeem.NamedFields(wire.path_id(call.path_params["id"])), "Take a redemption back"),
    Act("POST", "/v1/redemptions/{id}/advise", "advise", "redeem.advise", acts.PayoutAsked, fields_of.payout,
        "Report what the RTGS did with a pay-out"),
    Act("POST", "/v1/redemptions/{id}/rule", "issue", "redeem.rule", acts.RedemptionRuling,
        lambda call, a, f: redeem.RuleFields(wire.path_id(call.path_params["id"]), a.paid, a.statement),
        "Rule on an overdue pay-out"),
    Act("POST", "/v1/reserve-statements", "advise", "reconcile", acts.ReserveStatement, fields_of.statement,
        "Enter a statement of a reserve account"),
    Act("POST", "/v1/currencies/{asset}/clear", "issue", "reconcile.clear", acts.Clearing,
        lambda call, a, f: reconcile.ClearFields(call.path_params["asset"], a.reason), "Clear differences"),
    Act("POST", "/v1/accounts", "limit", "account.open", acts.AccountAsked, fields_of.account, "Open an account"),
    Act("POST", "/v1/accounts/{account}/close", "limit", "account.close", acts.Because, named(ledger.AccountFields),
        "Close an account"),
    Act("PUT", "/v1/accounts/{account}/bounds", "cap", "account.bounds", acts.BoundsAsked, fields_of.bounds,
        "Set an account's line and ceiling"),
    Act("POST", "/v1/accounts/{account}/block", "block", "account.block", acts.BlockAsked,
        lambda call, a, f: ledger.BlockFields(fields_of.account_name(call), a.debits, a.credits, a.freeze),
        "Block an account"),
    Act("POST", "/v1/accounts/{account}/unblock", "unblock", "account.unblock", acts.Because,
        named(ledger.AccountFields), "Lift a block"),
    Act("PUT", "/v1/limits", "limit", "limit.set", acts.LimitAsked, fields_of.limit, "Set an own limit"),
    Act("POST", "/v1/residuals/sweep", "residual", "residual.sweep", acts.SweepAsked,
        lambda call, a, f: residual.SweepFields(tuple(a.currencies)), "Empty residual accounts"),
    Act("POST", "/v1/moves", "limit", "move", acts.MoveAsked, fields_of.move, "Move between own accounts"),
    Act("POST", "/v1/reservations", "limit", "reserve", acts.ReserveAsked, fields_of.reservation,
        "Set an amount aside"),
    Act("POST", "/v1/reservations/{bundle}/settle", "limit", "reserve.settle", acts.ReleaseAsked,
        fields_of.reservation_end, "Settle a reservation"),
    Act("POST", "/v1/reservations/{bundle}/release", "limit", "reserve.release", acts.ReleaseAsked,
        fields_of.reservation_end, "Release a reservation"),
    Act("POST", "/v1/calendars/{asset}", "calendar", "calendar.amend", acts.CalendarAsked, fields_of.calendar_rows,
        "Amend a currency's calendar"),
    Act("POST", "/v1/packs", "pack", "pack.load", acts.PackAsked, fields_of.pack, "Bring a pack into force"),
    Act("POST", "/v1/rule-packs", "rule_pack", "rule_pack.load", acts.PackAsked, fields_of.pack,
        "Bring a member's rule pack into force"),
    Act("POST", "/v1/rules", "activate", "activate", acts.ActivationAsked, fields_of.activation,
        "Bring a rule of the release into force"),
    Act("POST", "/v1/fx/rates", "rate", "rates.put", acts.RatesAsked, fields_of.reference_rates,
        "Enter reference rates"),
    Act("POST", "/v1/fx/rates/confirm", "rate", "rates.confirm", acts.RateConfirmed, fields_of.rate_confirmed,
        "Confirm a rate that is stale or has jumped"),
    Act("PUT", "/v1/fx/rates/rules/{asset}", "rate", "rates.rules", acts.RateRulesAsked, fields_of.rate_rules,
        "Say how a currency's rates are judged, and which kind applies"),
    Act("PUT", "/v1/liquidity/limits", "queue", "limit.own", liquidity.OwnLimitAsked, liquid.own_limit,
        "Set what one may lose to another, or to all others, in a day"),
    Act("PUT", "/v1/liquidity/reservations", "queue", "reservation.set", liquidity.KeptAsked, liquid.keep,
        "Keep money for urgent or for high payments"),
    Act("PUT", "/v1/liquidity/holding-caps", "holding", "holding.set", liquidity.HoldingCapAsked,
        liquid.cap_holding, "Set how much of a currency is held at most"),
    Act("PUT", "/v1/liquidity/pool", "limit", "pool.choose", liquidity.PoolAsked, liquid.choose_pool,
        "Let pools settle several currencies together, or no longer"),
)  # fmt: skip


def _id(name: str) -> Callable[[Any], str]:
    return lambda fact: wire.uuid_text(getattr(fact, name))


SUBJECTS: tuple[tuple[type[Any], Callable[[Any], str]], ...] = (
    (TenderMoved, _id("tender_id")),
    (BidMoved, _id("tender_id")),
    (RfqMoved, _id("rfq_id")),
    (RfqAnswered, _id("answer_id")),
    (OtcMoved, _id("trade_id")),
    (SupplyMoved, _id("contract_id")),
    (SupplyMonth, _id("contract_id")),
    (EnergyMatched, _id("match_id")),
    (EnergyAsked, _id("match_id")),
    (DealMoved, _id("match_id")),
    (EnergyBilled, _id("bill_id")),
    (IndexPut, lambda fact: str(fact.index)),
    (MemberMoved, lambda fact: str(fact.code)),
    (ParticipantMoved, lambda fact: str(fact.bic)),
    (FundingMoved, _id("funding")),
    (RedemptionMoved, _id("redemption")),
    (ActorChanged, lambda fact: str(fact.actor)),
    (AccountOpened, lambda fact: str(fact.name)),
    (CoverMoved, _id("delivery_id")),
    (CaseMoved, _id("case_id")),
    (MarginPaid, _id("run_id")),
    (MarginCalled, _id("run_id")),
    (MarginCollected, _id("run_id")),
    (ClearingJoined, lambda fact: str(fact.bic)),
    (ClearingSet, lambda fact: str(fact.name)),
    (ApprovalMoved, _id("proposal")),
)
"""What an order may be about, by the facts that tell of it; of several the first here is what was ordered."""


def _state(fact: Any) -> str:
    words = (getattr(fact, name, "") for name in ("state", "after", "event"))
    return str(next(filter(None, words), "open"))


def outcome(found: Recorded, subject: str | None = None, because: str = "") -> Done:
    """Give the answer to an order: where the thing it is about stands now, or what it made."""
    for kind, subject_of in SUBJECTS:
        facts = [fact for fact in found.facts if isinstance(fact, kind)]
        if facts:
            name = subject_of(facts[0])
            state = [_state(fact) for fact in facts if subject_of(fact) == name][-1]
            return done(found, state=state, subject=name)
    return done(found, state=None, subject=None if found.is_refused else subject, because=because)


def answered(found: Recorded, subject: str | None = None, because: str = "") -> Reply:
    """Reply to an order; `subject` is what it made, where no fact says so, `because` of what it was refused."""
    if found.outcome.refusal in NOT_THERE:
        raise ProblemError("not-found", because)
    reply = tell(outcome(found, subject, because))
    return reply.with_headers(("Idempotency-Replayed", "true")) if found.answer.replayed else reply


def _route(act: Act) -> Route:
    async def run(call: Call) -> Reply:
        asked = _asked(call, act.asked)
        faults = Faults()
        fields = act.make(call, asked, faults)
        faults.end()
        if act.current is not None:
            need_match(call, act.current(call))
        found = await order(call, act.command, fields)
        because = await act.explain(call, found) if act.explain is not None and found.is_refused else ""
        return answered(found, wire.uuid_text(call.command_id) if act.command == "reserve" else None, because)

    run.__name__ = act.command.replace(".", "_")
    run.__doc__ = f"{act.about}."
    return Route(
        act.method, act.path, act.action, run, act.about, act.asked, Done, keyed=True,
        is_journalled=act.current is None,
    )  # fmt: skip


def _asked(call: Call, kind: Any) -> Any:
    """Read the body of an order, or None where it has none."""
    if kind is None:
        return None
    return call.asked(kind) if call.body or not _is_empty(kind) else kind()


def _is_empty(asked: Any) -> bool:
    """Tell whether a body may be left out: nothing in it must be given."""
    return len(asked.__struct_defaults__) == len(asked.__struct_fields__)


def routes_of(rows: Iterable[Act]) -> tuple[Route, ...]:
    """Give the route of each order."""
    return tuple(_route(act) for act in rows)


ROUTES = routes_of(ACTS)
