"""番号 of scenarios: each used once in all rulebooks, and each type with a prefix of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.kernel.errors import Problem
from engine.rulebook.files.texts import BookText


def number_problems(texts: Sequence[BookText]) -> Iterator[Problem]:
    """Numbers used twice, foreign prefixes, and files without a scenario."""
    seen: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for text in texts:
        if text.document.data.get("シナリオ") == []:
            yield Problem(
                text.document.place("シナリオ"),
                "E-RULE-15",
                "シナリオが1つもありません。",
                "この類型では誰も見つけられません。",
                "シナリオを書き足してください。",
            )
        own: str | None = None
        for index, id_ in text.ids.items():
            place = text.document.place("シナリオ", index, "番号")
            if id_ in seen:
                yield Problem(
                    place,
                    "E-RULE-20",
                    f"番号「{id_}」は{seen[id_]}でも使われています。",
                    "どのシナリオの結果か見分けられません。",
                    "使われていない番号にしてください。",
                )
            seen.setdefault(id_, str(place))
            prefix = id_.split("-")[0]
            own = own or prefix
            if prefix != own or prefixes.setdefault(prefix, text.document.file) != text.document.file:
                yield Problem(
                    place,
                    "E-RULE-21",
                    f"番号「{id_}」の頭が、このルールブックのものではありません。",
                    "番号から類型が分からなくなります。",
                    "類型ごとに1つの頭(例: YC)にそろえてください。",
                )
