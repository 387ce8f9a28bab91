"""Plays every scene of members and money; `members_runner` says how a scene is written."""

from pathlib import Path

import pytest

from tests.scenes.members_runner import Scene, lines

SCENES = sorted((Path(__file__).parent / "members").glob("*.scene"))
WITHOUT_OUTCOME = {"member", "bank", "wait"}


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_the_scene_plays_as_written(path):
    scene = Scene()
    for number, columns in lines(path):
        if columns[0] in WITHOUT_OUTCOME:
            expected, said = "", scene.play(columns)
        else:
            expected, said = columns[-1], scene.play(columns[:-1])
        assert expected == said, f"{path.name}, line {number}: {' '.join(columns)}"


def test_there_is_a_scene_for_money_in_out_and_beside_and_for_a_new_member():
    assert {"fund", "redeem", "reconcile", "eleventh"} <= {path.stem for path in SCENES}
