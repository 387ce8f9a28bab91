"""Where the shared reference data lies, if it is here at all.

Some tests read third-party data that the project may not ship. They look for a folder
`shared/data` beside the checkout, or where STEELYARD_SHARED_DATA points, and skip without it.
"""

import os
from pathlib import Path


def _find() -> Path | None:
    """Give the folder of reference data, or None."""
    named = os.environ.get("STEELYARD_SHARED_DATA")
    candidates = [Path(named)] if named else [Path(__file__).resolve().parents[2] / "shared" / "data"]
    return next((folder for folder in candidates if folder.is_dir()), None)


SHARED = _find()
