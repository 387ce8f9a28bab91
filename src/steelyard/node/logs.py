"""Logs: one event, one line, and only fields that are allowed by name.

A field that is not on the list is dropped and counted, so that no party data gets in by accident; secrets
have no field at all. Names and accounts are hashed with a key drawn at the start of the process, unless
`logs_party_data` says otherwise, which production forbids.
"""

import hmac
import logging
import secrets
import sys
import time
import traceback
from typing import Any

import structlog

from steelyard.node.config import Config

ALLOWED = frozenset(
    "at level event request_id trace_id participant uetr seq ms position epoch process code why count name state"
    " status route method path bytes rows legs commands payments seconds port signal refusal recipient channel"
    " item kind exit_code".split()
)
"""What a line may hold."""
HASHED = frozenset(("party", "account", "person"))
"""What stands in a line as 12 hex digits that mean nothing outside this process."""

LINES_MAX, LINES_SECONDS, PLACES_MAX = 5, 60.0, 200

_KEY = secrets.token_bytes(16)
dropped: dict[str, int] = {}
"""Fields that were dropped, with how often: shown by health."""


def set_up_logs(config: Config, *, process: str, stream: Any = None) -> None:
    """Let every logger of this process write lines to `stream` (default: stderr)."""
    out = stream or sys.stderr
    text = is_text(config, out)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _keep_allowed(party_data=config.logs_party_data),
            structlog.dev.ConsoleRenderer(colors=out.isatty(), timestamp_key="at")
            if text
            else structlog.processors.JSONRenderer(sort_keys=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, config.logs_level.upper())),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(process=process)
    _take_in_libraries(stream)


class _Library(logging.Handler):
    """Gives what a library logs as a line of ours: whose it is and where, its words only if they are fixed ones.

    What the same place says over and over, as of callers who send what is no request, is told `LINES_MAX` times
    in `LINES_SECONDS` and then counted; the next line that is told says how many were not.
    """

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._told: dict[tuple[str, str], list[float]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line; the web server's words are known, others may hold data of people."""
        place = f"{record.filename}:{record.lineno}"
        if record.exc_info and record.exc_info[1] is not None:
            place = where(record.exc_info[1])
        elif record.name.startswith("uvicorn"):
            place = str(record.msg).strip()
        skipped = self._skipped((record.name, place), time.monotonic())
        if skipped < 0:
            return
        write = log().error if record.levelno >= logging.ERROR else log().warning
        more = {"count": skipped} if skipped else {}
        write("library", name=record.name, why=place, **more)

    def _skipped(self, said: tuple[str, str], now: float) -> int:
        """Give how many such lines were not told since the last one, or -1 where this one is not told either."""
        if said not in self._told and len(self._told) >= PLACES_MAX:
            self._told.clear()
        window = self._told.setdefault(said, [now, 0, 0])  # since when, lines told in it, lines not told
        if now - window[0] >= LINES_SECONDS:
            window[0], window[1] = now, 0
        if window[1] >= LINES_MAX:
            window[2] += 1
            return -1
        window[1] += 1
        skipped, window[2] = window[2], 0
        return int(skipped)


def _take_in_libraries(stream: Any) -> None:
    """Let what libraries log by the standard way, from warnings up, come as lines of ours and in no other form."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _Library)]:
        root.removeHandler(handler)
    root.addHandler(_Library(logging.WARNING))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logging.getLogger(name).setLevel(logging.WARNING)
    if stream is None:  # a process of ours: Python's own warnings too
        logging.captureWarnings(True)


def is_text(config: Config, stream: Any) -> bool:
    """Tell whether lines on a stream are for people; otherwise every line is one JSON object."""
    return config.logs_form == "text" or (config.logs_form == "auto" and stream.isatty())


def log() -> Any:
    """Give the logger: `log().info("row durable", seq=7)`."""
    return structlog.get_logger()


def where(error: BaseException) -> str:
    """Tell where an exception was raised, without its words and values, which may hold data of people."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


def _keep_allowed(*, party_data: bool) -> Any:
    """Give the processor that lets listed fields through and hashes those about people."""

    def keep(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, value in line.items():
            if name in ALLOWED:
                kept[name] = value.hex() if isinstance(value, bytes) else value
            elif name in HASHED:
                kept[name] = value if party_data else _hashed(str(value))
            else:
                dropped[name] = dropped.get(name, 0) + 1
        return kept

    return keep


def _hashed(text: str) -> str:
    return hmac.new(_KEY, text.encode(), "sha256").hexdigest()[:12]
