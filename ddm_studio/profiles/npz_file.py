"""Arrays of NPZ files that come from elsewhere."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddm_studio.errors import ProfileError

# NotImplementedError is zipfile's for packing that it does not know, TypeError NumPy's for a header that is none.
_DAMAGED = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, TypeError, NotImplementedError)


def read_arrays(path: Path, names: tuple[str, ...], unusable: Callable[[str], ProfileError]) -> list[NDArray[Any]]:
    """The arrays of these names; of others nothing is read, and no code is run.

    Args:
        path: The NPZ file.
        names: What must be in it.
        unusable: Makes the error from the reason why the file cannot be used.

    Raises:
        ProfileError: There is no such file, it is none, damaged, or lacks an array.
    """
    try:
        with path.open("rb") as stream:
            file = np.load(stream, allow_pickle=False)
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise unusable("It holds a single array without a name")
            if not all(name in file for name in names):
                wanted = " or ".join(names) if len(names) > 1 else f"the array {names[0]}"
                raise unusable(f"It lacks {wanted}, it holds {', '.join(file) or 'nothing'}")
            arrays = [file[name] for name in names]
    except FileNotFoundError as error:
        raise ProfileError(f"{path} cannot be read", "There is no such file", "Check the name") from error
    except _DAMAGED as error:
        raise unusable(f"It is no NPZ file of numbers, or a damaged one ({error})") from error
    for name, array in zip(names, arrays, strict=True):
        if not isinstance(array, np.ndarray):  # a member that is no array is given as its bytes
            raise unusable(f"It is no NPZ file of numbers: {name} is no array")
    return arrays
