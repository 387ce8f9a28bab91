"""The corridor: voyages step by step, berths that are taken once, bills of lading with one holder. Pure."""
