"""What people mistype in YAML, told as what they did: found in the text itself, or behind a parser's error."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from ruamel.yaml.error import MarkedYAMLError

from engine.kernel.errors import Place, Problem

_BLANKS = {"\t": "タブ", "　": "全角の空白", "\u00a0": "特別な空白(U+00A0)"}
_INVISIBLE = frozenset("\u2028\u2029\u3164\u115f\u1160\uffa0\u2800\u180e\u034f")
_FULL_WIDTH_COLON = re.compile(r"^[ -]*([^\s:#'\"{}\[\]「」『』、。：]{1,40})：")
_NO_BLANK = re.compile(r"^\s*(?:- )*([^\s:#'\"{}\[\]「」『』、。：0-9][^\s:#'\"{}\[\]「」『』、。：]{0,39}):([^\s/])")
_OTHER_BLANK = re.compile(r"^\s*(?:- )*[^\s:#'\"]{1,40}:([\t　\u00a0])")
_OTHER_DASH = re.compile(r"([-－‐‑–—−])(?=[^\s\d-])")

_HOW_TO_COLON = "半角の「: 」(うしろに半角の空白)に直してください。"


def text_problems(text: str, file: str) -> list[Problem]:
    """Faults of the text that would change its meaning silently, whatever a parser makes of it."""
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        for found in (_indent(line), _colon(line), _invisible(line)):
            if found is not None:
                column, code, what, why, remedy = found
                problems.append(Problem(Place(file, number, column), code, what, why, remedy))
    return problems


_Found = tuple[int, str, str, str, str]


def _indent(line: str) -> _Found | None:
    indent = line[: len(line) - len(line.lstrip())]
    if not line.strip() or not set(indent) & set(_BLANKS):
        return None
    column = min(i for i, c in enumerate(indent) if c in _BLANKS)
    return (
        column + 1,
        "E-YAML-04",
        f"字下げに{_BLANKS[indent[column]]}が使われています。",
        "段がずれて、条件が黙って消えるおそれがあります。",
        "半角の空白で字下げしてください。",
    )


def _colon(line: str) -> _Found | None:
    stripped = line.strip()
    if stripped.startswith("#"):
        return None
    match = _FULL_WIDTH_COLON.match(line)
    if match and not stripped.startswith("- "):
        return (
            match.end(),
            "E-YAML-05",
            "全角の「：」が使われています。",
            "項目名と値が分かれず、1つの文として読まれてしまいます。",
            _HOW_TO_COLON,
        )
    if blank := _OTHER_BLANK.match(line):
        return _no_blank(blank.start(1) + 1, f"「:」のうしろが{_BLANKS[blank[1]]}です。")
    return None


def _no_blank(column: int, what: str = "「:」のうしろに空白がありません。") -> _Found:
    why = "項目名と値が分かれず、1つの文として読まれてしまいます。"
    return column, "E-YAML-12", what, why, "「項目名: 値」のように、半角の「:」のうしろに半角の空白を入れてください。"


def is_invisible(char: str) -> bool:
    """Whether a character cannot be seen, so that two texts that differ in it look alike."""
    return unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn") or char in _INVISIBLE


def _invisible(line: str) -> _Found | None:
    for column, char in enumerate(line, start=1):
        if char == "\t" or (char == "\r" and column == len(line)):
            continue
        if is_invisible(char):
            return (
                column,
                "E-YAML-06",
                f"目に見えない文字(U+{ord(char):04X})が入っています。",
                "見た目と違う意味に読まれるおそれがあります。",
                "その文字を消してください。",
            )
    return None


def swallowed_key(value: str, keys: Collection[str]) -> tuple[str, str] | None:
    """The key that was read as part of a text, and the colon behind it: 「番号：YC-01」, 「強さ:強」."""
    match = re.match(r"([^\s:：]{1,40})([:：])", value)
    return (match[1], match[2]) if match and match[1] in keys else None


def swallowed_problem(place: Place, key: str, colon: str) -> Problem:
    """E-YAML-05 or -12 for a key that was read as part of a text."""
    if colon == "：":
        why = "項目名と値が分かれず、1つの文として読まれてしまいます。"
        return Problem(place, "E-YAML-05", f"「{key}」のうしろに全角の「：」が使われています。", why, _HOW_TO_COLON)
    _, code, _, why, remedy = _no_blank(0)
    return Problem(place, code, f"「{key}:」のうしろに空白がありません。", why, remedy)


def odd_dash(value: str) -> str | None:
    """The dash with which a text begins as if it were an item of a list."""
    match = _OTHER_DASH.match(value)
    return match[1] if match else None


def dash_problem(place: Place, dash: str) -> Problem:
    """E-YAML-22 for such a dash."""
    what = "「-」のうしろに空白がありません。" if dash == "-" else f"行の初めの「{dash}」は半角の「-」ではありません。"
    why = "一覧の1行ではなく、文の一部として読まれてしまいます。"
    return Problem(place, "E-YAML-22", what, why, "「- 」(半角のハイフンと空白)で始めてください。")


# ── behind a parser's error ──


def parser_problem(error: MarkedYAMLError, text: str, file: str) -> Problem:
    """What a person did that made the parser stop, at the place where they did it."""
    lines = text.split("\n")
    problem, context = str(error.problem or ""), str(error.context or "")
    mark, begin = error.problem_mark or error.context_mark, error.context_mark
    line = (mark.line if mark else 0) + 1

    def at(found: _Found, number: int) -> Problem:
        column, code, what, why, remedy = found
        return Problem(Place(file, number, column), code, what, why, remedy)

    if "quoted scalar" in context:
        if "escape" in problem:
            return at(_escape((mark.column if mark else 0) + 1), line)
        assert begin is not None
        return Problem(
            Place(file, begin.line + 1, begin.column + 1),
            "E-YAML-14",
            "引用符が閉じられていません。",
            "ここから後ろがすべて1つの文として読まれてしまいます。",
            "終わりに、始まりと同じ引用符を書いてください。",
        )
    for word, code, what, remedy in _BY_CONTEXT:
        if word in context or word in problem:
            return Problem(_place(file, begin or mark), code, what, "書いたとおりに読めません。", remedy)
    suspects = list(_suspects(lines, line, begin.line + 1 if begin else line))
    if suspects:
        number, found = suspects[0]
        return at(found, number)
    if dashed := _without_dash(lines, line) or _deeper_dash(lines, line):
        return at(dashed[1], dashed[0])
    if "flow" in context and begin is not None:
        return _bracket(file, lines, begin.line, begin.column, line)
    if "tab" in problem or "'\\t'" in problem:
        return at(
            (
                _column(mark),
                "E-YAML-04",
                "区切りの空白にタブが使われています。",
                "項目と値が分かれません。",
                "半角の空白に直してください。",
            ),
            line,
        )
    if "cannot start any token" in problem:
        char = lines[line - 1][_column(mark) - 1 : _column(mark)]
        what = f"「{char}」で値を始めることはできません。"
        return at(
            (
                _column(mark),
                "E-YAML-18",
                what,
                "YAMLの特別な記号として読まれます。",
                f'"{char}…" のように引用符でくくってください。',
            ),
            line,
        )
    if "expected ':'" in problem and begin is not None:
        return at(_no_colon(begin.column + 1), begin.line + 1)
    if "mapping values are not allowed" in problem and _is_second_colon(lines, line, _column(mark)):
        return at(_second_colon(_column(mark)), line)
    if "block end" in problem and mark is not None and lines[mark.line][: mark.column].strip(" -"):
        return at(_left_over(mark.column + 1, lines[mark.line][mark.column :]), line)
    before = _line_without_key(lines, line)
    return at(_no_colon(before[1]), before[0]) if before else at(_bad_indent(lines, line), line)


def _line_without_key(lines: list[str], line: int) -> tuple[int, int] | None:
    """The line before, and its column, if it is neither a key, nor an item of a list, nor a comment."""
    for number in range(line - 1, 0, -1):
        written = lines[number - 1].strip()
        if not written or written.startswith("#"):
            continue
        indent = len(lines[number - 1]) - len(lines[number - 1].lstrip())
        return None if ":" in written or written.startswith("-") else (number, indent + 1)
    return None


def _left_over(column: int, rest: str) -> _Found:
    return (
        column,
        "E-YAML-19",
        f"「{rest.strip()[:12]}」が余分です。",
        "前の値がもう終わっているので、続きとして読めません。",
        "消すか、値の全体を引用符でくくってください。",
    )


def _escape(column: int) -> _Found:
    what = "「\\」のあとの文字を読めません。"
    return (
        column,
        "E-YAML-14",
        what,
        '「"」でくくった中の「\\」は特別な記号です。',
        "「'」でくくるか、「\\」を「\\\\」と書いてください。",
    )


_BY_CONTEXT = (
    ("an alias", "E-YAML-08", "「*」で値を始めることはできません(使い回しの記号です)。", "「*」を消すか、引用符でくくってください。"),
    ("an anchor", "E-YAML-08", "「&」で値を始めることはできません(使い回しの記号です)。", "「&」を消すか、引用符でくくってください。"),
    (" tag", "E-YAML-09", "「!」で値を始めることはできません(型の指定の記号です)。", "「!」を消すか、引用符でくくってください。"),
    ("block scalar", "E-YAML-18", "「|」「>」で始まる値は、次の行から書きます。", "記号を消すか、引用符でくくってください。"),
    ("directive", "E-YAML-18", "「%」で始まる行は使えません。", "その行を消してください。"),
    ("mapping keys are not allowed", "E-YAML-18", "「?」で値を始めることはできません。", "引用符でくくってください。"),
    ("sequence entries are not allowed", "E-YAML-16", "「項目名:」と同じ行から「- 」の一覧を始めることはできません。", "「- 」を次の行に移し、字下げしてください。"),
)  # fmt: skip


def _place(file: str, mark: object) -> Place:
    return Place(file, getattr(mark, "line", 0) + 1, getattr(mark, "column", 0) + 1)


def _column(mark: object) -> int:
    return int(getattr(mark, "column", 0)) + 1


def _suspects(lines: list[str], line: int, begin: int) -> Iterator[tuple[int, _Found]]:
    """Slips in or just before the line at which the parser gave up, the nearest to its complaint first."""
    before = [n for n in range(line, max(0, line - 4), -1) if n <= len(lines)]
    for number in dict.fromkeys([min(begin, len(lines)), *before]):
        written = lines[number - 1]
        if written.lstrip().startswith("#"):
            continue
        if match := _FULL_WIDTH_COLON.match(written):
            yield (
                number,
                (
                    match.end(),
                    "E-YAML-05",
                    "全角の「：」が使われています。",
                    "項目名と値が分かれず、1つの文として読まれてしまいます。",
                    _HOW_TO_COLON,
                ),
            )
        elif match := _NO_BLANK.match(written):
            yield number, _no_blank(match.start(2))
        elif match := re.search(r": *([｛［])", written):
            yield (
                number,
                (
                    match.start(1) + 1,
                    "E-YAML-15",
                    f"全角のかっこ「{match[1]}」が使われています。",
                    "一覧や項目の組として読めません。",
                    "半角のかっこに直してください。",
                ),
            )
        elif match := re.search(r"[{\[].*?(，)", written):
            yield (
                number,
                (
                    match.start(1) + 1,
                    "E-YAML-15",
                    "全角の「，」が使われています。",
                    "項目の区切りとして読めません。",
                    "半角の「, 」に直してください。",
                ),
            )
        elif number < line and (match := re.match(r"\s*([-－‐–—−])(?=[^\s\d-])", written)):
            dash = dash_problem(Place(""), match[1])
            yield number, (match.start(1) + 1, dash.code, dash.what, dash.why, dash.remedy)


def _bracket(file: str, lines: list[str], begin: int, column: int, line: int) -> Problem:
    bracket = lines[begin][column : column + 1]
    closing = {"{": "}", "[": "]"}.get(bracket, "")
    where = f"{line}行目まで読みましたが、" if line != begin + 1 else ""
    return Problem(
        Place(file, begin + 1, column + 1),
        "E-YAML-15",
        f"{where}かっこ「{bracket}」が「{closing}」で閉じられていないか、「, 」が抜けています。",
        "ここから後ろの内容がつながらなくなっています。",
        f"「{closing}」を書き足すか、項目の間を「, 」で区切ってください。",
    )


def _no_colon(column: int) -> _Found:
    return (
        column,
        "E-YAML-17",
        "この行は「項目名: 値」の形になっていません。",
        "何の項目か決まりません。",
        "「項目名: 値」に直すか、一覧の1行なら「- 」で始めてください。",
    )


def _is_second_colon(lines: list[str], line: int, column: int) -> bool:
    written = lines[line - 1][: column - 1] if line <= len(lines) else ""
    return bool(re.search(r"^\s*(?:- )*[^\s:][^:]*: ", written))


def _second_colon(column: int) -> _Found:
    return (
        column,
        "E-YAML-13",
        "値の中に、もう1つ「: 」があります。",
        "どこまでが項目名か決まりません。",
        '値の全体を引用符でくくってください(例: 名前: "あ: い")。',
    )


def _bad_indent(lines: list[str], line: int) -> _Found:
    written = lines[line - 1] if line <= len(lines) else ""
    above = next((each for each in reversed(lines[: line - 1]) if each.strip()), "")
    return (
        _indent_of(written) + 1,
        "E-YAML-16",
        f"この行の字下げ({_indent_of(written)}文字)が、前の行({_indent_of(above)}文字)とつながりません。",
        "どの項目の中身か決まりません。",
        "同じ組の行は、頭を同じ位置にそろえてください。",
    )


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())


def _without_dash(lines: list[str], line: int) -> tuple[int, _Found] | None:
    """A line before, beside items of a list, that lacks the dash."""
    for number in range(line - 1, max(0, line - 12), -1):
        written, below = lines[number - 1], lines[number].lstrip() if number < len(lines) else ""
        if written.rstrip().endswith(":"):
            return None
        same = number < len(lines) and _indent_of(written) == _indent_of(lines[number])
        if same and below.startswith("- ") and not written.lstrip().startswith(("- ", "#")):
            return number, (
                _indent_of(written) + 1,
                "E-YAML-22",
                "この行の頭に「- 」がありません。",
                "次の行とつながった1つの文として読まれてしまいます。",
                "「- 」(半角のハイフンと空白)で始めてください。",
            )
    return None


def _deeper_dash(lines: list[str], line: int) -> tuple[int, _Found] | None:
    """An item of a list that is indented deeper than the item before it, and so continues it."""
    for number in range(line, max(1, line - 12), -1):
        written, above = lines[number - 1] if number <= len(lines) else "", lines[number - 2]
        both = written.lstrip().startswith("- ") and above.lstrip().startswith("- ")
        if both and _indent_of(written) > _indent_of(above) and not above.rstrip().endswith(":"):
            return number, _bad_indent(lines, number)
    return None


def continued_problem(line: str, above: str, place: Place, keys: Collection[str]) -> Problem | None:
    """A line that is read as the continuation of the text above, and was meant as an item or a key of its own."""
    written = line.lstrip()
    if written.startswith("- "):
        column, code, what, why, remedy = _bad_indent([above, line], 2)
        return Problem(Place(place.file, place.line, column), code, what, why, remedy)
    key = swallowed_key(written, keys)
    return swallowed_problem(Place(place.file, place.line, _indent_of(line) + 1), *key) if key else None
