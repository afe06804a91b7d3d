"""What each method would take for the photo of the Deblur page: from the machine's speed, and from what was measured on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QObject, Signal

from ddm_studio.events import MethodTimed
from ddm_studio.gui.background import Answer, BackgroundReader
from ddm_studio.gui.deblur_cost import DeblurCost, deblur_cost
from ddm_studio.gui.measured_times import write_times
from ddm_studio.gui.outlook import DeblurOutlook, look_at_deblurring
from ddm_studio.settings import DeblurSettings, DenoiserName, Method


class MethodCosts(QObject):
    """`changed()` when more is known; `failed(error)`.

    Args:
        parent: Owner.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._outlook: DeblurOutlook | None = None
        self._is_warm = False
        self._machine = BackgroundReader(parent=self)
        self._machine.answered.connect(self._on_answer)

    @property
    def is_known(self) -> bool:
        """Whether the machine has been looked at."""
        return self._outlook is not None

    @property
    def denoisers(self) -> Sequence[DenoiserName]:
        """Those on this computer; until it has been looked at, the one that comes with the program."""
        return (DeblurSettings().denoiser,) if self._outlook is None else self._outlook.denoisers

    def look(self) -> None:
        """Look what the machine can do, and which networks have come; while the engine runs, it would disturb the timing."""
        self._machine.ask("outlook", look_at_deblurring)

    def take(self, event: MethodTimed) -> None:
        """A method was timed: the engine is loaded, and the next time is better known."""
        self._is_warm = True
        if self._outlook is not None:
            times = self._outlook.measured.with_run(event)
            self._outlook = self._outlook.with_measured(times)
            file = self._outlook.times_file
            self._machine.ask("keep", lambda: write_times(file, times))
        self.changed.emit()

    def costs(self, size: tuple[int, int], denoiser: DenoiserName, methods: Sequence[Method]) -> dict[Method, DeblurCost]:
        """Of a photo of `size` (width, height); nothing while that is not known."""
        known = self._outlook
        if known is None:
            return {}
        return {method: deblur_cost(method, denoiser, size, known.speed, known.measured, self._is_warm) for method in methods}

    def shut_down(self) -> None:
        """End the background thread."""
        self._machine.shut_down()

    def _on_answer(self, answer: Answer) -> None:
        if answer.error is not None:
            self.failed.emit(answer.error)
        elif answer.key == "outlook":
            self._outlook = cast("DeblurOutlook", answer.value)
            self.changed.emit()
