"""`steelyard energy`: supply contracts with take-or-pay, matches of who has with who needs, deals, bills, indices."""

from cyclopts import App

from steelyard.cli.energy import deal, match, supply

app = App(name="energy", help="Run energy supply contracts; list matches and indices.", version_flags=())
app.command(supply.list_, name="list")
for _command in (
    supply.show, supply.register, supply.agree, supply.withdraw, supply.nominate, supply.give_up, supply.take,
    supply.confirm, supply.settle_year, match.matches, match.match, match.picture, match.ask_match, match.solve,
    match.bring_match, match.publish_match, match.withdraw_match, deal.deals, deal.deal, deal.accept, deal.decline,
    deal.short, deal.bills, deal.pay, supply.indices, supply.put_index,
):  # fmt: skip
    app.command(_command)
