"""Settlement algorithms: one file each, pure functions of what is queued and what money there is."""
