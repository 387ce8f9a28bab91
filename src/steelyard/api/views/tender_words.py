"""Where a tender is, in words: what happened, what can be done next, and by whom."""

from steelyard.api import wire
from steelyard.flows import tender_life
from steelyard.market.award import Award
from steelyard.market.tender_problem import Rule
from steelyard.market.tenders import OVER, TenderCase, TenderState

S = TenderState
NEXT: dict[TenderState, tuple[str, str]] = {
    S.DRAFT: ("publish it, before its close", "buyer"),
    S.PUBLISHED: ("commit to offers, before the close", "bidders"),
    S.SEALED: ("reveal what was committed to, before the opening", "bidders"),
    S.OPENED: ("evaluate it", "node"),
    S.EVALUATED: ("let the evaluation stand, have it evaluated anew, or cancel", "buyer"),
    S.STANDSTILL: ("award it once it has stood", "buyer"),
    S.AWARDED: ("sign, before the deadline", "winners"),
}
NO_AWARD = ("cancel it, or have it evaluated anew where rates or offers have changed", "buyer")
RULES: dict[Rule, str] = {
    Rule.SUPPLIERS: "the most suppliers",
    Rule.BUDGET: "the budget",
    Rule.CAPACITY: "what ports can load",
    Rule.ORIGIN: "the most of one origin",
    Rule.MINIMUM: "the least that offers sell",
    Rule.VESSELS: "the vessels",
    Rule.OFFERED: "the most that offers sell",
}
ENDED = {
    tender_life.NOT_PUBLISHED: "it was not published before its close",
    tender_life.NOT_DECIDED: "nobody decided on its evaluation in the time of its terms",
}


def next_of(case: TenderCase) -> tuple[str | None, str | None]:
    """Give what may be done next, and who does it."""
    if case.state is S.EVALUATED and case.award is not None and not case.award.cargoes:
        return NO_AWARD
    return NEXT.get(case.state, (None, None))


def nothing(award: Award) -> str:
    """Say why an evaluation found no award."""
    if not award.conflict:
        return "no award was found, and no proof that there is none"
    listed = ", ".join(RULES[Rule(one)] for one in award.conflict)
    if len(award.conflict) == 1:
        return f"no award: {listed} cannot be kept"
    return f"no award: these cannot be kept together, and without any one of them the others can: {listed}"


def refused(case: TenderCase) -> str:
    """Say, of an order that came too late or too early, where the tender is."""
    if case.state in OVER:
        return f"the tender is {case.state.value}: {happened(case)}"
    times = {
        S.DRAFT: case.terms.close_at, S.PUBLISHED: case.terms.close_at, S.SEALED: case.terms.open_at,
    }  # fmt: skip
    at = times.get(case.state, case.due_at)
    step, by = next_of(case)
    after = f"; until {wire.at_text(at)}: {step} ({by})" if step and at else ""
    return f"the tender is {case.state.value}{after}"


def happened(case: TenderCase) -> str:
    """Say where a tender is, and why."""
    bids = len(case.bids)
    shown = sum(bool(bid.offers) for bid in case.bids.values())
    if case.state is S.CANCELLED:
        if case.reason == tender_life.NO_OFFERS:
            return f"it ended without an award: {_none_shown(bids, shown)}"
        return f"it ended without an award: {ENDED.get(case.reason, case.reason)}"
    if case.state is S.EVALUATED and case.award is not None:
        return "an award was found" if case.award.cargoes else nothing(case.award)
    words = {
        S.DRAFT: "it is drafted, and seen by its buyer alone",
        S.PUBLISHED: "bids come in under seal",
        S.SEALED: "its bids are in; what was committed to may be revealed",
        S.OPENED: f"{shown} of {bids} bids were revealed and are evaluated",
        S.STANDSTILL: "its evaluation stands for objections",
        S.AWARDED: "it is awarded, and waits for the winners to sign",
        S.CONTRACTED: "all winners have signed",
    }
    return words[case.state]


def _none_shown(bids: int, shown: int) -> str:
    """Say why no offer was left."""
    if not bids:
        return "nobody bid"
    if not shown:
        return f"of {bids} bid{'s' * (bids != 1)} none was revealed before the opening"
    return "every bid that was revealed was left out, as its bidder did not sign in time"
