"""Every route there is. A new one is a line in its resource's file; the rights, tests and documents follow."""

from steelyard.api.route import Route
from steelyard.api.routes import (
    access,
    accounts,
    acts,
    approvals,
    batches,
    bulk,
    credit,
    cycles,
    directory,
    documents,
    events,
    fx,
    fx_orders,
    liquidity,
    messages,
    payments,
    sandbox,
    service,
)

ROUTES: tuple[Route, ...] = (
    *service.ROUTES,
    *documents.ROUTES,
    *access.ROUTES,
    *directory.ROUTES,
    *payments.ROUTES,
    *messages.ROUTES,
    *accounts.ROUTES,
    *fx.ROUTES,
    *fx_orders.ROUTES,
    *liquidity.ROUTES,
    *batches.ROUTES,
    *cycles.ROUTES,
    *credit.ROUTES,
    *approvals.ROUTES,
    *events.ROUTES,
    *bulk.ROUTES,
    *acts.ROUTES,
    *sandbox.ROUTES,
)
