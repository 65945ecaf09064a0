"""The catalogue of what people mistype in YAML, and what others may do to a file: each with its exact message.

`tests/golden/errors/yaml.txt` is the catalogue to read: the text, then what its author is told, or what is read.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from pydantic import Field

from engine.kernel.errors import KizukiError
from engine.kernel.strict_yaml import StrictModel, read_yaml, validate

GOLDEN = Path(__file__).parents[1] / "golden" / "errors" / "yaml.txt"


class Validity(StrictModel):
    start: date = Field(alias="開始")


class Sample(StrictModel):
    """A small file with a value of each kind."""

    name: str | None = Field(default=None, alias="名前")
    strength: str | None = Field(default=None, alias="強さ")
    number: int | None = Field(default=None, alias="数")
    flag: bool | None = Field(default=None, alias="支援")
    validity: Validity | None = Field(default=None, alias="有効期間")
    ask: tuple[str, ...] = Field(default=(), alias="確認すること")
    groups: object = Field(default=None, alias="条件")
    items: tuple[dict[str, str], ...] = Field(default=(), alias="シナリオ")


CASES: dict[str, str | bytes] = {
    # ── read as they are written ──
    "010, no, 12:30 and a day stay text": "名前: 010\n強さ: no\n確認すること: [12:30, 2026-03-20, 1e3, 0x10, ~, null]\n",
    "a full-width colon inside a sentence": "名前: 例：朝食はとれていますか\n",
    "a full-width colon in a line of a list": "確認すること:\n  - 例：朝食はとれていますか\n",
    "a number sign inside a word": "名前: あ#い\n",
    "a BOM at the beginning": b"\xef\xbb\xbf" + "名前: あ\n".encode(),
    "lines that end as in Windows": b"\xe5\x90\x8d\xe5\x89\x8d: a\r\n\xe6\x95\xb0: 3\r\n",
    "a negative number": "数: -5\n",
    "quotes": "名前: \"あ: い\"\n強さ: 'う: え'\n",
    "a comment with anything in it": "# 数：10 & * ! ? 　\n数: 10\n",
    # ── keys ──
    "a key twice": "名前: あ\n数: 1\n名前: い\n",
    "a key twice, once in quotes": "名前: あ\n'名前': い\n",
    "a key twice in brackets": "シナリオ:\n  - {番号: A, 番号: B}\n",
    "a key misspelt": "名まえ: あ\n",
    "a key without a value": "有効期間:\n",
    "a nested key without a value": "有効期間:\n  開始:\n",
    "a key of a key": "? [あ]\n: 1\n",
    "a list as a key": "? - x\n: 1\n",
    # ── colons ──
    "a full-width colon": "名前: あ\n数：10\n強さ: 中\n",
    "a full-width colon at the end of a group": "条件：\n  すべて: [あ]\n",
    "a full-width colon in a nested key": "有効期間:\n  開始：2026-04-01\n",
    "a full-width colon before brackets": "有効期間：{開始: 2026-04-01}\n数: 1\n",
    "a full-width colon in the first line of an item": "シナリオ:\n  - 番号：A\n    名前: い\n",
    "a full-width colon in the only line of an item": "シナリオ:\n  - {番号: A}\n  - 番号：B\n",
    "a full-width colon in brackets": "シナリオ:\n  - {番号: A, 名前：い}\n",
    "no blank behind the colon": "名前: あ\n強さ:強\n数: 3\n",
    "no blank behind the colon of the last line": "名前: あ\n強さ:強\n",
    "no blank behind a colon in brackets": "シナリオ:\n  - {番号: A, 名前:い}\n",
    "no blank behind the colon of an item": "シナリオ:\n  - 番号:A\n    名前: い\n",
    "a full-width blank behind the colon": "名前: あ\n強さ:　強\n数: 3\n",
    "a no-break space behind the colon": "名前:\u00a0あ\n",
    "a tab behind the colon": "名前:\tあ\n",
    "a second colon in a value": "名前: あ: い\n",
    "a colon at the end of a sentence": "条件:\n  すべて:\n    - 母がいない:\n    - 父がいない\n",
    "a line without a colon": "名前: あ\nただの文です\n数: 1\n",
    # ── indentation and lists ──
    "a tab as indentation": "有効期間:\n\t開始: 2026-04-01\n",
    "a full-width blank as indentation": "有効期間:\n　開始: 2026-04-01\n",
    "a no-break space as indentation": "有効期間:\n\u00a0\u00a0開始: 2026-04-01\n",
    "a tab behind a dash": "確認すること:\n-\tあ\n",
    "an indentation too deep": "名前: あ\n  数: 3\n",
    "an indentation too deep, and a full-width colon": "名前: あ\n  数：3\n強さ: 中\n",
    "an indentation that fits nothing": "有効期間:\n    開始: 2026-04-01\n  数: 3\n",
    "dashes out of line": "確認すること:\n  - あ\n - い\n",
    "no blank behind the dashes": "確認すること:\n  -朝食\n  -睡眠\n",
    "full-width dashes": "確認すること:\n  －朝食\n  －睡眠\n",
    "one full-width dash": "確認すること:\n  - 朝食\n  －睡眠\n",
    "a dash missing": "条件:\n  すべて:\n    母がいない\n    - 父がいない\n    - いずれか:\n        - あ\n",
    "an item indented otherwise": "条件:\n  すべて:\n   - 母がいない\n    - 父がいない\n    - いずれか:\n        - あ\n",
    "an item indented otherwise, and nothing after it": "確認すること:\n  - 朝食\n    - 睡眠\n",
    "a key that is read as the end of a text": "名前: あ\n  強さ:中\n数: 3\n強さ: 中\n",
    "a text that goes on in the next line": "名前: あ\n  い\n数: 3\n",
    "a line before without a colon": "名前\n強さ: 中\n",
    "a list begun in the key's line": "確認すること: - あ\n",
    "a list where a group is due": "有効期間:\n  - 開始: 2026-04-01\n",
    "a sentence where a list is due": "確認すること: 朝食\n",
    "a list where a sentence is due": "名前:\n  - あ\n",
    # ── quotes and brackets ──
    "a double quote that is not closed": '名前: "あ\n数: 3\n',
    "a single quote that is not closed": "名前: 'あ\n数: 3\n",
    "text behind a closing quote": '名前: "あ" い\n数: 3\n',
    "a backslash in double quotes": '名前: "C:\\データ"\n',
    "a bracket that is not closed": "確認すること: [あ, い\n数: 3\n",
    "a brace that is not closed": "有効期間: {開始: 2026-04-01\n数: 3\n",
    "a bracket too many": "確認すること: [あ]]\n数: 3\n",
    "full-width braces": "有効期間: ｛開始: 2026-04-01｝\n",
    "full-width commas": "シナリオ:\n  - {番号: A，名前: い}\n",
    # ── numbers, days, yes and no ──
    "a number with leading zeros": "数: 010\n",
    "a full-width number": "数: １０\n",
    "another minus (U+2212)": "数: −5\n",
    "a number with a unit": "数: 10日\n",
    "a number with an underscore": "数: 1_000\n",
    "a number with a point": "数: 10.0\n",
    "a number with a comma": "数: 1,000\n",
    "30 February": "有効期間: {開始: 2026-02-30}\n",
    "a day without dashes": "有効期間: {開始: 20260401}\n",
    "seconds where a day is due": "有効期間: {開始: 86400}\n",
    "a day with slashes": "有効期間: {開始: 2026/04/01}\n",
    "a full-width day": "有効期間: {開始: ２０２６-04-01}\n",
    "a day of an era": "有効期間: {開始: 令和8年4月1日}\n",
    "a day as Excel counts it": "有効期間: {開始: 46113}\n",
    "a day that no era has": "有効期間: {開始: 平成40年4月1日}\n",
    "no for false": "支援: no\n",
    "はい for true": "支援: はい\n",
    # ── what hides a meaning ──
    "an anchor": "名前: &a あ\n",
    "an alias": "名前: *強調*\n",
    "a merge key": "有効期間: {<<: あ}\n",
    "an ampersand": "名前: & あ\n",
    "a tag": "数: !!int 3\n",
    "a tag of Python": "名前: !!python/object/apply:os.system [ls]\n",
    "an exclamation mark": "名前: !<あ\n",
    "a directive": "%YAML 1.1\n---\n名前: あ\n",
    "two documents": "名前: あ\n---\n名前: い\n",
    "an end of document": "名前: あ\n...\n名前: い\n",
    "an at sign": "名前: @あ\n",
    "a backquote": "名前: `あ`\n",
    "a pipe": "名前: |あ\n",
    "a question mark": "名前: ?\n",
    "an invisible direction mark": "名前: あ\u202eい\n",
    "a zero-width space in a key": "名\u200b前: あ\n",
    "a zero-width joiner": "名前: あ\u200dい\n",
    "a soft hyphen": "名前: あ\u00adい\n",
    "a line separator": "名前: あ\u2028数: 3\n",
    "a Hangul filler": "名前: \u3164\n",
    "a BOM in the middle": "名前: あ\ufeffい\n",
    "NUL": "名前: あ\x00い\n",
    "a line end of old machines": "名前: あ\r数: 3\n",
    # ── files ──
    "an empty file": "",
    "only comments": "# あ\n\n",
    "a list instead of keys": "- あ\n- い\n",
    "a sentence instead of keys": "母がいない\n",
    "saved as Shift_JIS": "名前: 介護\n".encode("cp932"),
    "saved as UTF-16": "名前: あ\n".encode("utf-16"),
    "a broken byte": "名前: あ\n強さ: ".encode() + b"\xff\xfe\n",
    "too deep": "条件: " + "[" * 30 + "]" * 30 + "\n",
    "much too deep": "条件: " + "[" * 40_000 + "\n",
    "too deep by dashes": "条件:\n " + "- " * 40 + "あ\n",
    "too many values": "条件: [" + "あ," * 51_000 + "]\n",
    "too large": "名前: " + "あ" * 100_000 + "\n",
    "a billion laughs": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
}


def told(folder: Path, content: str | bytes) -> str:
    path = folder / "見本.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        sample = validate(read_yaml(path), Sample, kind="RULE")
    except KizukiError as error:
        return str(error)
    return f"読めました: {sample.model_dump(by_alias=True, exclude_defaults=True)}"


def shown(content: str | bytes) -> str:
    text = ascii(content) if isinstance(content, bytes) or not content.isprintable() else content
    if isinstance(content, str) and all(c.isprintable() or c == "\n" for c in content):
        text = content.removesuffix("\n")
    return "\n".join(f"  | {line if len(line) <= 120 else line[:60] + ' …'}" for line in text.split("\n"))


def test_every_message_is_as_agreed(tmp_path: Path) -> None:
    """Place, what, why and remedy of each case are public: a change is reviewed as a change of the golden file."""
    text = "\n\n".join(f"# {name}\n{shown(case)}\n{told(tmp_path, case)}" for name, case in CASES.items()) + "\n"
    if os.environ.get("KIZUKI_WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(CASES))
def test_nothing_changes_its_meaning_silently(name: str, tmp_path: Path) -> None:
    """What is not refused is read letter by letter: every value that comes out stands in the file."""
    case = CASES[name]
    answer = told(tmp_path, case)
    if not answer.startswith("読めました"):
        assert all(line.startswith(("見本.yaml", "  ")) for line in answer.split("\n"))
        return
    written = case.decode("utf-8-sig") if isinstance(case, bytes) else case
    data = read_yaml(tmp_path / "見本.yaml").data
    values = [v for value in data.values() for v in (value if isinstance(value, list) else [value])]
    assert all("".join(value.split()) in "".join(written.split()) for value in values if isinstance(value, str))
