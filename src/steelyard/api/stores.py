"""What a gateway reads and writes beside the link: the access store, evidence (reading) and the projection."""

from typing import NamedTuple

from steelyard.node.config import Config
from steelyard.storage.access import Access, open_access
from steelyard.storage.evidence import Evidence
from steelyard.storage.opening import open_evidence
from steelyard.storage.queries import Reader


class Stores(NamedTuple):
    """The stores of one gateway."""

    access: Access
    evidence: Evidence
    reader: Reader

    def close(self) -> None:
        """Close all of them."""
        self.access.close()
        self.evidence.close()
        self.reader.close()


def open_stores(config: Config) -> Stores:
    """Open the stores that the settings name."""
    return Stores(
        open_access(config.address("access"), profile=config.commit_profile),
        open_evidence(config.address("evidence"), profile=config.commit_profile),
        Reader(config.address("projection")),
    )
