"""Free memory is what a container leaves of it."""

from __future__ import annotations

from ddm_studio.host_memory import HostMemory


def test_the_computers_memory_is_that_of_its_container(tmp_path) -> None:
    for name, text in {"memory.max": "1000000", "memory.current": "900000", "memory.stat": "anon 5\ninactive_file 300000\n"}.items():
        (tmp_path / name).write_text(text)
    assert HostMemory(tmp_path / "memory.max").free() == 400_000
    (tmp_path / "memory.max").write_text("max")
    assert HostMemory(tmp_path / "memory.max").free() > 1_000_000
    assert HostMemory(tmp_path / "nothing").free() > 1_000_000
