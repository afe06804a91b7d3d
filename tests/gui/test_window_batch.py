"""Many photos: listed, deblurred one after another, and each line says what has become of its photo."""

import time

import pytest
from fake_jobs import FakeJobs, write_photos
from gestures import LEFT, drop
from PIL import Image
from PySide6.QtCore import Qt

from ddm_studio.engine.requests import DeblurResult
from ddm_studio.events import BatchProgress, PhotoAlreadyDone, PhotoSaved, PhotoSkipped, PhotosQueued, PhotoStarted, Progress
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.views.batch_list import BatchList, PhotoState


class QueueJobs(FakeJobs):
    """The second photo fails the first time; the fourth is done already."""

    def deblur(self, request):
        self.requests.append(request)
        tries = len(self.requests)

        def job(report, control):
            saved, failed = [], []
            report(PhotosQueued(request.photos))
            for number, photo in enumerate(request.photos):
                report(BatchProgress(number, len(request.photos), 0, len(failed), 61.0))
                control.checkpoint(report)
                report(PhotoStarted(photo, number + 1, len(request.photos)))
                if number == 1 and tries == 1:
                    failed.append((photo, "It is damaged."))
                    report(PhotoSkipped(*failed[-1]))
                elif number == 3:
                    report(PhotoAlreadyDone(photo, request.out / photo.name))
                else:
                    for step in range(1, self.steps + 1):
                        time.sleep(self.seconds)
                        control.checkpoint(report)
                        report(Progress("deblurring", step, self.steps))
                    saved.append(request.out / photo.name)
                    report(PhotoSaved(photo, saved[-1]))
            report(BatchProgress(len(request.photos), len(request.photos), 1, len(failed), 0.0))
            return DeblurResult(tuple(saved), tuple(failed))

        return job


@pytest.fixture
def jobs():
    return QueueJobs(steps=3)


@pytest.fixture
def photos(tmp_path):
    return write_photos(tmp_path / "photos", 4)


@pytest.fixture
def page(window, qtbot, photos, profile):
    """A folder of four photos and a profile, dropped."""
    window.show_page("deblur")
    drop(window.deblur, [profile, photos[0].parent])
    qtbot.waitUntil(lambda: window.deblur.deblur.isEnabled() and len(window.deblur.batch.photos) == 4)
    return window.deblur


def states(page):
    return [page.batch.lines.topLevelItem(row).text(1) for row in range(page.batch.lines.topLevelItemCount())]


def test_a_folder_becomes_a_list_and_each_photo_tells_what_became_of_it(page, window, qtbot, jobs, photos):
    assert page.batch.isVisible()
    assert page.deblur.text() == "Deblur 4 photos and save"
    assert states(page) == ["waiting"] * 4
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    assert jobs.requests[0].photos == tuple(photos)
    assert states(page) == ["✓ saved", "⚠ failed", "✓ saved", "✓ already done"]
    assert page.batch.lines.topLevelItem(1).text(2) == "It is damaged."
    assert page.batch.total.text() == "3 of 4 done  ·  1 failed"
    assert "It is damaged" in window.messages.accessibleName()
    assert page.foot.open_folder.isVisible()
    assert page.foot.strip.what.text() == "✓ 3 photos are saved in ~/DDM Studio/deblurred"
    qtbot.mouseClick(page.batch.retry, LEFT)
    qtbot.waitUntil(lambda: states(page)[1] == "✓ saved")
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    assert jobs.requests[1].photos == (photos[1],)
    assert not page.batch.retry.isEnabled()


def test_photos_are_taken_off_and_added_and_one_can_be_looked_at(page, qtbot, photos, tmp_path):
    lines = page.batch.lines
    lines.setFocus()
    lines.setCurrentItem(lines.topLevelItem(2))
    qtbot.keyClick(lines, Qt.Key.Key_Delete)
    assert page.batch.photos == (photos[0], photos[1], photos[3])
    assert photos[2].exists()
    more = write_photos(tmp_path / "more", 1)
    drop(page, more)
    qtbot.waitUntil(lambda: page.batch.photos[3:] == tuple(more))
    lines.setCurrentItem(lines.topLevelItem(1))
    qtbot.keyClick(lines, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.photo_name.text() == photos[1].name)
    assert page.crop.isVisible()
    other = write_photos(tmp_path / "other", 1)
    drop(page, other)
    qtbot.waitUntil(lambda: page.batch.photos == tuple(other))
    assert page.deblur.text() == "Deblur full photo and save"


def test_folders_dropped_together_with_loose_photos_are_all_taken_each_photo_once(window, qtbot, photos, tmp_path):
    loose = write_photos(tmp_path / "loose", 2)
    more = write_photos(tmp_path / "more", 3)
    empty = tmp_path / "nothing"
    empty.mkdir()
    window.show_page("deblur")
    drop(window.deblur, [loose[0], photos[0].parent, photos[1], empty, more[0].parent, loose[1]])
    qtbot.waitUntil(lambda: len(window.deblur.batch.photos) > 0)
    assert window.deblur.batch.photos == (loose[0], *photos, *more, loose[1])
    assert "nothing" in window.messages.accessibleName()


def cut_short(photo, name):
    cut = photo.with_name(name)
    Image.open(photo).save(cut)
    cut.write_bytes(cut.read_bytes()[:-200])
    return cut


def test_files_of_a_drop_that_are_no_photos_are_counted_and_named(window, qtbot, photos):
    folder = photos[0].parent
    (folder / "notes.txt").write_text("notes")
    (folder / ".DS_Store").write_text("left by another program")
    cut_short(photos[0], "half.jpg")
    window.show_page("deblur")
    drop(window.deblur, [folder])
    qtbot.waitUntil(lambda: window.deblur.batch.photos == tuple(photos))
    told = window.messages.accessibleName()
    assert "2 files were passed over, 4 photos were taken" in told
    assert "half.jpg: the file is damaged or cut short" in told
    assert "notes.txt: it is not a photo" in told
    assert "DS_Store" not in told


def test_loose_files_that_are_no_photos_are_told_before_anything_is_queued(page, window, qtbot, photos, tmp_path):
    more = write_photos(tmp_path / "more", 1)
    (tmp_path / "list.txt").write_text("notes")
    drop(page, [tmp_path / "list.txt", *more])
    qtbot.waitUntil(lambda: page.batch.photos == (*photos, *more))
    assert "1 file was passed over, 1 photo was taken" in window.messages.accessibleName()
    drop(page, [cut_short(photos[0], "half.jpg")])
    qtbot.waitUntil(lambda: "half.jpg" in window.messages.accessibleName())
    assert page.batch.photos == (*photos, *more)


def test_a_single_dropped_file_cut_short_is_told_by_its_name(window, qtbot, photos):
    window.show_page("deblur")
    drop(window.deblur, [cut_short(photos[0], "half.jpg")])
    qtbot.waitUntil(lambda: "half.jpg" in window.messages.accessibleName())
    assert "cut short" in window.messages.accessibleName()
    assert window.deblur.empty.isVisible()


@pytest.mark.parametrize("jobs", [QueueJobs(steps=1_000, seconds=0.001)])
def test_a_batch_that_is_stopped_leaves_the_others_waiting(page, window, qtbot):
    qtbot.mouseClick(page.deblur, LEFT)
    qtbot.waitUntil(lambda: "running" in states(page)[0])
    qtbot.waitUntil(lambda: page.foot.strip.bar.value() > 0)
    assert "about 1 min left" in page.foot.strip.numbers.text()
    assert not page.batch.add.isEnabled()
    qtbot.mouseClick(page.foot.strip.stop, LEFT)
    qtbot.waitUntil(lambda: window.state is RunState.IDLE)
    assert states(page) == ["waiting"] * 4


def test_every_photo_of_a_list_tells_what_has_become_of_it(qtbot, photos):
    batch = BatchList()
    qtbot.addWidget(batch)
    batch.show_photos(photos)
    batch.show_event(PhotosQueued(tuple(photos)))
    for number, photo in enumerate(photos[:2]):
        batch.show_event(BatchProgress(number, 4, 0, 0, None))
        batch.show_event(PhotoStarted(photo, number + 1, 4))
        batch.show_event(Progress("deblurring", 5, 10))
        assert batch.lines.topLevelItem(number).text(1) == "running, 50 %"
        batch.show_event(PhotoSaved(photo, photo))
    assert batch.in_state(PhotoState.SAVED) == tuple(photos[:2])
    batch.show_event(PhotoSaved(photos[2], photos[2].with_name("earlier.tif"), replaced=True))
    assert [batch.lines.topLevelItem(row).text(2) for row in (1, 2)] == [photos[1].name, "earlier.tif  ·  replaced"]
