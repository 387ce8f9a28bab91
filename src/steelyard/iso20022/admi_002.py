"""admi.002, message reject: the receiver could not take the message at all, and says why."""

from steelyard.iso20022.components import Cells, R, Version

NAME = "admi.002"
ROOT = "admi.002.001.01"
MEANING = "The refusal of a message that was never taken into the books."
UNITS: tuple[tuple[str, ...], ...] = ()
ROWS: tuple[Cells, ...] = (
    ("RltdRef", None, "group", "1", R, "Which message is refused."),
    ("RltdRef/Ref", "reference", "Max35Text", "1", R, "Its identifier, as far as one could be read."),
    ("Rsn", None, "group", "1", R, "Why it is refused."),
    ("Rsn/RjctgPtyRsn", "reason", "Max35Text", "1", R, "The reason, one word of the refusing party's list."),
    ("Rsn/RjctnDtTm", "refused_at", "ISODateTime", "?", R, "When it was refused."),
    ("Rsn/ErrLctn", "place", "Max350Text", "?", R, "Path of the faulty element, or line and column."),
    ("Rsn/RsnDesc", "text", "Max350Text", "?", R, "The reason in a sentence."),
    ("Rsn/AddtlData", "data", "Max20000Text", "?", R, "More for whoever repairs the message."),
)
VERSIONS: dict[str, Version] = {"01": Version("2019")}
