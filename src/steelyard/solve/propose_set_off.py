"""From the claims of one currency to a proposal of what of them is set off (A7), with its proof."""

import msgspec

from steelyard.flows.set_off import ProposeFields
from steelyard.liquidity.algorithms.set_off import set_off
from steelyard.liquidity.certificate import to_msgpack
from steelyard.liquidity.claims import ClaimsSnapshot
from steelyard.liquidity.solver import FlowSolver


def propose_set_off(
    batch_id: bytes, snapshot: ClaimsSnapshot, *, solver: FlowSolver, solver_version: str
) -> ProposeFields:
    """Give the fields of the command that proposes a set-off."""
    found = set_off(snapshot.claims, solver=solver)
    keys = sorted(found.parts)
    proof = found.certificate
    proofs = [] if proof is None else [to_msgpack(msgspec.structs.replace(proof, snapshot_seq=snapshot.seq))]
    return ProposeFields(
        batch_id, snapshot.seq, "A7", solver_version, [bytes.fromhex(key) for key in keys],
        [found.parts[key] for key in keys], proofs,
    )  # fmt: skip
