"""What the engine does in each stage of a calibration, in a sentence for whoever watches. Translatable."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def _tr(text: str) -> str:
    return QCoreApplication.translate("stages", text)


def stage_sentence(stage: str) -> str:
    """What a stage does; nothing for one that is not known here. The engine's names are its `STAGE`s, which load torch."""
    words = {
        "taking photos with a synthetic lens": _tr("Demo photos are blurred by a made-up lens, so that the truth is known."),
        "reading blurry photos": _tr("Small tiles are cut from the blurry photos, evenly over the frame."),
        "reading sharp photos": _tr("Small tiles are cut from the sharp photos."),
        "checking the photos": _tr("Looking for photos that would mislead: shaken, clipped, without texture, of another kind."),
        "measuring spectra": _tr("Measuring how much fine detail each part of the frame has kept."),
        "fitting the wavefront": _tr("Looking for the lens errors that explain the lost detail, from several starts one after another."),
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
    return words.get(stage, "")
