"""`steelyard init DIR`: settings, node key, genesis file and two one-time enrolment codes of a new node.

Nothing that is there is written over. The codes are shown once and kept as hashes in the access store for 24
hours; with them the first two operator persons enrol, and everybody else comes in through those two.
"""

import os
import secrets
import time
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from steelyard.node.config import FILE_NAME, PRIVATE, Config, Profile
from steelyard.node.genesis import FILE_NAME as GENESIS_NAME
from steelyard.node.genesis import Genesis, Person, genesis_faults, write_genesis
from steelyard.storage.access import Enrolment, open_access

CODE_HOURS = 24
KEY_NAME = "node.key"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0 and O, no 1 and I
_HOUR_NS = 3_600_000_000_000


class AlreadyThere(Exception):
    """A file of a node lies there already."""


class InitFault(Exception):
    """What was given could not stand in row 1; `faults` names every field with its rule."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class NeedsPassphrase(Exception):
    """The key of a node that is no demo is not written in the clear."""


class Made(NamedTuple):
    """What `init` made; the codes are (person, code) and are known nowhere else."""

    folder: Path
    public_key: bytes
    codes: tuple[tuple[str, str], ...]
    genesis: Genesis


def init(
    folder: Path,
    *,
    network_id: str,
    hub_bic: str,
    profile: Profile = "embedded",
    passphrase: str = "",
    begins_at: int = 0,
    journal: str = "",
    at: int | None = None,
    node_prefix: str = "",
    log_id: str = "",
) -> Made:
    """Make a node's folder. `begins_at` other than 0 gives it a simulated clock that begins there.

    `journal` is a PostgreSQL address, empty for SQLite in the folder. `node_prefix` and `log_id` follow from
    the node's key unless they are given, as by a world that must come out the same every time.
    """
    if not passphrase and profile not in ("demo", "test"):
        raise NeedsPassphrase("the node key needs a passphrase except in the profiles demo and test")
    for name in (FILE_NAME, GENESIS_NAME, KEY_NAME):
        if (folder / name).exists():
            raise AlreadyThere(f"{folder / name} is there already; nothing was changed")
    now = at if at is not None else time.time_ns()
    key = Ed25519PrivateKey.generate()
    public_key = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    persons = (Person("p-operator-1"), Person("p-operator-2"))
    genesis = Genesis(
        network_id=network_id,
        node_prefix=node_prefix or sha256(public_key).hexdigest()[:4].upper(),
        hub_bic=hub_bic,
        log_id=log_id or sha256(b"steelyard.log\0" + public_key).hexdigest()[:32],
        clock="simulated" if begins_at else "system",
        begins_at=begins_at,
        persons=persons,
    )
    faults = genesis_faults(genesis)
    if faults:
        raise InitFault(faults)
    before = os.umask(PRIVATE)
    try:
        codes = _write(
            folder, key, passphrase, genesis, Config(folder=folder, profile=profile, journal=journal), now
        )
    finally:
        os.umask(before)
    return Made(folder, public_key, codes, genesis)


def _write(
    folder: Path, key: Ed25519PrivateKey, passphrase: str, genesis: Genesis, config: Config, now: int
) -> tuple[tuple[str, str], ...]:
    """Write a node's files and give the codes of its first persons."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_key(folder / KEY_NAME, key, passphrase)
    write_genesis(folder / GENESIS_NAME, genesis)
    (folder / FILE_NAME).write_text(_settings(config.profile, config.journal), "utf-8")
    codes = tuple((person.id, new_code()) for person in genesis.persons)
    _keep_codes(config, codes, now)
    return codes


def new_code() -> str:
    """Draw a one-time code of 100 bits.

    >>> len(new_code())
    24
    """
    letters = "".join(secrets.choice(_LETTERS) for _ in range(20))
    return "-".join(letters[at : at + 4] for at in range(0, 20, 4))


def code_hash(code: str) -> bytes:
    """Give what the access store keeps of a code; spaces, hyphens and case do not matter.

    >>> code_hash("abcd-EFGH") == code_hash("ABCDEFGH")
    True
    """
    plain = "".join(letter for letter in code.upper() if letter in _LETTERS)
    return sha256(b"steelyard.enrolment\0" + plain.encode("ascii")).digest()


def _write_key(path: Path, key: Ed25519PrivateKey, passphrase: str) -> None:
    """Write the node's key, readable by this user alone."""
    lock: KeySerializationEncryption = NoEncryption()
    if passphrase:
        lock = BestAvailableEncryption(passphrase.encode("utf-8"))
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)


def _settings(profile: str, journal: str) -> str:
    lines = [
        "# Settings of this node. `steelyard config show --origin` lists all, with what they mean in",
        "# docs/reference/settings.md. A flag or an environment variable STEELYARD_... goes before this file.",
        f'profile = "{profile}"',
    ]
    if journal:
        lines.append(f'journal = "{journal}"')
    return "\n".join(lines) + "\n"


def _keep_codes(config: Config, codes: tuple[tuple[str, str], ...], now: int) -> None:
    access = open_access(config.address("access"))
    try:
        for person, code in codes:
            until = now + CODE_HOURS * _HOUR_NS
            access.add_enrolment(Enrolment(code_hash(code), person, "operator", now, until))
    finally:
        access.close()
