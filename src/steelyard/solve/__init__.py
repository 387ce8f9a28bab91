"""Solvers of other makers behind the protocols of the domains; the only place that imports OR-Tools."""
