"""Published network weights: downloaded to a cache folder of ours, checked by size and SHA-256 before anything reads them.

A download that breaks off is resumed. Sizes and hashes are those of the public model hub's own pages, recorded by hand;
a file that differs is refused, never loaded.
"""

from __future__ import annotations

import hashlib
import http.client
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ddm_studio import preferences
from ddm_studio.errors import WeightsError

MODEL_HUB = "https://huggingface.co/deepinv"
CHUNK = 1 << 18
TIMEOUT_SECONDS = 20.0
TELL_SECONDS = 0.25
"""While nothing comes, whoever waits is asked this often whether they still do."""


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A published file of weights, pinned.

    Attributes:
        name: Name in our settings.
        repository: Repository of the model hub.
        file: File name there and in the cache.
        size: Bytes.
        sha256: Hexadecimal digest.
        licence: What a person must know before using it, in a sentence or two.
    """

    name: str
    repository: str
    file: str
    size: int
    sha256: str
    licence: str


DRUNET = WeightFile(
    name="drunet",
    repository="drunet",
    file="drunet_deepinv_color_finetune_22k.pth",
    size=130_585_443,
    sha256="20296845d272d3d786b89ea3c1208d5f2ceb57658a499d4dd28073cbb73508aa",
    licence="DRUNet fine-tuned by the DeepInverse project, published under the BSD 3-Clause licence.",
)
DIFFUNET = WeightFile(
    name="diffunet",
    repository="diffunet",
    file="diffusion_ffhq_10m.pt",
    size=374_417_833,
    sha256="81d535743156ec6be34d8668e6920da94f0614074d7793a16c8fa9e306237faa",
    licence=(
        "Diffusion network trained on faces (FFHQ), published under the BSD 3-Clause licence; "
        "the data set's own terms may forbid commercial use, and faces are a poor model of other photos."
    ),
)


PUBLISHED = (DRUNET, DIFFUNET)
"""Every file of weights that can be downloaded."""


def cache_folder() -> Path:
    """Where downloaded weights are kept."""
    return preferences.cache_folder() / "weights"


def fetch_weights(
    weight: WeightFile,
    folder: Path | None = None,
    hub: str = MODEL_HUB,
    on_bytes: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """The verified file, downloaded when the cache lacks it.

    Args:
        weight: Which file.
        folder: Cache folder; `cache_folder()` by default.
        hub: Beginning of the address; the file is at `<hub>/<repository>/resolve/main/<file>`.
        on_bytes: Told bytes so far and altogether, while none come every quarter of a second, too; may raise to stop, and the next call
            goes on from there.

    Raises:
        WeightsError: No network, not found, or not the file that was pinned.
    """
    folder = folder or cache_folder()
    path = folder / weight.file
    if path.exists() and is_genuine(path, weight):
        return path
    part = path.with_name(path.name + ".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(weight, part, f"{hub}/{weight.repository}/resolve/main/{weight.file}", on_bytes)
        if not is_genuine(part, weight):
            part.unlink()
            raise WeightsError(
                f"The weights {weight.file} were refused",
                "the downloaded file is not the one that was published (its SHA-256 differs)",
                "Try again later, or choose the bundled denoiser",
            )
        part.replace(path)
    except urllib.error.HTTPError as error:
        raise WeightsError(
            f"The weights {weight.file} could not be downloaded",
            f"the server answered {error.code} {error.reason}",
            "Try again later, or choose the bundled denoiser",
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(
            f"The weights {weight.file} could not be downloaded",
            str(error) or type(error).__name__,
            "Check the network and the free disk space and try again (it goes on where it stopped), or choose the bundled denoiser",
        ) from error
    return path


def is_genuine(path: Path, weight: WeightFile) -> bool:
    """Whether a file has the pinned size and SHA-256."""
    if path.stat().st_size != weight.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == weight.sha256


def _download(weight: WeightFile, part: Path, address: str, on_bytes: Callable[[int, int], None]) -> None:
    """Fill `part` up to the pinned size, going on from what it holds already."""
    have = part.stat().st_size if part.exists() else 0
    if have == weight.size:
        return
    if have > weight.size:
        have = 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={have}-"} if have else {})
    arrivals = _Arrivals(request)
    try:
        pieces = arrivals.wait(lambda: on_bytes(have, weight.size))
        status, announced = next(pieces)
        if status != 206:
            have = 0
        if announced is not None and have + announced != weight.size:
            part.unlink(missing_ok=True)
            raise _wrong_size(weight, have + announced)
        with part.open("ab" if have else "wb") as file:
            for chunk in pieces:
                have += len(chunk)
                if have > weight.size:
                    break
                file.write(chunk)
                on_bytes(have, weight.size)
    finally:
        arrivals.leave()
    if have > weight.size:
        part.unlink()
        raise _wrong_size(weight, have)
    if have < weight.size:
        raise ConnectionError(f"the connection closed after {have} of {weight.size} bytes")


class _Arrivals:
    """Reads on a thread of its own: a server that stalls keeps a read waiting until its timeout, and no person should wait with it.

    Left alone, the thread ends with the read that it is in.
    """

    def __init__(self, request: urllib.request.Request) -> None:
        self._request = request
        self._come: queue.Queue[tuple[int, int | None] | bytes | Exception] = queue.Queue(maxsize=4)
        self._is_left = threading.Event()
        threading.Thread(target=self._read, name="download", daemon=True).start()

    def leave(self) -> None:
        """Nobody waits any more."""
        self._is_left.set()

    def wait(self, on_wait: Callable[[], None]) -> Iterator[Any]:
        """First the status and the announced size, None where it is not told, then the bytes as they come; raises what reading raised."""
        while True:
            try:
                piece = self._come.get(timeout=TELL_SECONDS)
            except queue.Empty:
                on_wait()
                continue
            if isinstance(piece, Exception):
                raise piece
            if piece == b"":
                return
            yield piece

    def _read(self) -> None:
        try:
            with urllib.request.urlopen(self._request, timeout=TIMEOUT_SECONDS) as answer:
                announced = answer.headers.get("Content-Length")
                self._put((answer.status, None if announced is None else int(announced)))
                while not self._is_left.is_set():
                    chunk = answer.read1(CHUNK)
                    self._put(chunk)
                    if not chunk:
                        return
        except urllib.error.HTTPError as error:
            error.close()  # it is the server's answer as well, with a socket
            self._put(error)
        except Exception as error:  # noqa: BLE001 - it is raised where the bytes are waited for
            self._put(error)

    def _put(self, piece: tuple[int, int | None] | bytes | Exception) -> None:
        while not self._is_left.is_set():
            try:
                self._come.put(piece, timeout=TELL_SECONDS)
                break
            except queue.Full:
                continue


def _wrong_size(weight: WeightFile, size: int) -> WeightsError:
    return WeightsError(
        f"The weights {weight.file} were refused",
        f"the server offers {size} bytes, the published file has {weight.size}",
        "Try again later, or choose the bundled denoiser",
    )
