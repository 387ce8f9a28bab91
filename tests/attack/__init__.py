"""Hostile input and bad luck: what must neither stop the node nor let anybody take what is not his."""
