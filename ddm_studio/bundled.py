"""Where the files of `resources/` lie: packed into the package when installed, beside it in a clone."""

from __future__ import annotations

from pathlib import Path


def bundled_file(name: str) -> Path:
    """The path of a bundled file or folder, such as `denoiser.safetensors`.

    Raises:
        FileNotFoundError: The installation lacks it.
    """
    package = Path(__file__).parent
    for folder in (package / "resources", package.parent / "resources"):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"the installation lacks resources/{name}")
