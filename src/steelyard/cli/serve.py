"""`steelyard serve`: the demonstration's world live, with API and explorer, until Ctrl-C."""

import asyncio
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from steelyard.sim.demo.live import Live

Flag = Annotated[bool, Parameter(negative=())]
PORTS = 50
SHOWN = (
    ("p-operator-1", "operator"),
    ("p-operator-2", "operator, the second person"),
    ("p-STAGAEA0-1", "central bank of AED"),
    ("p-GHAFAEA0-maker", "bank, pays"),
    ("p-TAMRINB0-maker", "bank, pays"),
    ("p-BALNAEA0-1", "FX provider of payments"),
    ("p-GHAFAEA0-trader", "trades on the market with AED"),
    ("p-FYNBZAC0-trader", "trades on the market with ZAR, and has wheat"),
    ("p-CRSSAEA0-1", "FX provider of the market"),
    ("p-PRBEAEA0-1", "inspects goods"),
)


def serve(
    *,
    folder: Path = Path("out/serve"),
    port: int = 8080,
    rate: int = 5,
    fresh: Flag = False,
    profile: str = "demo",
) -> int:
    """Serve the demo world live, with API and explorer.

    Parameters
    ----------
    folder
        Where the world lies, with every actor's key in a file below `keys`; one that is there goes on where it stopped.
    port
        The port of 127.0.0.1 to listen at, or the next free one.
    rate
        Payments a second that the simulated banks make; with 0 nobody pays or trades by himself.
    fresh
        Begin a new world.
    profile
        demo; production does not start in this release and says why.
    """
    from steelyard.cli.demo import make_key
    from steelyard.node.config import PRODUCTION_REFUSAL
    from steelyard.sim.demo.household import NodeFailed

    if profile == "production":
        print(f"steelyard serve: {PRODUCTION_REFUSAL}", file=sys.stderr)
        return 73
    if profile != "demo":
        print("steelyard serve: the profile is demo or production", file=sys.stderr)
        return 2
    if fresh and folder.exists():
        if not (folder / "node" / "genesis.toml").exists() and any(folder.iterdir()):
            print(f"steelyard serve: {folder} holds no demo world; nothing was removed", file=sys.stderr)
            return 2
        shutil.rmtree(folder)
    listen = f"127.0.0.1:{free_port(port)}"

    async def run() -> int:
        from steelyard.sim.demo.live import serve as serve_world

        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        return await serve_world(folder, listen=listen, rate=rate, make_key=make_key, ready=show, stop=stop)

    try:
        return asyncio.run(run())
    except NodeFailed as fault:
        print(f"steelyard serve: {fault}", file=sys.stderr)
        return 1


def show(live: "Live") -> None:
    """Say where the world is and how to get in."""
    shown = [(live.keys[actor], actor, does) for actor, does in SHOWN if actor in live.keys]
    lines = [
        f"Steelyard is serving the demo world at {live.address}",
        f"  explorer   {live.address}/explorer",
        f"  status     {live.address}/v1/status",
        f"  market     {live.address}/v1/market",
        "Keys of this run, for the header Authorization: Bearer KEY",
        *(f"  {actor:<17}  {text}  {does}" for text, actor, does in shown),
        f"All {len(live.keys)} actors have theirs in {live.folder / 'keys'}; Ctrl-C stops.",
    ]
    print("\n".join(lines), flush=True)


def free_port(wanted: int) -> int:
    """Give the wanted port of 127.0.0.1, or the next one that is free."""
    for port in range(wanted, wanted + PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"steelyard serve: no free port between {wanted} and {wanted + PORTS}")
