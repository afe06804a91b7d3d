"""Files are saved where the last one was, at first among the pictures; never where the program was started from."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from ddm_studio.gui.save_dialog import ask_where_to_save


@pytest.fixture
def offered(monkeypatch, tmp_path, own_home):
    """What the dialog offers; `answer` is what the person takes."""
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda place: str(own_home / "Pictures"))

    class Dialog:
        answer = ""
        seen: Path

        def ask(self, parent, title, start, kinds):
            self.seen = Path(start)
            return self.answer, kinds

    dialog = Dialog()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", dialog.ask)
    return dialog


def ask(qtbot, name="grid.gif"):
    parent = QWidget()
    qtbot.addWidget(parent)
    return ask_where_to_save(parent, "Save", name)


def test_the_first_is_offered_among_the_pictures_the_next_beside_it(qtbot, offered, own_home, tmp_path):
    (own_home / "Pictures").mkdir()
    offered.answer = str(tmp_path / "animation")
    assert ask(qtbot) == tmp_path / "animation.gif"
    assert offered.seen == own_home / "Pictures" / "grid.gif"
    ask(qtbot, "map.png")
    assert offered.seen == tmp_path / "map.png"


def test_without_pictures_it_is_the_home_folder(qtbot, offered, own_home):
    assert ask(qtbot) is None
    assert offered.seen == own_home / "grid.gif"
