"""`iso`: checking at schema level alone. No usage rules; a node never books from it."""

from steelyard.iso20022.profiles.profile import Profile

PROFILE = Profile("iso", header="optional")
