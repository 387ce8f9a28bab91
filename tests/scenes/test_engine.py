"""Plays every scene of the engine; `engine_runner` says how a scene is written."""

from pathlib import Path

import pytest

from tests.scenes.engine_runner import Scene, lines

SCENES = sorted((Path(__file__).parent / "engine").glob("*.scene"))
ACTS = {"move", "reserve", "settle", "release", "pin", "expire", "reverse"}


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_the_scene_plays_as_written(path):
    scene = Scene()
    for number, columns in lines(path):
        if columns[0] in ACTS:
            expected, said = columns[-1], scene.play(columns[:-1])
        else:
            expected, said = columns[-1] if columns[0] == "balance" else "", scene.play(columns)
        assert expected == said, f"{path.name}, line {number}: {' '.join(columns)}"


def test_there_is_a_scene_for_bundles_reservations_and_limits():
    assert {"bundles", "reservations", "limits", "reversals"} <= {path.stem for path in SCENES}
