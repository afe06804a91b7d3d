"""A lens profile made ready to restore photos: fitted to each photo's frame, with the networks that a method needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddm_studio.control import RunControl
from ddm_studio.deblur.light import ENCODED_VALUES, LINEAR_LIGHT
from ddm_studio.deblur.reblur_residual import ReblurCheck
from ddm_studio.deblur.restore import Watch, restore_rows
from ddm_studio.deblur.scene_prior import ScenePrior
from ddm_studio.deblur.tiles import Box
from ddm_studio.engine.device import choose_device
from ddm_studio.errors import ProfileError
from ddm_studio.events import Note, Report, ResultReblurred
from ddm_studio.optics.display_curve import decode, encode
from ddm_studio.photos.photo import PhotoInfo
from ddm_studio.photos.reading import OpenedPhoto
from ddm_studio.profiles.lens_profile import LensProfile
from ddm_studio.profiles.match_frame import fit_profile
from ddm_studio.settings import DeblurSettings, Method
from ddm_studio.stage import StageReporter

if TYPE_CHECKING:
    from ddm_studio.deblur.denoisers import Denoiser
    from ddm_studio.deblur.restorer import Restorer

OTHER_FRAME = "cannot be restored by the network of the lens"
OTHER_FRAME_WHY = "It was cropped or resized, and the network knows the kernels and places of whole photos at full size only"


def never() -> bool:
    """No picture is due."""
    return False


@dataclass(eq=False)
class PreparedLens:
    """A profile ready to restore photos with."""

    profile: LensProfile
    network: Path
    settings: DeblurSettings
    report: Report
    control: RunControl
    denoiser: Denoiser | None = None
    restorer: Restorer | None = None
    again: ReblurCheck | None = None

    def __post_init__(self) -> None:
        self.device = choose_device(self.settings.device)
        self.fitted = self.profile

    def fit_to(self, info: PhotoInfo) -> tuple[str, ...]:
        """Work on this photo from now on, and say and return what is assumed where its frame is another than the profile's.

        Raises:
            ProfileError: It does not fit.
        """
        fitted = fit_profile(self.profile, info)
        self.fitted = fitted.profile
        if not fitted.assumption:
            return ()
        self.report(Note(f"{fitted.assumption}."))
        return (fitted.assumption,)

    def tell_honesty(self, source: Path, method: Method) -> dict[str, float]:
        """Report, and return by name, how far the last result, blurred again, is from its photo; empty where that cannot be told."""
        ratio = self.again.ratio() if self.again is not None else None
        if ratio is None:
            return {}
        self.report(ResultReblurred(source, method.value, ratio))
        return {"reblur_residual": round(ratio, 3)}

    def prepare(self, methods: tuple[Method, ...]) -> None:
        """Load the denoiser (downloading a published one) and the lens's own network if one of the methods needs them."""
        if self.denoiser is None and {Method.DPIR, Method.DIFFPIR} & set(methods):
            self.denoiser = _load_denoiser(self.settings, self.device, self.report, self.control)
        if self.restorer is None and Method.NETWORK in methods:
            self.restorer = _load_restorer(self.network, self.profile, self.device)

    def restore(
        self,
        opened: OpenedPhoto,
        method: Method,
        stage: str,
        box: Box | None = None,
        picture_due: Callable[[], bool] = never,
        picture: Callable[[NDArray[np.float32]], None] = lambda linear: None,
    ) -> Iterator[NDArray[np.float32]]:
        """The photo, or a box of it, restored: bands (rows, width, 3) of linear light in the sensor frame, from the top."""
        if method is Method.NETWORK and self.fitted is not self.profile:
            raise ProfileError(f"{opened.photo.info.path.name} {OTHER_FRAME}", OTHER_FRAME_WHY, "Use another method for this photo")
        encoded_kernels = self.fitted.light == "encoded"
        reporter: StageReporter | None = None

        def step(done: int, total: int) -> None:
            nonlocal reporter
            reporter = reporter or StageReporter(stage, total, self.report, self.control)
            reporter.checkpoint(done)

        def back(restored: Tensor) -> NDArray[np.float32]:
            linear: Tensor = decode(restored) if encoded_kernels else restored
            array: NDArray[np.float32] = linear.permute(1, 2, 0).numpy()
            return array

        frame = _Frame(opened, encoded_kernels)
        psf, sigma = torch.from_numpy(self.fitted.psf), torch.from_numpy(self.fitted.noise_sigma)
        curve = ENCODED_VALUES if encoded_kernels else LINEAR_LIGHT
        self.again = ReblurCheck(psf, sigma, frame.height, frame.width, curve)
        bands = restore_rows(
            frame,
            psf.to(self.device),
            sigma,
            self.settings.model_copy(update={"method": method}),
            self.denoiser,
            Watch(step, picture_due, lambda so_far: picture(back(so_far))),
            box,
            curve,
            restorer=self.restorer,
            prior=scene_prior(self.fitted),
        )
        top, left = (0, 0) if box is None else (box.top, box.left)
        for band in bands:
            self.again.add(band, frame.rows, top, left)
            top += band.shape[1]
            yield back(band)
        if reporter is not None:
            reporter.finish()


class _Frame:
    """The photo in the values in which its lens's blur is linear."""

    def __init__(self, opened: OpenedPhoto, encoded_kernels: bool) -> None:
        self._opened, self._encoded = opened, encoded_kernels
        self.width, self.height = opened.photo.info.frame

    def rows(self, top: int, bottom: int) -> Tensor:
        """(3, bottom - top, width)."""
        linear = torch.from_numpy(self._opened.rows(top, bottom)).permute(2, 0, 1)
        values: Tensor = encode(linear) if self._encoded else linear
        return values


def _load_restorer(path: Path, profile: LensProfile, device: torch.device) -> Restorer:
    # Here for the same reason as `load_denoiser` below.
    from ddm_studio.deblur.restorer_file import lens_digest, load_restorer

    return load_restorer(path, lens_digest(profile.psf, profile.noise_sigma, profile.light), device)


def scene_prior(profile: LensProfile) -> ScenePrior | None:
    """Wiener's prior out of a profile; None for those that were made without one."""
    return ScenePrior(torch.from_numpy(profile.scene_spectrum)) if profile.scene_spectrum.size else None


def _load_denoiser(settings: DeblurSettings, device: torch.device, report: Report, control: RunControl) -> Denoiser:
    # Here, because it loads deepinv: two seconds that Wiener need not wait for.
    from ddm_studio.deblur.denoisers import load_denoiser
    from ddm_studio.deblur.weights import PUBLISHED

    reporter: StageReporter | None = None

    def on_bytes(done: int, total: int) -> None:
        nonlocal reporter
        if reporter is None:
            report(Note(next(weight.licence for weight in PUBLISHED if weight.name == settings.denoiser)))
            reporter = StageReporter("download denoiser", total, report, control)
        reporter.checkpoint(done)

    denoiser = load_denoiser(settings.denoiser, device, on_bytes=on_bytes)
    if reporter is not None:
        reporter.finish()
    return denoiser
