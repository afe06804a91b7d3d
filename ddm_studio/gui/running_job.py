"""The one job that may run: starts it, passes on wishes, and tells what is confirmed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ddm_studio.events import ENDINGS, Event
from ddm_studio.gui.engine_thread import EngineRunner, Job
from ddm_studio.gui.run_state import JobKind, RunState, Wish, confirmed, wished


class RunningJob(QObject):
    """`state_changed()` whenever `state` or `kind` has; `happened(event, kind)`; `ended(event, kind)` after the last event."""

    state_changed = Signal()
    happened = Signal(object, object)
    ended = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.state = RunState.IDLE
        self.kind: JobKind | None = None
        self._told: tuple[RunState, JobKind | None] = (self.state, self.kind)
        self.runner = EngineRunner(self)
        self.runner.happened.connect(self._on_event)

    def start(self, kind: JobKind, job: Job) -> None:
        """Run a job. Raises RuntimeError while another runs."""
        self.runner.start(job)
        self.kind = kind
        self._take(RunState.RUNNING)

    def pause(self) -> None:
        """Ask the job to wait."""
        self._take(wished(self.state, Wish.PAUSE))
        self.runner.pause()

    def resume(self) -> None:
        """Let it go on."""
        self._take(wished(self.state, Wish.RESUME))
        self.runner.resume()

    def pause_or_resume(self) -> bool:
        """Whichever makes sense now; False when neither does."""
        if self.state is RunState.RUNNING:
            self.pause()
        elif self.state is RunState.PAUSED:
            self.resume()
        else:
            return False
        return True

    def stop(self) -> None:
        """Ask it to save and leave."""
        self._take(wished(self.state, Wish.STOP))
        self.runner.stop()

    def _take(self, state: RunState) -> None:
        self.state = state
        if (state, self.kind) != self._told:  # pages look at the disc then, which need not be for each of a job's many events
            self._told = (state, self.kind)
            self.state_changed.emit()

    def _on_event(self, event: Event) -> None:
        kind = self.kind
        if kind is None:
            return
        self.happened.emit(event, kind)
        self._take(confirmed(self.state, event))
        if isinstance(event, ENDINGS):
            self.kind = None
            self._take(RunState.IDLE)
            self.ended.emit(event, kind)
