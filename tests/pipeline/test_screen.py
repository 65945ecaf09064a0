"""What the command line does on screens that cannot show everything."""

import os
import subprocess
import sys


def test_a_screen_without_japanese_stops_nothing(tmp_path):
    """On a screen that knows only ASCII the words are hard to read, but the command does its work and says that it did."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "kizuki", "init", str(tmp_path / "city")],
        env=dict(os.environ, PYTHONIOENCODING="ascii"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"?" in done.stdout
    assert done.stderr == b""
    assert (tmp_path / "city" / "kizuki.toml").is_file()
