"""`steelyard iso`: check, answer and convert ISO 20022 messages, print their schemas. No node is needed.

Results go to standard output, one JSON line per file, in the order given; a second run is byte-equal where
the profile has a clock. Exit 0 whatever the verdicts, 2 for wrong options and what cannot be read, 3 where
no answer is due.
"""

import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from cyclopts import App, CycloptsError, Parameter

from steelyard.cli.reading import File
from steelyard.iso20022 import schema, tables, xsd
from steelyard.iso20022.answers import answer as written_answer
from steelyard.iso20022.answers import answer_kind
from steelyard.iso20022.check import check as judge
from steelyard.iso20022.context import Context, Level, Outcome, Verdict
from steelyard.iso20022.convert import CannotConvert, to_json, to_xml
from steelyard.iso20022.duplicates import Memory
from steelyard.iso20022.files import check_file
from steelyard.iso20022.profiles import PROFILES, builtin
from steelyard.iso20022.profiles import file as profile_file
from steelyard.iso20022.stage import MemoryStage
from steelyard.packs.reference import PackIsWrong, reference
from steelyard.values.instants import parse_instant

USAGE, NOT_DUE = 2, 3


def _one_line(error: CycloptsError) -> str:
    """Say what is wrong with the options in one line, however narrow the terminal is."""
    if error.console is not None:
        error.console.soft_wrap = True
    return f"steelyard iso: {' '.join(str(error).split())}".replace("[", "\\[")


app = App(
    name="iso",
    help="Check, answer and convert ISO 20022 messages, print their schemas.",
    help_epilogue="Exit codes: 0 done, whatever the verdicts; 2 wrong options or what cannot be read; 3 no answer due.",
    error_formatter=_one_line,
    version_flags=(),
)


class Trouble(Exception):
    """What was asked for cannot be read; the text is the one line said about it."""


@app.command
def check(
    *files: File,
    profile: str | None = None,
    schema_dir: Path | None = None,
    level: Literal["schema", "rules"] = "rules",
    stateful: Annotated[bool, Parameter(negative=())] = False,
    file_route: Annotated[bool, Parameter(negative=())] = False,
    codes_dir: Path | None = None,
    at: Annotated[str | None, Parameter(name="--at")] = None,
) -> int:
    """Judge messages and print one JSON line for each. Exit 0 whatever the verdicts.

    Parameters
    ----------
    files
        Files to judge; - reads standard input.
    profile
        A profile file, or the name of a built-in profile.
    schema_dir
        A folder of published schemas, named <message id>.xsd, that go before ours.
    level
        How far to judge: schema stops after the schema step and needs no profile.
    stateful
        Let the files of this call know each other: same message, same payment.
    file_route
        Judge as files come in: more bytes, more transactions, a long one piece by piece; by all rules.
    codes_dir
        A folder of newer code sets.
    at
        The instant to judge by, clock and business date, such as 2026-11-25T10:00:00Z; else the profile's, else now.
    """
    if not files:
        return _say("steelyard iso check: name at least one file")
    upto = Level(level)
    try:
        context = _context(profile, schema_dir, codes_dir, upto, at)
    except Trouble as trouble:
        return _say(f"steelyard iso check: {trouble}")
    memory, exit_code = Memory() if stateful else None, 0
    for file in files:
        try:
            verdict = _judged_file(file, context) if file_route else judge(_read(file), context, level=upto)
        except Trouble as trouble:
            exit_code = _say(f"steelyard iso check: {trouble}")
            continue
        if memory is not None:
            verdict = memory.judge(verdict, context)
        _print(msgspec.json.encode(line(file, verdict)))
    return exit_code


@app.command
def answer(
    file: File,
    *,
    profile: str | None = None,
    out: Path | None = None,
    schema_dir: Path | None = None,
    codes_dir: Path | None = None,
    at: Annotated[str | None, Parameter(name="--at")] = None,
) -> int:
    """Write the answer to a message: pacs.002 for a payment, admi.002 for what is refused.

    Exit 3 and nothing written where no answer is due.

    Parameters
    ----------
    file
        The message; - reads standard input.
    profile
        A profile file, or the name of a built-in profile.
    out
        Where to write; standard output if not given.
    schema_dir
        A folder of published schemas that go before ours.
    codes_dir
        A folder of newer code sets.
    at
        The instant to judge and answer by, clock and business date; else the profile's, else now.
    """
    try:
        context = _context(profile, schema_dir, codes_dir, Level.RULES, at)
        verdict = judge(_read(file), context)
        if not context.hub_bic:
            context = msgspec.structs.replace(context, hub_bic=_receiver(verdict))
        written = written_answer(verdict, context, at=context.now_at)
        if written is None:
            return NOT_DUE
        _write(written, out)
    except Trouble as trouble:
        return _say(f"steelyard iso answer: {trouble}")
    return 0


@app.command
def convert(
    file: File,
    *,
    to: str,
    profile: str | None = None,
    out: Path | None = None,
) -> int:
    """Convert a message: to json, to xml, or to another version as in xml:pacs.008.001.12.

    What the target has no place for is refused and named, never dropped.

    Parameters
    ----------
    file
        The message, XML or JSON; - reads standard input.
    to
        json, xml, or xml: and a version.
    profile
        A profile file, or the name of a built-in profile.
    out
        Where to write; standard output if not given.
    """
    kind, _, version = to.partition(":")
    if kind not in ("json", "xml") or (kind == "json" and version):
        return _say("steelyard iso convert: --to takes json, xml or xml:VERSION")
    try:
        context = _context(profile, None, None, Level.RULES)
        raw = _read(file)
        written = to_json(raw, context) if kind == "json" else to_xml(raw, context, version or None)
        _write(written, out)
    except (Trouble, CannotConvert) as trouble:
        return _say(f"steelyard iso convert: {trouble}")
    return 0


@app.command(name="schema")
def print_schema(message: str) -> int:
    """Print the schema that messages are judged by, generated from our table.

    Parameters
    ----------
    message
        A message version, such as pacs.008.001.08.
    """
    if message not in tables.MESSAGES:
        return _say(f"steelyard iso schema: there is no table of {message!r}; see steelyard iso list")
    _print(xsd.xsd_text(message).encode().rstrip())
    return 0


@app.command(name="list")
def print_list() -> int:
    """List profiles, the message versions they read, and the parts that are carried unread."""
    for profile in PROFILES:
        read = [
            f"{name}.001.{version}"
            for name, versions in sorted(profile.versions.items())
            for version in versions
        ]
        _print(f"profile {profile.name}: {', '.join(read) or 'any message with a schema'}".encode())
    for message in tables.MESSAGES:
        table = tables.message(message)
        if table is not None:
            opaque = sorted(set(_opaque(table.tree)))
            _print(f"message {message}: carried unread: {', '.join(opaque) or 'nothing'}".encode())
    return 0


def line(file: str, verdict: Verdict) -> dict[str, Any]:
    """Give the JSON line of a verdict: six keys that are the contract, then more."""
    at_schema_level = verdict.outcome is Outcome.ACCEPTED and verdict.body is None
    accepted, rejected = verdict.transactions or (0, 0)
    counted = verdict.transactions is not None
    status = None
    if counted:
        status = "ACTC" if not rejected else "PART" if accepted else "RJCT"
    return {
        "file": file,
        "message": verdict.message,
        "outcome": verdict.outcome.value,
        "answer": None if at_schema_level else answer_kind(verdict),
        "reason_codes": verdict.codes,
        "errors": [
            {"code": one.code, "path": one.path, "text": one.text, "rule": one.rule}
            for one in verdict.findings
        ],
        "status": status,
        "transactions": {"accepted": accepted, "rejected": rejected} if counted else None,
    }


def _context(
    profile: str | None,
    schema_dir: Path | None,
    codes_dir: Path | None,
    level: Level,
    at: str | None = None,
) -> Context:
    """Read what a check needs besides the message. An instant that is given goes before the profile's clock."""
    now_at = parse_instant(at) if at is not None else time.time_ns()
    if now_at is None:
        raise Trouble(f"--at {at!r} is no instant with an offset, such as 2026-11-25T10:00:00Z")
    try:
        tables_read = reference(codes_dir)
    except PackIsWrong as error:
        raise Trouble(str(error)) from error
    setting = _setting(profile or ("iso" if level is Level.SCHEMA else "hub"))
    if at is not None:
        setting = msgspec.structs.replace(setting, now_at=now_at, business_on=None)
    context = profile_file.context_of(setting, tables_read, now_at=now_at)
    return context if schema_dir is None else msgspec.structs.replace(context, official=_official(schema_dir))


def _setting(profile: str) -> profile_file.Setting:
    path = Path(profile)
    found = builtin(profile)
    if found is not None and not path.is_file():
        return profile_file.setting_of(found)
    try:
        return profile_file.read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"profile {profile!r} cannot be read and is not built in") from error
    except profile_file.ProfileIsWrong as error:
        raise Trouble(f"profile {profile!r}: {' '.join(str(error).split())}") from error


def _official(folder: Path) -> schema.Official:
    try:
        contents = {
            path.stem: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix == ".xsd"
        }
    except OSError as error:
        raise Trouble(f"schema folder {str(folder)!r} cannot be read") from error
    loaded = schema.load_dir(contents)
    if isinstance(loaded, schema.BadSchema):
        raise Trouble(f"schema {loaded.message_id}.xsd: {loaded.text}")
    return loaded


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Trouble(f"{file!r} cannot be read") from error


def _judged_file(file: str, context: Context) -> Verdict:
    """Judge a file by the file route; standard input cannot be read twice, so it is taken whole."""
    stage = MemoryStage()
    if file == "-":
        return check_file(io.BytesIO(sys.stdin.buffer.read()), context, stage)
    try:
        with Path(file).open("rb") as source:
            return check_file(source, context, stage)
    except OSError as error:
        raise Trouble(f"{file!r} cannot be read") from error


def _write(written: bytes, out: Path | None) -> None:
    if out is None:
        _print(written.rstrip(b"\n"))
        return
    try:
        out.write_bytes(written)
    except OSError as error:
        raise Trouble(f"{str(out)!r} cannot be written") from error


def _receiver(verdict: Verdict) -> str:
    """Give who a message was sent to: the hub, where no profile file says who that is."""
    receiver = verdict.header["to"].get("bic") if verdict.header is not None else None
    return receiver or "HUBXZAJJXXX"


def _opaque(node: tables.Node) -> Iterator[str]:
    for child in node.children:
        if child.carried:
            yield child.row.path
        else:
            yield from _opaque(child)


def _print(text: bytes) -> None:
    sys.stdout.buffer.write(text + b"\n")
    sys.stdout.buffer.flush()


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return USAGE
