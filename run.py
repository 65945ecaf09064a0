#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""The two commands of a newcomer: `python run.py demo` and `python run.py test` (also: check, bench).

Standard library only, and readable by every Python, so that a wrong one is refused in a sentence. Makes `.venv`,
installs the locked packages with their hashes (from `wheelhouse/` where there is one), remembers what it
installed, and hands over to `kizuki`. The engine of the second opinion is built last and may be missing: it needs a C
compiler (docs/replay.md).
"""

from __future__ import print_function

import glob
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
  bench   速さとメモリを測ります(bench weekly は週次の処理だけ、bench rules は判定だけ、bench replay は再現だけ、
          bench handout は会議資料だけ、bench readback は読み取りだけ)
  replay  再現(別の計算による確かめ)の部品を入れ直します。入らなければ、足りないものを示します

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
    replay_ready = prepare_replay(python, again=command == "replay")
    if command == "replay":
        return 0 if replay_ready else 4
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
    replay = [python, os.path.join(ROOT, "bench", "replay.py")]
    handout = [python, os.path.join(ROOT, "bench", "handout.py")]
    readback = [python, os.path.join(ROOT, "bench", "readback.py")]
    parts = {"weekly": weekly, "rules": rules, "replay": replay, "handout": handout, "readback": readback}
    if rest and rest[0] in parts:
        return [parts[rest[0]] + rest[1:]]
    return [weekly + rest] if rest else [weekly, rules + ["--generative"], replay, handout, readback]


COMMANDS = {
    "demo": (False, demo),
    "test": (True, test),
    "check": (True, check),
    "bench": (True, bench),
    "replay": (False, lambda python, rest: []),
}
REPLAY = "2.0.28"  # of durable-rules, as in requirements-replay.lock
REPLAY_LOCKS = ("requirements-replay-build.lock", "requirements-replay.lock")


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


def prepare_replay(python, again):
    """Install the engine of the second opinion, or say that it is missing, why, and how to get it; return whether it is there.

    A build that failed is tried again when the lock, the compiler or the wheelhouse has changed, or on `run.py replay`.
    """
    stamp_file = os.path.join(VENV, "kizuki-replay.txt")
    known = ""
    if os.path.isfile(stamp_file):
        with open(stamp_file) as file:
            known = file.read().strip()
    locks = hashlib.sha256()
    for name in REPLAY_LOCKS:
        with open(os.path.join(ROOT, name), "rb") as file:
            locks.update(file.read())
    digest = locks.hexdigest()
    installed = "installed %s" % digest
    failed = "failed %s %s" % (digest, " ".join([str(found) for found in compiler()] + replay_wheels()))
    if known == installed and not again:
        return True
    if known == failed and not again:
        print("再現は「未実施」になります(別の計算の部品がありません。入れ方: python run.py replay)。", flush=True)
        return False
    works = replay_works(python)
    if not works:
        print("再現(別の計算による確かめ)の部品をつくります…", flush=True)
        log = os.path.join(VENV, "kizuki-replay.log")
        works = build_replay(python, log)
        if not works:
            tell_replay_missing(log)
    with open(stamp_file, "w") as file:
        file.write(installed if works else failed)
    return works


def replay_works(python):
    """Whether the engine of the locked version is there and can be imported: one built for another Python cannot."""
    test = "import durable_rules_engine; from importlib.metadata import version; assert version('durable_rules') == '%s'" % REPLAY
    with open(os.devnull, "w") as nowhere:
        return subprocess.call([python, "-I", "-c", test], stdout=nowhere, stderr=nowhere) == 0


def build_replay(python, log):
    """A wheel of one's own from `wheelhouse/` first (no lock can know its hash), else the locked source with the locked setuptools."""
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    fresh = ["--no-cache-dir", "--force-reinstall"]  # what was built without the flags below may still lie there
    wheelhouse = os.path.join(ROOT, "wheelhouse")
    offline = ["--no-index", "--find-links", wheelhouse] if os.path.isdir(wheelhouse) else []
    build, engine = [os.path.join(ROOT, name) for name in REPLAY_LOCKS]
    ways = [
        [
            pip + offline + ["--require-hashes", "--requirement", build],
            pip + offline + fresh + ["--no-build-isolation", "--require-hashes", "--requirement", engine],
        ]
    ]
    if replay_wheels():
        ways.insert(0, [pip + offline + fresh + ["--only-binary", ":all:", "durable-rules==%s" % REPLAY]])
    environment = child_environment()
    if sys.version_info >= (3, 13):  # the source of 2020 calls a function that is gone; this is the one that it stood for
        environment["CPPFLAGS"] = (environment.get("CPPFLAGS", "") + " -DPyEval_CallObject=PyObject_CallObject").strip()
        environment["CL"] = (environment.get("CL", "") + " /DPyEval_CallObject#PyObject_CallObject").strip()  # Windows
    with open(log, "w") as file:
        for way in ways:
            failed = any(subprocess.call(step, cwd=ROOT, env=environment, stdout=file, stderr=file) for step in way)
            if not failed and replay_works(python):
                return True
    return False


def tell_replay_missing(log):
    has_compiler, has_headers = compiler()
    print("再現の部品(durable-rules %s)を入れられませんでした。ほかの処理はすべて動きます。" % REPLAY)
    print("  判定は別の計算で確かめられないため、まとめと会議資料には「再現：未実施」と出ます。")
    if not has_compiler:
        print("  足りないもの: Cコンパイラ(Debian/Ubuntu: gcc、macOS: xcode-select --install、Windows: Build Tools for Visual Studio)")
    if not has_headers:
        print("  足りないもの: Pythonの開発用ファイル Python.h(Debian/Ubuntu: python%d.%d-dev)" % sys.version_info[:2])
    print("  入れ方: そろえてから python run.py replay。または、同じOS・同じ版のPythonの別のPCでつくった")
    print("  durable_rules-%s-….whl を wheelhouse/ に置きます(つくり方は docs/replay.md)。" % REPLAY)
    print("  くわしい記録: %s" % log, flush=True)


def compiler():
    """Whether a C compiler and Python's headers are there, as far as can be told without building."""
    import shutil
    import sysconfig

    names = [os.environ.get("CC", "").split(" ")[0], "cc", "gcc", "clang", "cl"]
    found = os.name == "nt" or any(name and shutil.which(name) for name in names)  # setuptools finds Visual Studio by itself
    return found, os.path.isfile(os.path.join(sysconfig.get_path("include"), "Python.h"))


def replay_wheels():
    return sorted(os.path.basename(path) for path in glob.glob(os.path.join(ROOT, "wheelhouse", "durable_rules-%s-*.whl" % REPLAY)))


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
