"""What a file says besides its pixels and colours, carried as bytes from the photo to what is written of it."""

from __future__ import annotations

from dataclasses import dataclass

from ddm_studio.photos.exif_block import made_upright
from ddm_studio.photos.xmp import upright_xmp


@dataclass(frozen=True, slots=True, eq=False)
class Metadata:
    """Parts that can be written as they are; empty where there are none.

    Args:
        exif: Sound TIFF-structured block without its `Exif` prefix.
        xmp: Sound packet.
        iptc: IPTC records.
        resolution: Pixels per inch across and down.
        texts: Comments as chunks of a PNG: name and body.
        told: What was damaged or cannot be kept, in phrases for a person.
    """

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    resolution: tuple[float, float] | None = None
    texts: tuple[tuple[bytes, bytes], ...] = ()
    told: tuple[str, ...] = ()

    def upright(self, width: int, height: int, orientation: int, has_orientation: bool) -> Metadata:
        """The same for pixels turned upright from EXIF `orientation` to `width` x `height`."""
        swapped = orientation >= 5
        resolution = self.resolution[::-1] if self.resolution and swapped else self.resolution
        exif = made_upright(self.exif, width, height, swapped) if self.exif else b""
        xmp = upright_xmp(self.xmp, width, height, has_orientation) if self.xmp else b""
        return Metadata(exif, xmp, self.iptc, resolution, self.texts, self.told)


NO_METADATA = Metadata()
