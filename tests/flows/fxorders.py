"""What tests of FX orders share: banks with money, rates, orders, and a solver that answers in the same process."""

from typing import Any

import msgspec

from steelyard.flows import batch_snapshot
from steelyard.flows.command import Outcome
from steelyard.flows.fx_batch import AgainFields, RequestFields
from steelyard.flows.fx_fill import FillFields
from steelyard.flows.fx_order import CancelFields, CapFields, OrderFields
from steelyard.flows.liquidity_facts import BatchReported, FxBatchOver, FxFilled, FxOrderMoved
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.batches import Batch
from steelyard.liquidity.fx_snapshot import BatchSnapshot
from steelyard.liquidity.order_book import FX_KINDS, REFERENCE, FxOrder
from steelyard.members.packs import Pack, digest_of
from steelyard.members.rulebook import content_of
from steelyard.solve.propose import propose
from steelyard.values.instants import DAY
from tests.flows.payworld import ANNA, ASSETS, BANKS, BRAM, CLEO, Network, facts

decode = msgspec.msgpack.Decoder(FillFields).decode
MONEY = 10**9


class Market(Network):
    """A network whose banks have money and whose currencies have rates: NOR, SUD, OST are worth 1, 2 and 20."""

    def __init__(self, world: World | None = None, **figures: Any) -> None:
        super().__init__(world)
        self.asked: list[tuple[bytes, BatchSnapshot]] = []
        self.world.on_batch = self._take
        if world is not None:
            return
        for bic in BANKS:
            for asset in ASSETS:
                self.fund(bic, asset, MONEY)
        self.rate("SUD", "NOR", 2, 1)
        self.rate("OST", "NOR", 20, 1)
        content = content_of({"version": "1", "liquidity": figures})
        self.world.packs.put(Pack("rulebook", "rulebook", "1", digest_of(content), content, 0))

    def _take(self, world: World, batch: Batch) -> None:
        if batch.kind in FX_KINDS:
            self.asked.append((batch.batch_id, batch_snapshot.of(world, batch, world.now)))

    def put(
        self, owner: str, sell: str, buy: str, amount: int, limit: tuple[int, int] = (0, 1), **more: Any
    ) -> bytes:
        """Enter an order that has to be taken, and give its id."""
        outcome = self.try_put(owner, sell, buy, amount, limit, **more)
        assert outcome.code == 0, outcome
        return moved(outcome)[-1].order_id

    def try_put(
        self, owner: str, sell: str, buy: str, amount: int, limit: tuple[int, int] = (0, 1), days: int = 10
    ) -> Outcome:
        fields = OrderFields(sell, buy, amount, self.at + days * DAY, *limit)
        return self.give("fx_order.put", fields, owner)

    def withdraw_order(self, owner: str, order_id: bytes) -> Outcome:
        return self.give("fx_order.cancel", CancelFields(order_id), owner)

    def cap(self, owner: str, asset: str, minor: int) -> Outcome:
        return self.give("fx_order.cap", CapFields(asset, minor), owner)

    def ask(self, kind: str = REFERENCE, sender: str = "operator") -> Outcome:
        return self.give("fx_batch.request", RequestFields(kind), sender)

    def fields(self) -> FillFields:
        """Give the proposal for the batch that was asked for last."""
        batch_id, snapshot = self.asked[-1]
        return decode(propose(batch_id, snapshot, solver=SuccessivePaths()))

    def fill(self, **changes: Any) -> Outcome:
        """Propose, with some fields other than the honest ones."""
        fields = msgspec.structs.replace(self.fields(), **changes)
        return self.give("fx_batch.propose", fields, "operator", actor="node")

    def once_more(self) -> Outcome:
        return self.give("fx_batch.again", AgainFields(self.asked[-1][0]), "operator", actor="node")

    def order(self, order_id: bytes) -> FxOrder:
        return self.world.fx_orders.orders[order_id]

    def rests(self) -> dict[str, int]:
        """Give what stands on the residual accounts, where anything does."""
        found = {asset: self.balance("operator", asset, "residual") for asset in ASSETS}
        return {asset: minor for asset, minor in found.items() if minor}

    def again(self) -> "Market":
        other = Market(World.decode(dict(self.world.sections())))
        other.at, other._number = self.at, self._number
        assert other.world.state_hash() == self.world.state_hash()
        return other


def ring(net: Market) -> list[bytes]:
    """Enter the ring of the specification: 1,200 NOR for SUD, 600 SUD for OST, 100 OST for NOR."""
    return [
        net.put(ANNA, "NOR", "SUD", 1_200),
        net.put(BRAM, "SUD", "OST", 600),
        net.put(CLEO, "OST", "NOR", 100),
    ]


def moved(outcome: Outcome) -> list[FxOrderMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, FxOrderMoved)]


def fills(outcome: Outcome) -> list[FxFilled]:
    return [fact for fact in facts(outcome) if isinstance(fact, FxFilled)]


def told_of(outcome: Outcome) -> tuple[BatchReported, FxBatchOver]:
    found = facts(outcome)
    (report,) = [fact for fact in found if isinstance(fact, BatchReported)]
    (more,) = [fact for fact in found if isinstance(fact, FxBatchOver)]
    return report, more
