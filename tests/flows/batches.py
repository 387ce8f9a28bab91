"""What tests of batches share: money and payments in NOR, and a solver that answers in the same process."""

from typing import Any

import msgspec

from steelyard.flows import batch_snapshot
from steelyard.flows.batch import AgainFields, RequestFields
from steelyard.flows.batch_propose import ProposeFields
from steelyard.flows.command import Outcome
from steelyard.flows.liquidity_facts import BatchReported
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.batches import Batch
from steelyard.liquidity.fx_snapshot import BatchSnapshot
from steelyard.members.packs import Pack, digest_of
from steelyard.members.rulebook import content_of
from steelyard.solve.propose import propose
from tests.flows.payworld import ANNA, BRAM, CLEO, Network, facts

decode = msgspec.msgpack.Decoder(ProposeFields).decode


class Solver:
    """Takes the snapshots that a network's machine gives, and proposes when asked to."""

    def __init__(self, net: Network) -> None:
        self.net = net
        self.asked: list[tuple[bytes, BatchSnapshot]] = []
        net.world.on_batch = self._take

    def _take(self, world: World, batch: Batch) -> None:
        self.asked.append((batch.batch_id, batch_snapshot.of(world, batch, world.now)))

    def fields(self) -> ProposeFields:
        """Give the proposal for the batch that was asked for last."""
        batch_id, snapshot = self.asked[-1]
        return decode(propose(batch_id, snapshot, solver=SuccessivePaths()))

    def answer(self, **changes: Any) -> Outcome:
        """Propose, with some fields other than the honest ones."""
        return self.give(msgspec.structs.replace(self.fields(), **changes))

    def give(self, fields: ProposeFields) -> Outcome:
        return self.net.give("batch.propose", fields, "operator", actor="node")

    def again(self) -> Outcome:
        return self.net.give("batch.again", AgainFields(self.asked[-1][0]), "operator", actor="node")


def splitting(**figures: Any) -> Network:
    """Give a network where any payment may be split."""
    net = Network()
    figures = {"split_above_minor": {"NOR": 0, "SUD": 0, "OST": 0}, **figures}
    content = content_of({"version": "1", "liquidity": figures})
    net.world.packs.put(Pack("rulebook", "rulebook", "1", digest_of(content), content, 0))
    return net


def calm(net: Network) -> Solver:
    """Give a solver of a network whose last batch was just now, so that the next comes by hand alone."""
    solver = Solver(net)
    request(net)
    solver.answer()
    net.outcomes.clear()
    return solver


def request(net: Network, asset: str = "NOR", sender: str = "operator") -> Outcome:
    return net.give("batch.request", RequestFields(asset), sender)


def ring(net: Network, *amounts: int, asset: str = "NOR", **more: Any) -> list[bytes]:
    """Queue a ring of payments from Anna to Bram to Cleo to Anna, all without money."""
    pairs = ((ANNA, BRAM), (BRAM, CLEO), (CLEO, ANNA))
    return [net.pay(*pair, asset, amount, **more) for pair, amount in zip(pairs, amounts, strict=True)]


def report(outcome: Outcome) -> BatchReported:
    found = [fact for fact in facts(outcome) if isinstance(fact, BatchReported)]
    assert len(found) == 1, found
    return found[0]


def same_state(net: Network) -> dict[str, bytes]:
    """Give the hash of every part of the state that a refused command leaves as it was."""
    return {name: digest for name, digest in net.world.section_hashes() if name not in ("ids", "world")}
