"""Plays every scene of payments; `payments_runner` says how a scene is written."""

from pathlib import Path

import pytest

from tests.scenes.engine_runner import lines
from tests.scenes.payments_runner import Scene

SCENES = sorted((Path(__file__).parent / "payments").glob("*.scene"))
SAYS = set("quote pay answer cancel credited state balance class front back why resolve".split())


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_the_scene_plays_as_written(path: Path) -> None:
    scene = Scene()
    for number, columns in lines(path):
        says = columns[0].split()[0] in SAYS
        expected = columns[-1] if says else ""
        said = scene.play(columns[:-1] if says else columns)
        assert expected == said, f"{path.name}, line {number}: {' '.join(columns)}"


def test_the_scenes_of_the_first_release_are_there() -> None:
    assert {
        "one_currency", "exchange", "no_vehicle", "queue", "offer_ends", "orphan_fx_leg", "quote_edge", "cancel",
        "hold_back", "suspend_in_flight", "always_final", "provider_short", "guarded", "own_limits", "kept",
        "holding_cap", "ring",
    } <= {path.stem for path in SCENES}  # fmt: skip
