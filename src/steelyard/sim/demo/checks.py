"""The gateway's check on messages of the real world: nothing is booked, every verdict is held to an index.

Reads a folder of reference data when there is one: rule cases are judged under the profile they were written
for, samples at schema level by the published schemas, since their banks are not of this world. The project's
own day of messages is checked always, by the network's own profile.
"""

import csv
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from steelyard.iso20022 import schema
from steelyard.iso20022.check import check
from steelyard.iso20022.context import Context, Level, Outcome, Verdict
from steelyard.iso20022.profiles import builtin
from steelyard.iso20022.profiles import file as profile_file
from steelyard.packs.reference import reference
from steelyard.values.instants import DAY

WORDS = {"xsd-invalid": ("XSD01", "BAH01"), "unchecked": ("BAH02",), "no-iso-part": ("BAH01",)}


class Tally(Struct):
    """What the check said of one set of messages, and which verdicts are not those of the index."""

    name: str
    accepted: int = 0
    rejected: int = 0
    refused: int = 0
    wrong: list[str] = []

    @property
    def count(self) -> int:
        """All messages of the set."""
        return self.accepted + self.rejected + self.refused

    def add(self, name: str, verdict: Verdict, *, right: bool) -> None:
        """Count a verdict."""
        match verdict.outcome:
            case Outcome.ACCEPTED:
                self.accepted += 1
            case Outcome.REJECTED:
                self.rejected += 1
            case Outcome.REFUSED:
                self.refused += 1
        if not right:
            self.wrong.append(f"{name}: {verdict.outcome.value} {' '.join(verdict.codes)}")


def check_rule_cases(folder: Path) -> Tally:
    """Judge the rule cases of a folder of reference data against its INDEX.tsv."""
    text = files("steelyard.packs").joinpath("demo", "rule_cases.toml").read_text("utf-8")
    context = profile_file.context_of(profile_file.read(text), reference(), now_at=0)
    tally = Tally("rule cases", wrong=[])
    for row in _index(folder / "rules" / "INDEX.tsv"):
        verdict = check((folder / "rules" / row["file"]).read_bytes(), context)
        tally.add(row["file"], verdict, right=_as_indexed(row, verdict))
    return tally


def _as_indexed(row: dict[str, str], verdict: Verdict) -> bool:
    if row["expected"] == "ACCEPT":
        return verdict.outcome is Outcome.ACCEPTED
    if row["answer_message"] == "admi.002":
        return verdict.outcome is Outcome.REFUSED
    codes = row["accepted_reason_codes"].replace(",", " ").replace("|", " ").split()
    return verdict.outcome is Outcome.REJECTED and verdict.codes[0] in codes


def check_samples(folder: Path) -> Tally:
    """Judge the samples of a folder of reference data at schema level against SAMPLES.tsv."""
    context = _schema_context(folder / "xsd")
    tally = Tally("samples", wrong=[])
    for row in _index(folder / "SAMPLES.tsv"):
        verdict = check((folder / row["file"]).read_bytes(), context, level=Level.SCHEMA)
        right = (
            verdict.outcome is Outcome.ACCEPTED
            if row["status"] == "xsd-valid"
            else verdict.outcome is Outcome.REFUSED and verdict.codes[0] in WORDS[row["status"]]
        )
        tally.add(row["file"], verdict, right=right)
    return tally


def _schema_context(folder: Path) -> Context:
    official = schema.load_dir({path.stem: path.read_bytes() for path in sorted(folder.glob("*.xsd"))})
    if isinstance(official, schema.BadSchema):
        raise ValueError(f"schema {official.message_id}.xsd: {official.text}")
    profile = builtin("iso")
    assert profile is not None
    bare = profile_file.context_of(profile_file.setting_of(profile), reference(), now_at=DAY)
    return replace(bare, official=official)


def _index(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text, delimiter="\t")
