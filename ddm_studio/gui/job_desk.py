"""Starts the jobs that pages ask for, and brings what the engine says to the page that asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ddm_studio.engine.requests import (
    CalibrationRequest,
    CalibrationResult,
    CheckRequest,
    CompareRequest,
    DeblurRequest,
    DemoRequest,
    DemoResult,
    TrainRestorerRequest,
)
from ddm_studio.events import Event, HealthFound, KernelsLearned, Progress, RunFailed, RunFinished
from ddm_studio.gui.engine_thread import Job
from ddm_studio.gui.event_words import is_warning, log_words, note_words
from ddm_studio.gui.jobs import Jobs
from ddm_studio.gui.recent import recent_project
from ddm_studio.gui.result_words import learned_message
from ddm_studio.gui.run_state import JobKind
from ddm_studio.gui.views.message_bar import Message, message_of_failure
from ddm_studio.gui.views.question import Question
from ddm_studio.gui.wording import failure_words, job_words

if TYPE_CHECKING:
    from ddm_studio.gui.main_window import MainWindow

_LEARNING = (JobKind.CALIBRATE, JobKind.DEMO)
_CHECKING = (JobKind.CHECK, JobKind.CALIBRATE)


class JobDesk(QObject):
    """One job at a time.

    Args:
        window: Whose pages ask, and whose `job` runs.
        jobs: Makes jobs.
    """

    def __init__(self, window: MainWindow, jobs: Jobs) -> None:
        super().__init__(window)
        self._window, self._jobs = window, jobs
        self._warnings: list[Event] = []
        self.newest_grid: KernelsLearned | None = None
        """Of the calibration that runs, or ran last."""
        self._queue = window.queue
        self.question: Question | None = None
        """About calibrations that an earlier visit has left waiting."""
        self._queue.restore(window.memory.queue)
        self._queue.changed.connect(self._on_queue)
        window.job.state_changed.connect(self._on_state)
        window.job.happened.connect(self._on_event)
        window.job.ended.connect(self._on_ending)
        window.photos.check_requested.connect(self._on_check)
        window.calibrate.start_requested.connect(self._on_calibrate)
        window.deblur.compare_requested.connect(self._on_compare)
        window.deblur.deblur_requested.connect(self._on_deblur)
        window.deblur.training.train_requested.connect(self._on_train)
        for strip in (window.photos.summary.strip, window.calibrate.strip, window.deblur.foot.strip):
            strip.pause_clicked.connect(window.job.pause)
            strip.resume_clicked.connect(window.job.resume)
            strip.stop_clicked.connect(window.job.stop)

    def start_demo(self, out: Path) -> None:
        """Make a synthetic lens, and learn it."""
        self._start(JobKind.DEMO, self._jobs.demo(DemoRequest(out)))

    def _on_check(self, request: CheckRequest) -> None:
        self._start(JobKind.CHECK, self._jobs.check(request))

    def offer_queue(self) -> None:
        """Ask what is to become of calibrations that an earlier visit has left waiting."""
        waiting = self._queue.waiting
        if not waiting:
            return
        names = ", ".join(request.project.name for request in waiting)
        text = self.tr("Calibrations were waiting when the window was closed.")
        answers = [("", self.tr("Let them wait")), ("forget", self.tr("Forget them")), ("start", self.tr("Start them"))]
        self.question = Question(self._window, self.tr("Waiting calibrations"), text, names, answers)
        self.question.answered.connect(self._on_offer)
        self.question.open()

    def _on_offer(self, answer: str) -> None:
        if answer == "forget":
            for entry in self._queue.entries:
                self._queue.remove(entry)
        if answer:
            self._queue.hold(False)
            self._window.show_page("calibrate")

    def _on_queue(self) -> None:
        """Keep what must not be forgotten; start the next one where nothing is in its way."""
        if self._window.leaving.is_wanted:
            return
        running = self._queue.running
        self._window.start.show_running(None if running is None else running.request.project.absolute())
        self._window.memory.keep_queue(self._queue.unfinished)
        self._window.leaving.note = self.tr("What waits is offered at the next start.") if self._queue.waiting else ""
        QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> bool:
        """Start the next calibration that waits, if it may; whether it did."""
        window = self._window
        if window.job.runner.is_running or window.leaving.is_wanted:
            return False
        request = self._queue.take_next()
        if request is not None:
            self._calibrate(request, by_person=False)
        return request is not None

    def _on_calibrate(self, request: CalibrationRequest) -> None:
        if self._window.job.runner.is_running:
            self._queue.add(request)
        else:
            self._queue.begin(request)
            self._calibrate(request)

    def _calibrate(self, request: CalibrationRequest, by_person: bool = True) -> None:
        self._window.memory.add_recent(recent_project(request.project))
        self._start(JobKind.CALIBRATE, self._jobs.calibrate(request), by_person)

    def _on_compare(self, request: CompareRequest) -> None:
        self._start(JobKind.COMPARE, self._jobs.compare(request))

    def _on_deblur(self, request: DeblurRequest) -> None:
        self._start(JobKind.DEBLUR, self._jobs.deblur(request))

    def _on_train(self, request: TrainRestorerRequest) -> None:
        self._start(JobKind.TRAIN, self._jobs.train(request))

    def _start(self, kind: JobKind, job: Job, by_person: bool = True) -> None:
        window = self._window
        if window.job.runner.is_running:
            window.show_message(Message(self.tr("Another job is running"), "", self.tr("Stop it first, or wait for its end")))
            return
        if by_person:  # else nobody may have read yet what became of the calibration before
            window.messages.begin(kind)
        self._warnings = []
        window.assistance.log.add(job_words(kind))
        window.sidebar.begin(in_parts=kind is not JobKind.DEBLUR)
        if kind in _LEARNING:
            self.newest_grid = None
            entry = self._queue.running
            if kind is JobKind.DEMO:
                window.demo.begin()
            else:
                window.demo.leave()
            window.calibrate.begin(None if entry is None else entry.request)
        if kind in _CHECKING:
            window.photos.begin(is_check=kind is JobKind.CHECK)
        elif kind is not JobKind.DEMO:
            window.deblur.events.begin(kind)
        window.job.start(kind, job)

    def _on_state(self) -> None:
        window = self._window
        state, kind = window.job.state, window.job.kind
        window.sidebar.show_state(state, kind)
        window.menus.show_state(state)
        window.photos.show_state(state, own=kind is JobKind.CHECK)
        window.calibrate.show_state(state, own=kind in _LEARNING)
        window.deblur.show_state(state, kind)

    def _on_event(self, event: Event, kind: JobKind) -> None:
        window = self._window
        if isinstance(event, KernelsLearned):
            self.newest_grid = event
        window.sidebar.show_event(event)
        if isinstance(event, Progress):
            self._queue.tell()
        window.assistance.log.add(log_words(event))
        if is_warning(event) and kind is not JobKind.CHECK:  # whose page lists them
            self._on_warning(event, kind)
        if kind in _CHECKING:
            window.photos.show_event(event, is_check=kind is JobKind.CHECK)
        if kind in _LEARNING:
            window.calibrate.show_event(event)
        elif kind is not JobKind.CHECK:
            window.deblur.events.show_event(event, kind)

    def _on_warning(self, event: Event, kind: JobKind) -> None:
        """The Calibrate page lists it; wherever else the person is, it is said above the page."""
        self._warnings.append(event)
        if self._window.page != "calibrate":
            what = self.tr("A warning of the running job")
            self._window.show_message(Message(what, note_words(event), is_error=False, is_warning=True, stays=True, job=kind))

    def _keep_failure(self, event: Event) -> None:
        """Among the recent projects, beside the one that failed; one whose photos can teach nothing has left no folder."""
        running, memory = self._queue.running, self._window.memory
        if running is None or not isinstance(event, RunFailed):
            return
        project = recent_project(running.request.project)
        if project.path.exists():
            memory.add_recent(replace(project, failure=failure_words(event)[0]))
        else:
            memory.forget_recent(project)

    def _on_ending(self, event: Event, kind: JobKind) -> None:
        if self._window.leaving.is_wanted:
            return
        # What is wrong with the result before what is wrong with the photos, which the check has told perhaps.
        warnings = [note_words(one) for one in sorted(self._warnings, key=lambda one: isinstance(one, HealthFound))]
        if kind is JobKind.CALIBRATE:
            self._keep_failure(event)
            self._queue.end(event)
            self._window.memory.look_for_recent()
        goes_on = self._go_on()
        if isinstance(event, RunFailed):
            self._window.show_message(message_of_failure(event, kind))
        elif isinstance(event, RunFinished) and isinstance(event.result, CalibrationResult | DemoResult):
            self._window.show_message(learned_message(event.result, warnings, kind))
            if goes_on:
                return  # the person watches the next one
            if isinstance(event.result, DemoResult):
                self._window.demo.show_result(event.result)
            else:
                self._window.show_profile(event.result.profile)
