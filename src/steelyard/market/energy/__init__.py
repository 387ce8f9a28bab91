"""Energy: supply contracts with take-or-pay, and matching who has with who needs."""
