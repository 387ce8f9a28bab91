"""camt.052, account report: how an account stands within the day, on demand."""

from steelyard.iso20022.components import Cells, Version
from steelyard.iso20022.report import report_rows

NAME = "camt.052"
ROOT = "BkToCstmrAcctRpt"
MEANING = "The keeper of an account tells how it stands before the day ends."
UNITS: tuple[tuple[str, ...], ...] = (("Rpt",), ("Rpt", "Ntry"))
ROWS: tuple[Cells, ...] = report_rows("Rpt", "reports", "Rpt", balances=True)
VERSIONS: dict[str, Version] = {"08": Version("2019"), "12": Version("2023")}
