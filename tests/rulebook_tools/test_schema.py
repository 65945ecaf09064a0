"""`rules schema`: what an editor knows of a rulebook, judged by an independent reader of JSON Schema."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from ruamel.yaml import YAML

from engine.records.case import HARDSHIP_LABELS
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.authoring.schema import rulebook_schema
from engine.rulebook.authoring.suggestions import snippets, suggested_sentences
from engine.rulebook.language.parsing import parse_sentence, parser_for
from engine.rulebook.model import RulebookText

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
LABELS = {source: layout.label for source, layout in load_layouts(ROOT / "sources", VOCABULARY).items()}
SCHEMA = rulebook_schema(VOCABULARY, LABELS)
VALIDATORS = [Draft202012Validator(SCHEMA), Draft7Validator(SCHEMA)]

SOUND = """\
ルールブック: 見本
類型: young_carer
版: "2026.1"
担当: こども家庭サポートセンター
閾値:
  長い休み: 30日
  たびたび: {値: 5回, 出典: 当市の既定}
対象: 年齢が6歳以上18歳未満
シナリオ:
  - 番号: YC-01
    名前: 見本
    ねらい: 見本
    出典: "[E] 当市の既定"
    有効期間: {開始: 2026-04-01}
    強さ: 強
    条件:
      すべて:
        - 今年度の欠席が「長い休み」以上
        - 次でない: 母がいない
        - 2つ以上:
            - 父がいない
            - 直近6か月に相談がある
    打ち消し:
      - 就学援助を受けている
    確認すること: [見本]
    試験:
      - 例: 該当の例
        事実:
          本人: {年齢: 13, 学年: 中1, 就学援助: なし, 学級区分: 通常}
          世帯員: [{続柄: 祖父母, 年齢: 80, 要介護度: [要介護1, 要介護4]}]
          出来事:
            - {種類: 欠席, 量: 31, 日前: 51}
            - {種類: 3歳児健診の判定, 値: 要観察, 日前: 300}
            - {種類: 3歳児健診, 期限から: 120, 実施: なし}
            - {種類: EPDSの合計点, 量: 不明, 日前: 20, 誰: 祖父母}
        結果: 該当
      - {例: 非該当の例, 事実: {}, 結果: 非該当}
      - {例: 不明の例, 事実: {不明: [介護保険]}, 結果: 不明}
"""

BROKEN = [
    ("類型: young_carer", "類型: ヤングケアラー"),
    ("担当: こども家庭サポートセンター\n", ""),
    ("対象: 年齢が6歳以上18歳未満", "対象: 年令が6歳以上"),
    ("対象: 年齢が6歳以上18歳未満", "対象: 年齢が6歳以上のこども"),
    ("番号: YC-01", "番号: YC-1"),
    ("強さ: 強", "強さ: 最強"),
    ("強さ: 強", "強み: 強"),
    ("開始: 2026-04-01", "開始: 令和8年4月1日"),
    ("すべて:", "全て:"),
    ("2つ以上:", "1つ以上:"),
    ("次でない: 母がいない", "次でない: [母がいない, 父がいない]"),
    ("        - 次でない: 母がいない\n", "        - {すべて: [母がいない], いずれか: [父がいない]}\n"),
    ("父がいない", "お子さんが心配"),
    ("長い休み: 30日", "長い休み: 三十日"),
    ("値: 5回, ", ""),
    ("年齢: 13", "年齢: 十三"),
    ("学年: 中1", "学年: 中4"),
    ("就学援助: なし", "就学援助: いいえ"),
    ("続柄: 祖父母", "続柄: 祖母"),
    ("種類: 欠席, 量: 31", "種類: 欠席"),
    ("値: 要観察", "値: ようす見"),
    ("期限から: 120, ", ""),
    ("誰: 祖父母", "誰: おばあさん"),
    ("種類: 欠席", "種類: お休み"),
    ("結果: 不明", "結果: 非該当"),
    ("不明: [介護保険]", "不明: [介護ほけん]"),
    ("確認すること: [見本]", "確認する事: [見本]"),
]


def as_an_editor_reads(text: str) -> Any:
    """YAML 1.2 as editors read it: numbers are numbers, days are text."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(part) for key, part in value.items()}
        if isinstance(value, list):
            return [plain(part) for part in value]
        return value.isoformat() if isinstance(value, date) else value

    return plain(YAML(typ="safe", pure=True).load(text))


@pytest.mark.parametrize("validator", VALIDATORS, ids=["2020-12", "draft-07"])
def test_the_schema_is_a_schema(validator: Any):
    """The schema itself keeps the rules of its draft, and of the older one that many editors know."""
    type(validator).check_schema(SCHEMA)


@pytest.mark.parametrize("validator", VALIDATORS, ids=["2020-12", "draft-07"])
def test_the_six_rulebooks_are_valid(validator: Any):
    """No line of the rulebooks in use is underlined."""
    for name in HARDSHIP_LABELS:
        data = as_an_editor_reads((ROOT / "rulebooks" / f"{name}.yaml").read_text("utf-8"))
        assert [(list(e.absolute_path), e.message[:200]) for e in validator.iter_errors(data)] == []


@pytest.mark.parametrize("validator", VALIDATORS, ids=["2020-12", "draft-07"])
def test_a_sound_rulebook_is_valid(validator: Any):
    """Groups, thresholds, every kind of fact: nothing that may be written is underlined."""
    assert [e.message[:200] for e in validator.iter_errors(as_an_editor_reads(SOUND))] == []


@pytest.mark.parametrize("validator", VALIDATORS, ids=["2020-12", "draft-07"])
@pytest.mark.parametrize(("old", "new"), BROKEN)
def test_a_broken_rulebook_is_underlined(validator: Any, old: str, new: str):
    """A wrong key, value, word or form is found where the author types it."""
    assert old in SOUND
    assert not validator.is_valid(as_an_editor_reads(SOUND.replace(old, new, 1)))


def keys_with_text(schema: Any) -> dict[str, str]:
    found = {}
    for model in (schema, *schema["$defs"].values()):
        found |= {key: value.get("description", "") for key, value in model.get("properties", {}).items()}
    return found


def test_every_key_is_explained_in_japanese():
    """Hovering over any key tells what to write there."""
    texts = keys_with_text(SCHEMA)
    assert set(RulebookText.model_json_schema(by_alias=True)["properties"]) <= set(texts)
    assert [key for key, text in texts.items() if not re.search(r"[ぁ-ん]", text)] == []


def test_every_suggested_sentence_parses():
    """What an editor offers is a sentence of the language, and the schema accepts it."""
    sentence = Draft202012Validator(SCHEMA["$defs"]["Sentence"])
    suggested = list(suggested_sentences(VOCABULARY))
    assert len(suggested) > len(VOCABULARY.items)
    for text in suggested:
        parse_sentence(text, VOCABULARY)
        assert sentence.is_valid(text), text


def filled(body: str) -> list[str]:
    """A snippet with every choice of every blank, one blank at a time."""
    blank = re.compile(r"\$\{\d+(?::([^}]*)|\|([^|]*)\|)\}")
    options = [found[1].split(",") if found[1] is not None else found[2].split(",") for found in blank.finditer(body)]
    firsts = [option[0] for option in options]
    choices = {tuple(firsts)}
    for index, option in enumerate(options):
        choices |= {tuple(v if i == index else f for i, f in enumerate(firsts)) for v in option}
    return ["".join(_woven(blank.split(body)[::3], chosen)) for chosen in sorted(choices)]


def _woven(texts: list[str], chosen: tuple[str, ...]) -> list[str]:
    return [part for pair in zip(texts, (*chosen, ""), strict=True) for part in pair]


def test_every_snippet_gives_sentences_that_parse():
    """Whatever an author chooses in a blank, a sentence of the language comes out."""
    offered = list(snippets(VOCABULARY))
    assert len(offered) >= 20
    unreadable = []
    for snippet in offered:
        for text in filled(snippet.body):
            outcome = parser_for(VOCABULARY).read(text)
            if isinstance(outcome, tuple):
                unreadable.append((snippet.label, text, outcome[0].what))
    assert unreadable == []


def test_items_that_may_not_be_used_are_not_offered():
    """A pending item is in no completion."""
    item = VOCABULARY.items["absence"].model_copy(update={"permission": "照会中"})
    pending = VOCABULARY.model_copy(update={"items": {**VOCABULARY.items, "absence": item}})
    schema = rulebook_schema(pending, LABELS)
    assert "欠席" not in schema["$defs"]["ExampleEvent"]["properties"]["種類"]["enum"]
    assert not [text for text in schema["$defs"]["Sentence"]["examples"] if "月の欠席が" in text]
