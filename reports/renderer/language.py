"""The template language: Jinja in a sandbox, and its errors in words a caseworker can act on.

Messages name template items only, never a value of the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, NoReturn

from jinja2 import StrictUndefined, pass_context
from jinja2.exceptions import SecurityError, TemplateAssertionError, TemplateSyntaxError, UndefinedError
from jinja2.runtime import Context, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from engine.kernel.errors import Place, Problem
from reports.figures.figure import Figure

_WHY = "このままでは会議資料を作れません。"


class NamelessItem(UndefinedError):
    """A template asked for an item that does not exist. `near` are names of the object that was asked, if any was."""

    def __init__(self, name: str, near: tuple[str, ...] | None) -> None:
        super().__init__()
        self.name = name
        self.near = near


class NotForCell(TypeError):
    """A value that no cell can hold as it is. `what` and `remedy` in words, without the value."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__()
        self.what = what
        self.remedy = remedy


_ITS_PARTS = "その中の項目を書くか、A列の {% for %} でくり返してください。"


def refuse(value: object) -> NoReturn:
    """Tell why a value cannot be written into a cell. Printed in its Python form, an object would tell names that nobody asked for."""
    if isinstance(value, Figure):
        raise NotForCell("図は、文字と同じセルには入れられません", "図の項目だけのセルにしてください。")
    if isinstance(value, bool):
        raise NotForCell("はい・いいえの答えは、そのままでは印刷できません", "{% if %} で言葉にしてください。")
    if isinstance(value, float):
        # On a handout a fraction could only be a probability or a share, and it prints neither.
        raise NotForCell("小数は印刷できません", "整数か言葉の項目にしてください。")
    raise NotForCell("まとまり(一覧や世帯など)は、そのままでは印刷できません", _ITS_PARTS)


class StrictItem(StrictUndefined):
    """An item that does not exist: any use of it raises, remembering what was asked of what."""

    __slots__ = ()

    def _fail_with_undefined_error(self, *args: Any, **kwargs: Any) -> NoReturn:
        if self._undefined_exception is SecurityError:
            raise SecurityError
        owner = self._undefined_obj
        raise NamelessItem(str(self._undefined_name), None if owner is missing else tuple(item_names(owner)))

    __iter__ = __str__ = __len__ = _fail_with_undefined_error
    __eq__ = __ne__ = __bool__ = __hash__ = __contains__ = _fail_with_undefined_error
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _fail_with_undefined_error
    __lt__ = __le__ = __gt__ = __ge__ = __call__ = __getitem__ = _fail_with_undefined_error
    __int__ = __mod__ = __rmod__ = __truediv__ = __floordiv__ = _fail_with_undefined_error


def item_names(owner: object) -> list[str]:
    """The items that a template may ask of an object, for suggestions. Keys of a mapping are data and never told."""
    names = [field.name for field in fields(owner)] if is_dataclass(owner) else []
    properties = [name for name in dir(type(owner)) if isinstance(getattr(type(owner), name, None), property)]
    return [name for name in (*names, *properties) if not name.startswith("_")]


def suggest(name: str, candidates: Iterable[str]) -> str:
    """「name」ではありませんか, as a sentence of its own behind another, or nothing if no name is near."""
    near = get_close_matches(name, list(candidates), n=1, cutoff=0.6)
    return f"。「{near[0]}」ではありませんか" if near else ""


@pass_context  # else Jinja would finalize constants while compiling, where an error has no cell
def _only_words(_: Context, value: object) -> object:
    if value is None or isinstance(value, str | date | Undefined) or (isinstance(value, int) and not isinstance(value, bool)):
        return "" if value is None else value
    return refuse(value)


MOST_NUMBERS = 3_000_000
"""That the ranges of a template may count in all its sheets: a thousand for each of 2,000 households, and a loop in a loop that never ends still does."""


_WIDEN = frozenset({"center", "ljust", "rjust", "zfill", "format", "format_map", "expandtabs"})
_WIDENING_FILTERS = ("center", "format", "indent")


class _Sandbox(ImmutableSandboxedEnvironment):
    """No files, no imports, no private attributes, no changing of data, and nothing small that becomes huge."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Numbers may be multiplied; a text or list that is, any power, and a text filled to a width may be larger than the machine."""
        if operator != "**" and isinstance(left, int) and isinstance(right, int):
            return left * right if operator == "*" else left % right
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            str(left), str(right)  # an item that does not exist is told as such
        raise SecurityError

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """No method of a text that fills it to a width."""
        return super().is_safe_attribute(obj, attr, value) and not (isinstance(obj, str) and attr in _WIDEN)

    def wrap_str_format(self, value: Any) -> None:
        """Jinja would let `format` pass before it asks whether it is safe."""


def make_environment() -> ImmutableSandboxedEnvironment:
    """The sandbox in which templates run. One environment is for one reading of a template."""
    environment = _Sandbox(undefined=StrictItem, autoescape=False, keep_trailing_newline=True, finalize=_only_words)
    environment.globals = {"range": _counted_range()}
    for name in _WIDENING_FILTERS:
        del environment.filters[name]
    return environment


def _counted_range() -> Callable[..., range]:
    left = MOST_NUMBERS

    def counted(*bounds: int) -> range:
        nonlocal left
        numbers = range(*bounds)
        # A range inside a loop is asked for again each time, an empty one too.
        left -= 1 + len(numbers)
        if left < 0:
            raise OverflowError
        return numbers

    return counted


@dataclass(frozen=True, order=True)
class Spot:
    """A cell of the template, as its editor knows it."""

    file: str
    sheet: str
    cell: str

    def problem(self, code: str, what: str, remedy: str) -> Problem:
        """A problem at this cell."""
        return Problem(Place(self.file), code, f"シート「{self.sheet}」のセル {self.cell}: {what}。", _WHY, remedy)


_SYNTAX: tuple[tuple[str, str], ...] = (
    (r"unexpected end of template|Unexpected end of template", "開いた括弧やタグが閉じられていません"),
    (r"Encountered unknown tag 'end", "閉じるタグに、対応する開くタグがありません"),
    (r"Encountered unknown tag", "使えないタグです"),
    (r"Missing end of comment", "コメント {# が #} で閉じられていません"),
    (r"expected token 'end of print statement'", "{{ … }} の中の書き方が正しくありません"),
    (r"expected token 'end of statement block'", "{% … %} の中の書き方が正しくありません"),
    (r"unexpected '[})\]]'|unexpected char", "余分な文字があります"),
    (r"unexpected '(%|\{)'", "括弧の対応が正しくありません"),
    (r"Expected an expression", "{{ }} の中が空です"),
)


def syntax_problem(spot: Spot, error: TemplateSyntaxError, environment: ImmutableSandboxedEnvironment) -> Problem:
    """A mistake in writing, seen before any data are filled in."""
    message = error.message or ""
    if isinstance(error, TemplateAssertionError) and (found := re.match(r"No (filter|test) named '(.+?)'", message)):
        known = environment.filters if found[1] == "filter" else environment.tests
        kind = "フィルター" if found[1] == "filter" else "判定"
        return spot.problem(
            "E-REPORT-02", f"「{found[2]}」という{kind}はありません{suggest(found[2], known)}", "名前を直してください。"
        )
    what = next((words for pattern, words in _SYNTAX if re.search(pattern, message)), "書き方が正しくありません")
    return spot.problem("E-REPORT-02", what, "{{ と }}、{% と %}、for と endfor、if と endif の対応を確かめてください。")


def runtime_problem(spot: Spot, error: Exception, source: str, names: Iterable[str] = ()) -> Problem:
    """A mistake seen while filling in. Only its kind is told: the text of a Python error could hold a value.

    `source` is what the template wrote there: a name is told only if it stands in it, not if the data supplied it.
    """
    if isinstance(error, NamelessItem):
        if error.name not in source:
            what = "表から引いた項目がありません"
        else:
            what = f"「{error.name}」という項目はありません{suggest(error.name, names if error.near is None else error.near)}"
        return spot.problem("E-REPORT-03", what, "項目の名前を直すか、セルから消してください。")
    if isinstance(error, SecurityError):
        return spot.problem("E-REPORT-04", "テンプレートでは使えない書き方です", "項目の表示だけに使ってください。")
    if isinstance(error, NotForCell):
        return spot.problem("E-REPORT-05", error.what, error.remedy)
    kind = type(error).__name__
    return spot.problem("E-REPORT-05", f"計算できませんでした({kind})", "式を簡単にするか、元のテンプレートに戻してください。")


def is_missing(value: object) -> bool:
    """Whether an expression came to nothing that exists."""
    return isinstance(value, Undefined)
