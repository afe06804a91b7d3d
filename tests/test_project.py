"""Files are whole or absent, photo folders are never written to, and a resumed run is the same run."""

import stat
import sys
from pathlib import Path

import pytest

from ddm_studio.errors import InputError
from ddm_studio.project import Project, begin_project, resume_project, write_atomically
from ddm_studio.settings import CalibrationSettings, Device, Preset, preset_settings


class FullDisk:
    """Writes half of a file, then fails as a full disk does."""

    def __call__(self, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")


class Interrupted:
    """Writes half of a file, then is interrupted by the keyboard."""

    def __call__(self, path):
        path.write_bytes(b"half")
        raise KeyboardInterrupt


def names(folder):
    return [item.name for item in folder.iterdir()]


@pytest.fixture
def photos(tmp_path):
    for name in ("blurry", "sharp"):
        (tmp_path / name).mkdir()
    return tmp_path / "blurry", tmp_path / "sharp"


def test_bytes_and_writers_are_written(tmp_path):
    write_atomically(tmp_path / "new" / "a.bin", b"one")
    write_atomically(tmp_path / "new" / "a.bin", lambda path: path.write_bytes(b"two"))
    assert (tmp_path / "new" / "a.bin").read_bytes() == b"two"
    assert names(tmp_path / "new") == ["a.bin"]


def test_the_temporary_file_has_the_same_folder_and_suffix(tmp_path):
    seen = []
    write_atomically(tmp_path / "a.tiff", lambda path: (seen.append(path), path.touch()))
    assert seen[0].parent == tmp_path
    assert seen[0].suffix == ".tiff"
    assert seen[0].name.startswith(".")


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"old")
    with pytest.raises(InputError, match=r"a\.bin cannot be written\. No space left on device\. Choose") as caught:
        write_atomically(tmp_path / "a.bin", FullDisk())
    assert caught.value.advice
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_an_interruption_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.bin", Interrupted())
    assert names(tmp_path) == []


def test_a_file_where_a_folder_should_be_is_refused(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_atomically(tmp_path / "a" / "b.bin", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such mode bits")
def test_written_files_have_the_usual_permissions(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    write_atomically(tmp_path / "a.bin", b"")
    assert stat.S_IMODE((tmp_path / "a.bin").stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


@pytest.mark.parametrize(
    "settings",
    [
        CalibrationSettings(),
        preset_settings(Preset.PAPER, noise=0.02, sharp_crop=(768, 512), seed=7, colour="mono"),
    ],
)
def test_project_toml_holds_photos_and_settings(tmp_path, photos, settings):
    project = begin_project(tmp_path / "lens", *photos, settings)
    contents = Project(tmp_path / "lens").read()
    assert (contents.blurry, contents.sharp, contents.settings) == (*photos, settings)
    assert project.profile == tmp_path / "lens" / "profile.lens"
    assert project.checkpoints.is_dir()
    assert project.report.is_dir()


def test_odd_folder_names_survive(tmp_path):
    blurry, sharp = tmp_path / 'a "quoted" \\ [name]', tmp_path / "Öl\tund\x7f'Tab'"
    blurry.mkdir()
    sharp.mkdir()
    begin_project(tmp_path / "lens", blurry, sharp, CalibrationSettings())
    contents = Project(tmp_path / "lens").read()
    assert (contents.blurry, contents.sharp) == (blurry, sharp)


@pytest.mark.parametrize("place", ["blurry", "sharp", "blurry/lens", "sharp/deep/lens", "link/lens"])
def test_a_project_inside_a_photo_folder_is_refused(tmp_path, photos, place):
    (tmp_path / "link").symlink_to(tmp_path / "blurry")
    with pytest.raises(InputError, match="never written to"):
        begin_project(tmp_path / place, *photos, CalibrationSettings())
    assert names(tmp_path / "blurry") == []
    assert names(tmp_path / "sharp") == []


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path, photos):
    (tmp_path / "lens").mkdir()
    (tmp_path / "lens" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="other files"):
        begin_project(tmp_path / "lens", *photos, CalibrationSettings())
    assert names(tmp_path / "lens") == ["thesis.txt"]


def test_an_empty_folder_and_file_managers_litter_are_fine(tmp_path, photos):
    (tmp_path / "lens").mkdir()
    (tmp_path / "lens" / ".DS_Store").write_text("")
    assert begin_project(tmp_path / "lens", *photos, CalibrationSettings()).contents_file.exists()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path, photos):
    (tmp_path / "lens").write_text("")
    with pytest.raises(InputError, match="a file, not a folder"):
        begin_project(tmp_path / "lens", *photos, CalibrationSettings())


def test_beginning_again_forgets_snapshots_and_sets_the_profile_aside(tmp_path, photos):
    project = begin_project(tmp_path / "lens", *photos, CalibrationSettings())
    (project.checkpoints / "flow.safetensors").write_bytes(b"old")
    project.profile.write_bytes(b"the profile of last week")
    begin_project(tmp_path / "lens", *photos, CalibrationSettings(seed=1))
    assert names(project.checkpoints) == []
    assert not project.profile.exists()
    before = project.folder / "profile.before.lens"
    assert before.read_bytes() == b"the profile of last week"
    begin_project(tmp_path / "lens", *photos, CalibrationSettings(seed=1))
    assert before.exists()
    assert project.read().settings.seed == 1


def test_however_often_it_is_begun_again_no_profile_is_lost(tmp_path, photos):
    for number in range(4):
        project = begin_project(tmp_path / "lens", *photos, CalibrationSettings(seed=number))
        project.profile.write_text(f"profile {number}")
    kept = {path.name: path.read_text() for path in project.folder.glob("*.lens")}
    assert sorted(kept.values()) == ["profile 0", "profile 1", "profile 2", "profile 3"]
    assert (kept["profile.lens"], kept["profile.before.lens"]) == ("profile 3", "profile 0")


def test_resuming_the_same_run_keeps_the_snapshots(tmp_path, photos, monkeypatch):
    project = begin_project(tmp_path / "lens", *photos, CalibrationSettings())
    (project.checkpoints / "flow.safetensors").write_bytes(b"kept")
    monkeypatch.chdir(tmp_path)
    again = resume_project(Path("lens"), Path("blurry"), Path("sharp"), CalibrationSettings(device=Device.CPU))
    assert again == project
    assert (project.checkpoints / "flow.safetensors").read_bytes() == b"kept"


def test_resuming_another_run_names_what_differs(tmp_path, photos):
    blurry, sharp = photos
    begin_project(tmp_path / "lens", blurry, sharp, CalibrationSettings())
    with pytest.raises(InputError) as caught:
        resume_project(tmp_path / "lens", sharp, sharp, CalibrationSettings(seed=3, noise=0.02))
    message = str(caught.value)
    assert "seed was 0 and is 3" in message
    assert "noise was not set and is 0.02" in message
    assert "photos.blurry" in message
    assert "kernel_size" not in message
    assert "without --resume" in message


def test_resuming_without_a_project_is_refused(tmp_path, photos):
    with pytest.raises(InputError, match=r"project\.toml is missing"):
        resume_project(tmp_path / "lens", *photos, CalibrationSettings())
    assert not (tmp_path / "lens").exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not [ toml", "cannot be read"),
        ("\x00", "cannot be read"),
        ("format = 4", "newer DDM Studio"),
        ("format = 1", "missing"),
        ('format = 1\nphotos = "here"\n[settings]', "not a project"),
        ('format = 1\n[photos]\nblurry = "a"\nsharp = "b"\n[settings]\nkernel_size = 4', "odd"),
        ('format = 1\n[photos]\nblurry = "a"\nsharp = "b"\n[settings]\nwarp = 4', "warp"),
    ],
)
def test_a_damaged_or_newer_project_is_refused_and_left_alone(tmp_path, photos, text, reason):
    (tmp_path / "lens").mkdir()
    (tmp_path / "lens" / "project.toml").write_text(text)
    for enter in (begin_project, resume_project):
        with pytest.raises(InputError, match=reason):
            enter(tmp_path / "lens", *photos, CalibrationSettings())
    assert (tmp_path / "lens" / "project.toml").read_text() == text


def test_photos_left_out_are_remembered(tmp_path, photos):
    blurry, sharp = photos
    settings = CalibrationSettings()
    project = begin_project(tmp_path / "lens", blurry, sharp, settings, [blurry / "b.tif", blurry / "a.tif", blurry / "a.tif"])
    assert project.read().left_out == (blurry / "a.tif", blurry / "b.tif")
    assert resume_project(tmp_path / "lens", blurry, sharp, settings, [blurry / "a.tif", blurry / "b.tif"]) == project
    with pytest.raises(InputError, match="left_out"):
        resume_project(tmp_path / "lens", blurry, sharp, settings, [blurry / "a.tif"])


def test_a_project_of_an_older_format_left_nothing_out(tmp_path, photos):
    project = begin_project(tmp_path / "lens", *photos, CalibrationSettings())
    text = project.contents_file.read_text()
    assert "left_out" not in text
    project.contents_file.write_text(text.replace("format = 3", "format = 2"))
    assert project.read().left_out == ()
