"""Every invariant, from one place: those of the engine and those that need the domains.

Whole after every group with `paranoid` and in replay; on a rotating share of the accounts once a minute
while the node runs. A broken one stops the node with 71, the journal untouched.
"""

from steelyard.engine.invariants import first_broken
from steelyard.flows.machine import Machine
from steelyard.node.exits import Drift
from steelyard.node.sweeps import first_fault

SHARES = 10
"""A whole round of the accounts takes this many sweeps."""


def check_all(machine: Machine) -> None:
    """Check everything; raise Drift naming the first rule that does not hold."""
    _raise(first_broken(machine.world.engine))
    _raise(first_fault(machine.world))


def check_share(machine: Machine, share: int) -> int:
    """Check a tenth of the accounts, share 0 to 9, and all that is no account's; gives the next share."""
    accounts = len(machine.world.engine.accounts)
    size = accounts // SHARES + 1
    first = max(share * size, 1)
    _raise(first_broken(machine.world.engine, range(first, min(first + size, accounts))))
    _raise(first_fault(machine.world))
    return (share + 1) % SHARES


def _raise(broken: str | None) -> None:
    if broken is not None:
        raise Drift(f"an invariant is broken: {broken}")
