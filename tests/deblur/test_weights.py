import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_hub import CONTENT, Hub, pinned

from ddm_studio.control import Cancelled
from ddm_studio.deblur.weights import DIFFUNET, DRUNET, fetch_weights
from ddm_studio.errors import WeightsError


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_file_is_downloaded_once_and_progress_is_told(hub: Hub, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = fetch_weights(pinned(), tmp_path / "cache", hub.address, lambda *at: told.append(at))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert fetch_weights(pinned(), tmp_path / "cache", hub.address) == path
    assert len(hub.ranges) == 1


def test_a_broken_download_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    hub.break_after = 300_000
    with pytest.raises(WeightsError, match="300000 of 1048576 bytes"):
        fetch_weights(pinned(), tmp_path, hub.address)
    hub.break_after = None
    assert fetch_weights(pinned(), tmp_path, hub.address).read_bytes() == CONTENT
    assert hub.ranges == [None, "bytes=300000-"]
    assert [path.name for path in tmp_path.iterdir()] == ["net.pth"]


def test_a_server_without_ranges_is_asked_from_the_start(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "net.pth.part").write_bytes(CONTENT[:1000])
    hub.knows_ranges = False
    assert fetch_weights(pinned(), tmp_path, hub.address).read_bytes() == CONTENT


def test_stopping_keeps_what_has_arrived(hub: Hub, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        fetch_weights(pinned(), tmp_path, hub.address, stop)
    assert (tmp_path / "net.pth.part").stat().st_size > 0
    assert fetch_weights(pinned(), tmp_path, hub.address).read_bytes() == CONTENT


def test_another_file_under_the_name_is_refused_and_not_kept(hub: Hub, tmp_path: Path) -> None:
    hub.content = CONTENT[::-1]
    with pytest.raises(WeightsError, match=r"refused.*SHA-256.*bundled denoiser"):
        fetch_weights(pinned(), tmp_path, hub.address)
    assert list(tmp_path.iterdir()) == []


def test_a_part_of_another_file_does_not_stick(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "net.pth.part").write_bytes(b"x" * 1000)
    with pytest.raises(WeightsError, match="SHA-256"):
        fetch_weights(pinned(), tmp_path, hub.address)
    assert fetch_weights(pinned(), tmp_path, hub.address).read_bytes() == CONTENT


def test_another_size_is_refused_before_it_is_downloaded(hub: Hub, tmp_path: Path) -> None:
    told: list[int] = []
    hub.content = CONTENT + b"more"
    with pytest.raises(WeightsError, match="offers 1048580 bytes, the published file has 1048576"):
        fetch_weights(pinned(), tmp_path, hub.address, lambda done, total: told.append(done))
    assert told == []


def test_a_damaged_file_in_the_cache_is_fetched_anew(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "net.pth").write_bytes(CONTENT[:-1] + b"x")
    assert fetch_weights(pinned(), tmp_path, hub.address).read_bytes() == CONTENT


def test_a_missing_file_is_told_with_the_servers_words(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="404 Not Found"):
        fetch_weights(pinned(file="gone.pth"), tmp_path, hub.address)


def test_without_a_network_the_error_says_what_to_try(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(WeightsError, match=r"could not be downloaded.*Check the network.*bundled denoiser"):
        fetch_weights(pinned(), tmp_path, f"http://127.0.0.1:{port}")


def test_published_weights_are_pinned_with_their_licence() -> None:
    for weight in (DRUNET, DIFFUNET):
        assert len(weight.sha256) == 64
        assert weight.size > 10**8
        assert "licence" in weight.licence


@pytest.mark.parametrize("sent", [0, 1000])
def test_a_download_that_stalls_can_be_stopped_at_once(hub, tmp_path, sent):
    hub.wait_after = sent
    asked = []

    def give_up(done, total):
        asked.append(done)
        if asked.count(sent) == 2:  # nothing has come since the last time
            raise Cancelled

    with pytest.raises(Cancelled):
        fetch_weights(pinned(), tmp_path, hub.address, give_up)
    assert not hub.go_on.is_set()  # the server still keeps its bytes
    assert (tmp_path / "net.pth.part").stat().st_size == sent
    hub.wait_after = None
    assert fetch_weights(pinned(), tmp_path, hub.address).read_bytes() == CONTENT
    hub.go_on.set()
