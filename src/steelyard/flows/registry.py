"""Every command there is: name, version, shape of its fields, who may give it, the flow that runs it.

A new command is a flow file and a line here. `action` is the right it needs (members/rights.py: RIGHTS);
an empty action is the node's own (ticks, clock). `two_people` is a function of the decoded fields and the
World that says whether this act needs an approval by two persons; then it must come inside a proposal.
"""

from steelyard.flows import activate, approve, clock, genesis, legs
from steelyard.flows.entry import Entry, entry

COMMANDS: tuple[Entry, ...] = (
    entry("genesis", genesis.GenesisFields, "", genesis.run),
    entry("activate", activate.ActivateFields, "activate", activate.run),
    entry("propose", approve.ProposeFields, "approve", approve.propose),
    entry("approve", approve.ApproveFields, "approve", approve.approve),
    entry("decline", approve.EndFields, "approve", approve.decline),
    entry("withdraw", approve.EndFields, "approve", approve.withdraw),
    entry("clock.advance", clock.AdvanceFields, "", clock.run),
    entry("legs", legs.LegsFields, "bulk", legs.run),
)  # fmt: skip

BY_NAME: dict[tuple[str, int], Entry] = {(item.name, item.version): item for item in COMMANDS}
