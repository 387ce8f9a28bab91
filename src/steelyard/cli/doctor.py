"""`steelyard doctor`: what a node needs of this machine, each with what to do where it is not so."""

import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from cyclopts import Parameter

from steelyard.cli.output import Output
from steelyard.cli.session import DONE, REFUSED, USAGE, Switch, end

if TYPE_CHECKING:
    from steelyard.node.config import Config

OK, WARN, FAIL = "ok", "warn", "FAIL"
COLUMNS = (("check", "check"), ("verdict", "verdict"), ("found", "found"), ("to do", "fix"))
PYTHON_MIN, FREE_MIN, FREE_LOW = (3, 11), 1 << 30, 10 << 30
FSYNC_SLOW_MS, FSYNC_UNREAL_MS, FSYNCS = 10.0, 0.02, 40
FILES_MIN = 1_024
YEAR_MIN = 2025
PARTS = (
    "msgspec",
    "lxml",
    "litestar",
    "uvicorn",
    "httptools",
    "sqlalchemy",
    "alembic",
    "zstandard",
    "cryptography",
)


class Found(NamedTuple):
    """What one check found, and what to do about it."""

    check: str
    verdict: str
    found: str
    fix: str = ""


def doctor(
    folder: Path | None = None,
    /,
    *,
    json: Switch = False,
    quiet: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Check what a node needs of this machine. Exit code 1 where something has to be mended.

    Parameters
    ----------
    folder
        The node's folder, or an empty one where a node shall be; without it, the one that steelyard.toml names.
    json
        Print one JSON object a line.
    quiet
        Print what is not in order alone.
    """
    if folder is not None and not folder.is_dir():
        end(f"there is no folder {folder}: make it first, or name the node's", USAGE)
    from steelyard.node.config import FILE_NAME, Config, ConfigFault, load_config

    try:
        if folder is not None and not (folder / FILE_NAME).is_file():
            settings = Config(folder=folder.absolute())
        else:
            settings = load_config(folder)[0]
    except ConfigFault as fault:
        end(str(fault), USAGE)
    found = [one for check in CHECKS for one in check(settings)]
    shown = [one for one in found if not quiet or one.verdict != OK]
    Output(json=json).rows((one._asdict() for one in shown), COLUMNS)
    return REFUSED if any(one.verdict == FAIL for one in found) else DONE


def python(settings: "Config") -> Iterator[Found]:
    """Look at the interpreter and the parts it has."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON_MIN:
        yield Found("python", FAIL, version, "install Python 3.11 or newer")
    else:
        yield Found("python", OK, version)
    missing = [name for name in PARTS if find_spec(name) is None]
    fix = "make setup, or install steelyard with all it depends on" if missing else ""
    yield Found("libraries", FAIL if missing else OK, ", ".join(missing) or "all there", fix)
    if find_spec("uvloop") is None:
        yield Found("uvloop", WARN, "not there", "install uvloop: the node runs faster on it")


def disk(settings: "Config") -> Iterator[Found]:
    """Look at the disk under the node's folder: kind, room, and how long a flush takes."""
    from steelyard.storage.filelock import network_disk

    folder = existing(settings.data_folder)
    if not os.access(folder, os.W_OK):
        yield Found("folder", FAIL, f"{folder} cannot be written", "give it to the user the node runs as")
        return
    kind = network_disk(folder)
    if kind:
        yield Found("disk", FAIL, f"{folder} lies on {kind}", "use a local disk, or PostgreSQL")
    free = shutil.disk_usage(folder).free
    verdict = FAIL if free < FREE_MIN else WARN if free < FREE_LOW else OK
    yield Found("room", verdict, f"{free / 2**30:.1f} GiB free", "" if verdict == OK else "make room: 10 GiB")
    millis = fsync_ms(folder)
    if millis > FSYNC_SLOW_MS:
        yield Found(
            "fsync", WARN, f"{millis:.2f} ms", "use a faster disk: each group of payments waits for one"
        )
    elif millis < FSYNC_UNREAL_MS:
        yield Found(
            "fsync", WARN, f"{millis:.3f} ms", "no disk is so fast: is it memory, or a cache that lies?"
        )
    else:
        yield Found("fsync", OK, f"{millis:.2f} ms")


def existing(folder: Path) -> Path:
    """Give a folder, or the nearest above it that is there."""
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder


def fsync_ms(folder: Path) -> float:
    """Measure the median time of writing 4 KiB and flushing them."""
    spent = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(FSYNCS):
            file.write(bytes(4096))
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            spent.append(time.perf_counter() - begun)
    return sorted(spent)[FSYNCS // 2] * 1000


def database(settings: "Config") -> Iterator[Found]:
    """Look at what the journal is kept in."""
    journal = settings.address("journal")
    check = _postgres if journal.startswith(("postgresql://", "postgres://")) else _sqlite
    yield from check(settings, journal)


def _sqlite(settings: "Config", journal: str) -> Iterator[Found]:
    import sqlite3

    from steelyard.storage.journal import JournalIsUnfit
    from steelyard.storage.sqlite import connect

    try:
        with tempfile.TemporaryDirectory(dir=existing(settings.data_folder)) as beside:
            connect(Path(beside) / "doctor.db").close()
        yield Found("sqlite", OK, f"{sqlite3.sqlite_version}, WAL, synchronous FULL")
    except (JournalIsUnfit, OSError) as unfit:
        yield Found("sqlite", FAIL, str(unfit), "the journal needs WAL with synchronous FULL on a local disk")


def _postgres(settings: "Config", journal: str) -> Iterator[Found]:
    if find_spec("psycopg") is None:
        yield Found("postgresql", FAIL, "psycopg is not there", "install steelyard[pg]")
        return
    from steelyard.storage.journal import JournalIsUnfit
    from steelyard.storage.primary import Primary

    try:
        primary = Primary(journal, settings.commit_profile)
        version = primary.connection.info.server_version // 10_000
        primary.close()
        yield Found("postgresql", OK, f"version {version}, primary, durable commits")
    except JournalIsUnfit as unfit:
        yield Found("postgresql", FAIL, str(unfit), "a primary with fsync on, and durable commits")


def ports(settings: "Config") -> Iterator[Found]:
    """See whether gateways can listen where the settings say, and whether the node's stream fits."""
    from steelyard.node.config import start_faults

    listen = settings.listen
    if listen.startswith("unix:"):
        folder = Path(listen.removeprefix("unix:")).absolute().parent
        good = folder.is_dir() and os.access(folder, os.W_OK)
        yield Found("listen", OK if good else FAIL, listen, "" if good else f"make {folder}, writable")
    else:
        yield _port(listen)
    for fault in start_faults(settings):
        if settings.data_folder.is_dir() or "data folder" not in fault:
            yield Found("settings", FAIL, fault, "see docs/reference/settings.md")


def _port(listen: str) -> Found:
    host, _, port = listen.rpartition(":")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host.strip("[]"), int(port)))
        return Found("listen", OK, f"{listen} is free")
    except (OSError, ValueError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return Found("listen", WARN, f"{listen}: {why}", "fine if a node runs there; else set `listen`")


def system(settings: "Config") -> Iterator[Found]:
    """Look at clock, open files and the node's key."""
    year = time.gmtime().tm_year
    right = year >= YEAR_MIN
    fix = "" if right else "set the clock, and keep it by NTP"
    yield Found("clock", OK if right else FAIL, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), fix)
    yield from _files()
    key = settings.path(settings.node_key)
    if key.is_file() and key.stat().st_mode & 0o077:
        yield Found("node key", FAIL, f"{key} is readable by others", f"chmod 600 {key}")


def packs(settings: "Config") -> Iterator[Found]:
    """Look at the packs of contracts that the release brings, as the node does when it starts."""
    from steelyard.packs import contracts
    from steelyard.packs.calendars import PackIsBroken

    try:
        yield Found("contracts", OK, f"{len(contracts.load_all())} packs")
    except PackIsBroken as fault:
        yield Found("contracts", FAIL, str(fault), "mend the pack, or install steelyard anew")


def _files() -> Iterator[Found]:
    try:
        import resource
    except ImportError:  # not on this system
        return
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    low = 0 <= most < FILES_MIN
    yield Found("open files", WARN if low else OK, str(most), f"ulimit -n {FILES_MIN} or more" if low else "")


CHECKS: tuple[Callable[["Config"], Iterator[Found]], ...] = (
    python,
    disk,
    database,
    ports,
    system,
    packs,
)
