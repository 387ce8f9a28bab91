"""Each book balances: what was debited was credited, and the same for what is reserved."""

from steelyard.engine.state import Engine


def broken(engine: Engine, accounts: range) -> str | None:
    """Say which book does not balance; the share does not matter, a book is a whole."""
    settled, reserved = [0] * len(engine.assets), [0] * len(engine.assets)
    for account in engine.accounts[1:]:
        assert account is not None
        settled[account.asset_no] += account.debits_settled - account.credits_settled
        reserved[account.asset_no] += account.debits_reserved - account.credits_reserved
    for asset_no in range(1, len(engine.assets)):
        if settled[asset_no] or reserved[asset_no]:
            return f"asset {asset_no}: debits exceed credits by {settled[asset_no]}, reserved {reserved[asset_no]}"
    return None
