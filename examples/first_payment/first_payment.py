"""One payment in two currencies, from a quote to final money, on a node of its own.

Run it with `python examples/first_payment/first_payment.py`; it needs no port and ends by itself.
"""

import asyncio
import re
import tempfile
from pathlib import Path

from msgspec.structs import replace

from steelyard.cli.demo import make_key
from steelyard.packs import worlds
from steelyard.sim.day import plan
from steelyard.sim.demo.founding import Scribe, advices, found
from steelyard.sim.demo.household import Household
from steelyard.sim.demo.script import makers
from steelyard.sim.messages import Sender
from steelyard.values.amount import format_minor
from steelyard.values.instants import DAY, SECOND


async def main() -> None:
    """Found the world, give two banks money, ask, pay, and show every leg."""
    world = worlds.load()
    opens_at = int(world.network.opens_at.timestamp()) * SECOND
    item = next(item for item in plan(world, 20_000) if (item.source, item.target) == ("AED", "INR"))
    with tempfile.TemporaryDirectory() as folder:
        async with Household(Path(folder) / "node") as house:
            house.make(world)
            keys = house.keys(makers(world), make_key)
            await house.start()
            await house.give(found(world, Scribe("example", opens_at)))
            money = {(item.payer.bank, "AED"): item.source_minor + 100_000}
            money |= {
                (provider.bic, "INR"): 10**12
                for provider in world.network.provider
                if "INR" in provider.currencies
            }
            await house.give(advices(world, Scribe("example/money", opens_at), money, "opening"))
            actor = dict(makers(world))
            payer, payee = (
                house.client(keys[actor[who.bank]], patient=True) for who in (item.payer, item.payee)
            )

            quotes = await payer.quotes.ask(sell="AED", buy="INR", send=format_minor(item.source_minor, 2))
            quote = quotes.quotes[0]
            print(
                f"quote      {quote.instructed.value} AED buys {quote.settlement.value} INR at {quote.rate},"
            )
            print(
                f"           {quote.margin_bp} bp from the reference rate, by {' and '.join(quote.providers)}"
            )

            sender = Sender(
                hub_bic=world.network.hub_bic, clearing_system=world.network.node_prefix,
                business_on=opens_at // DAY, scales={"AED": 2, "INR": 2},
            )  # fmt: skip
            priced = replace(item, target_minor=quote.settlement.minor, rate=quote.rate)
            message = sender.pacs_008(priced, at=opens_at, quote_id=quote.quote_id)
            answer = await payer.messages.send_for_xml(message)
            status = re.search(rb"<TxSts>(\w+)</TxSts>", answer)
            print(
                f"pacs.008   {len(message):,} bytes from {item.payer.bank}; answer pacs.002 {status[1].decode()}"
            )

            for bank in (payer, payee):  # each sees the legs of its own accounts
                for leg in await bank.payments.legs(item.uetr):
                    print(f"leg        {leg.source} -> {leg.target}  {leg.amount.value} {leg.amount.asset}")
            for client, name in ((payer, f"{item.payer.bank}/AED"), (payee, f"{item.payee.bank}/INR")):
                accounts = [row async for row in client.accounts.list(limit=100)]
                held = next(row for row in accounts if row.name == name)
                print(f"balance    {name}  {held.balance.value}")
            await payer.close()
            await payee.close()
            await house.stop()


asyncio.run(main())
