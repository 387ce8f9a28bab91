"""The same acts give the same bytes: under any hash seed, and from a snapshot in the middle."""

import os
import random
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.limits import LimitKind
from steelyard.engine.records import LEG, RESERVE
from steelyard.engine.state import Engine
from tests.engine.world import AT, SECOND, Small

ROOT = Path(__file__).parents[2]


def walk(*, restart_every=0):
    """Do 2,000 acts drawn by a fixed seed and give SHA-256 of all that came out, and of the end state."""
    rng = random.Random(11)
    world = Small("anna", "bram", "cleo", "dora", "emil", funded=1_000)
    engine, at, open_ids, said = world.engine, AT, [], sha256()
    limit = engine.open_limit(LimitKind.PAIR, 1, 300, owner="anna", other="bram")
    engine.attach_limit(limit, [world.no("anna")])
    for serial in range(1, 2_001):
        at += rng.choice([1, 1, 1, SECOND])
        id = (at // 10**6) << 80 | serial
        legs = tuple(Leg(*rng.sample(range(2, 7), 2), rng.randint(1, 200)) for _ in range(rng.randint(1, 3)))
        roll = rng.random()
        if roll < 0.4:
            bundle = Bundle(id, Kind.PAYMENT, legs, policy=rng.randint(0, 1))
            act = engine.move(bundle, at=at, authority=(2, 3, 4, 5, 6))
        elif roll < 0.7:
            bundle = Bundle(id, Kind.PAYMENT, legs, deadline_at=at + rng.randint(1, 20) * SECOND)
            act = engine.reserve(bundle, at=at, authority=(2, 3, 4, 5, 6))
            open_ids += [id] if act.refusal is None else []
        elif open_ids and roll < 0.9:
            act = rng.choice([engine.settle, engine.release])(rng.choice(open_ids), at=at)
        else:
            rows = np.zeros(1, LEG)
            rows["id_low"], rows["id_high"], rows["act"] = serial, at // 10**6 << 16, RESERVE
            rows["source"], rows["target"], rows["amount_minor"] = legs[0][:3]
            rows["asset_no"], rows["kind"], rows["deadline_at"] = 1, Kind.PAYMENT, at + SECOND
            act = engine.apply_packed(rows.tobytes(), first_at=at, sender=rng.randint(2, 4))
        said.update(repr(act).encode())
        for expiry in engine.due(at, limit=3):
            said.update(repr(engine.expire(expiry.bundle_id, at=at)).encode())
        said.update(engine.take_records())
        if restart_every and serial % restart_every == 0:
            engine = Engine.decode(engine.encode())
    return said.hexdigest(), engine.state_hash().hex()


def test_hash_seeds_change_nothing():
    code = "from tests.engine.test_determinism import walk; print(*walk())"
    outs = []
    for seed in ("0", "1", "4711"):
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        run = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        outs.append(tuple(run.stdout.split()))

    assert {walk()} == set(outs)


def test_snapshots_in_the_middle_change_nothing():
    assert walk() == walk(restart_every=97)
