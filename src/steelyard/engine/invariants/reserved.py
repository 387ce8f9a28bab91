"""Reserved counters are the sum of the open reservations of the account."""

from steelyard.engine.state import Engine


def broken(engine: Engine, accounts: range) -> str | None:
    """Say which account's reserved counters differ from its open reservations."""
    out: dict[int, int] = {}
    into: dict[int, int] = {}
    for reservation in engine.reservations.values():
        for source, target, amount, _ in reservation.legs:
            out[source] = out.get(source, 0) + amount
            into[target] = into.get(target, 0) + amount
    for account_no in accounts:
        account = engine.accounts[account_no]
        assert account is not None
        if (account.debits_reserved, account.credits_reserved) != (
            out.get(account_no, 0),
            into.get(account_no, 0),
        ):
            return f"account {account_no}: reserved counters differ from its open reservations"
    return None
