"""camt.054, notification of single bookings, right after they were made."""

from steelyard.iso20022.components import Cells, Version
from steelyard.iso20022.report import report_rows

NAME = "camt.054"
ROOT = "BkToCstmrDbtCdtNtfctn"
MEANING = "The keeper of an account tells of bookings as they happen."
UNITS: tuple[tuple[str, ...], ...] = (("Ntfctn",), ("Ntfctn", "Ntry"))
ROWS: tuple[Cells, ...] = report_rows("Ntfctn", "notifications", "Ntfctn", balances=False)
VERSIONS: dict[str, Version] = {"08": Version("2019"), "12": Version("2023")}
