"""The window: five pages, one engine, one message bar, one menu bar."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QStackedWidget

from ddm_studio.gui.assistance import Assistance
from ddm_studio.gui.calibration_queue import CalibrationQueue
from ddm_studio.gui.demo_visit import DemoVisit
from ddm_studio.gui.dropped import OpenedProject
from ddm_studio.gui.engine_thread import EngineRunner
from ddm_studio.gui.file_reading import PROFILE_SUFFIX, OpenedProfile
from ddm_studio.gui.help_room import HelpRoom
from ddm_studio.gui.history import SettingsHistory
from ddm_studio.gui.job_desk import JobDesk
from ddm_studio.gui.jobs import EngineJobs, Jobs
from ddm_studio.gui.leaving import Leaving
from ddm_studio.gui.memory import Memory
from ddm_studio.gui.menus import Menus
from ddm_studio.gui.openings import Openings
from ddm_studio.gui.pages.calibrate_page import CalibratePage
from ddm_studio.gui.pages.deblur_page import DeblurPage
from ddm_studio.gui.pages.lens_page import LensPage
from ddm_studio.gui.pages.photos_page import PhotosPage
from ddm_studio.gui.pages.start_page import StartPage
from ddm_studio.gui.project_folder import demo_folder
from ddm_studio.gui.recent import RecentKind, RecentThing
from ddm_studio.gui.reopening import Reopening
from ddm_studio.gui.run_state import RunState
from ddm_studio.gui.running_job import RunningJob
from ddm_studio.gui.theme import apply_theme
from ddm_studio.gui.views.demo_bar import DemoBar
from ddm_studio.gui.views.drop_area import DropTaker
from ddm_studio.gui.views.message_bar import Message, MessageBar, message_of_error
from ddm_studio.gui.views.sidebar import PAGES, Sidebar
from ddm_studio.gui.window_layout import arrange_window, tour_stops
from ddm_studio.gui.window_state import keep_window, restore_window
from ddm_studio.preferences import Preferences, Theme


class MainWindow(QMainWindow):
    """Pages and what they have to tell each other; their jobs are at `desk`. `closed()` when all is over.

    Args:
        jobs: Makes jobs; tests bring their own.
        memory: What is remembered between visits; nothing when left out.
    """

    closed = Signal()

    def __init__(self, jobs: Jobs | None = None, memory: Memory | None = None) -> None:
        super().__init__()
        self.memory = memory or Memory()
        self.job = RunningJob(self)
        self.leaving = Leaving(self, self.job)
        self.assistance = Assistance(self, self.memory)
        self.sidebar = Sidebar()
        self.messages = MessageBar(self.assistance.report)
        self.demo_bar = DemoBar()
        self.start = StartPage(self.memory)
        self.photos = PhotosPage()
        self.queue = CalibrationQueue(self)
        self.calibrate = CalibratePage(self.queue)
        self.lens = LensPage()
        self.deblur = DeblurPage()
        self.menus = Menus(self, self.memory)
        self.history = SettingsHistory(self)
        self.openings = Openings(self, self.photos.folder_of, self.deblur.has_profile)
        self.desk = JobDesk(self, jobs or EngineJobs())
        self.demo = DemoVisit(self, self.demo_bar)
        self.stack = QStackedWidget()
        centre = arrange_window(self)
        DropTaker(self, centre).dropped.connect(self._on_dropped)
        self.assistance.join(self.menus, tour_stops(self))
        HelpRoom(self, centre, self.sidebar, self.stack, self.assistance.help)
        self._connect_window()
        self._connect_pages()
        self._watch_forms()
        self.lens.numbers.show_units(self.memory.preferences.units)
        restore_window(self, self.memory)
        self.calibrate.evolution.patches_wanted.setChecked(self.memory.recall_word("calibrate/patches") != "hidden")
        self.show_page("start")
        self.reopening = Reopening(self)

    @property
    def runner(self) -> EngineRunner:
        """The thread of the running job."""
        return self.job.runner

    @property
    def state(self) -> RunState:
        """What is known about the running job."""
        return self.job.state

    @property
    def page(self) -> str:
        """The page shown."""
        return PAGES[self.stack.currentIndex()]

    def show_page(self, name: str) -> None:
        """Turn to a page: start, photos, calibrate, lens or deblur."""
        self.assistance.leave_tour()
        self.stack.setCurrentIndex(PAGES.index(name))
        self.sidebar.show_page(PAGES.index(name))
        self.assistance.help.show_page(name)

    def open_path(self, path: Path) -> None:
        """Open what was given on the command line: a profile, a project, a folder of blurry photos, or a photo."""
        if path.is_dir() and (path / "profile.lens").is_file():
            path = path / "profile.lens"
        if path.suffix.lower() == PROFILE_SUFFIX:
            self.show_profile(path)
        elif path.is_dir():
            self._on_folder_placed("blurry", path)
        else:
            self._on_photos_dropped([path])

    def show_profile(self, path: Path) -> None:
        """Open a profile and show the lens."""
        self.lens.open_file(path)
        self.show_page("lens")

    def show_project(self, project: OpenedProject) -> None:
        """Show its photos, settings and what it has learned; the page stays."""
        self.photos.show_project(project.contents)
        self.calibrate.show_project(project.folder, project.contents)
        self.history.look_again()

    def start_demo(self, out: Path) -> None:
        """Make a synthetic lens, and watch it being learned."""
        self.show_page("calibrate")
        self.desk.start_demo(out)

    def warm_up(self) -> None:
        """Load what the first run would otherwise stumble over; to be called once the window is seen."""
        self.calibrate.curves.prepare()
        self.lens.node.prepare()

    def show_message(self, message: Message) -> None:
        """Say something above the page, and write it into the log."""
        self.messages.show_message(message)
        self.assistance.log.add(message.sentences)

    def _connect_window(self) -> None:
        self.leaving.stopping.connect(self._on_stopping)
        self.sidebar.page_chosen.connect(self._on_page_index)
        self.memory.preferences_changed.connect(self._on_preferences)
        menus = self.menus
        menus.page_chosen.connect(self._on_page_chosen)
        menus.open_chosen.connect(self._on_open)
        menus.project_chosen.connect(self._on_open_project)
        menus.recent_chosen.connect(self._on_recent)
        menus.theme_chosen.connect(self._on_theme)
        menus.pause_chosen.connect(self.job.pause_or_resume)
        menus.stop_chosen.connect(self.job.stop)
        self.assistance.message.connect(self.show_message)
        self.assistance.page_wanted.connect(self._on_page_chosen)
        self.memory.refused.connect(self._on_refused)
        openings = self.openings
        openings.message.connect(self.show_message)
        openings.profile_dropped.connect(self.show_profile)
        openings.project_opened.connect(self._on_project)
        openings.folder_placed.connect(self._on_folder_placed)
        openings.photos_dropped.connect(self._on_photos_dropped)

    def _connect_pages(self) -> None:
        for page in (self.photos, self.calibrate, self.lens, self.deblur):
            page.message.connect(self.show_message)
            page.begun.connect(self.messages.go_on)
        self.start.calibrate_clicked.connect(self._on_photos_door)
        self.start.deblur_clicked.connect(self._on_deblur_door)
        self.start.demo_clicked.connect(self._on_demo)
        self.start.recent_chosen.connect(self._on_recent)
        self.photos.sets_changed.connect(self.calibrate.show_sets)
        for card in (self.photos.blurry, self.photos.sharp):
            card.profile_dropped.connect(self._on_profile_dropped)
        self.photos.next_clicked.connect(self._on_next)
        self.photos.demo_clicked.connect(self._on_demo)
        self.calibrate.node_chosen.connect(self._on_learning_node)
        self.lens.profile_opened.connect(self._on_profile)
        self.deblur.lens.known = self.memory.known_profiles
        self.deblur.lens.profile_wanted.connect(self.lens.open_file)

    def _watch_forms(self) -> None:
        for action in (self.history.undo, self.history.redo):
            self.menus.edit.addAction(action)
        learning, deblurring, memory = self.calibrate.form, self.deblur.form, self.memory
        calls = self.tr("change of the calibration"), self.tr("change of the deblurring"), self.tr("change of the preferences")
        self.history.watch(calls[0], learning.edited, lambda: learning.settings, learning.show_settings)
        self.history.watch(calls[1], deblurring.changed, lambda: deblurring.settings, deblurring.show_settings)
        self.history.watch(calls[2], memory.preferences_changed, lambda: memory.preferences, memory.prefer)
        drawing = self.deblur.drawing
        self.history.watch(self.tr("change of the mask"), drawing.drawn, lambda: drawing.masks, drawing.show_masks, joins=False)
        for form in (learning, deblurring):
            self.history.take_key_of(form)

    # Pages, menus, keys

    def _on_page_index(self, index: int) -> None:
        self._on_page_chosen(PAGES[index])

    def _on_page_chosen(self, name: str) -> None:
        self.messages.go_on()
        self.show_page(name)

    def _on_open(self) -> None:
        openers = {
            "start": self.lens.choose,
            "photos": self.photos.choose,
            "calibrate": self.calibrate.form.choose.click,
            "lens": self.lens.choose,
            "deblur": self.deblur.choose_photo,
        }
        openers[self.page]()

    def _on_theme(self, theme: Theme) -> None:
        self.memory.prefer(self.memory.preferences.model_copy(update={"theme": theme}))

    def _on_refused(self, error: Exception) -> None:
        self.show_message(message_of_error(error))

    def _on_preferences(self, preferences: Preferences) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, preferences.theme)
        self.lens.numbers.show_units(preferences.units)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space pauses and resumes, Escape closes the help, unless a control with the focus takes them."""
        if event.key() == Qt.Key.Key_Escape and self.assistance.help.isVisible():
            self.assistance.help.close()
        elif event.key() != Qt.Key.Key_Space or not self.job.pause_or_resume():
            super().keyPressEvent(event)

    # Opening

    def _on_dropped(self, paths: list[Path]) -> None:
        self.assistance.leave_tour()
        self.messages.go_on()
        self.openings.take(paths)

    def _on_profile_dropped(self, path: Path) -> None:
        self.messages.go_on()
        self.show_profile(path)

    def _on_photos_door(self) -> None:
        self._on_page_chosen("photos")

    def _on_deblur_door(self) -> None:
        self._on_page_chosen("deblur")
        if not self.deblur.has_profile():
            self.lens.choose()

    def _on_demo(self) -> None:
        self.start_demo(demo_folder(Path.home()))

    def _on_open_project(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Open a project"))
        if folder:
            self.messages.go_on()
            self.openings.open_project(Path(folder))

    def _on_recent(self, thing: RecentThing) -> None:
        self.messages.go_on()
        if thing.kind is RecentKind.PROJECT:
            self.openings.open_project(thing.path)
        else:
            self.show_profile(thing.path)

    def _on_project(self, project: OpenedProject) -> None:
        """Show its photos and settings again; a finished one's lens, an unfinished one where it can go on."""
        self.demo.leave()
        self.memory.reopen_project(project.folder)
        self.show_project(project)
        if project.is_finished:
            self.show_profile(project.folder / "profile.lens")
        else:
            self.show_page("calibrate")

    def _on_folder_placed(self, name: str, folder: Path) -> None:
        self.photos.choose_folder(name, folder)
        self.show_page("photos")

    def _on_photos_dropped(self, photos: Sequence[Path]) -> None:
        self.show_page("deblur")
        self.deblur.take(list(photos))

    # Passing on

    def _on_next(self) -> None:
        self.demo.leave()
        self._on_page_chosen("calibrate")

    def _on_learning_node(self, row: int, column: int) -> None:
        grid = self.desk.newest_grid
        if grid is not None:
            self.lens.show_learning(grid.kernels, row, column)
            self._on_page_chosen("lens")

    def _on_profile(self, opened: OpenedProfile) -> None:
        self.memory.add_recent(RecentThing(RecentKind.PROFILE, opened.path.absolute(), opened.title))
        self.deblur.show_profile(opened)

    # Closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while a job runs; close when it has ended."""
        if not self.leaving.may_close():
            event.ignore()
            return
        keep_window(self, self.memory)
        self.reopening.keep()
        self.memory.keep("calibrate/patches", "shown" if self.calibrate.evolution.patches_wanted.isChecked() else "hidden")
        self.hide()
        for part in (self.openings, self.photos, self.calibrate, self.lens, self.deblur, self.assistance, self.reopening, self.memory):
            part.shut_down()
        event.accept()
        self.closed.emit()

    def _on_stopping(self) -> None:
        self.show_message(Message(self.tr("Stopping, then closing…"), is_error=False))
