"""The approval book (承認簿): which contents of which rule file are approved, by whom, on what day and why.

An append-only list that people read. An approval is of bytes: it holds for the file, the 版 and the SHA-256 together, so
that a file changed afterwards is no longer approved, and a file put back as it was is again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import StrictModel, YamlDocument, read_yaml, validate
from engine.kernel.yaml_faults import is_invisible
from engine.records.case import HARDSHIP_LABELS

APPROVALS = "approvals.yaml"
TO_BE_APPROVED: tuple[str, ...] = (
    *(f"{kind}.yaml" for kind in HARDSHIP_LABELS),
    "tiers.yaml",
    "fields.yaml",
    "model.yaml",
)
"""The files that decide who is listed: the six rulebooks, the tier policy, the vocabulary, what a model learns from.

A workspace or record from before there were models has no model.yaml; nothing is asked of a file that is not there.
"""

_VERSION_LINE = re.compile(
    rb"(?P<key>(?:\xef\xbb\xbf)?\xe7\x89\x88:\s+)(?P<quote>[\"']?)(?P<version>[^\"'#\s][^\"'#]*?)(?P<rest>[\"']?\s*(?:#.*)?)$"
)

HEADING = """\
# 承認簿: だれが、いつ、どの内容を承認したか。`kizuki rules approve` が最後に書き足します。
# 前の記載は直したり消したりしません。sha256 はファイルの中身の指紋で、1文字でも変わると合わなくなります。
承認:
"""


class _EntryText(StrictModel):
    file: str = Field(alias="ファイル", min_length=1)
    version: str = Field(alias="版", min_length=1)
    sha256: str = Field(alias="sha256", pattern=r"^[0-9a-f]{64}$")
    by: str = Field(alias="者", min_length=1)
    on: date = Field(alias="日")
    reason: str = Field(alias="理由", min_length=1)


@dataclass(frozen=True)
class Approval:
    """One line of the book: this content of this file, under this 版, was approved."""

    file: str
    version: str
    sha256: str
    by: str
    on: date
    reason: str


@dataclass(frozen=True)
class Content:
    """A rule file as it lies there: its 版, the SHA-256 of its bytes, and where its 版 is written."""

    file: str
    version: str
    sha256: str
    place: Place


@dataclass(frozen=True)
class ApprovalBook:
    """All readable entries, oldest first; `problems` are warnings about the others. `sha256` is of the book's bytes."""

    entries: tuple[Approval, ...] = ()
    problems: tuple[Problem, ...] = ()
    sha256: str = hashlib.sha256(b"").hexdigest()

    def approval_of(self, content: Content) -> Approval | None:
        """The newest approval of exactly this content, or None."""
        wanted = (content.file, content.version, content.sha256)
        return next((e for e in reversed(self.entries) if (e.file, e.version, e.sha256) == wanted), None)

    def last_of(self, file: str) -> Approval | None:
        """The newest approval of a file, whatever its content was."""
        return next((entry for entry in reversed(self.entries) if entry.file == file), None)

    def of_version(self, file: str, version: str) -> Approval | None:
        """The first approval of a file under this 版: it says what the 版 stands for."""
        return next((e for e in self.entries if (e.file, e.version) == (file, version)), None)

    def continues(self, earlier: ApprovalBook) -> bool:
        """Whether this book holds everything of an earlier one unchanged and only adds to it."""
        return self.entries[: len(earlier.entries)] == earlier.entries


def read_approvals(path: Path, root: Path | None = None) -> ApprovalBook:
    """Read the book; a missing one is empty. An entry that cannot be read is a warning and approves nothing.

    Raises KizukiError only where the file as a whole is no YAML.
    """
    if not path.is_file():
        return ApprovalBook()
    document = read_yaml(path, root)
    listed = document.data.get("承認") if isinstance(document.data, dict) else None
    if not isinstance(listed, list):
        listed = []
    entries: list[Approval] = []
    problems: list[Problem] = []
    for index in range(len(listed)):
        try:
            text = validate(document, _EntryText, kind="RULE", base=("承認", index))
        except KizukiError as error:
            problems += [_unreadable(problem) for problem in error.problems]
            continue
        if text.file not in TO_BE_APPROVED:
            problems.append(_of_another_file(document, index, text.file))
        entries.append(Approval(text.file, text.version, text.sha256, text.by, text.on, text.reason))
    return ApprovalBook(tuple(entries), tuple(problems), hashlib.sha256(path.read_bytes()).hexdigest())


def content_of(name: str, version: str, raw: bytes, shown: str) -> Content:
    """What an approval of a rule file is about. `shown`: the file's path in messages."""
    line = next((n for n, text in enumerate(raw.split(b"\n"), start=1) if _VERSION_LINE.match(text)), None)
    return Content(name, version, hashlib.sha256(raw).hexdigest(), Place(shown, line, 1 if line else None))


def with_next_version(raw: bytes) -> bytes | None:
    """The file with its 版 raised by one and nothing else changed; None where the line 「版: …」 is not found."""
    lines = raw.split(b"\n")
    for index, line in enumerate(lines):
        if found := _VERSION_LINE.match(line):
            quote, version, rest = found["quote"], found["version"].decode(), found["rest"]
            lines[index] = b"".join((found["key"], quote, next_version(version).encode(), rest))
            return b"\n".join(lines)
    return None


def unapproved(book: ApprovalBook, contents: Iterable[Content]) -> Iterator[Problem]:
    """Why a run with these files is refused: one problem for each file whose content nobody approved."""
    for content in contents:
        if book.approval_of(content) is not None:
            continue
        same = book.of_version(content.file, content.version)
        if same is not None:
            yield changed_under_its_version(content, same)
            continue
        yield Problem(
            content.place,
            "E-RULE-50",
            f"版{content.version}のこの内容は、まだ承認されていません。",
            "だれも承認していない決まりで、会議の一覧を作ることはできません。",
            "`kizuki rules check` と `kizuki rules impact` で確かめてから、"
            "`kizuki rules approve --by 承認者 --reason 理由` で承認してください。",
        )


def changed_under_its_version(content: Content, approved: Approval) -> Problem:
    """A file differs from what was approved under the same 版."""
    return Problem(
        content.place,
        "E-RULE-51",
        f"版{content.version}は{approved.on.isoformat()}に別の内容で承認されています。その後に中身が変わりました。",
        "同じ版で中身が違うと、どの決まりで判定したかを後から示せません。",
        f"版を「{next_version(content.version)}」に上げて承認してください"
        "(`kizuki rules approve --raise` が書き換えます)。元に戻すなら、承認したときの控え(rulebooks/approved/)の中身を写してください。",
    )


def doubtful_entries(book: ApprovalBook) -> Iterator[Problem]:
    """What looks as if somebody had edited the book by hand: warnings, for nothing of it approves anything by mistake."""
    yield from book.problems
    seen: dict[tuple[str, str], set[str]] = {}
    latest: dict[str, Approval] = {}
    for entry in book.entries:
        before = latest.get(entry.file)
        if before is not None and entry.on < before.on:
            yield before_the_last(entry, before)
        latest[entry.file] = entry
        seen.setdefault((entry.file, entry.version), set()).add(entry.sha256)
    for (file, version), hashes in seen.items():
        if len(hashes) > 1:
            yield Problem(
                Place(f"rulebooks/{APPROVALS}"),
                "W-RULE-43",
                f"{file} 版{version} が、違う内容で{len(hashes)}回承認されたことになっています。",
                "承認簿が手で直されたおそれがあります。",
                "控えや前回の実行の記録(runs/…/rules)にある承認簿と見比べてください。",
            )


def before_the_last(entry: Approval, last: Approval) -> Problem:
    """A warning: the day of an approval lies before that of the one above it. It may be a slip, a clock, or a day made up."""
    return Problem(
        Place(f"rulebooks/{APPROVALS}"),
        "W-RULE-44",
        f"{entry.file} 版{entry.version} の承認の日({entry.on.isoformat()})が、"
        f"その前の承認(版{last.version}、{last.on.isoformat()})より前です。",
        "いつからこの決まりを認めていたかを、後から示せません。",
        "日付とパソコンの時計を確かめてください。書き足した記載は消さず、理由を控えてください。",
    )


def next_version(version: str) -> str:
    """The 版 that follows: its last number raised by one, or 「の2」 put behind it where there is none.

    >>> next_version("2026.1"), next_version("2026.09"), next_version("試行")
    ('2026.2', '2026.10', '試行の2')
    """
    found = re.search(r"[0-9]+(?=[^0-9]*$)", version)
    if found is None:
        return f"{version}の2"
    raised = str(int(found[0]) + 1).zfill(len(found[0]))
    return version[: found.start()] + raised + version[found.end() :]


def written(entries: Iterable[Approval]) -> str:
    """Entries as the lines that are added to the book."""
    return "".join(
        f"  - ファイル: {quoted(e.file)}\n"
        f"    版: {quoted(e.version)}\n"
        f"    sha256: {e.sha256}\n"
        f"    者: {quoted(e.by)}\n"
        f"    日: {e.on.isoformat()}\n"
        f"    理由: {quoted(e.reason)}\n"
        for e in entries
    )


def one_line(text: str) -> str:
    """What a person gave as a name or a reason, as it is shown and written: on one line, with nothing that cannot be seen.

    Such a character would make the book unreadable, two entries look alike, or move the cursor of a terminal.
    """
    visible = "".join(char for char in text if char.isspace() or not is_invisible(char))
    return " ".join(visible.split())


def quoted(text: str) -> str:
    """What a person gave, on one line and as YAML reads it back."""
    escaped = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unreadable(problem: Problem) -> Problem:
    return Problem(
        problem.place,
        "W-RULE-41",
        f"承認簿のこの記載を読めません({problem.what.rstrip('。')})。",
        "この記載は承認として数えません。",
        "手で直したのなら元に戻してください。承認は `kizuki rules approve` で書き足します。",
    )


def _of_another_file(document: YamlDocument, index: int, name: Any) -> Problem:
    return Problem(
        document.place("承認", index, "ファイル"),
        "W-RULE-42",
        f"承認簿にある「{name}」は、承認の要るファイルではありません。",
        "この記載はどの判定にも使われません。",
        f"承認の要るのは {'・'.join(TO_BE_APPROVED)} です。手で直したのなら元に戻してください。",
    )
