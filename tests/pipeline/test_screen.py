"""What the command line does on screens that cannot show everything."""

import os
import subprocess
import sys


def test_a_screen_without_japanese_stops_nothing():
    """On a screen that knows only ASCII the help is hard to read, but the command does its work and says that it did."""
    environment = dict(os.environ, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    environment.pop("PYTHONIOENCODING", None)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "kizuki", "rules", "--help"], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert b"?" in done.stdout
    assert done.stderr == b""
