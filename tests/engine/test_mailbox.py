"""The reader gets everything that matters in order, however fast the engine talks, and is woken once."""

import threading

import numpy as np
import pytest

from ddm_studio.engine.mailbox import Mailbox
from ddm_studio.events import (
    CheckpointSaved,
    DeblurPreview,
    KernelsLearned,
    LossCurve,
    Note,
    PatchesCompared,
    PatchKind,
    Paused,
    Progress,
    RunStopped,
    StageFinished,
    StageStarted,
)


class Bell:
    def __init__(self):
        self.rings = 0

    def __call__(self):
        self.rings += 1


@pytest.fixture
def bell():
    return Bell()


@pytest.fixture
def box(bell):
    return Mailbox(bell)


def preview(method, seconds, final=False):
    return DeblurPreview(method, np.zeros((2, 2, 3), np.uint8), seconds, final)


def test_a_flood_of_progress_becomes_one_letter_and_one_ring(box, bell):
    box.post(StageStarted("a", 9))
    for step in range(10_000):
        box.post(Progress("a", step, 10_000))
        box.post(KernelsLearned("a", step, np.zeros((1, 1, 3, 3, 3), np.float32)))
    box.post(StageFinished("a", 1.0))
    letters = box.collect()
    assert [type(letter) for letter in letters] == [StageStarted, Progress, KernelsLearned, StageFinished]
    assert letters[1].step == 9_999
    assert bell.rings == 1
    assert box.collect() == []


def test_the_bell_rings_again_after_the_box_was_emptied(box, bell):
    for _ in range(3):
        box.post(Paused())
        box.post(Paused())
        box.collect()
    assert bell.rings == 3


def test_kept_events_keep_their_order_and_none_is_lost(box):
    kept = [Note(str(number)) for number in range(50)]
    for note in kept:
        box.post(note)
        box.post(Progress("a", 1, 2))
    box.post(RunStopped())
    assert [letter for letter in box.collect() if not isinstance(letter, Progress)] == [*kept, RunStopped()]


def test_a_replaced_event_moves_to_the_end(box):
    box.post(Progress("a", 1, 9))
    box.post(CheckpointSaved("a", 1))
    box.post(Progress("a", 2, 9))
    assert box.collect() == [CheckpointSaved("a", 1), Progress("a", 2, 9)]


def test_the_last_curve_of_a_stage_is_not_lost_to_the_next_stage(box):
    first = LossCurve("a", np.arange(2), np.zeros(2, np.float32))
    second = LossCurve("b", np.arange(1), np.zeros(1, np.float32))
    box.post(first)
    box.post(second)
    assert box.collect() == [first, second]


def test_patches_are_replaced_kind_by_kind(box):
    patches = np.zeros((1, 2, 2, 3), np.uint8)
    old, new = (PatchesCompared(PatchKind.FLOW, "a", step, patches, patches) for step in (1, 2))
    other = PatchesCompared(PatchKind.REBLURRED, "b", 1, patches, patches)
    for letter in (old, other, new):
        box.post(letter)
    assert box.collect() == [other, new]


def test_previews_are_replaced_method_by_method(box):
    old, other, new = preview("wiener", 1), preview("dpir", 1), preview("wiener", 2)
    for letter in (old, other, new):
        box.post(letter)
    assert box.collect() == [other, new]


def test_final_previews_are_all_delivered_and_push_out_unfinished_ones(box):
    finals = [preview("wiener", seconds, final=True) for seconds in range(3)]
    box.post(preview("wiener", 9))
    for letter in finals:
        box.post(letter)
    late = preview("wiener", 10)
    box.post(late)
    assert box.collect() == [*finals, late]


def test_a_writer_and_a_reader_at_once_lose_nothing(bell):
    box, received, total = Mailbox(bell), [], 5_000
    writer = threading.Thread(target=lambda: [box.post(Note(str(number))) for number in range(total)])
    writer.start()
    while writer.is_alive():
        received += box.collect()
    received += box.collect()
    assert [note.message for note in received] == [str(number) for number in range(total)]
