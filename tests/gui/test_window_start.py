"""The first screen, what was opened lately, and dropping anything anywhere."""

import shutil

import pytest
from fake_jobs import FakeJobs, made_up_profile, write_photos
from gestures import LEFT, NO_KEYS, drop
from PySide6.QtCore import QCoreApplication, QMimeData, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent
from PySide6.QtWidgets import QPushButton

from ddm_studio.engine.requests import DemoRequest
from ddm_studio.gui.dropped import sort_drop
from ddm_studio.gui.main_window import MainWindow
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.placing import place_folders
from ddm_studio.gui.recent import KEPT, RecentKind, RecentThing, read_recent, with_newest, write_recent
from ddm_studio.profiles.lens_profile import save_profile
from ddm_studio.project import begin_project
from ddm_studio.settings import Preset, preset_settings


def shown(rows):
    return [row.open.accessibleName() for row in rows]


def answer(window, qtbot, words):
    qtbot.waitUntil(lambda: window.openings.question is not None and window.openings.question.isVisible())
    buttons = {button.text(): button for button in window.openings.question.findChildren(QPushButton)}
    qtbot.mouseClick(buttons[words], LEFT)


def test_the_window_opens_on_three_doors(window, qtbot, jobs):
    assert window.page == "start"
    qtbot.mouseClick(window.start.calibrate, LEFT)
    assert window.page == "photos"
    window.show_page("start")
    qtbot.mouseClick(window.start.demo, LEFT)
    assert window.page == "calibrate"
    assert isinstance(jobs.requests[0], DemoRequest)


def test_the_door_to_deblurring_asks_for_a_profile_only_while_there_is_none(window, qtbot, profile, monkeypatch):
    asked = []
    monkeypatch.setattr(window.lens, "choose", lambda: asked.append("profile"))
    qtbot.mouseClick(window.start.deblur, LEFT)
    assert (window.page, asked) == ("deblur", ["profile"])
    drop(window, [profile])
    qtbot.waitUntil(window.deblur.has_profile)
    window.show_page("start")
    qtbot.mouseClick(window.start.deblur, LEFT)
    assert (window.page, asked) == ("deblur", ["profile"])


def test_what_was_opened_is_there_at_the_next_visit_and_can_be_forgotten(qtbot, tmp_path, profile):
    first = MainWindow(FakeJobs(), Memory(tmp_path / "config"))
    first.show()
    first.open_path(profile)
    qtbot.waitUntil(first.deblur.has_profile)
    first.close()
    second = MainWindow(FakeJobs(), Memory(tmp_path / "config"))
    second.show()
    assert shown(second.start.profiles.rows) == ["Open Fakegon 50 mm f/1.8, f/2"]
    qtbot.mouseClick(second.start.profiles.rows[0].open, LEFT)
    qtbot.waitUntil(second.deblur.has_profile)
    assert second.page == "lens"
    second.show_page("start")
    qtbot.mouseClick(second.start.profiles.rows[0].forget, LEFT)
    assert second.start.profiles.rows == []
    second.close()
    assert read_recent(tmp_path / "config" / "recent.toml") == ()
    assert profile.exists()


def test_what_is_missing_is_grey_with_the_reason(qtbot, tmp_path, profile):
    unplugged = RecentThing(RecentKind.PROFILE, tmp_path / "stick" / "a.lens", "On a stick")
    deleted = RecentThing(RecentKind.PROFILE, tmp_path / "b.lens", "Deleted")
    no_project = RecentThing(RecentKind.PROJECT, profile.parent, "Empty")
    there = RecentThing(RecentKind.PROFILE, profile, "There")
    write_recent(tmp_path / "config" / "recent.toml", [unplugged, deleted, no_project, there])
    window = MainWindow(FakeJobs(), Memory(tmp_path / "config"))
    window.show()
    qtbot.waitUntil(lambda: not window.start.projects.rows[0].open.isEnabled())
    assert [row.open.isEnabled() for row in window.start.profiles.rows] == [False, False, True]
    assert "plugged in" in window.start.profiles.rows[0].open.toolTip()
    assert "deleted" in window.start.profiles.rows[1].open.toolTip()
    assert "no project" in window.start.projects.rows[0].open.toolTip()
    assert all(row.forget.isEnabled() for row in window.start.profiles.rows)
    window.close()


def test_the_list_of_recent_things_is_short_and_has_each_once(tmp_path):
    things = ()
    for number in [*range(KEPT + 3), 4]:
        things = with_newest(things, RecentThing(RecentKind.PROFILE, tmp_path / f"{number}.lens", str(number)))
    assert len(things) == KEPT
    assert [thing.name for thing in things][:2] == ["4", str(KEPT + 2)]


def test_a_profile_dropped_anywhere_opens_on_the_lens_page(window, qtbot, profile):
    for page in ("start", "photos", "calibrate", "deblur"):
        window.show_page(page)
        drop(window, [profile])
        qtbot.waitUntil(lambda: window.page == "lens")


def test_photos_go_to_deblur_once_a_profile_is_open(window, qtbot, profile, blurry):
    drop(window, [blurry / "photo_000.png"])
    answer(window, qtbot, "Cancel")
    assert window.page == "start"
    drop(window, [profile])
    qtbot.waitUntil(window.deblur.has_profile)
    drop(window, [blurry / "photo_000.png"])
    qtbot.waitUntil(window.deblur.compare.isEnabled)
    assert window.page == "deblur"


def test_a_folder_of_photos_is_asked_about_and_the_next_one_is_the_other_set(window, qtbot, tmp_path):
    for name, seed in (("monday", 0), ("tuesday", 1)):
        write_photos(tmp_path / name, 3, seed=seed)
    drop(window, [tmp_path / "monday"])
    answer(window, qtbot, "Sharp photos")
    qtbot.waitUntil(lambda: window.photos.sharp.counts.text() == "3 photos")
    assert window.page == "photos"
    drop(window, [tmp_path / "tuesday"])
    qtbot.waitUntil(window.photos.next.isEnabled)
    assert window.photos.folder_of("blurry") == tmp_path / "tuesday"


def test_single_photos_dropped_with_folders_are_not_lost_without_a_word(window, qtbot, tmp_path):
    for name, seed in (("blurry", 0), ("sharp", 1), ("loose", 2)):
        write_photos(tmp_path / name, 2, seed=seed)
    drop(window, [tmp_path / "blurry", tmp_path / "sharp", *sorted((tmp_path / "loose").iterdir())])
    qtbot.waitUntil(window.photos.next.isEnabled)
    assert window.messages.isVisible()
    assert "2 photos" in window.messages.why.text()


@pytest.mark.parametrize(
    ("names", "taken", "placed"),
    [
        (["lens blurry"], [], {"blurry": 0}),
        (["Sharp set"], [], {"sharp": 0}),
        (["unsharp"], [], {"blurry": 0}),
        (["monday"], [], None),
        (["monday"], ["blurry"], {"sharp": 0}),
        (["monday"], ["blurry", "sharp"], None),
        (["sharp"], ["sharp"], None),
        (["monday", "sharp"], [], {"blurry": 0, "sharp": 1}),
        (["sharp", "blurry"], [], {"blurry": 1, "sharp": 0}),
        (["monday", "tuesday"], [], None),
        (["sharp 1", "sharp 2"], [], None),
    ],
)
def test_folders_are_placed_by_their_names_or_by_what_is_missing(tmp_path, names, taken, placed):
    folders = [tmp_path / name for name in names]
    expected = None if placed is None else {name: folders[place] for name, place in placed.items()}
    assert place_folders(folders, taken) == expected


def test_a_stopped_project_opens_with_its_photos_and_settings(window, qtbot, tmp_path, blurry, sharp):
    begin_project(tmp_path / "lens 35", blurry, sharp, preset_settings(Preset.QUICK, grid_rows=5))
    drop(window, [tmp_path / "lens 35"])
    qtbot.waitUntil(window.calibrate.start.isEnabled)
    assert window.page == "calibrate"
    assert window.calibrate.form.settings.grid_rows == 5
    assert window.calibrate.form.presets.preset is Preset.QUICK
    assert window.calibrate.form.project_folder == tmp_path / "lens 35"
    window.show_page("start")
    assert shown(window.start.projects.rows) == ["Open lens 35"]


def test_a_finished_project_opens_its_lens(window, qtbot, tmp_path, blurry, sharp):
    project = begin_project(tmp_path / "lens 35", blurry, sharp, preset_settings(Preset.INSTANT))
    save_profile(made_up_profile(), project.profile)
    drop(window, [project.folder])
    qtbot.waitUntil(window.deblur.has_profile)
    assert window.page == "lens"


def test_what_cannot_be_opened_is_told_with_the_reason(window, qtbot, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear lens")
    drop(window, [tmp_path / "letter.txt"])
    qtbot.waitUntil(window.messages.isVisible)
    assert "letter.txt" in window.messages.what.text()
    assert window.messages.why.text()
    assert ".lens" in window.messages.advice.text()


def test_a_heap_is_sorted(tmp_path, profile, blurry, sharp):
    project = begin_project(tmp_path / "project", blurry, sharp, preset_settings(Preset.INSTANT))
    (tmp_path / "empty").mkdir()
    heap = [profile, project.folder, blurry, sharp / "photo_000.png", tmp_path / "empty", blurry / "notes.txt"]
    found = sort_drop(heap)
    assert (found.projects, found.profiles, found.folders, found.photos) == ((heap[1],), (heap[0],), (heap[2],), (heap[3],))
    assert [path for path, _ in found.strange] == [heap[4], heap[5]]
    shutil.rmtree(project.folder)


def test_the_window_shows_that_it_will_take_a_drop(window, profile):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(profile))])
    enter = QDragEnterEvent(window.rect().center(), Qt.DropAction.CopyAction, data, LEFT, NO_KEYS)
    QCoreApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    assert window.centralWidget().property("hot") == "true"
    QCoreApplication.sendEvent(window, QDragLeaveEvent())
    assert window.centralWidget().property("hot") == "false"
