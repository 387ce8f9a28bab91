"""The client of a node: `Steelyard` and `AsyncSteelyard`, typed with the API's own shapes.

Nothing of the server is imported here, nor any of its libraries: a bank's program needs msgspec and httpcore.
"""
