"""How the command line speaks: Japanese usage errors, all problems at once, no personal data in a traceback."""

from __future__ import annotations

import errno
import io
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

import click
from filelock import Timeout
from rich.console import Console

from engine.kernel.errors import ExitStatus, KizukiError, Place, Problem

_WORDS = {
    "Options": "指定",
    "Commands": "コマンド",
    "Show this message and exit.": "この説明を表示します。",
    "Show the version and exit.": "版を表示します。",
}


class JapaneseHelp(click.HelpFormatter):
    """click's help pages with Japanese headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """使い方: in place of Usage:."""
        words = args.replace("[OPTIONS]", "[指定]").replace("COMMAND [ARGS]...", "コマンド …")
        super().write_usage(prog, words, "使い方: ")

    def write_heading(self, heading: str) -> None:
        """A translated heading."""
        super().write_heading(_WORDS.get(heading, heading))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """The lists of options and commands, with click's own sentences translated."""
        translated = []
        for term, text in rows:
            for english, japanese in _WORDS.items():
                text = text.replace(english, japanese)
            translated.append((term, text.replace("[default: ", "[既定: ").replace("[required]", "[必ず書く]")))
        super().write_dl(translated, col_max, col_spacing)


click.Context.formatter_class = JapaneseHelp

_FILE_WIDTH = 110
"""Columns where output goes into a file or a pipe; a terminal tells its own."""

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _FILE_WIDTH)
error_console = Console(stderr=True, highlight=False, soft_wrap=True)


def run_command(command: Callable[[], object]) -> NoReturn:
    """Run a click command and leave with the exit status of docs/exit-status.md."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a sign that the screen cannot show must not stop a week's run
    try:
        result = command()
        status = int(result) if isinstance(result, int) else int(ExitStatus.OK)
    except KizukiError as error:
        show_problems(error.problems)
        status = int(error.exit_status)
    except Timeout:
        show_problems([_busy()])
        status = int(ExitStatus.BUSY)
    except click.UsageError as error:
        show_usage(error)
        status = int(ExitStatus.USAGE)
    except click.Abort:
        error_console.print("中断しました。前回までの結果はそのまま残っています。")
        status = int(ExitStatus.BUG)
    except OSError as error:
        show_problems([_file_fault(error)])
        status = int(ExitStatus.STORE)
    except Exception as error:
        show_bug(error)
        status = int(ExitStatus.BUG)
    sys.exit(status)


def show_problems(problems: tuple[Problem, ...] | list[Problem]) -> None:
    """Print every problem, then how many there were."""
    for problem in problems:
        error_console.print(str(problem), markup=False)
    error_console.print(f"{len(problems)}件の問題があります。直してからもう一度実行してください。")


def show_usage(error: click.UsageError) -> None:
    """A mistyped command or option, in Japanese, with the command's own help one step away."""
    if isinstance(error, click.NoSuchOption):
        near = "、".join(error.possibilities or ())
        what = f"「{error.option_name}」という指定はありません。" + (f"「{near}」ではありませんか。" if near else "")
    elif isinstance(error, click.MissingParameter):
        name = error.param.make_metavar(error.ctx) if error.param and error.ctx else ""
        what = f"{name} の指定が必要です。"
    elif isinstance(error, click.BadParameter):
        name = error.param.opts[0] if error.param and error.param.opts else ""
        what = _bad_value(name, error)
    else:
        unknown = re.search(r"No such command '(.+?)'", error.message)
        what = f"「{unknown[1]}」というコマンドはありません。" if unknown else f"コマンドの書き方が違います。{_in_japanese(error.message)}"
    error_console.print(f"E-USAGE-01 {what}", markup=False)
    path = error.ctx.command_path if error.ctx else "kizuki"
    error_console.print(f"  使い方は `{path} --help` で確かめられます。", markup=False)


def _bad_value(name: str, error: click.BadParameter) -> str:
    if gone := re.search(r"'(.+)' does not exist", error.message):
        return f"{name} の「{gone[1]}」がありません。名前と場所を確かめてください。"
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"{name} に書けるのは、{'、'.join(map(str, kind.choices))} のどれかです。"
    return f"{name} の値を読み取れません。{_in_japanese(error.message)}"


def _in_japanese(message: str) -> str:
    """What our own commands say of a mistake; click's own words are English and are left out."""
    return "" if message.isascii() else message


def show_bug(error: Exception) -> None:
    """A fault of the program: where it happened and its type. Its text is withheld, for it may quote a person's data."""
    error_console.print("".join(traceback.format_tb(error.__traceback__)), markup=False)
    error_console.print(f"{type(error).__name__}(内容は個人情報を含むおそれがあるため表示しません)", markup=False)
    error_console.print(
        "プログラムの誤りです。上の行を添えて管理者に知らせてください。前回までの結果はそのまま残っています。"
    )


_FILE_FAULTS = {
    errno.ENOSPC: ("空き容量がありません。", "不要なファイルを片付けてから、もう一度実行してください。"),
    errno.EACCES: ("読み書きする権限がありません。", "フォルダの権限を確かめてください。"),
    errno.EPERM: ("読み書きする権限がありません。", "フォルダの権限を確かめてください。"),
    errno.EROFS: ("書き込めない場所です。", "書き込める場所に作業フォルダを移してください。"),
    errno.EIO: ("媒体を読み書きできません。", "媒体やディスクの故障を疑い、控えを取ってから確かめてください。"),
}


def _file_fault(error: OSError) -> Problem:
    """A file that cannot be read or written, by its name only (file names hold no personal data)."""
    what, remedy = _FILE_FAULTS.get(
        error.errno or 0,
        ("ファイルを読み書きできません。", "ほかのソフトで開いていないか、場所が正しいかを確かめてください。"),
    )
    name = Path(error.filename).name if isinstance(error.filename, str | Path) else "作業フォルダ"
    return Problem(Place(name), "E-STORE-20", what, "途中で止めました。前回までの結果はそのまま残っています。", remedy)


def _busy() -> Problem:
    return Problem(
        Place("作業フォルダ"),
        "E-BUSY-01",
        "ほかの処理がこの作業フォルダを使っています。",
        "同時に動かすと記録が混ざります。",
        "終わるのを待ってから、もう一度実行してください。",
    )
