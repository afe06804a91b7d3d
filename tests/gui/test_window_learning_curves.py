"""What is drawn, and what is said, while a calibration learns."""

import ast
from pathlib import Path

import numpy as np
import pytest

import ddm_studio
from ddm_studio.events import ConvergenceCurve, LossCurve, StageStarted
from ddm_studio.gui.grid_history import GridFrame
from ddm_studio.gui.stage_words import stage_sentence, stage_words
from ddm_studio.gui.views.learning_curves import LearningCurves

PACKAGE = Path(ddm_studio.__file__).parent
EVERYTHING = [path for path in sorted(PACKAGE.rglob("*.py")) if "gui" not in path.parts]
LEARNING = [path for part in ("spectra", "flow", "matching") for path in sorted((PACKAGE / part).glob("*.py"))]


def named_stages(path):
    """The stages that a module names, without importing it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.endswith("STAGE"):
            yield ast.literal_eval(node.value)


def looks(values, has_settled=False):
    return ConvergenceCurve("matching distributions", np.arange(len(values)) * 15, np.array(values, np.float32), has_settled)


@pytest.fixture
def curves(qtbot):
    made = LearningCurves()
    qtbot.addWidget(made)
    made.resize(700, 150)
    made.show()
    return made


def test_every_stage_of_learning_says_what_it_does():
    stages = [stage for path in LEARNING for stage in named_stages(path)]
    assert len(stages) > 8
    assert [stage for stage in stages if not stage_sentence(stage)] == []


def test_every_stage_has_a_heading_without_terms_of_statistics():
    headings = [stage_words(stage) for path in EVERYTHING for stage in named_stages(path)]
    assert len(headings) > 12
    terms = ("spectra", "wavefront", "distribution", "restorer", "held-out", "gaussian", "flow")
    assert [heading for heading in headings if any(term in heading.lower() for term in terms)] == []


def test_a_stage_without_a_loss_is_described_instead_of_an_empty_plot(curves):
    curves.show_event(StageStarted("matching spectra", 10))
    curves.show_event(LossCurve("matching spectra", np.arange(3), np.array([3, 2, 1], np.float32)))
    assert curves.loss.has_curve
    curves.show_event(StageStarted("retrieving the kernel", 10))
    assert not curves.loss.has_curve
    assert "random starts" in curves.loss.hint.text()
    assert curves.loss.hint.isVisible()


def test_the_last_loss_is_there_to_be_looked_at_when_all_is_over(curves):
    curves.show_event(LossCurve("matching spectra", np.arange(3), np.array([3, 2, 1], np.float32)))
    curves.show_event(StageStarted("estimating the confidence", 10))
    assert not curves.loss.has_curve
    curves.show_event(StageStarted("deblur coffee.png", 10))
    assert curves.loss.has_curve
    curves.show_event(StageStarted("estimating the confidence", 10))
    curves.show_rest()
    assert curves.loss.has_curve
    curves.clear()
    assert not curves.loss.has_curve


def loss(stage, last=3):
    return LossCurve(stage, np.arange(1, last + 1), np.linspace(3, 1, last, dtype=np.float32))


def named(curves):
    return [curves.loss.stages.itemText(number) for number in range(curves.loss.stages.count())]


def choose(qtbot, box, number):
    box.setCurrentIndex(number)
    box.activated.emit(number)  # as a click on it does


def test_every_stage_keeps_its_curve_to_be_looked_at(curves, qtbot):
    curves.show_event(loss("matching spectra"))
    assert not curves.loss.stages.isVisible()
    curves.show_event(loss("learning the blurry photos", 5))
    assert named(curves) == ["Fitting the kernels", "Learning the look of the blurry photos"]
    assert curves.loss.stages.isVisible()
    assert curves.loss.shown.stage == "learning the blurry photos"
    choose(qtbot, curves.loss.stages, 0)
    curves.show_event(loss("learning the blurry photos", 6))
    assert curves.loss.shown.stage == "matching spectra"  # until another stage begins
    curves.show_event(loss("matching distributions"))
    assert curves.loss.shown.stage == "matching distributions"


def test_curves_of_an_earlier_visit_come_before_those_of_this_one(curves):
    curves.show_event(loss("learning the blurry photos", 9))
    curves.show_kept([loss("matching spectra"), loss("learning the blurry photos", 4)])
    assert named(curves) == ["Fitting the kernels", "Learning the look of the blurry photos"]
    assert len(curves.loss.shown.steps) == 9


def test_they_do_not_hide_what_a_running_stage_does(curves):
    curves.show_event(StageStarted("estimating the confidence", 10))
    curves.show_kept([loss("matching spectra")])
    assert not curves.loss.has_curve
    assert "can be trusted" in curves.loss.hint.text()
    curves.show_rest()
    assert curves.loss.shown.stage == "matching spectra"


def test_advice_follows_the_looks(curves):
    assert not curves.convergence.isVisible()
    curves.show_event(looks([3, 2]))
    assert curves.convergence.isVisible()
    assert "Still getting better" in curves.convergence.advice.text()
    curves.show_event(looks([3, 2, 2.5]))
    assert curves.convergence.advice.text() == "Best at step 15. Looks since then that were not better: 1."
    curves.show_event(looks([3, 2, 2.5, 2.5], has_settled=True))
    assert "Settled: nothing better since step 15" in curves.convergence.advice.text()


def test_looks_of_the_last_stage_do_not_stay(curves):
    curves.show_event(looks([3, 2]))
    curves.show_event(StageStarted("choosing the grid", 10))
    assert not curves.convergence.isVisible()


def test_looks_stay_when_a_run_is_stopped_and_no_place_is_left_blank(curves):
    curves.show_event(looks([3, 2]))
    curves.show_rest()
    assert curves.convergence.isVisible()
    assert not curves.loss.has_curve
    assert "is drawn here" in curves.loss.hint.text()


def drawn(curves):
    return curves.loss._curve.getData()


def test_the_axis_says_what_was_still_to_gain_from_all_to_nothing_whatever_the_loss_is_measured_in(curves):
    for shift, scale in ((-31.0, 1.0), (0.0, 0.01), (5.0, 3.0)):
        losses = shift + scale * np.array([1.0, 0.5, 0.25, 0.0, 0.1])
        curves.show_event(LossCurve("matching spectra", np.arange(1, 6), losses.astype(np.float32)))
        np.testing.assert_allclose(drawn(curves)[1], [100, 50, 25, 0, 10], atol=0.01)
    plot = curves.loss._plot
    assert plot.getAxis("left").labelText == "still to gain, %"
    assert "lower is better" in plot.toolTip()
    assert "nat" not in plot.toolTip()


def test_a_loss_that_only_rises_or_stays_is_drawn_too(curves):
    for losses in ([1.0, 2.0, 3.0], [2.0, 2.0, 2.0]):
        curves.show_event(LossCurve("matching spectra", np.arange(1, 4), np.array(losses, np.float32)))
        assert np.isfinite(drawn(curves)[1]).all()
        assert drawn(curves)[1].min() == 0


def test_a_curve_reaches_from_the_first_step_of_its_stage_to_the_newest(curves):
    curves.show_event(LossCurve("fitting the wavefront", np.arange(385, 1000, 5), np.linspace(3, 1, 123, dtype=np.float32)))
    first, last = curves.loss._plot.viewRange()[0]
    assert first <= 0
    assert last >= 995


def test_a_moment_that_is_looked_at_is_marked_in_the_curve_of_its_stage(curves):
    curves.show_event(loss("matching spectra"))
    curves.show_event(loss("matching distributions", 9))
    kernels = np.zeros((1, 1, 3, 5, 5), np.float16)
    curves.show_moment(GridFrame(1, "matching spectra", 2, kernels))
    assert curves.loss.shown.stage == "matching spectra"
    assert set(curves.loss._moment.getData()[0]) == {2}
    curves.show_event(loss("matching distributions", 12))
    curves.show_event(StageStarted("choosing the grid", 10))
    assert curves.loss.shown.stage == "matching spectra"  # who looks back is not disturbed
    curves.show_moment(None)
    assert not curves.loss.has_curve
    assert "held back" in curves.loss.hint.text()


def test_the_best_look_and_the_first_are_named_beside_an_axis_that_says_which_way_is_better(curves):
    curves.show_event(looks([3, 1, 2]))
    axis = curves.convergence._plot.getAxis("left")
    assert axis.labelText == "← better"
    assert axis._tickLevels == [[(1.0, "best"), (3.0, "start")]]
    curves.show_event(looks([1, 2, 3]))
    assert axis._tickLevels == [[(1.0, "start, best")]]


def test_the_plot_stays_in_its_place_when_the_curve_of_a_second_stage_comes(curves, qtbot):
    curves.show_event(loss("matching spectra"))
    qtbot.waitUntil(curves.loss._plot.isVisible)
    qtbot.wait(50)
    alone = curves.loss._plot.geometry()
    curves.show_event(loss("matching distributions"))
    qtbot.waitUntil(curves.loss.stages.isVisible)
    qtbot.wait(50)
    assert curves.loss._plot.geometry() == alone
