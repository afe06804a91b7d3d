"""Learning the lens, and watching it: preset, progress, the grid as it is learned, the loss; and what is to be learned after it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from ddm_studio.engine.kept_run import KeptRun, Standing, read_kept, standing_of
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
from ddm_studio.gui.pages.calibrate_layout import arrange_calibrate_page, give_way
from ddm_studio.gui.project_folder import can_be_resumed, check_project, set_aside_words
from ddm_studio.gui.project_places import ProjectPlaces, photos_of_project, photos_of_request
from ddm_studio.gui.run_state import BUTTONS, RunState
from ddm_studio.gui.standing_words import left_words, standing_words
from ddm_studio.gui.views.calibration_form import CalibrationForm
from ddm_studio.gui.views.evolution_panel import EvolutionPanel
from ddm_studio.gui.views.learning_curves import LearningCurves
from ddm_studio.gui.views.message_bar import Message, message_of_error
from ddm_studio.gui.views.progress_strip import ProgressStrip
from ddm_studio.gui.views.queue_list import QueueList
from ddm_studio.gui.views.skipped_list import add_finding, wrapped_list
from ddm_studio.gui.views.small_parts import allow, button, label, set_look
from ddm_studio.gui.wording import with_tilde
from ddm_studio.project import Project, ProjectContents

_KEPT, _STANDING = "kept", "standing"


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
        self._places = ProjectPlaces(Path.home())
        self._kept: KeptRun | None = None  # of the stopped calibration in the chosen folder
        self._asked_for: Path | None = None
        self._run_shown: Path | None = None  # the project whose run the page shows
        self._is_of_earlier_visit = False  # it was read from there
        self._is_demo = False  # which has no project here
        self._reader = BackgroundReader(parent=self)
        self._reader.answered.connect(self._on_answer)
        self._projects = BackgroundReader(parent=self)  # the other one measures the machine now and then, which takes seconds
        self._projects.answered.connect(self._on_answer)
        queue.changed.connect(self._on_queue)
        self.form = CalibrationForm()
        self.form.project_changed.connect(self._look_at_project)
        self.start = button(self.tr("Start"), "primary")
        self.start.clicked.connect(self._on_start)
        self.go_on = button(self.tr("Continue the stopped run"), "primary")
        self.go_on.clicked.connect(self._on_go_on)
        self.enqueue = button(self.tr("Add to the queue"))
        self.enqueue.clicked.connect(self._on_start)
        self.title = label(self.tr("Calibrate"), "title")
        self.why_not = label("", "small", wrap=True)
        self.left_to_do = label("", "small", wrap=True)
        self.queue_list = QueueList(queue)
        self.strip = ProgressStrip(self.tr("Stopped"))
        self.evolution = EvolutionPanel()
        self.evolution.movie_wanted.connect(self._on_movie)
        self.panel = self.evolution.panel
        self.panel.node_chosen.connect(self.node_chosen)
        self.curves = LearningCurves()
        self.evolution.moment_changed.connect(self.curves.show_moment)
        self.notes = wrapped_list(self.tr("Findings, notes and skipped photos"), self.tr("Findings and notes of the run are listed here."))
        self._scroll, self._side = arrange_calibrate_page(self)
        self.queue_list.seen.connect(self._fit_form)
        self.form.advanced_shown.connect(self._on_advanced)
        self.show_state(RunState.IDLE, own=False)

    def show_sets(self, sets: ChosenSets) -> None:
        """The photos of the next calibration; other photos than those of the project shown get one of their own."""
        self._sets = sets
        self._suggest_project()
        self._show_buttons()

    def _suggest_project(self) -> None:
        """A folder for the photos of now, unless they may stay."""
        move = None if self._sets is None else self._places.move(self._sets, self.form.project_folder, self._queue.projects())
        if move is None:
            return
        if move.is_back:
            self.form.tell_of_project("")
        elif move.left is not None:
            words = self.tr("Other photos than those of “{name}” get a new project; “{name}” stays as it is.")
            self.form.tell_of_project(words.format(name=move.left.name))
        if self._is_of_earlier_visit and not self.strip.is_running and self._run_shown != move.folder:
            self._run_shown = None  # it can be read again
            self._clear()
        self.form.project.setText(with_tilde(move.folder))

    def show_project(self, folder: Path, contents: ProjectContents) -> None:
        """Take the folder and the settings of a project that was opened again, and show what it has learned."""
        self._places.know(folder, photos_of_project(contents))
        self.form.tell_of_project("")
        self.form.show_settings(contents.settings)
        self.form.project.setText(with_tilde(folder))
        self._look_at_calibration(folder)

    def leave_demo(self) -> None:
        """Show again what was shown before it."""
        self._take_demo(False)
        self._run_shown = None
        self._clear()
        project = self.project_begun
        if project is not None:
            self._look_at_calibration(project)
        self._show_buttons()

    def _take_demo(self, is_demo: bool) -> None:
        """Photos and settings of the person are no part of it."""
        self._is_demo = is_demo
        self._side.setVisible(not is_demo)

    def _look_at_calibration(self, folder: Path) -> None:
        """What it has learned, stopped or finished."""
        self._look_at_project()
        if self._asked_for is None and Project(folder).profile.is_file():
            self._ask_for_kept(folder)  # to be looked at; there is nothing left to do

    @property
    def project_begun(self) -> Path | None:
        """The folder that holds the calibration shown, or chosen; None where none is begun yet."""
        folder = self._run_shown if self.strip.is_running and not self._is_demo else self.form.project_folder
        return folder.absolute() if folder is not None and Project(folder).contents_file.is_file() else None

    @property
    def stopped_project(self) -> Path | None:
        """The folder of the stopped calibration that can go on here."""
        project = self.form.project_folder
        is_taken = project is None or project.absolute() in self._queue.projects()
        return project if project is not None and not is_taken and can_be_resumed(project) else None

    def _look_at_project(self) -> None:
        """Find out in the background what is left of a stopped calibration, where there is one."""
        self._kept, self._asked_for = None, self.stopped_project
        if self._asked_for is not None:
            self._ask_for_kept(self._asked_for)
        self._show_buttons()

    def _ask_for_kept(self, folder: Path) -> None:
        project = Project(folder.absolute())
        self._projects.ask(_KEPT, lambda: read_kept(project))

    def _ask_for_standing(self) -> None:
        """What a run that was stopped has left, to be told where it stood; the demo leaves nothing to go on with."""
        folder = self._run_shown
        if folder is not None:
            self._projects.ask((_STANDING, folder), lambda: standing_of(Project(folder)))

    def _on_standing(self, answer: Answer) -> None:
        """Say so, unless another run is on the page by now; an error is told when the run is to go on."""
        if answer.key == (_STANDING, self._run_shown) and isinstance(answer.value, Standing) and not self.strip.is_running:
            self.strip.say(standing_words(answer.value), "heading")

    def _on_queue(self) -> None:
        """A calibration that begins or ends takes its folder, or leaves it."""
        if self.stopped_project != self._asked_for:
            self._look_at_project()

    def _show_kept(self, kept: KeptRun) -> None:
        """What an earlier calibration has learned, unless its run is on the page already; and what is left to do."""
        runs, is_shown = self.strip.is_running, kept.project.folder == self._run_shown
        if (runs or self._is_demo) and not is_shown:
            return  # the page belongs to another run by now
        if not is_shown:
            self._run_shown, self._is_of_earlier_visit = kept.project.folder, True
            self._clear()
            self.strip.show_words(standing_words(kept.standing), "heading")
        if not self.evolution.history.frames:  # else the run itself has told newer ones
            for event in (kept.grid, kept.confidence):
                if event is not None:
                    self.evolution.show_event(event)
            if kept.looks is not None:
                self.curves.show_event(kept.looks)
        self.curves.show_kept(kept.losses)
        if not runs:
            self._kept = kept
            self._show_buttons()

    def _clear(self) -> None:
        """Forget the run that is shown."""
        self.notes.clear()
        self.curves.clear()
        self.evolution.clear()

    def show_state(self, state: RunState, own: bool) -> None:
        """Set every button; `own` when the running job is a calibration or the demo."""
        self._state = state
        self.strip.show_state(state if own else RunState.IDLE)
        self.queue_list.show_state(state if own else RunState.IDLE)
        self._show_buttons()

    def begin(self, request: CalibrationRequest | None = None) -> None:
        """Clear what the last run showed; of one that goes on, grid and curves stay, or are fetched. Without a request it is the demo."""
        self._take_demo(request is None)
        resumed = request.project.absolute() if request is not None and request.resume else None
        self.notes.clear()
        if resumed is None or resumed != self._run_shown:
            self._clear()
        self._run_shown, self._is_of_earlier_visit = None if request is None else request.project.absolute(), False
        if request is not None:
            self._places.know(request.project, photos_of_request(request))
        self.form.tell_of_project("")
        if resumed is not None and not self.evolution.history.frames:
            self._ask_for_kept(resumed)
        self.strip.begin()

    def show_event(self, event: Event) -> None:
        """Show what the calibration says."""
        self.strip.show_event(event)
        match event:
            case StageStarted() | LossCurve() | ConvergenceCurve():
                self.curves.show_event(event)
            case KernelsLearned() | ConfidenceEstimated() | PatchesCompared():
                self.evolution.show_event(event)
            case RunFinished():
                self.curves.show_rest()
            case RunStopped():
                self.curves.show_rest()
                self._ask_for_standing()
            case _:
                self._note_event(event)

    def _note_event(self, event: Event) -> None:
        """What is told in words, to be read later too."""
        if isinstance(event, Note | HealthFound):
            add_finding(self.notes, event)
        elif words := note_words(event):
            self.notes.addItem(words)
        self.notes.scrollToBottom()

    def give_way(self, taken: int) -> None:
        """A message above the page takes so many pixels."""
        give_way(self, taken)

    def _fit_form(self) -> None:
        """Queue and advanced settings need the room that the sentences of the presets take."""
        self.form.presets.show_brief(self.queue_list.is_needed or self.form.advanced_button.isChecked())

    def _on_advanced(self, shown: bool) -> None:
        self._fit_form()
        if shown:  # once they have their place
            QTimer.singleShot(0, self, self._scroll_to_advanced)

    def _scroll_to_advanced(self) -> None:
        bar = self._scroll.verticalScrollBar()
        bar.setValue(min(bar.maximum(), self.form.advanced_button.y()))

    def showEvent(self, event: QShowEvent) -> None:
        """While nothing runs, find out what a calibration costs here, as an earlier probe may have met a busy moment."""
        super().showEvent(event)
        if self._state is RunState.IDLE:
            self._reader.ask("outlook", look_ahead)

    def shut_down(self) -> None:
        """End the background threads."""
        self._reader.shut_down()
        self._projects.shut_down()

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
        stopped = self.stopped_project
        self._show_rest(ready=not missing)
        self.why_not.setText(missing)
        self.why_not.setVisible(bool(missing) and not runs_here)
        self.start.setVisible(idle)
        self.enqueue.setVisible(not idle)
        self.go_on.setVisible(stopped is not None)
        allow(self.go_on, missing)
        self.go_on.setText(self.tr("Continue the stopped run") if idle else self.tr("Continue the stopped run later"))
        replaces = self.tr("Everything that the stopped run has learned is deleted, and the calibration begins anew.")
        aside = set_aside_words(self.form.project_folder)
        start = self.tr("Start again") if aside else self.tr("Start")
        self.start.setText(start if stopped is None else self.tr("Start over, replacing the stopped run"))
        allow(self.start, missing, aside if stopped is None else replaces)
        set_look(self.start, "look", "primary" if stopped is None else "")
        later = self.tr("Starts with the photos and settings of now, when those before it have ended")
        self.enqueue.setText(self.tr("Add to the queue") if stopped is None else self.tr("Start over later, replacing the stopped run"))
        allow(self.enqueue, missing, later if stopped is None else f"{later}. {replaces}")
        for one in (self.go_on, self.start, self.enqueue):
            one.setAccessibleName(one.text())
        left = self._kept is not None and stopped is not None and self._kept.project.folder == stopped.absolute()
        self.left_to_do.setText(left_words(self._kept.standing) if self._kept is not None and left else aside)
        self.left_to_do.setVisible(bool(self.left_to_do.text()))

    def _show_rest(self, ready: bool) -> None:
        """While no run is on the page, say what one would learn from."""
        if self.strip.is_running or self._run_shown is not None or self.evolution.history.frames:
            return
        words = self.tr("Nothing is learned yet")
        sets = self._sets
        if ready and sets is not None and sets.blurry is not None and sets.sharp is not None:
            words = self.tr("Ready to learn from {blurry} blurry and {sharp} sharp photos")
            words = words.format(blurry=len(sets.blurry.photos), sharp=len(sets.sharp.photos))
        self.strip.show_words(words)

    def _on_movie(self, movie: GridMovie) -> None:
        self.begun.emit()
        self._reader.ask(movie.path, lambda: write_movie(movie))

    def _on_answer(self, answer: Answer) -> None:
        if isinstance(answer.key, tuple) and answer.key[0] == _STANDING:
            self._on_standing(answer)
        elif answer.error is not None:
            self.message.emit(message_of_error(answer.error))
        elif isinstance(answer.value, Outlook):
            self.form.show_outlook(answer.value)
            self.queue_list.show_outlook(answer.value)
        elif isinstance(answer.value, KeptRun):
            self._show_kept(answer.value)
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
        if project.absolute() in {request.project.absolute() for request in self._queue.waiting}:
            self.form.project.clear()  # it keeps that folder for itself
            self._suggest_project()
