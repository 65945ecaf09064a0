"""`rules fmt`: one form for every rulebook, and never another meaning."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel.errors import KizukiError
from engine.kernel.strict_yaml import parse_yaml
from engine.records.case import HARDSHIP_LABELS
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.authoring.formatting import format_rulebook, thresholds_of
from engine.rulebook.authoring.written import read_written
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.model import RulebookSet

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
TEXTS = {name: (ROOT / "rulebooks" / f"{name}.yaml").read_text("utf-8") for name in HARDSHIP_LABELS}
THRESHOLDS = thresholds_of(TEXTS, VOCABULARY)

BOOK = """\
# 頭の説明
類型: young_carer   # 類型のそば
ルールブック:   ヤングケアラー

版: '2026.1'
担当: "こども家庭サポートセンター"
閾値:
  多い欠席: {出典: 当市の既定, 値: 10日}
対象: 年齢が６歳以上 18歳未満
シナリオ:
    # 一つめの前
    - 名前: 見本
      番号: YC-01
      ねらい: 「#」はこのままで
      出典: "[E] 当市: 既定"
      強さ: 強
      条件:
          すべて:   # すべてのそば
            - "直近 3ヶ月の 欠席が「多い欠席」（１０日）以上"
            # 二つめの文の前
            - {いずれか: [母が いない, '祖父母がいない']}
      試験:
        - {結果: 該当, 例: 見本, 事実: {世帯員: [{年齢: 80, 続柄: 祖父母}], 本人: {年齢: 14}}}
        - 例: "no"
          事実:
            本人: {年齢: 14,   # 十四
                   学年: 中2}   # 二年
          結果: 非該当
        # 試験の終わり
    - 番号: YC-02
      名前: |
        二行の
        名前
      ねらい: 見本
      出典: 見本
      強さ: 弱
      条件: 父がいない
      試験: []
# 終わり
"""

CANONICAL = """\
# 頭の説明
ルールブック: ヤングケアラー
類型: young_carer  # 類型のそば

版: "2026.1"
担当: こども家庭サポートセンター
閾値:
  多い欠席: {値: 10日, 出典: 当市の既定}
対象: 年齢が6歳以上18歳未満
シナリオ:
  # 一つめの前
  - 番号: YC-01
    名前: 見本
    ねらい: 「#」はこのままで
    出典: "[E] 当市: 既定"
    強さ: 強
    条件:
      すべて:  # すべてのそば
        - 直近3か月の欠席が「多い欠席」以上
        # 二つめの文の前
        - いずれか:
            - 母がいない
            - 祖父母がいない
    試験:
      - 例: 見本
        事実: {本人: {年齢: 14}, 世帯員: [{続柄: 祖父母, 年齢: 80}]}
        結果: 該当
      - 例: "no"
        事実:
          本人:  # 十四
            年齢: 14
            学年: 中2  # 二年
        結果: 非該当
      # 試験の終わり

  - 番号: YC-02
    名前: |
      二行の
      名前
    ねらい: 見本
    出典: 見本
    強さ: 弱
    条件: 父がいない
    試験: []
# 終わり
"""


def formatted(text: str) -> str:
    return format_rulebook(text, "book.yaml", VOCABULARY, thresholds_of({"book.yaml": text}, VOCABULARY) | THRESHOLDS)


def test_a_file_takes_the_canonical_form():
    """Keys in order, sentences as they are read aloud, one layout; comments and texts stay where they belong."""
    assert formatted(BOOK) == CANONICAL


def test_the_canonical_form_is_its_own():
    """Formatting twice is formatting once."""
    assert formatted(CANONICAL) == CANONICAL


@pytest.mark.parametrize("name", HARDSHIP_LABELS)
def test_the_rulebooks_of_the_repository_are_in_their_form(name: str):
    """The layout of the six rulebooks is the form, so a format changes only what was typed otherwise."""
    once = formatted(TEXTS[name])
    assert formatted(once) == once
    before, after = TEXTS[name].split("\n"), once.split("\n")
    assert len(set(before) ^ set(after)) <= len(before) // 20


def loaded(folder: Path) -> RulebookSet:
    return load_rulebooks(folder, VOCABULARY, as_of=date(2026, 11, 20))


def what_it_says(books: RulebookSet) -> list[object]:
    """Everything that a loaded set says, but for where it stands in its file."""
    said: list[object] = []
    for b in books.rulebooks:
        said += [b.hardship_type, b.title, b.version, b.owner, b.target, b.not_in_force]
        said += [(t.name, t.value, t.source) for t in b.thresholds]
        for s in b.scenarios:
            said += [s.id, s.name, s.purpose, s.source, s.strength, s.condition, s.cancels, s.ask, s.examples]
    return said


def comments(text: str) -> list[str]:
    """The comments of a file in any order, found without the formatter's own reading."""
    return sorted(line.strip() for line in text.split("\n") if line.strip().startswith("#"))


SENTENCE_LINE = re.compile(r"^( {8,}- )(?![{\"例])([^:#\"]+)$")


def beginning(name: str) -> str:
    """A rulebook with its first two scenarios only, to be quick."""
    parts = TEXTS[name].split("\n  - 番号: ")
    return "\n  - 番号: ".join(parts[:3])


def mutated(text: str, choices: list[int]) -> str:
    """The same rulebook typed by other hands: wider indents in brackets, full-width digits, blanks, remarks."""
    lines = []
    inside = ""
    for number, line in enumerate(text.split("\n")):
        choice = choices[number % len(choices)]
        if heading := re.match(r"^ {4}(\S+):", line):
            inside = heading[1]
        sentence = SENTENCE_LINE.match(line) if inside in ("条件",) else None
        if sentence and choice == 1:
            line = sentence[1] + sentence[2].translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        elif sentence and choice == 2:
            line = sentence[1] + re.sub(r"(?<=[0-9])か月", "ヶ月", sentence[2].replace("が", "が ")) + "  "
        elif sentence and choice == 3:
            line = f'{sentence[1]}"{sentence[2]}"'
        elif choice == 4 and re.match(r"^ +本人: \{", line):
            line = line.replace("{", "{ ").replace(",", " ,  ").replace("}", " }")
        elif choice == 5 and re.match(r"^ +(- )?(番号|例|結果|強さ):", line):
            lines.append(f"{line[: len(line) - len(line.lstrip())]}# 覚え書き{number}")
        lines.append(line)
    return "\n".join(lines)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_other_hands_write_the_same_rulebook(choices: list[int]):
    """However a rulebook is typed, formatting keeps every word that is loaded and every comment, and is idempotent."""
    name = list(HARDSHIP_LABELS)[sum(choices) % len(HARDSHIP_LABELS)]
    typed = mutated(beginning(name), choices)
    result = formatted(typed)
    assert formatted(result) == result
    assert comments(result) == comments(typed)
    plain = "\n".join(line for line in result.split("\n") if "# 覚え書き" not in line)
    assert plain == formatted(beginning(name))


remarks = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 16), st.sampled_from(["above", "beside", "blank"])), max_size=6)


@settings(max_examples=40)
@given(remarks, st.sampled_from([BOOK, beginning("young_carer"), beginning("abuse")]))
def test_a_remark_anywhere_survives(remarks: list[tuple[int, int, str]], text: str):
    """Wherever an author notes something, however indented: it is kept, once, and stays where the first format put it."""
    lines = text.split("\n")
    for number, (place, indent, kind) in enumerate(remarks):
        at = place % len(lines)
        if kind == "beside" and lines[at].strip() and "|" not in lines[at] and "二行" not in lines[at]:
            lines[at] += f"  # 覚え書き{number}。"
        elif kind != "beside" and not {"二行の", "名前"} & {line.strip() for line in lines[at - 1 : at + 1]}:
            lines.insert(at, " " * indent + f"# 覚え書き{number}。" if kind == "above" else "")
    typed = "\n".join(lines)
    result = formatted(typed)
    assert sorted(re.findall("覚え書き.。", result)) == sorted(re.findall("覚え書き.。", typed))
    assert formatted(result) == result


def test_what_is_loaded_stays_equal(tmp_path: Path):
    """The six rulebooks, typed by other hands and then formatted, load as what they were."""
    folders = [tmp_path / kind for kind in ("as it was", "formatted")]
    for folder in folders:
        folder.mkdir()
    for name, text in TEXTS.items():
        (folders[0] / f"{name}.yaml").write_text(text, "utf-8")
        (folders[1] / f"{name}.yaml").write_text(formatted(mutated(text, [1, 2, 3, 4, 5])), "utf-8")
    assert what_it_says(loaded(folders[0])) == what_it_says(loaded(folders[1]))


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("名前: 値 # 印", "名前: 値  # 印"),
        ('名前: "a # b"  # 印', '名前: "a # b"  # 印'),
        ("名前: a#b", "名前: a#b"),
        ("名前: 'それは''引用''です'", "名前: それは'引用'です"),
        ('名前: "2026"', "名前: 2026"),
        ("名前: '010'", '名前: "010"'),
        ("名前: '12:30'", '名前: "12:30"'),
        ("名前: no", '名前: "no"'),
        ("名前: '- 印'", '名前: "- 印"'),
        ("名前: 一行目\n      二行目", "名前: 一行目 二行目"),
    ],
)
def test_texts_keep_their_meaning(line: str, kept: str):
    """A text is quoted where another reader of YAML would take it for something else, and only there."""
    text = formatted(CANONICAL.replace("名前: 見本", line))
    assert kept in text
    assert read_written(text).root.data == parse_yaml(text, "book.yaml").data


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("父がいない", "父がいません", "E-RULE-0"),
        ("強さ: 弱", "強み: 弱", "E-RULE-90"),
        ("    強さ: 弱", "　　強さ: 弱", "E-YAML-04"),
        ("試験: []", "試験: []\n    試験: []", "E-YAML-11"),
        ("試験: []", "試験: &a []", "E-YAML-08"),
    ],
)
def test_a_file_with_faults_is_refused(old: str, new: str, code: str):
    """A file that is not sound has no form: its faults are told."""
    with pytest.raises(KizukiError) as caught:
        formatted(CANONICAL.replace(old, new))
    assert any(problem.code.startswith(code) for problem in caught.value.problems)
