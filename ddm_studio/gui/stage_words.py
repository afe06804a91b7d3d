"""What the engine does in each stage of a job: in a few plain words, and in a sentence for whoever watches. Translatable.

The engine's names are its `STAGE`s, which load torch; a test holds that each is known here.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ddm_studio.gui.wording import method_words
from ddm_studio.settings import Method


def _tr(text: str) -> str:
    return QCoreApplication.translate("stages", text)


def stage_words(stage: str) -> str:
    """A stage as a heading; the engine's own name of one that is not known here."""
    verb, _, rest = stage.partition(" ")
    if verb == "compare" and rest in set(Method):
        return _tr("Comparing: {method}").format(method=method_words(Method(rest))[0])
    if verb == "deblur":
        return _tr("Deblurring {name}").format(name=rest)
    return _headings().get(stage, stage[:1].upper() + stage[1:])


def stage_sentence(stage: str) -> str:
    """What a stage of a calibration does; nothing for one that is not known here."""
    return _sentences().get(stage, "")


def _headings() -> dict[str, str]:
    return {
        "taking photos with a synthetic lens": _tr("Making the demo photos"),
        "reading blurry photos": _tr("Reading the blurry photos"),
        "reading sharp photos": _tr("Reading the sharp photos"),
        "checking the photos": _tr("Checking the photos"),
        "measuring spectra": _tr("Measuring fine detail"),
        "fitting the wavefront": _tr("Looking for the lens errors"),
        "first kernels": _tr("Fitting the first kernels"),
        "found wavefront": _tr("Looking for the lens errors"),
        "matching spectra": _tr("Fitting the kernels"),
        "measuring windows": _tr("Measuring larger windows"),
        "retrieving the kernel": _tr("Searching for the kernel"),
        "estimating the confidence": _tr("Estimating the confidence"),
        "telling mirror images apart": _tr("Telling mirror images apart"),
        "comparing edges": _tr("Comparing edges"),
        "learning the sharp photos": _tr("Learning the look of the sharp photos"),
        "learning the blurry photos": _tr("Learning the look of the blurry photos"),
        "measuring held-out photos": _tr("Measuring the photos kept for judging"),
        "matching distributions": _tr("Refining the kernels"),
        "choosing the grid": _tr("Choosing the better grid"),
        "training the restorer": _tr("Training the lens network"),
        "scoring the restorer": _tr("Trying the lens network on other photos"),
        "download denoiser": _tr("Downloading the denoiser"),
        "downloading": _tr("Downloading"),
    }


def _sentences() -> dict[str, str]:
    return {
        "taking photos with a synthetic lens": _tr("Demo photos are blurred by a made-up lens, so that the truth is known."),
        "reading blurry photos": _tr("Small tiles are cut from the blurry photos, evenly over the frame."),
        "reading sharp photos": _tr("Small tiles are cut from the sharp photos."),
        "checking the photos": _tr("Looking for photos that would mislead: shaken, clipped, without texture, of another kind."),
        "measuring spectra": _tr("Measuring how much fine detail each part of the frame has kept."),
        "fitting the wavefront": _tr("Guesses of the lens errors are tried. The grid shows the one at work, and in the end the best."),
        "matching spectra": _tr("Kernels are fitted until sharp photos seen through them lose as much detail as the blurry ones."),
        "measuring windows": _tr("Measuring the photos in larger windows, for a kernel that no lens error describes."),
        "retrieving the kernel": _tr("Many kernels fit the lost detail. From random starts each is refined, and the best so far is shown."),
        "estimating the confidence": _tr("Fitting again without some of the photos: what then stays the same can be trusted."),
        "telling mirror images apart": _tr("A kernel and its mirror image lose the same detail. Edges in the photos tell which is right."),
        "comparing edges": _tr("Comparing edges of photos that were held back with those that the grid predicts."),
        "learning the sharp photos": _tr("A small network learns what sharp patches look like."),
        "learning the blurry photos": _tr("A small network learns what blurry patches look like."),
        "measuring held-out photos": _tr("Measuring photos that nothing is learned from: they will judge the grids."),
        "matching distributions": _tr("Kernels move until sharp patches seen through them look like blurry ones to the network."),
        "choosing the grid": _tr("Photos that were held back choose between the first grid and the refined one."),
    }
