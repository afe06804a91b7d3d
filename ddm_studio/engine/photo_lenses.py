"""What each photo of a batch is restored with: one lens for all, or the one that its EXIF tells; and its mask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ddm_studio.control import RunControl
from ddm_studio.deblur.mask import Mask
from ddm_studio.engine.prepared_lens import PreparedLens
from ddm_studio.engine.requests import DeblurRequest
from ddm_studio.engine.sidecar import FileFacts, Recipe, settings_table
from ddm_studio.errors import ProfileError, StudioError
from ddm_studio.events import Note, Report
from ddm_studio.photos.reading import read_photo_info
from ddm_studio.profiles.choose_profile import choose_profile
from ddm_studio.profiles.known_profiles import read_known
from ddm_studio.profiles.lens_profile import LensProfile, load_profile
from ddm_studio.project import restorer_beside
from ddm_studio.settings import Method


@dataclass(frozen=True, slots=True)
class _Chosen:
    path: Path
    reasons: tuple[str, ...] = ()
    is_told: bool = True  # else the reasons are only written down


class PhotoLenses:
    """The lenses of a request, each made ready when the first photo needs it; networks that serve all of them are loaded once.

    Raises:
        ProfileError: There is but one profile, and it cannot be read.
        WeightsError: There is but one profile, and the network that the method needs cannot be used.
    """

    def __init__(self, request: DeblurRequest, report: Report, control: RunControl) -> None:
        self._request, self._report, self._control = request, report, control
        self._known, faults = read_known(request.profiles)
        for fault in faults:
            report(Note(str(fault)))
        self._chosen: dict[Path, _Chosen] = {}
        self._lenses: dict[Path, PreparedLens] = {}
        self._recipes: dict[Path, Recipe] = {}
        if request.profile is not None and not request.profiles:
            self._prepared(request.profile)  # what is wrong with it is wrong with every photo

    def lens_for(self, photo: Path) -> PreparedLens:
        """The lens, ready for the method. Raises StudioError where none can be used."""
        chosen = self._choose(photo)
        for reason in chosen.reasons if chosen.is_told else ():
            self._report(Note(f"{photo.name}: {reason}."))
        return self._prepared(chosen.path)

    def recipe_for(self, photo: Path) -> Recipe:
        """What it is made by. Raises StudioError where no lens can be used."""
        path = self._choose(photo).path
        if path not in self._recipes:
            settings, network = self._request.settings, self._network(path)
            self._recipes[path] = Recipe(
                profile=FileFacts.of(path),
                lens=self._profile(path).facts.lens,
                restorer=FileFacts.of(network) if settings.method is Method.NETWORK and network.is_file() else None,
                settings=settings_table(settings),
            )
        return self._recipes[path].model_copy(update={"mask": self.mask_for(photo)})

    def mask_for(self, photo: Path) -> Mask | None:
        """Where it is restored; None: everywhere."""
        return self._request.masks.get(photo)

    def reasons_for(self, photo: Path) -> tuple[str, ...]:
        """Why this lens, in sentences without their points; nothing where one serves all photos."""
        return self._choose(photo).reasons

    def name_for(self, photo: Path) -> str:
        """The profile's name, for the names of results; "unknown" where there is none."""
        try:
            return self._choose(photo).path.stem
        except StudioError:
            return "unknown"

    def _choose(self, photo: Path) -> _Chosen:
        if photo not in self._chosen:
            self._chosen[photo] = self._look(photo)
        return self._chosen[photo]

    def _look(self, photo: Path) -> _Chosen:
        fallback = self._request.profile
        if fallback is not None and not self._known:
            return _Chosen(fallback)
        choice = choose_profile(self._known, read_photo_info(photo), fallback)
        if choice.best is not None:
            return _Chosen(choice.best.path, (f"{choice.best.name}. {choice.reason}",), choice.best.path != fallback)
        if fallback is None:
            raise ProfileError(f"{photo.name} has no lens profile", choice.reason, "Name its profile with --profile")
        named = choice.match_of(fallback)
        if named is not None and named.is_usable and not named.differs:
            return _Chosen(fallback)  # nothing speaks against the profile that was named, as where photos have no EXIF
        return _Chosen(fallback, (f"{choice.reason}; {fallback.parent.name}/{fallback.name} is used",))

    def _prepared(self, path: Path) -> PreparedLens:
        if path not in self._lenses:
            lens = PreparedLens(self._profile(path), self._network(path), self._request.settings, self._report, self._control)
            lens.denoiser = next((other.denoiser for other in self._lenses.values()), None)
            lens.prepare((self._request.settings.method,))
            self._lenses[path] = lens
        return self._lenses[path]

    def _profile(self, path: Path) -> LensProfile:
        if path in self._lenses:
            return self._lenses[path].profile
        return next((one.profile for one in self._known if one.path == path), None) or load_profile(path)

    def _network(self, profile: Path) -> Path:
        return self._request.restorer or restorer_beside(profile)
