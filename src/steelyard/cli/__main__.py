"""`steelyard`: the command line. Every group is a module that is imported when it is called, not before.

Exit codes: 0 done, 1 refused by a rule or an expectation failed, 2 usage or bad input, 3 nothing due, 4 proof not
verified, 5 outcome unknown, 6 node not reached or not allowed, 70 to 73 see `steelyard node`, 130 interrupted.
"""

import os
import sys
from importlib.util import find_spec

from cyclopts import App, CycloptsError, Group

from steelyard import __version__

NODES = "A node of one's own"
WORK = "Payments and money"
GOODS = "Goods and their markets"
NETWORK = "The network"
TOOLS = "Without a node"

COMMANDS: tuple[tuple[str, str, str, str], ...] = (
    ("demo", "demo:demo", NODES, "Build the demo world, run its day, print and prove what happened."),
    ("serve", "serve:serve", NODES, "Serve the demo world live, with API and explorer."),
    ("init", "init:app", NODES, "Begin a new node."),
    ("node", "node:app", NODES, "Run a node, prove its journal, copy it."),
    ("journal", "journal:app", NODES, "Show rows of the journal, or export them."),
    ("config", "init:config_app", NODES, "Show settings."),
    ("doctor", "doctor:doctor", NODES, "Check what a node needs of this machine."),
    ("status", "status:status", WORK, "Show how a node is, or where a payment stands."),
    ("pay", "pay:pay", WORK, "Send a payment."),
    ("quote", "quote:quote", WORK, "Ask for quotes."),
    ("payments", "payments:app", WORK, "List payments, follow one, take one back, send many."),
    ("offer", "offer:app", WORK, "Answer what waits for the creditor agent's yes."),
    ("message", "message:app", WORK, "Send ISO 20022 messages, have them checked, fetch them."),
    ("fund", "fund:fund", WORK, "Ask to bring money in."),
    ("redeem", "fund:redeem", WORK, "Take money out."),
    ("issue", "fund:issue", WORK, "Issue money by hand, as settlement agent."),
    ("funding", "funding:app", WORK, "List money on its way in; advise, refuse and rule on it."),
    ("redemption", "funding:redemptions", WORK, "List money on its way out; withdraw, advise and rule on it."),
    ("account", "account:app", WORK, "List accounts, show one, see what moved on it."),
    ("statement", "statement:statement", WORK, "Fetch an account's statement of a day."),
    ("sheet", "sheet:app", WORK, "Publish, withdraw and list standing offers."),
    ("trade", "trade:app", WORK, "Enter and list foreign exchange trades."),
    ("order", "fx_order:app", WORK, "Enter, list and withdraw orders to exchange currencies."),
    ("auction", "auction:app", GOODS, "Announce auctions, bid, commit to sealed orders."),
    ("price", "price:app", GOODS, "List published prices, publish and correct them, complain."),
    ("tender", "tender:app", GOODS, "Run tenders; bid in them under seal, reveal, sign."),
    ("rfq", "rfq:app", GOODS, "Ask dealers for quotes on receipts; answer, take."),
    ("otc", "otc:app", GOODS, "Register trades made outside the book; confirm, take back."),
    ("energy", "energy.app:app", GOODS, "Run energy supply contracts; list matches and indices."),
    ("pvp", "pvp:app", WORK, "Show where members of the PvP queue stand; set terms and pay-ins."),
    ("limit", "limit:app", WORK, "Set limits on what leaves one's own accounts."),
    ("liquidity", "liquidity:app", WORK, "See and order one's liquidity: accounts, queue, limits, caps."),
    ("batch", "batch:app", WORK, "List batches, show how near to the bound they came, ask for one."),
    ("cycle", "cycle:app", WORK, "Follow netting cycles, pay in, run them by hand."),
    ("credit", "credit:app", WORK, "List, give, draw, repay and close credit lines."),
    ("surplus", "surplus:surplus", WORK, "Report what stays with whom, and what netting would cure of it."),
    ("throughput", "surplus:throughput", WORK, "Show who sends early, and who waits for others' money."),
    ("pace", "pace:app", WORK, "Show and set what follows from sending late; list what did."),
    ("ring", "ring:app", WORK, "Offer surplus, agree to rings of swaps, list them."),
    ("set-off", "set_off:app", WORK, "File, confirm and list claims; set them off without money."),
    ("clearing", "clearing:app", GOODS, "See and order one's margin, collateral and claims; lead runs and defaults."),
    ("market", "market.app:app", GOODS, "See the market, trade on it, run it."),
    ("site", "site:app", GOODS, "Register sites, open classes of receipts, certify and compare stock."),
    ("warehouse-receipt", "warehouse_receipt:app", GOODS, "Title to goods: draft, issue, transfer, pledge, load out."),
    ("delivery", "delivery:app", GOODS, "Goods against money: offer, assign, certify, pay, load out, rule."),
    ("forward", "forward:app", GOODS, "Goods for later, between two: offer, accept, name the cargo, offset rings."),
    ("voyage", "voyage:app", GOODS, "Register voyages, report their steps, plan and approve slots."),
    ("bill", "bill:app", GOODS, "Title to goods afloat: draft, issue, transfer, pledge, surrender."),
    ("events", "events:events", WORK, "Follow what happens."),
    ("approval", "approval:app", NETWORK, "See, approve and decline what waits for a second person."),
    ("participant", "participant:app", NETWORK, "List participants; enter, admit, suspend and lift them."),
    ("member", "member:app", NETWORK, "List members; enter and activate them."),
    ("currency", "currency:app", NETWORK, "Show a currency's rules; set them, and its cap."),
    ("fx", "currency:fx", NETWORK, "List reference rates, or enter them."),
    ("calendar", "calendar:app", NETWORK, "Show when currencies move; amend a calendar."),
    ("user", "user:app", NETWORK, "List, add and revoke persons and system keys."),
    ("api-key", "api_key:app", NETWORK, "Make, list and revoke API keys."),
    ("sandbox", "sandbox:app", NETWORK, "Move the simulated clock of a test node."),
    ("iso", "iso:app", TOOLS, "Check, answer and convert ISO 20022 messages, print their schemas."),
    ("vectors", "vectors.run:vectors", TOOLS, "Run cases with known answers through the system's functions."),
    ("verify", "verify:app", TOOLS, "Check what a node has published, without it."),
    ("sim", "sim:app", TOOLS, "Simulate days: what settles, when, and with how much money."),
    ("completion", "completion:app", TOOLS, "Complete commands in bash, zsh and fish."),
)  # fmt: skip
"""Every command: its name, where it is, its heading, what it does. One that is not built in is left out."""


def one_line(error: CycloptsError) -> str:
    """Say what is wrong with the options in one line, however narrow the terminal is."""
    if error.console is not None:
        error.console.soft_wrap = True
    return f"steelyard: {' '.join(str(error).split())}".replace("[", "\\[")


def build() -> App:
    """Put the tree of commands together; no command is imported for it."""
    app = App(
        name="steelyard",
        help="Countries that share no currency trade and settle: nothing moves unless everything that belongs"
        " together moves.",
        version=__version__,
        help_format="plaintext",
        error_formatter=one_line,
        help_epilogue="Exit codes: 0 done, 1 refused, 2 bad input, 3 nothing due, 4 not verified, 5 unknown,"
        " 6 not reached or not allowed, 70-73 a node's own.",
    )
    groups = {
        name: Group(name, sort_key=place) for place, name in enumerate((NODES, WORK, GOODS, NETWORK, TOOLS))
    }
    for name, place, heading, words in COMMANDS:
        module = f"steelyard.cli.{place.partition(':')[0]}"
        if find_spec(module) is not None:
            app.command(f"steelyard.cli.{place}", name=name, help=words, group=groups[heading])
    return app


def main() -> None:
    """Run the command that the arguments name."""
    try:
        build()()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # whoever read us has gone: not a fault, and no further line is wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
