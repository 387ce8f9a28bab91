"""Walk a folder, judge every case of a known format, print and count.

A line for each file, `PATH  FORMAT  passed/total`; below it one for each expectation that does not hold; at the
end the sums. Exit 0: all passed. 1: something failed, or a file of cases cannot be read. 2: nothing to judge.
"""

import gzip
import sys
import traceback
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from steelyard.cli.output import shown
from steelyard.cli.vectors.compare import Failure, plain
from steelyard.cli.vectors.suites import FOREIGN, Case, Suite, suite_of, suite_of_file

FAILED, USAGE = 1, 2
LISTS = ("vectors", "cases")
"""Names under which a file has its cases."""


class CaseFailure(Struct, frozen=True):
    """One expectation of one case that does not hold."""

    name: str
    key: str
    words: str
    expected: Any = None
    got: Any = None


class Judged(Struct, frozen=True):
    """One file of a known format."""

    path: str
    format: str
    passed: int
    total: int
    failures: list[CaseFailure]
    kinds: dict[str, tuple[int, int]] = {}
    """Where cases say of which kind they are: passed and total of each"""


class Skipped(Struct, frozen=True):
    """One file that nobody judges, and why."""

    path: str
    format: str | None
    why: str


class Report(Struct):
    """What a run found; `unreadable` holds files of cases that could not be read."""

    suites: list[Judged]
    skipped: list[Skipped]
    unreadable: list[Skipped]
    passed: int = 0
    total: int = 0

    @property
    def exit_code(self) -> int:
        """Give 0 if all passed, 1 if anything failed, 2 if nothing was judged."""
        if self.unreadable or self.passed != self.total:
            return FAILED
        return 0 if self.suites else USAGE


def vectors(folder: Path, /, *, json: Path | None = None) -> int:
    """Run cases with known answers through the functions that the system runs on.

    Reads *.json and *.json.gz below the folder, and files known by name; what has no known format is listed as
    skipped. Exit 0 if all pass, 1 if any fails, 2 if there is nothing to judge.

    Parameters
    ----------
    folder
        Where to look.
    json
        A file to write the result to.
    """
    if not folder.is_dir():
        return _say(f"{str(folder)!r} is no folder")
    report = Report([], [], [])
    for path in files(folder):
        _print(run_file(path, report))
    _print([_sum(report)])
    if json is not None:
        try:
            json.write_bytes(
                msgspec.json.format(msgspec.json.encode(report, enc_hook=plain), indent=1) + b"\n"
            )
        except OSError as error:
            return _say(f"{str(json)!r} cannot be written: {error.strerror}")
    if report.exit_code == USAGE:
        _say(f"no case of a known format below {str(folder)!r}")
    return report.exit_code


def files(folder: Path) -> Iterator[Path]:
    """Give what may hold cases, in the order of paths."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (
            path.name.endswith((".json", ".json.gz"))
            or path.name in FOREIGN
            or suite_of_file(path) is not None
        ):
            yield path


def run_file(path: Path, report: Report) -> list[str]:
    """Judge one file; give its lines."""
    try:
        suite, cases = _read(path)
    except _Skip as skip:
        report.skipped.append(Skipped(str(path), skip.format, skip.why))
        return [f"{path}  {skip.format or '-'}  skipped: {skip.why}"]
    except (OSError, EOFError, zlib.error, ValueError) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        report.unreadable.append(Skipped(str(path), None, why))
        return [f"{path}  -  unreadable: {why}"]
    failures, passed = [], 0
    kinds: dict[str, tuple[int, int]] = {}
    for number, case in enumerate(cases):
        name, found = _judge(suite, case, number)
        passed += not found
        if isinstance(case, dict) and isinstance(case.get("kind"), str):
            of_kind = kinds.get(case["kind"], (0, 0))
            kinds[case["kind"]] = (of_kind[0] + (not found), of_kind[1] + 1)
        failures += [CaseFailure(name, one.key, one.words(), one.expected, one.found) for one in found]
    report.suites.append(Judged(str(path), suite.format, passed, len(cases), failures, kinds))
    report.passed += passed
    report.total += len(cases)
    lines = [f"FAIL {path} {one.name} {one.key}: {one.words}" for one in failures]
    by_kind = [f"  {kind}  {good}/{total}" for kind, (good, total) in sorted(kinds.items())]
    return [f"{path}  {suite.format}  {passed}/{len(cases)}", *by_kind, *lines]


class _Skip(Exception):
    """A file that is not ours to judge."""

    def __init__(self, form: str | None, why: str) -> None:
        super().__init__(why)
        self.format, self.why = form, why


def _read(path: Path) -> tuple[Suite, list[Case]]:
    """Read the cases of a file, or say why not: `_Skip` if it is no suite, ValueError if it is a broken one."""
    by_name = suite_of_file(path)
    if by_name is not None:
        cases = by_name.cases(path)
        if not cases:
            raise ValueError("there is no case in it")
        return by_name, cases
    if path.name in FOREIGN:
        raise _Skip(None, "nothing here judges it")
    data = path.read_bytes()
    document = msgspec.json.decode(gzip.decompress(data) if path.suffix == ".gz" else data)
    form = document.get("format") if isinstance(document, dict) else None
    if not isinstance(form, str):
        raise _Skip(None, "it names no format")
    suite = suite_of(form)
    if suite is None:
        raise _Skip(form, "nothing here judges this format")
    found = next((document[name] for name in LISTS if name in document), None)
    if not isinstance(found, list) or not found:
        raise ValueError("there is no case in it")
    return suite, found


def _judge(suite: Suite, case: Any, number: int) -> tuple[str, list[Failure]]:
    """Judge one case; whatever goes wrong in it is its failure."""
    name = f"#{number}"
    try:
        name = str(case.get("name", case.get("id", name)))
        return name, suite.judge()(case)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        words = f"{type(error).__name__}: {' '.join(str(error).split())} ({Path(place.filename).name}:{place.lineno})"
        return name, [Failure("crash", rule=words)]


def _sum(report: Report) -> str:
    words = (
        f"{len(report.suites)} suites, {report.passed}/{report.total} passed, {len(report.skipped)} skipped"
    )
    return f"{words}, {len(report.unreadable)} unreadable" if report.unreadable else words


def _print(lines: list[str]) -> None:
    for line in lines:
        print(shown(line))


def _say(text: str) -> int:
    print(f"steelyard vectors: {shown(text)}", file=sys.stderr)
    return USAGE
