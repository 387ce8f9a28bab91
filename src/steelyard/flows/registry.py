"""Every command there is: name, version, shape of its fields, who may give it, the flow that runs it.

A new command is a flow file and a line here. `action` is the right it needs (members/rights.py: RIGHTS);
an empty action is the node's own (ticks, clock). `two_people` is a function of the decoded fields and the
World that says whether this act needs an approval by two persons; then it must come inside a proposal.
"""

from steelyard.flows import (
    activate,
    answer,
    approve,
    cancel,
    clock,
    consent,
    credited,
    fx_trade,
    genesis,
    legs,
    pay,
    quote,
    rates,
    sheet,
    tick,
)
from steelyard.flows.entry import Entry, entry
from steelyard.flows.fields import PayFields

COMMANDS: tuple[Entry, ...] = (
    entry("genesis", genesis.GenesisFields, "", genesis.run),
    entry("activate", activate.ActivateFields, "activate", activate.run),
    entry("propose", approve.ProposeFields, "approve", approve.propose),
    entry("approve", approve.ApproveFields, "approve", approve.approve),
    entry("decline", approve.EndFields, "approve", approve.decline),
    entry("withdraw", approve.EndFields, "approve", approve.withdraw),
    entry("clock.advance", clock.AdvanceFields, "", clock.run),
    entry("legs", legs.LegsFields, "bulk", legs.run),
    entry("tick", tick.TickFields, "", tick.run),
    entry("pay", PayFields, "pay", pay.run, two_people=pay.over_line),
    entry("pay.cancel", cancel.CancelFields, "pay", cancel.run),
    entry("pay.consent", consent.ConsentFields, "pay", consent.run),
    entry("offer.answer", answer.AnswerFields, "offer", answer.run),
    entry("pay.credited", credited.CreditedFields, "offer", credited.run),
    entry("quote.ask", quote.AskFields, "ask_quote", quote.run),
    entry("sheet.put", sheet.SheetFields, "quote", sheet.put),
    entry("sheet.withdraw", sheet.WithdrawFields, "quote", sheet.withdraw),
    entry("rates.put", rates.RatesFields, "pack", rates.run),
    entry("fx_trade.enter", fx_trade.EnterFields, "trade", fx_trade.enter),
    entry("fx_trade.cancel", fx_trade.CancelFields, "trade", fx_trade.cancel),
)  # fmt: skip

BY_NAME: dict[tuple[str, int], Entry] = {(item.name, item.version): item for item in COMMANDS}
