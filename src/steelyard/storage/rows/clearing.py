"""Rows of clearing: what happened there is kept as it stands, to be found by member, run or case."""

from typing import Any

from steelyard.flows import clearing_facts as facts
from steelyard.storage.added import Added
from steelyard.storage.rows.statement import Handlers, Statements, json, named, put

_SUBJECTS = ("run_id", "case_id", "trade_id", "bundle_id")
_MEMBERS = ("bic", "member", "buyer")


def _kept(added: Added, fact: Any, key: int, n: int, at: int) -> None:
    """Keep a fact whole; a trade is found by its buyer and, as the other, by its seller."""

    def first(names: tuple[str, ...], nothing: Any) -> Any:
        return next((getattr(fact, name) for name in names if hasattr(fact, name)), nothing)

    added.upserts.append((
        "clearing",
        (key, n, fact.__struct_config__.tag, first(("asset",), ""), first(_MEMBERS, ""), first(("seller",), ""),
         first(_SUBJECTS, b""), json(named(fact)).decode(), at),
    ))  # fmt: skip


STATEMENTS: Statements = {
    "clearing": put("clearing_row", "key n kind asset member other subject body at_ns", "key n"),
}

HANDLERS: Handlers = dict.fromkeys(
    (
        facts.ClearingSet, facts.ClearingJoined, facts.TradeCleared, facts.CollateralMoved, facts.MarginModelled,
        facts.MarginCalled, facts.MarginCollected, facts.MarginPaid, facts.ClaimPaid, facts.FundSized,
        facts.CaseMoved, facts.BidPut, facts.LossBorne, facts.MemberJudged, facts.CashConverted,
        facts.GoodsBidPut, facts.GoodsSold,
    ),
    _kept,
)  # fmt: skip
