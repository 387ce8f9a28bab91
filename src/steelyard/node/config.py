"""Settings: one flat table, four places they may come from, and which of them won.

Precedence: flag, environment (`STEELYARD_` and the name in capitals), file (`steelyard.toml`, tables joined
by an underscore), default. A name nobody knows and a value of the wrong kind are faults, all told at once.
Paths are relative to the folder of the file.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_type_hints

import msgspec
from msgspec import Struct

PREFIX = "STEELYARD_"
LIKE_ENOUGH = 0.8
"""A variable of that prefix which is no setting is another command's, unless it is this like a setting's name."""
FILE_NAME = "steelyard.toml"
PRIVATE = 0o077
"""The umask under which a node's files are made: databases 0600, folders 0700."""
PRODUCTION_REFUSAL = (
    "profile production does not start in this release: request signatures do not exist yet,"
    " and without them nobody could prove who ordered a payment"
)

Profile = Literal["demo", "test", "embedded", "production"]


class Config(Struct, frozen=True, kw_only=True):
    """All settings of a node; what each means is in SETTINGS."""

    folder: Path = Path()
    """Where the file lies: what relative paths start from. Not a setting."""
    profile: Profile = "embedded"
    data: str = "."
    genesis: str = "genesis.toml"
    node_key: str = "node.key"
    journal: str = ""
    evidence: str = ""
    projection: str = ""
    access: str = ""
    commit_profile: Literal["single", "quorum"] = "single"
    gateways: int = -1
    projector: Literal["process", "thread", "off"] = "process"
    listen: str = "127.0.0.1:8080"
    connections_max: int = 2_000
    solver: Literal["process", "in_step", "off"] = "process"
    rtgs: str = ""
    link: str = ""
    health_file: str = "health.json"
    start_gap_s_max: int = -1
    commit_wait_ms_max: int = 5_000
    commit_stop_ms_max: int = 30_000
    snapshot_after_s: int = 60
    sweep_s: int = 60
    paranoid: bool = False
    logs_level: Literal["debug", "info", "warning", "error"] = "info"
    logs_form: Literal["auto", "json", "text"] = "auto"
    logs_party_data: bool = False
    trusted_proxies: tuple[str, ...] = ()

    @property
    def data_folder(self) -> Path:
        """Give the folder of this node's own files."""
        return self.path(self.data)

    def path(self, name: str) -> Path:
        """Give a path of the file as an absolute one."""
        return (self.folder / name).absolute()

    def address(self, which: Literal["journal", "evidence", "projection", "access"]) -> str:
        """Give the address of a store: its own, else the journal's server, else the data folder."""
        own = str(getattr(self, which)) or self.journal
        if own.startswith(("postgresql://", "postgres://", "memory:")):
            return own
        return str(self.path(own)) if own else str(self.data_folder)

    @property
    def link_path(self) -> Path:
        """Give the path of the stream between gateways and node."""
        return self.path(self.link) if self.link else self.data_folder / "node.sock"

    @property
    def gateway_count(self) -> int:
        """Give how many gateway processes there are; 0 means beside the sequencer, in its process."""
        return self.gateways if self.gateways >= 0 else os.cpu_count() or 1

    @property
    def start_gap_ns_max(self) -> int | None:
        """Give how far the clock may be ahead of the journal at start, None for any distance."""
        seconds = self.start_gap_s_max
        if seconds < 0:
            seconds = 86_400 if self.profile == "production" else 0
        return seconds * 1_000_000_000 or None


SETTINGS: tuple[tuple[str, str], ...] = (
    ("profile", ("What the node is for. `demo` and `test` allow the sandbox routes and throw-away keys;"
     " `embedded` is a small site on SQLite; `production` refuses to start until request signatures exist.")),
    ("data", "Folder of the node's own files: SQLite databases, stream, health file."),
    ("genesis", "The genesis file: what row 1 of the journal fixes. `steelyard init` writes it."),
    ("node_key", "The node's private Ed25519 key, readable by its user alone."),
    ("journal", ("Where the journal is: empty for `journal.db` in `data`, a folder, a file, or"
     " `postgresql://...` (several hosts may stand in it, the one that takes writes is used).")),
    ("evidence", "Where evidence is: empty for the journal's server, or `evidence.db` in `data`."),
    ("projection", "Where the tables for questions are: empty for the journal's server, or `projection.db`."),
    ("access", "Where keys and sessions are: empty for the journal's server, or `access.db` in `data`."),
    ("commit_profile", ("On PostgreSQL: `single` trusts the primary's disk, `quorum` demands a synchronous"
     " standby.")),
    ("gateways", "Gateway processes; -1 for one per core, 0 to serve from the node's own process."),
    ("projector", "Where the projection is made: a `process` of its own, a `thread` of the node, or `off`."),
    ("listen", "Where gateways listen: `host:port`, or `unix:` and a path."),
    ("connections_max", ("Connections that one gateway holds at most; past that the one that has kept it"
     " waiting longest is cut off. Never more than the process may have files open.")),
    ("solver", ("What proposes what to settle of queues: a `process` of its own, started when first needed;"
     " `in_step`, for simulated days: the same, and the node takes nothing while it works, so that the same"
     " commands always give the same journal; or `off`: then the node settles what it can itself.")),
    ("rtgs", ("What connects the node to RTGSs: `module:function`, called with the settings, which gives a list"
     " of `node.rtgs_desk.Connection`; empty for none.")),
    ("link", ("The stream between gateways and node; empty for `node.sock` in `data`. A path of at most 100"
     " bytes.")),
    ("health_file", "Where the node writes its health, and why it stopped."),
    ("start_gap_s_max", ("How many seconds the clock may be ahead of the journal at start; 0 for any, -1 for"
     " the profile's own (production 86,400, else any).")),
    ("commit_wait_ms_max", "After this long callers of a commit that hangs are told `unknown`."),
    ("commit_stop_ms_max", "After this long a commit that hangs stops the node with 70."),
    ("snapshot_after_s", "At an orderly stop and after a start: a snapshot is written if replay would take longer."),
    ("sweep_s", "Every so many seconds the invariants are checked on a share of the accounts."),
    ("paranoid", "Check every invariant after every group. Slow; for tests and doubt."),
    ("logs_level", "The least level that is logged."),
    ("logs_form", "`json`: a line per event; `text`: for people; `auto`: text on a terminal."),
    ("logs_party_data", "Log names and accounts as they are instead of hashed. Not in production."),
    ("trusted_proxies", "Addresses of proxies whose client certificates are believed."),
)  # fmt: skip
"""Every setting with what it means: the source of docs/reference/settings.md."""

_PASSWORD = re.compile(r"(password|passfile|sslpassword)=[^&]*")

NAMES = tuple(name for name, _ in SETTINGS)


class ConfigFault(Exception):
    """The settings cannot be used; the message lists every fault."""


def load_config(
    file: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> tuple[Config, dict[str, str]]:
    """Give the settings, and for each name where it came from.

    `file` may be a folder that holds `steelyard.toml`; without one, `STEELYARD_CONFIG` or the current
    folder's file is read if there is one. Raises ConfigFault naming every fault.
    """
    environment = os.environ if environment is None else environment
    path = _find(file, environment)
    faults: list[str] = []
    values: dict[str, Any] = {}
    origins = dict.fromkeys(NAMES, "default")
    sources: list[tuple[str, dict[str, Any], bool]] = []
    if path is not None:
        sources.append((str(path), _from_file(path, faults), True))
    sources.append(("environment", _from_environment(environment), False))
    sources.append(
        ("flag", {name: value for name, value in (flags or {}).items() if value is not None}, False)
    )
    hints = get_type_hints(Config)
    for origin, found, strict in sources:
        for name, value in found.items():
            if name not in NAMES:
                like = get_close_matches(name, NAMES, n=1, cutoff=LIKE_ENOUGH)
                if strict or like:
                    hint = f", perhaps {like[0]}" if like else ""
                    faults.append(f"{origin}: there is no setting {name}{hint}")
                continue
            try:
                values[name] = _convert(value, hints[name], strict=strict)
                origins[name] = origin
            except (msgspec.ValidationError, ValueError) as error:
                faults.append(f"{origin}: {name}: {error}")
    if faults:
        raise ConfigFault("; ".join(faults))
    folder = path.parent.absolute() if path is not None else Path.cwd()
    return Config(folder=folder, **values), origins


def _find(file: Path | None, environment: Mapping[str, str]) -> Path | None:
    """Give the file to read, or None where none is named and none lies here."""
    named = file or (Path(environment["STEELYARD_CONFIG"]) if "STEELYARD_CONFIG" in environment else None)
    if named is None:
        here = Path(FILE_NAME)
        return here if here.is_file() else None
    path = named / FILE_NAME if named.is_dir() else named
    if not path.is_file():
        raise ConfigFault(f"{path} is not there")
    return path


def _from_file(path: Path, faults: list[str]) -> dict[str, Any]:
    """Read a file; tables join their names by an underscore."""
    try:
        return _flat("", tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{path}: {error}")
        return {}


def _flat(prefix: str, table: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(f"{prefix}{name}_", value)
        else:
            flat[prefix + name] = value
    return flat


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Read the variables of our prefix."""
    return {
        variable.removeprefix(PREFIX).lower(): value
        for variable, value in environment.items()
        if variable.startswith(PREFIX)
    }


def _convert(value: Any, kind: Any, *, strict: bool) -> Any:
    """Give a value as its setting's type; text from environment and flags is read as that type."""
    if not strict and isinstance(value, str) and kind == tuple[str, ...]:
        value = [part for part in value.replace(",", " ").split() if part]
    return msgspec.convert(value, kind, strict=strict)


def shown(name: str, value: Any) -> Any:
    """Give a setting's value as it may be shown: the password of an address is masked.

    >>> shown("journal", "postgresql://node:secret@db/steelyard")
    'postgresql://node:***@db/steelyard'
    """
    if isinstance(value, str) and "://" in value:
        scheme, _, rest = value.partition("://")
        user, at, place = rest.rpartition("@")
        if ":" in user:
            rest = f"{user.partition(':')[0]}:***{at}{place}"
        masked = _PASSWORD.sub(r"\1=***", rest)
        return f"{scheme}://{masked}"
    return value


def start_faults(config: Config) -> list[str]:
    """Say why a node does not start with these settings: nothing is tried that could not be kept."""
    faults = []
    if config.profile == "production":
        faults.append(PRODUCTION_REFUSAL)
        if config.logs_party_data:
            faults.append("logs_party_data is not for production")
    if len(os.fsencode(config.link_path)) > 100:
        faults.append(f"the path of the link is over 100 bytes: {config.link_path}")
    key = config.path(config.node_key)
    if key.exists() and key.stat().st_mode & 0o077:
        faults.append(f"{key} may be read by others than its user: chmod 600")
    if not config.data_folder.is_dir():
        faults.append(f"the data folder {config.data_folder} is not there")
    return faults
