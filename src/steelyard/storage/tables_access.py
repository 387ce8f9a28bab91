"""The tables of the access store: who may come in, what was asked under which key, what is still to deliver.

Instants are ns since 1970 UTC; 0 means never or not yet. Secrets lie here as hashes only, except those
with which we sign for others (webhooks), which the caller encrypts.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text

ACCESS = MetaData()

LONG = BigInteger().with_variant(Integer, "sqlite")


def instant(name: str) -> Column[int]:
    """Give a column for an instant."""
    return Column(name, LONG, nullable=False, server_default="0")


def text(name: str, *, key: bool = False) -> Column[str]:
    """Give a column for text, empty where nothing is known."""
    if key:
        return Column(name, Text, primary_key=True, nullable=False)
    return Column(name, Text, nullable=False, server_default="")


def blob(name: str, *, key: bool = False) -> Column[bytes]:
    """Give a column for bytes."""
    return Column(name, LargeBinary, primary_key=key, nullable=False)


def number(name: str, *, key: bool = False) -> Column[int]:
    """Give a column for a number of 64 bits."""
    if key:
        return Column(name, LONG, primary_key=True, nullable=False, autoincrement=False)
    return Column(name, LONG, nullable=False, server_default="0")


Table(
    "api_key",
    ACCESS,
    text("id", key=True),
    blob("secret_hash"),
    text("owner"),
    text("holder"),
    text("scopes"),
    text("addresses"),
    text("label"),
    instant("created_at"),
    instant("expires_at"),
    instant("revoked_at"),
    Index("api_key_owner", "owner"),
)
Table(
    "login",
    ACCESS,
    text("person", key=True),
    text("owner"),
    text("password_hash"),
    blob("totp_secret"),
    number("totp_step"),
    number("failures"),
    instant("paused_until"),
    instant("changed_at"),
)
Table(
    "recovery_code",
    ACCESS,
    text("person", key=True),
    blob("code_hash", key=True),
    instant("used_at"),
)
Table(
    "session",
    ACCESS,
    blob("id_hash", key=True),
    text("person"),
    text("owner"),
    text("csrf"),
    text("address"),
    instant("created_at"),
    instant("seen_at"),
    instant("stepped_up_at"),
    instant("expires_at"),
    Index("session_person", "person"),
    Index("session_expires", "expires_at"),
)
Table(
    "enrolment",
    ACCESS,
    blob("code_hash", key=True),
    text("person"),
    text("owner"),
    instant("created_at"),
    instant("expires_at"),
    instant("used_at"),
)
Table(
    "idempotency",
    ACCESS,
    text("owner", key=True),
    blob("key_digest", key=True),
    blob("command_id"),
    blob("request_digest"),
    instant("created_at"),
    instant("expires_at"),
    Column("status", SmallInteger, nullable=False, server_default="0"),
    text("content_type"),
    Column("codec", SmallInteger, nullable=False, server_default="0"),
    Column("body", LargeBinary),
    Index("idempotency_expires", "expires_at"),
    sqlite_with_rowid=False,
)
Table(
    "webhook_endpoint",
    ACCESS,
    text("id", key=True),
    text("owner"),
    text("url"),
    text("types"),
    text("label"),
    text("state"),
    blob("secret"),
    blob("secret_before"),
    Column("thin", SmallInteger, nullable=False, server_default="0"),
    instant("created_at"),
    instant("changed_at"),
    Index("webhook_endpoint_owner", "owner"),
)
Table(
    "delivery",
    ACCESS,
    number("seq", key=True),
    number("position", key=True),
    number("n", key=True),
    text("channel", key=True),
    text("recipient"),
    blob("subject"),
    text("kind"),
    text("state"),
    number("attempts"),
    instant("made_at"),
    instant("next_at"),
    blob("body_hash"),
    Index("delivery_due", "state", "next_at"),
    Index("delivery_line", "channel", "recipient", "subject", "seq", "position", "n"),
)
Table(
    "delivery_attempt",
    ACCESS,
    number("seq", key=True),
    number("position", key=True),
    number("n", key=True),
    text("channel", key=True),
    number("attempt", key=True),
    instant("at"),
    number("status"),
    number("took_ms"),
    text("answer"),
    Index("delivery_attempt_at", "at"),
)
Table(
    "outbox_cursor",
    ACCESS,
    text("channel", key=True),
    number("seq"),
    number("position"),
    number("n"),
)
