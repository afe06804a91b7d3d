"""One folder, one lens: which photos are the blurry set, and whose centres the sharp one.

A lens is sharpest stopped down and in the middle. By EXIF apertures, the photos at the widest one (or at the one asked
for) are blurry, and the centres of those stopped down by at least a stop are sharp. Where EXIF names no such photos,
the centres of the blurry photos themselves are the sharp set: the blur is then learned relative to the middle of the frame.
"""

from __future__ import annotations

from dataclasses import dataclass

from ddm_studio.errors import InputError
from ddm_studio.events import PhotoSkipped
from ddm_studio.photos.aperture import SAME_WITHIN_STOPS, same_aperture, stops_between
from ddm_studio.photos.library import Listing
from ddm_studio.photos.photo import PhotoInfo

# At f/16 the Airy disc is 21 µm across, several pixels of any camera; at f/11 it is 15.
_DIFFRACTION_FROM = 11.0
# Of each side of the frame.
_CENTRE = 0.5


@dataclass(frozen=True, slots=True)
class OneLensSets:
    """Both sets of one folder.

    Args:
        blurry: The blurry set; its `skipped` are all files of the folder that are in neither set.
        sharp: The sharp set, of which only the centre is used.
        sharp_crop: Width and height of that centre in pixels.
        sentence: What was chosen, for a person.
    """

    blurry: Listing
    sharp: Listing
    sharp_crop: tuple[int, int]
    sentence: str


def split_one_lens(listing: Listing, blurry_aperture: float | None) -> OneLensSets:
    """Sort the photos of one folder, which share a frame.

    Args:
        listing: The photos, as `choose_blurry` leaves them.
        blurry_aperture: f-number of the blurry set; None takes the widest.

    Raises:
        InputError: No photo was taken at the aperture asked for.
    """
    named = sorted({info.aperture for info in listing.photos if info.aperture is not None})
    width, height = listing.photos[0].frame
    crop = max(1, int(width * _CENTRE)), max(1, int(height * _CENTRE))
    if not named and blurry_aperture is None:
        sentence = _by_region_sentence(len(listing.photos), "no photo says its aperture")
        return OneLensSets(listing, Listing(listing.photos, ()), crop, sentence)
    wide = named[0] if blurry_aperture is None else blurry_aperture
    blurry = tuple(info for info in listing.photos if info.aperture is not None and same_aperture(info.aperture, wide))
    if not blurry:
        there = ", ".join(f"f/{aperture:g}" for aperture in named) or "none"
        raise InputError(f"No photo was taken at f/{wide:g}", f"The apertures in the folder are: {there}", "Ask for one of these")
    sharp = _stopped_down(listing.photos, wide)
    used = {info.path for info in (*blurry, *sharp)}
    left_out = [PhotoSkipped(info.path, _reason(info, wide)) for info in listing.photos if info.path not in used]
    skipped = tuple(sorted((*listing.skipped, *left_out), key=lambda file: file.path.name))
    if sharp:
        sentence = (
            f"One lens: {_photos(blurry)} at f/{wide:g} {'are' if len(blurry) > 1 else 'is'} the blurry set, "
            f"and the {'centres' if len(sharp) > 1 else 'centre'} of {_photos(sharp)} at {_range(sharp)} the sharp one"
        )
    else:
        sentence = _by_region_sentence(len(blurry), f"no photo is stopped down by a stop or more from f/{wide:g}")
    return OneLensSets(Listing(blurry, skipped), Listing(sharp or blurry, ()), crop, sentence)


def _stopped_down(photos: tuple[PhotoInfo, ...], wide: float) -> tuple[PhotoInfo, ...]:
    """By a stop at least and without visible diffraction; where there are none, with it."""
    narrower = [info for info in photos if info.aperture is not None and stops_between(wide, info.aperture) >= 1 - SAME_WITHIN_STOPS]
    clean = [
        info for info in narrower if info.aperture is not None and stops_between(_DIFFRACTION_FROM, info.aperture) <= SAME_WITHIN_STOPS
    ]
    return tuple(clean or narrower)


def _reason(info: PhotoInfo, wide: float) -> str:
    if info.aperture is None:
        return "it does not say its aperture, by which this folder is sorted"
    if stops_between(wide, info.aperture) >= 1 - SAME_WITHIN_STOPS:
        return f"at f/{info.aperture:g} diffraction blurs it"
    return f"its aperture of f/{info.aperture:g} is neither f/{wide:g}, which is learned, nor a stop or more smaller"


def _photos(photos: tuple[PhotoInfo, ...]) -> str:
    return f"the {len(photos)} photos" if len(photos) > 1 else "the photo"


def _range(photos: tuple[PhotoInfo, ...]) -> str:
    apertures = sorted({info.aperture for info in photos if info.aperture is not None})
    return f"f/{apertures[0]:g}" + (f" to f/{apertures[-1]:g}" if len(apertures) > 1 else "")


def _by_region_sentence(count: int, why: str) -> str:
    same = f"centres of the same {count} photos are" if count > 1 else "centre of the same photo is"
    return f"One lens: {why}, so the {same} the sharp set, and the blur is learned relative to the middle of the frame"
