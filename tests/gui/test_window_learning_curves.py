"""What is drawn, and what is said, while a calibration learns."""

import ast
from pathlib import Path

import numpy as np
import pytest

import ddm_studio
from ddm_studio.events import ConvergenceCurve, LossCurve, StageStarted
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
