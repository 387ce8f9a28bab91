"""camt.053, account statement: what was booked in a business day, and the balances around it."""

from steelyard.iso20022.components import Cells, Version
from steelyard.iso20022.report import report_rows

NAME = "camt.053"
ROOT = "BkToCstmrStmt"
MEANING = "The keeper of an account tells what was booked on it in a day."
UNITS: tuple[tuple[str, ...], ...] = (("Stmt",), ("Stmt", "Ntry"))
ROWS: tuple[Cells, ...] = report_rows("Stmt", "statements", "Stmt", balances=True)
VERSIONS: dict[str, Version] = {"08": Version("2019"), "12": Version("2023")}
