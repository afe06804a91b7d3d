"""The colour profile that written sRGB files carry."""

from __future__ import annotations

from functools import cache

from PIL import ImageCms


@cache
def srgb_profile() -> bytes:
    """Bytes of an sRGB profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
