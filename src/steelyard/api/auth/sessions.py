"""Staff log-ins: password, authenticator, sessions kept on the server, enrolment by a one-time code.

The answer to a wrong person, a wrong password and a wrong code is the same, and takes the same time. The
cookie holds 256 bits that mean nothing; the store holds their SHA-256.
"""

import secrets
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag

from steelyard.api.auth import totp
from steelyard.api.auth.caller import SESSION, Caller
from steelyard.api.auth.keys import refused
from steelyard.api.auth.secret import Secret
from steelyard.api.auth.vault import Vault
from steelyard.api.problems import ProblemError
from steelyard.members.people import PERSON, REVOKED
from steelyard.members.state import Members
from steelyard.node.init import code_hash
from steelyard.storage.access import Access, Login, Session
from steelyard.values.instants import HOUR, MINUTE, SECOND

COOKIE = "__Host-steelyard"
IDLE_NS, ABSOLUTE_NS, STEP_UP_NS = 15 * MINUTE, 8 * HOUR, 5 * MINUTE
TOUCH_NS = MINUTE
FAILURES, PAUSE_NS = 5, 15 * MINUTE
RECOVERY_CODES = 10
_PURPOSE = "totp"
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c3RlZWx5YXJkLm5vYm9keQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG1ZqNAkUpJXI"
"""A well-formed hash of no password: what is compared where there is no such person."""


class Started(NamedTuple):
    """A session that begins: its row, and what goes into the cookie."""

    session: Session
    cookie: Secret


class Enrolled(NamedTuple):
    """What a person gets at enrolment, once."""

    person: str
    owner: str
    totp_secret: bytes
    recovery_codes: tuple[str, ...]


class Sessions:
    """Log-ins and sessions of one node. Its methods wait for the database and for argon2: call them aside."""

    def __init__(self, access: Access, vault: Vault, *, needs_totp: bool, wall: Callable[[], int]) -> None:
        self._access = access
        self._vault = vault
        self._needs_totp = needs_totp
        self._wall = wall

    def log_in(
        self, person: str, password: Secret, code: Secret, *, address: str, instead_of: bytes = b""
    ) -> Started:
        """Begin a session, or raise the one problem that all failures share."""
        at = self._wall()
        login = self._access.login(person)
        known = _is_password(login.password_hash if login else _NOBODY, password)
        if login is None or not known or at < login.paused_until or not self._is_code(login, code, at):
            if login is not None and at >= login.paused_until:
                self._access.note_failure(person, pause_after=FAILURES, pause_until=at + PAUSE_NS)
            raise refused("log-in-failed")
        self._access.note_success(person)
        cookie = Secret(secrets.token_urlsafe(32))
        session = Session(
            cookie.digest(),
            login.person,
            login.owner,
            secrets.token_urlsafe(24),
            address,
            at,
            at,
            at,
            at + ABSOLUTE_NS,
        )
        self._access.start_session(session, instead_of=instead_of)
        return Started(session, cookie)

    def caller(self, cookie: Secret, members: Members) -> Caller:
        """Give the caller of a running session."""
        at = self._wall()
        session = self._access.session(cookie.digest(), at=at, idle_ns=IDLE_NS)
        if session is None:
            raise refused("session-over")
        actor = members.actors.get(session.person)
        if actor is None or actor.state == REVOKED or actor.kind != PERSON or actor.owner != session.owner:
            raise refused("holder-may-not-act")
        if at - session.seen_at >= TOUCH_NS:
            self._access.touch_session(session.id_hash, at)
        return Caller(
            actor.id, actor.owner, actor.kind, actor.roles, SESSION, f"s-{session.id_hash.hex()[:16]}", (),
            session.id_hash, session.csrf, session.stepped_up_at,
        )  # fmt: skip

    def row(self, id_hash: bytes) -> Session | None:
        """Give a running session."""
        return self._access.session(id_hash, at=self._wall(), idle_ns=IDLE_NS)

    def log_out(self, id_hash: bytes) -> None:
        """End a session."""
        self._access.end_session(id_hash)

    def enrol(self, code: Secret, password: Secret) -> Enrolled:
        """Use up a one-time code: the person has a password, an authenticator and recovery codes from now on."""
        at = self._wall()
        found = self._access.use_enrolment(code_hash(code.reveal()), at=at)
        if found is None:
            raise refused("enrolment-failed")
        secret = totp.new_secret()
        sealed = self._vault.seal(_PURPOSE, secret, bound_to=found.person)
        login = Login(found.person, found.owner, _hasher.hash(password.reveal()), sealed, changed_at=at)
        codes = tuple(secrets.token_hex(5) for _ in range(RECOVERY_CODES))
        self._access.put_login(login)
        self._access.put_recovery_codes(found.person, [_recovery_hash(each) for each in codes])
        self._access.end_sessions(found.person)
        return Enrolled(found.person, found.owner, secret, codes)

    def put_password(self, person: str, owner: str, password: Secret) -> None:
        """Give a person a log-in without an authenticator: throw-away log-ins of a demonstration."""
        if self._needs_totp:
            raise ValueError("log-ins without an authenticator are for the profiles demo and test")
        self._access.put_login(Login(person, owner, _hasher.hash(password.reveal()), changed_at=self._wall()))

    def _is_code(self, login: Login, code: Secret, at: int) -> bool:
        """Tell whether the second factor holds, and use it up."""
        if not login.totp_secret:
            return not self._needs_totp
        given = code.reveal().strip()
        try:
            secret = self._vault.open(_PURPOSE, login.totp_secret, bound_to=login.person)
        except InvalidTag:
            return False
        step = totp.step_of(secret, given, now_s=at // SECOND)
        if step is not None:
            return self._access.use_totp_step(login.person, step)
        return self._access.use_recovery_code(login.person, _recovery_hash(given), at)


def needs_step_up(caller: Caller, at: int) -> bool:
    """Tell whether a sensitive act asks a person to log in once more."""
    return caller.way == SESSION and at - caller.stepped_up_at > STEP_UP_NS


def check_csrf(caller: Caller, given: str) -> None:
    """Raise where a change by a session does not bring the session's own token."""
    if caller.way == SESSION and not compare_digest(caller.csrf.encode(), given.encode()):
        raise ProblemError("not-allowed", code="csrf-token-missing")


def _is_password(password_hash: str, password: Secret) -> bool:
    try:
        return _hasher.verify(password_hash, password.reveal())
    except (VerificationError, InvalidHashError):
        return False


def _recovery_hash(code: str) -> bytes:
    return sha256(b"steelyard.recovery\0" + code.encode()).digest()
