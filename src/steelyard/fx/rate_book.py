"""All reference rates of a node: per pair and kind what each source said last, and what is known to be right.

The *fixing* is the last rate that nobody has to look at again: it came without a jump, or was confirmed. A rate
that jumps from it stands, flagged, beside it; the next one is still measured against the fixing, so that a jump
does not become normal by being repeated.
"""

import msgspec
from msgspec import Struct

from steelyard.fx.rates import BP, Kind, Reference, apart_bp, upside_down
from steelyard.values.instants import MILLISECOND, Instant

FLOWS = ("quote", "fx_batch", "pool", "credit")
"""What rates are used for; a settlement agent may name a kind for each."""
STALE_AFTER_MS = 26 * 3_600_000
THRESHOLD_MAX = 100 * BP


class RateRules(Struct, array_like=True, frozen=True):
    """How the rates of a currency are judged. Of `kinds` the first with a rate is used, where they agree.

    Rates are stale `stale_after_ms` after the time they speak of, days without business not counted; dual where two
    kinds differ by more than `dual_bp`; a jump is more than `jump_bp` from the last fixing. `choices` are (flow,
    kind): which kind applies to what.
    """

    asset: str
    stale_after_ms: int = STALE_AFTER_MS
    dual_bp: int = 500
    jump_bp: int = 300
    kinds: tuple[str, ...] = tuple(map(str, Kind))
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def stale_after_ns(self) -> int:
        """The age from which a rate is stale."""
        return self.stale_after_ms * MILLISECOND

    @property
    def fit(self) -> bool:
        """Whether thresholds are within bounds, and kinds and flows are known ones and named once."""
        flows = [flow for flow, _ in self.choices]
        return (
            0 < self.stale_after_ms <= 60 * 86_400_000
            and 0 < self.dual_bp <= THRESHOLD_MAX
            and 0 < self.jump_bp <= THRESHOLD_MAX
            and len(self.kinds) == len(set(self.kinds)) > 0
            and set(self.kinds) <= set(map(str, Kind))
            and len(flows) == len(set(flows))
            and set(flows) <= set(FLOWS)
            and all(kind in self.kinds for _, kind in self.choices)
        )

    def chosen(self, flow: str) -> str | None:
        """Give the kind named for a flow, or None."""
        return next((kind for one, kind in self.choices if one == flow), None)


class Standing(Struct, array_like=True, frozen=True):
    """The rates of one kind for one pair: the last of each source, the last good one, the last confirmation."""

    base: str
    quote: str
    kind: str
    sources: tuple[Reference, ...]
    fixing: Reference
    confirmed_at: Instant = 0

    @property
    def newest(self) -> Reference:
        """The rate that counts: the latest of all sources; of two of one time what came in last."""
        return max(self.sources, key=lambda one: (one.at, one.received_at, one.source))

    @property
    def jumped(self) -> bool:
        """Whether the newest rate has to be looked at before it is used."""
        return self.fixing != self.newest


class RateBook:
    """What is known of rates, and the rules of each currency about its own."""

    __slots__ = ("_rules", "_standings")

    def __init__(self) -> None:
        self._standings: dict[tuple[str, str, str], Standing] = {}
        self._rules: dict[str, RateRules] = {}

    def put(self, rate: Reference) -> None:
        """Keep a rate; an older one of the same source than is known changes nothing."""
        key = (rate.base, rate.quote, rate.kind)
        known = self._standings.get(key)
        if known is None:
            self._standings[key] = Standing(*key, (rate,), rate)
            return
        if any(one.source == rate.source and one.at > rate.at for one in known.sources):
            return
        others = [one for one in known.sources if one.source != rate.source]
        sources = tuple(sorted([*others, rate], key=lambda one: one.source))
        standing = msgspec.structs.replace(known, sources=sources)
        newest = standing.newest
        jump_bp = min(rules.jump_bp for rules in self.judges(rate.base, rate.quote))
        if not apart_bp(newest, known.fixing, jump_bp):
            standing = msgspec.structs.replace(standing, fixing=newest)
        self._standings[key] = standing

    def standing(self, base: str, quote: str, kind: str) -> Standing | None:
        """Give what is known of a kind of rate for a pair, this way round."""
        return self._standings.get((base, quote, kind))

    def confirm(self, standing: Standing, *, at: Instant) -> None:
        """Take the newest rate for right, and as if it spoke of now."""
        key = (standing.base, standing.quote, standing.kind)
        self._standings[key] = msgspec.structs.replace(standing, fixing=standing.newest, confirmed_at=at)

    def rules(self, asset: str) -> RateRules:
        """Give the rules of a currency: its own, or those of the system."""
        return self._rules.get(asset) or RateRules(asset)

    def judges(self, base: str, quote: str) -> list[RateRules]:
        """Give the rules by which a pair is judged: those of its currencies that have some, else the system's.

        Where both have, the stricter threshold counts.
        """
        return [self._rules[one] for one in (base, quote) if one in self._rules] or [RateRules(base)]

    def set_rules(self, rules: RateRules) -> None:
        """Put a currency's rules in place of those before."""
        self._rules[rules.asset] = rules

    def of_pair(self, one: str, two: str) -> list[Standing]:
        """Give the standings of a pair, either way round, by kind."""
        keys = [(*way, str(kind)) for kind in Kind for way in ((one, two), (two, one))]
        return [self._standings[key] for key in keys if key in self._standings]

    def newest(self, source: str, target: str, flow: str) -> Reference | None:
        """Give the newest rate of a pair, read this way round, of the kind that is named for a flow if any is."""
        named = {kind for asset in (source, target) if (kind := self.rules(asset).chosen(flow))}
        rates = [one.newest for one in self.of_pair(source, target) if not named or one.kind in named]
        if not rates:
            return None
        rate = max(rates, key=lambda one: (one.at, one.base == source))
        return rate if rate.base == source else upside_down(rate)

    def standings(self) -> list[Standing]:
        """Give all standings, by pair and kind."""
        return [self._standings[key] for key in sorted(self._standings)]

    def all_rules(self) -> list[RateRules]:
        """Give the rules that currencies have of their own, by currency."""
        return [self._rules[asset] for asset in sorted(self._rules)]

    def restore(self, standings: list[Standing], rules: list[RateRules]) -> None:
        """Take over what `standings` and `all_rules` gave."""
        self._standings = {(one.base, one.quote, one.kind): one for one in standings}
        self._rules = {one.asset: one for one in rules}
