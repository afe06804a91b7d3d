"""What the README tells people to paste is what CI runs, and what it names exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines() if line.startswith("ddm-studio ")]


def test_there_are_exactly_two_set_up_commands_of_one_line_each_and_ci_runs_the_second() -> None:
    set_up = [block for block in BLOCKS if "apt-get" in block]
    assert len(set_up) == 2
    assert all(block.count("\n") == 1 for block in set_up)
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[1:] == [set_up[1].strip()]


def test_both_set_up_commands_install_the_same_debian_packages_but_for_the_outside_reader_of_the_tests() -> None:
    first, second = (re.search(r"recommends (.*?) &&", block) for block in BLOCKS if "apt-get" in block)
    assert first is not None
    assert second is not None
    assert [*first.group(1).split(), "libimage-exiftool-perl"] == second.group(1).split()


@pytest.mark.parametrize("command", sorted({line.split()[1] for line in LINES}))
def test_every_command_of_the_readme_exists_with_its_options(command: str) -> None:
    lines = [line for line in LINES if line.split()[1] == command]
    shown = subprocess.run([sys.executable, "-m", "ddm_studio", command, "--help"], capture_output=True, text=True, check=True).stdout
    for option in re.findall(r"--[a-z-]+", " ".join(lines)):
        assert option in shown


def test_every_file_that_the_readme_points_to_is_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
