"""A project never lies inside the photos, and never replaces another by default."""

import pytest

from ddm_studio.errors import InputError
from ddm_studio.gui.project_folder import can_be_resumed, check_project, default_project


def test_the_default_is_named_after_the_photos_and_lies_elsewhere(tmp_path):
    assert default_project(tmp_path / "old lens", tmp_path / "home") == tmp_path / "home" / "DDM Studio" / "old lens"


def test_a_taken_name_is_numbered(tmp_path):
    for name in ("old", "old 2"):
        folder = tmp_path / "DDM Studio" / name
        folder.mkdir(parents=True)
        (folder / "project.toml").touch()
    assert default_project(tmp_path / "old", tmp_path).name == "old 3"


def test_a_strange_name_becomes_a_plain_one(tmp_path):
    assert default_project(tmp_path / "a:b?*", tmp_path).name == "a_b__"


def test_a_project_inside_a_photo_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="photo folders are only read"):
        check_project(tmp_path / "blurry" / "project", tmp_path / "blurry", tmp_path / "sharp")
    check_project(tmp_path / "project", tmp_path / "blurry", tmp_path / "sharp")


def test_only_a_stopped_run_can_be_continued(tmp_path):
    assert not can_be_resumed(tmp_path)
    (tmp_path / "checkpoints").mkdir()
    for half in (".flow.0a1b.part.safetensors", "sharp_tiles.part"):
        (tmp_path / "checkpoints" / half).touch()
    assert not can_be_resumed(tmp_path)
    (tmp_path / "checkpoints" / "flow.safetensors").touch()
    assert can_be_resumed(tmp_path)
    (tmp_path / "profile.lens").touch()
    assert not can_be_resumed(tmp_path)
