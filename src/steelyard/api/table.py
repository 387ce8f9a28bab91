"""Every route there is. A new one is a line in its resource's file; the rights, tests and documents follow."""

from steelyard.api.route import Route
from steelyard.api.routes import acts, directory, fx, messages, payments, service

ROUTES: tuple[Route, ...] = (
    *service.ROUTES,
    *messages.ROUTES,
    *payments.ROUTES,
    *fx.ROUTES,
    *directory.ROUTES,
    *acts.ROUTES,
)
