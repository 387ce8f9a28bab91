"""Whether a payment may settle in parts: its sender's wish, its currency's cap, the law of its corridor.

That a payment may not be split is never a reason to refuse it or to put it behind others.
"""

from functools import lru_cache
from typing import Protocol

import msgspec

from steelyard.flows import batch
from steelyard.flows.world import World
from steelyard.payments.payment import Split
from steelyard.values.instants import Instant

PACK_KIND = "jurisdiction"
MARK = b"parts_are_unlawful"


class Asked(Protocol):
    """What of a payment decides it."""

    @property
    def debtor_agent(self) -> str:
        """Who pays."""

    @property
    def creditor_agent(self) -> str:
        """Who is paid."""

    @property
    def source(self) -> str:
        """What leaves."""

    @property
    def target(self) -> str:
        """What arrives."""

    @property
    def may_split(self) -> bool | None:
        """The sender's wish for this payment."""


def decide(world: World, asked: Asked, amount_minor: int, at: Instant) -> Split:
    """Say whether parts of a payment may settle before the rest, and if not, why."""
    wish = asked.may_split
    if wish is None:
        wish = world.members.participants[asked.debtor_agent].settings.splits
    if not wish or asked.source != asked.target:
        return Split.WHOLE
    if not all(_is_lawful(world, bic, at) for bic in (asked.debtor_agent, asked.creditor_agent)):
        return Split.NOT_LAWFUL
    cap = batch.rules(world, at).split_above_minor.get(asked.source)
    if cap is None:
        cap = world.tranches.cap(asked.source)
    return Split.MAY if cap is not None and amount_minor > cap else Split.NOT_LARGE


def _is_lawful(world: World, bic: str, at: Instant) -> bool:
    """Ask the rule pack of a bank's member, if it has one, whether payments may settle in parts there."""
    home = world.members.home(bic).lower()
    pack = world.packs.get(PACK_KIND, f"{home}/rules", at)
    return pack is None or not _forbids(pack.content)


@lru_cache(maxsize=256)
def _forbids(content: bytes) -> bool:
    """Tell whether a rule pack makes parts unlawful; read once per version, not per payment."""
    if MARK not in content:
        return False
    try:
        rules = msgspec.json.decode(content)
    except msgspec.MsgspecError:
        return False
    return isinstance(rules, dict) and rules.get(MARK.decode()) is True
