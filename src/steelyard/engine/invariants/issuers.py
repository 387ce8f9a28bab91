"""What was issued is what all others hold, and no issuer has less than nothing out."""

from steelyard.engine.accounts import ISSUERS
from steelyard.engine.state import Engine


def broken(engine: Engine, accounts: range) -> str | None:
    """Say whose issue does not meet what is held; the share does not matter."""
    issued: dict[int, int] = {}
    held: dict[int, int] = {}
    for account in engine.accounts[1:]:
        assert account is not None
        if account.kind in ISSUERS:
            if account.signed > 0:
                return f"account {account.account_no} took back {account.signed} more than it issued"
            issued[account.asset_no] = issued.get(account.asset_no, 0) - account.signed
        else:
            held[account.asset_no] = held.get(account.asset_no, 0) + account.signed
    for asset_no, amount in held.items():
        if amount != issued.get(asset_no, 0):
            return f"asset {asset_no}: {issued.get(asset_no, 0)} issued, {amount} held"
    return None
