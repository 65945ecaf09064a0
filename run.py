#!/usr/bin/env python3
"""The two commands of a newcomer: `python run.py demo` and `python run.py test` (also: check, bench).

Standard library only, and readable by every Python, so that a wrong one is refused in a sentence. Makes `.venv`,
installs the locked packages with their hashes (from `wheelhouse/` where there is one), remembers what it
installed, and hands over to `kizuki`.
"""

from __future__ import print_function

import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
USAGE = """使い方: python run.py <コマンド>

  demo    架空の市をつくり、週次の処理を通しで動かして、会議資料のできた場所を示します(初回は数分)
  test    自動試験をすべて動かします
  check   書き方・型・部屋の境目を調べます(ruff, mypy, import-linter)
  bench   速さとメモリを測ります(bench weekly は週次の処理だけ、bench rules は判定だけ)

うしろに付けた語はそのまま渡ります。例: python run.py demo --people 20000
"""


def main(arguments):
    command = arguments[0] if arguments else ""
    if command in ("", "-h", "--help", "help"):
        print(USAGE)
        return 0 if command else 2
    if command not in COMMANDS:
        print("「%s」というコマンドはありません。\n\n%s" % (command, USAGE))
        return 2
    if sys.version_info < (3, 11):
        print("Python 3.11以上が必要です(いまのPythonは%d.%dです)。" % sys.version_info[:2])
        return 3
    needs_dev, steps = COMMANDS[command]
    python = prepare(needs_dev)
    for step in steps(python, arguments[1:]):
        status = subprocess.call(step, cwd=ROOT, env=child_environment())
        if status:
            return status
    return 0


def demo(python, rest):
    return [[python, "-P", "-m", "kizuki", "demo", os.path.join(ROOT, "demo")] + rest]


def test(python, rest):
    return [[python, "-m", "pytest", "-n", "auto", "--dist", "loadgroup"] + rest]


def check(python, rest):
    tool = os.path.join(os.path.dirname(python), "lint-imports")
    return [
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "mypy"],
        [tool, "--no-cache"],
    ]


def bench(python, rest):
    weekly = [python, "-P", os.path.join(ROOT, "bench", "weekly.py")]
    rules = [python, os.path.join(ROOT, "bench", "rules.py")]  # without -P: its parts lie beside it
    parts = {"weekly": weekly, "rules": rules}
    if rest and rest[0] in parts:
        return [parts[rest[0]] + rest[1:]]
    return [weekly + rest] if rest else [weekly, rules + ["--generative"]]


COMMANDS = {"demo": (False, demo), "test": (True, test), "check": (True, check), "bench": (True, bench)}


def prepare(needs_dev):
    """Make and fill `.venv` unless its stamp says that this very lock is installed; return its Python."""
    python = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin", "python.exe" if os.name == "nt" else "python")
    lock = "requirements-dev.lock" if needs_dev else "requirements.lock"
    wanted = [stamp("requirements-dev.lock")] + ([] if needs_dev else [stamp("requirements.lock")])
    stamp_file = os.path.join(VENV, "kizuki-installed.txt")
    installed = open(stamp_file).read().strip() if os.path.isfile(stamp_file) else ""
    if installed in wanted and os.path.isfile(python):
        return python
    print("必要な部品を .venv に入れます(初回だけ、数分かかることがあります)…", flush=True)
    if os.path.isfile(stamp_file):
        os.remove(stamp_file)
    import venv

    if not os.path.isfile(python):
        venv.EnvBuilder(with_pip=True, clear=True).create(VENV)
    elif not same_version(python):
        print("  Pythonの版が替わったため、.venv を作り直します。", flush=True)
        venv.EnvBuilder(with_pip=True, clear=True).create(VENV)
    source = []
    wheelhouse = os.path.join(ROOT, "wheelhouse")
    if os.path.isdir(wheelhouse):
        print("  wheelhouse/ から入れます(通信しません)。", flush=True)
        source = ["--no-index", "--find-links", wheelhouse]
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + source
    install(pip + ["--require-hashes", "--requirement", os.path.join(ROOT, lock)])
    install(pip + ["--no-deps", "--no-build-isolation", "--editable", ROOT])
    with open(stamp_file, "w") as file:
        file.write(stamp(lock))
    print("  入りました。次からはすぐ始まります。", flush=True)
    return python


def install(command):
    if subprocess.call(command, cwd=ROOT, env=child_environment()):
        print("部品を入れられませんでした。通信できるか、wheelhouse/ に必要な部品がそろっているかを確かめてください。")
        sys.exit(4)


def same_version(python):
    version = subprocess.check_output([python, "-c", "import sys; print(sys.version_info[:2])"]).decode().strip()
    return version == str(sys.version_info[:2])


def stamp(lock):
    digest = hashlib.sha256()
    for name in (lock, "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return "%s %s py%d.%d" % ((lock, digest.hexdigest()) + sys.version_info[:2])


def child_environment():
    environment = dict(os.environ, PYTHONUTF8="1")
    environment.pop("PYTHONPATH", None)  # a stray folder must not shadow engine, reports or ml_overlay
    return environment


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
