"""Learning the lens, and watching it: preset, progress, the grid as it is learned, the loss; and what is to be learned after it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ddm_studio.engine.requests import CalibrationRequest
from ddm_studio.errors import InputError
from ddm_studio.events import (
    ConfidenceEstimated,
    ConvergenceCurve,
    Event,
    HealthFound,
    KernelsLearned,
    LossCurve,
    Note,
    PatchesCompared,
    RunFinished,
    RunStopped,
    StageStarted,
)
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.calibration_queue import CalibrationQueue
from ddm_studio.gui.event_words import note_words
from ddm_studio.gui.file_reading import ChosenSets
from ddm_studio.gui.grid_movie import GridMovie, write_movie
from ddm_studio.gui.outlook import Outlook, look_ahead
from ddm_studio.gui.project_folder import can_be_resumed, check_project, default_project
from ddm_studio.gui.run_state import BUTTONS, RunState
from ddm_studio.gui.views.calibration_form import CalibrationForm
from ddm_studio.gui.views.evolution_panel import EvolutionPanel
from ddm_studio.gui.views.learning_curves import LearningCurves
from ddm_studio.gui.views.message_bar import Message, message_of_error
from ddm_studio.gui.views.progress_strip import ProgressStrip
from ddm_studio.gui.views.queue_list import QueueList
from ddm_studio.gui.views.skipped_list import add_finding, wrapped_list
from ddm_studio.gui.views.small_parts import button, label
from ddm_studio.gui.wording import with_tilde
from ddm_studio.settings import CalibrationSettings


class CalibratePage(QWidget):
    """`start_requested(CalibrationRequest)`, at once or when the engine is free; `node_chosen(row, column)` opens a node large.

    `begun()` when the person does something that may be answered by a `message`.

    Args:
        queue: Of calibrations, which is shown.
    """

    start_requested = Signal(object)
    node_chosen = Signal(int, int)
    message = Signal(object)
    begun = Signal()

    def __init__(self, queue: CalibrationQueue) -> None:
        super().__init__()
        self._queue = queue
        self._sets: ChosenSets | None = None
        self._state = RunState.IDLE
        self._own_project = ""
        self._reader = BackgroundReader(parent=self)
        self._reader.answered.connect(self._on_answer)
        self.form = CalibrationForm()
        self.form.project_changed.connect(self._show_buttons)
        self.start = button(self.tr("Start"), "primary")
        self.start.clicked.connect(self._on_start)
        self.go_on = button(self.tr("Continue the stopped run"), "primary")
        self.go_on.clicked.connect(self._on_go_on)
        self.enqueue = button(self.tr("Add to the queue"))
        self.enqueue.setToolTip(self.tr("Starts with the photos and settings of now, when those before it have ended"))
        self.enqueue.clicked.connect(self._on_start)
        self.why_not = label("", "small", wrap=True)
        self.queue_list = QueueList(queue)
        self.strip = ProgressStrip(self.tr("Stopped; the work so far is kept"))
        self.evolution = EvolutionPanel()
        self.evolution.movie_wanted.connect(self._on_movie)
        self.panel = self.evolution.panel
        self.panel.node_chosen.connect(self.node_chosen)
        self.curves = LearningCurves()
        self.notes = wrapped_list(self.tr("Findings, notes and skipped photos"))
        self._arrange()
        self.show_state(RunState.IDLE, own=False)

    def show_sets(self, sets: ChosenSets) -> None:
        """The photos of the next calibration; suggests a project folder while none was given by hand."""
        self._sets = sets
        self._suggest_project()
        self._show_buttons()

    def _suggest_project(self) -> None:
        """A folder for the photos of now, unless a person has given one."""
        blurry = None if self._sets is None else self._sets.blurry
        if blurry is not None and self.form.project.text() == self._own_project:
            self._own_project = with_tilde(default_project(blurry.folder, Path.home(), self._queue.projects()))
            self.form.project.setText(self._own_project)

    def show_project(self, folder: Path, settings: CalibrationSettings) -> None:
        """Take the folder and the settings of a project that was opened again."""
        self.form.show_settings(settings)
        self.form.project.setText(with_tilde(folder))

    def show_state(self, state: RunState, own: bool) -> None:
        """Set every button; `own` when the running job is a calibration or the demo."""
        self._state = state
        self.strip.show_state(state if own else RunState.IDLE)
        self.queue_list.show_state(state if own else RunState.IDLE)
        self._show_buttons()

    def begin(self) -> None:
        """Clear what the last run showed."""
        self.notes.clear()
        self.curves.clear()
        self.evolution.clear()
        self.strip.begin()

    def show_event(self, event: Event) -> None:
        """Show what the calibration says."""
        self.strip.show_event(event)
        match event:
            case StageStarted() | LossCurve() | ConvergenceCurve():
                self.curves.show_event(event)
            case KernelsLearned() | ConfidenceEstimated() | PatchesCompared():
                self.evolution.show_event(event)
            case RunFinished() | RunStopped():
                self.curves.show_rest()
            case _:
                self._note_event(event)

    def _note_event(self, event: Event) -> None:
        """What is told in words, to be read later too."""
        if isinstance(event, Note | HealthFound):
            add_finding(self.notes, event)
        elif words := note_words(event):
            self.notes.addItem(words)
        self.notes.scrollToBottom()

    def _arrange(self) -> None:
        scroll = QScrollArea()
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is inside takes it
        scroll.setWidget(self.form)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left = QFrame()
        left.setProperty("look", "card")
        left.setFixedWidth(330)
        inside = QVBoxLayout(left)
        inside.setContentsMargins(16, 14, 10, 14)
        inside.setSpacing(8)
        inside.addWidget(scroll, 1)
        for part in (self.queue_list, self.why_not, self.go_on, self.start, self.enqueue):
            inside.addWidget(part)
        self.curves.setFixedHeight(165)
        self.notes.setFixedHeight(165)
        lower = QHBoxLayout()
        lower.setSpacing(10)
        lower.addWidget(self.curves, 5)
        lower.addWidget(self.notes, 2)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.strip)
        right.addWidget(self.evolution, 1)
        right.addLayout(lower)
        page = QHBoxLayout()
        page.setSpacing(16)
        page.addWidget(left)
        page.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 18, 24, 18)
        whole.setSpacing(10)
        whole.addWidget(label(self.tr("Calibrate"), "title"))
        whole.addLayout(page, 1)

    def showEvent(self, event: QShowEvent) -> None:
        """While nothing runs, find out what a calibration costs here, as an earlier probe may have met a busy moment."""
        super().showEvent(event)
        if self._state is RunState.IDLE:
            self._reader.ask("outlook", look_ahead)

    def shut_down(self) -> None:
        """End the background thread."""
        self._reader.shut_down()

    def sizeHint(self) -> QSize:
        """The window decides."""
        return QSize(1000, 700)

    def _missing(self) -> str:
        if self._sets is None or self._sets.blurry is None or not self._sets.blurry.photos:
            return self.tr("Choose the blurry photos on the Photos page first.")
        if not self._sets.are_ready:
            return self.tr("Choose the sharp photos on the Photos page first.")
        if self.form.project_folder is None:
            return self.tr("Choose where to keep the project.")
        return ""

    def _show_buttons(self) -> None:
        idle = BUTTONS[self._state].start_enabled
        runs_here = self.strip.is_running
        missing = self._missing()
        project = self.form.project_folder
        resumable = idle and not missing and project is not None and can_be_resumed(project)
        self.why_not.setText(missing)
        self.why_not.setVisible(bool(missing) and not runs_here)
        self.start.setVisible(idle)
        self.start.setEnabled(not missing)
        self.enqueue.setVisible(not idle)
        self.enqueue.setEnabled(not missing)
        self.start.setText(self.tr("Start over") if resumable else self.tr("Start"))
        self.go_on.setVisible(resumable)

    def _on_movie(self, movie: GridMovie) -> None:
        self.begun.emit()
        self._reader.ask(movie.path, lambda: write_movie(movie))

    def _on_answer(self, answer: Answer) -> None:
        if answer.error is not None:
            self.message.emit(message_of_error(answer.error))
        elif isinstance(answer.value, Outlook):
            self.form.show_outlook(answer.value)
            self.queue_list.show_outlook(answer.value)
        else:
            self.message.emit(Message(self.tr("The evolution was saved to {path}").format(path=answer.value), is_error=False))

    def _on_start(self) -> None:
        self._request(resume=False)

    def _on_go_on(self) -> None:
        self._request(resume=True)

    def _request(self, resume: bool) -> None:
        self.begun.emit()
        if self.form.project_folder is not None and self.form.project_folder.absolute() in self._queue.projects():
            self._suggest_project()
        project, sets = self.form.project_folder, self._sets
        if sets is None or sets.blurry is None or project is None:
            return
        try:
            if project.absolute() in self._queue.projects():
                raise InputError(
                    self.tr("The project cannot be kept there"),
                    self.tr("Another calibration that runs or waits keeps {project} for itself").format(project=with_tilde(project)),
                    self.tr("Choose another project folder"),
                )
            check_project(project, sets.blurry.folder, sets.sharp_folder)
        except InputError as error:
            self.message.emit(message_of_error(error))
            return
        settings = self.form.settings.model_copy(update={"blurry_aperture": sets.choice.blurry_aperture})
        self.start_requested.emit(CalibrationRequest(sets.blurry.folder, sets.sharp_folder, project, settings, resume, sets.left_out))
