"""The window: four pages, one engine, one message bar."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QCloseEvent, QIcon, QKeyEvent, QKeySequence, QShortcut, Qt
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from ddm_studio.bundled import bundled_file
from ddm_studio.engine.requests import CalibrationRequest, CalibrationResult, CompareRequest, DeblurRequest, DemoRequest, DemoResult
from ddm_studio.events import ENDINGS, Event, KernelsLearned, Progress, RunFailed, RunFinished
from ddm_studio.gui.engine_thread import EngineRunner, Job
from ddm_studio.gui.file_reading import PROFILE_SUFFIX, OpenedProfile, PhotoSet
from ddm_studio.gui.jobs import EngineJobs, Jobs
from ddm_studio.gui.pages.calibrate_page import CalibratePage
from ddm_studio.gui.pages.deblur_page import DeblurPage
from ddm_studio.gui.pages.lens_page import LensPage
from ddm_studio.gui.pages.photos_page import PhotosPage
from ddm_studio.gui.run_state import JobKind, RunState, Wish, confirmed, wished
from ddm_studio.gui.views.message_bar import Message, MessageBar, message_of_failure
from ddm_studio.gui.views.sidebar import PAGES, Sidebar
from ddm_studio.gui.wording import duration

_LEARNING = (JobKind.CALIBRATE, JobKind.DEMO)


class MainWindow(QMainWindow):
    """Holds the state of the running job and passes its events to the page that asked for it.

    Args:
        jobs: Makes jobs; tests bring their own.
        memory: Where geometry is remembered; None remembers nothing.
    """

    def __init__(self, jobs: Jobs | None = None, memory: QSettings | None = None) -> None:
        super().__init__()
        self._jobs: Jobs = jobs or EngineJobs()
        self._memory = memory
        self._state = RunState.IDLE
        self._kind: JobKind | None = None
        self._closing = False
        self._question: QMessageBox | None = None
        self._newest_grid: KernelsLearned | None = None
        self.runner = EngineRunner(self)
        self.runner.happened.connect(self._on_event)
        self.sidebar = Sidebar()
        self.messages = MessageBar()
        self.photos = PhotosPage()
        self.calibrate = CalibratePage()
        self.lens = LensPage()
        self.deblur = DeblurPage()
        self._stack = QStackedWidget()
        self._arrange()
        self._connect()
        self._make_shortcuts()
        self._restore_geometry()
        self.show_page("photos")

    @property
    def state(self) -> RunState:
        """What is known about the running job."""
        return self._state

    @property
    def page(self) -> str:
        """The page shown."""
        return PAGES[self._stack.currentIndex()]

    def show_page(self, name: str) -> None:
        """Turn to a page: photos, calibrate, lens or deblur."""
        self._stack.setCurrentIndex(PAGES.index(name))
        self.sidebar.show_page(PAGES.index(name))

    def open_path(self, path: Path) -> None:
        """Open what was given on the command line: a profile, a project, a folder of blurry photos, or a photo."""
        if path.is_dir() and (path / "profile.lens").is_file():
            path = path / "profile.lens"
        if path.suffix.lower() == PROFILE_SUFFIX:
            self.show_page("lens")
            self.lens.open_file(path)
        elif path.is_dir():
            self.photos.choose_folder("blurry", path)
        else:
            self.show_page("deblur")
            self.deblur.open_photo(path)

    def start_demo(self, out: Path) -> None:
        """Make a synthetic lens, and watch it being learned."""
        self.show_page("calibrate")
        self._start(JobKind.DEMO, self._jobs.demo(DemoRequest(out)))

    def warm_up(self) -> None:
        """Load what the first run would otherwise stumble over; to be called once the window is seen."""
        self.calibrate.loss.prepare()
        self.lens.node.prepare()

    def show_message(self, message: Message) -> None:
        """Say something above the page."""
        self.messages.show_message(message)

    def _arrange(self) -> None:
        self.setWindowTitle("DDM Studio")
        self.setWindowIcon(QIcon(str(bundled_file("icons/ddm-studio.png"))))
        for page in (self.photos, self.calibrate, self.lens, self.deblur):
            self._stack.addWidget(page)
        bar = QVBoxLayout()
        bar.setContentsMargins(24, 12, 24, 0)
        bar.addWidget(self.messages)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(bar)
        right.addWidget(self._stack, 1)
        whole = QHBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.sidebar)
        whole.addLayout(right, 1)
        centre = QWidget()
        centre.setLayout(whole)
        self.setCentralWidget(centre)

    def _connect(self) -> None:
        self.sidebar.page_chosen.connect(self._on_page_chosen)
        for page in (self.photos, self.calibrate, self.lens, self.deblur):
            page.message.connect(self.show_message)
        self.photos.sets_changed.connect(self._on_sets)
        self.photos.next_clicked.connect(self._on_next)
        self.photos.demo_clicked.connect(self._on_demo)
        self.calibrate.start_requested.connect(self._on_calibrate)
        self.calibrate.node_chosen.connect(self._on_learning_node)
        self.lens.profile_opened.connect(self._on_profile)
        self.deblur.compare_requested.connect(self._on_compare)
        self.deblur.deblur_requested.connect(self._on_deblur)
        self.deblur.profile_wanted.connect(self.lens.choose)
        self.deblur.profile_dropped.connect(self.lens.open_file)
        for buttons in (self.calibrate.buttons, self.deblur.buttons):
            buttons.pause_clicked.connect(self._on_pause)
            buttons.resume_clicked.connect(self._on_resume)
            buttons.stop_clicked.connect(self._on_stop)

    def _make_shortcuts(self) -> None:
        for index in range(len(PAGES)):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{index + 1}"), self)
            shortcut.setProperty("page", index)
            shortcut.activated.connect(self._on_page_shortcut)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Open), self).activated.connect(self._on_open)

    def _on_page_chosen(self, index: int) -> None:
        self.messages.hide_note()
        self.show_page(PAGES[index])

    def _on_page_shortcut(self) -> None:
        self._on_page_chosen(int(self.sender().property("page")))

    def _on_open(self) -> None:
        openers = {
            "photos": self.photos.choose,
            "calibrate": self.calibrate.form.choose.click,
            "lens": self.lens.choose,
            "deblur": self.deblur.choose_photo,
        }
        openers[self.page]()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space pauses and resumes, unless a control with the focus takes it."""
        if event.key() == Qt.Key.Key_Space and self._state is RunState.RUNNING:
            self._on_pause()
        elif event.key() == Qt.Key.Key_Space and self._state is RunState.PAUSED:
            self._on_resume()
        else:
            super().keyPressEvent(event)

    # What pages ask for

    def _on_sets(self, blurry: PhotoSet | None, sharp: PhotoSet | None) -> None:
        self.calibrate.show_sets(blurry, sharp)

    def _on_next(self) -> None:
        self.show_page("calibrate")

    def _on_demo(self) -> None:
        self.start_demo(Path.home() / "DDM Studio" / "demo")

    def _on_calibrate(self, request: CalibrationRequest) -> None:
        self._start(JobKind.CALIBRATE, self._jobs.calibrate(request))

    def _on_compare(self, request: CompareRequest) -> None:
        self._start(JobKind.COMPARE, self._jobs.compare(request))

    def _on_deblur(self, request: DeblurRequest) -> None:
        self._start(JobKind.DEBLUR, self._jobs.deblur(request))

    def _on_learning_node(self, row: int, column: int) -> None:
        if self._newest_grid is not None:
            self.lens.show_learning(self._newest_grid.kernels, row, column)
            self.show_page("lens")

    def _on_profile(self, opened: OpenedProfile) -> None:
        self.deblur.show_profile(opened)

    # The running job

    def _start(self, kind: JobKind, job: Job) -> None:
        if self.runner.is_running:
            self.show_message(Message(self.tr("Another job is running"), "", self.tr("Stop it first, or wait for its end")))
            return
        self.messages.hide()
        self.runner.start(job)
        self._kind = kind
        if kind in _LEARNING:
            self._newest_grid = None
            self.calibrate.begin()
        else:
            self.deblur.begin(kind)
        self._set_state(RunState.RUNNING)

    def _on_pause(self) -> None:
        self._set_state(wished(self._state, Wish.PAUSE))
        self.runner.pause()

    def _on_resume(self) -> None:
        self._set_state(wished(self._state, Wish.RESUME))
        self.runner.resume()

    def _on_stop(self) -> None:
        self._set_state(wished(self._state, Wish.STOP))
        self.runner.stop()

    def _set_state(self, state: RunState) -> None:
        self._state = state
        self.sidebar.show_state(state, self._kind)
        self.calibrate.show_state(state, own=self._kind in _LEARNING)
        self.deblur.show_state(state, self._kind)

    def _on_event(self, event: Event) -> None:
        kind = self._kind
        if kind is None:
            return
        if isinstance(event, KernelsLearned):
            self._newest_grid = event
        if isinstance(event, Progress):
            self.sidebar.show_progress(event)
        if kind in _LEARNING:
            self.calibrate.show_event(event)
        else:
            self.deblur.show_event(event, kind)
        self._set_state(confirmed(self._state, event))
        if isinstance(event, ENDINGS):
            self._on_ending(event, kind)

    def _on_ending(self, event: Event, kind: JobKind) -> None:
        self._kind = None
        self._set_state(RunState.IDLE)
        if self._closing:
            QTimer.singleShot(0, self.close)
        elif isinstance(event, RunFailed):
            self.show_message(message_of_failure(event))
        elif isinstance(event, RunFinished):
            self._show_result(event.result)

    def _show_result(self, result: object) -> None:
        if isinstance(result, CalibrationResult):
            took = self.tr("The lens is learned, in {time}").format(time=duration(result.seconds))
            self.show_message(Message(took, self.tr("The profile is kept at {path}").format(path=result.profile), is_error=False))
            self._open_result(result.profile)
        elif isinstance(result, DemoResult):
            words = self.tr("Likeness to the true grid {ncc:.3f} (NCC); Wiener sharpened the photos from {before:.1f} to {after:.1f} dB")
            told = words.format(ncc=result.ncc_mean, before=result.psnr_blurred, after=result.psnr_wiener)
            self.show_message(Message(self.tr("The demo is finished"), told, is_error=False))
            self._open_result(result.profile)

    def _open_result(self, profile: Path) -> None:
        self.lens.open_file(profile)
        self.show_page("lens")

    # Opening and closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while a job runs; close when it has ended."""
        if self.runner.is_running:
            event.ignore()
            if not self._closing:
                self._ask_before_closing()
            return
        if self._memory is not None:
            self._memory.setValue("window/geometry", self.saveGeometry())
        self.hide()
        for page in (self.photos, self.lens, self.deblur):
            page.shut_down()
        event.accept()

    def _ask_before_closing(self) -> None:
        box = QMessageBox(self)
        box.setWindowTitle(self.tr("Still working"))
        box.setText(self.tr("A job is running."))
        box.setInformativeText(self.tr("Its work so far is kept when it is stopped."))
        box.addButton(self.tr("Keep running"), QMessageBox.ButtonRole.RejectRole)
        leave = box.addButton(self.tr("Stop and close"), QMessageBox.ButtonRole.AcceptRole)
        leave.clicked.connect(self._on_stop_and_close)
        box.setDefaultButton(leave)
        self._question = box
        box.open()

    def _on_stop_and_close(self) -> None:
        self._closing = True
        if self.runner.is_running:
            self._on_stop()
            self.show_message(Message(self.tr("Stopping, then closing…"), is_error=False))
        else:
            self.close()

    def _restore_geometry(self) -> None:
        self.resize(1280, 800)
        stored = None if self._memory is None else self._memory.value("window/geometry")
        if stored is not None:
            self.restoreGeometry(cast("bytes", stored))
