"""The reason at each line of an example: the fact that decided it, or what is lacking, in the author's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.evaluate.examples.wording import ExampleWording
from engine.evaluate.meaning.reference import judge_sentences
from engine.records.household import Household
from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.examples.households import build_household
from engine.rulebook.language.parsing import parse_sentence
from engine.rulebook.model import Example

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
LABELS = {source: layout.label for source, layout in load_layouts(ROOT / "sources", VOCABULARY).items()}


def reasons(facts: dict[str, object], text: str) -> tuple[str, tuple[str, ...]]:
    """The mark and the reasons of a sentence in an example."""
    household = build_household(
        Example.model_validate({"例": "見本", "事実": facts, "結果": "該当"}), VOCABULARY, LABELS
    )
    assert isinstance(household, Household), household
    sentence = parse_sentence(text, VOCABULARY)
    verdict = judge_sentences([sentence], {}, household, VOCABULARY)[sentence]
    return verdict.truth.mark, ExampleWording(VOCABULARY, LABELS, household).reasons(sentence, verdict)


GRANDMOTHER = {"続柄": "祖父母", "年齢": "80", "要介護度": "要介護3"}


@pytest.mark.parametrize(
    ("facts", "text", "mark", "said"),
    [
        ({"本人": {"年齢": "9"}}, "年齢が6歳以上", "○", ("本人 年齢: 9歳",)),
        ({"本人": {"学年": "中2"}}, "学年が小1以上小6以下", "×", ("本人 学年: 中2",)),
        (
            {"世帯員": [GRANDMOTHER]},
            "要介護度が要介護1以上の祖父母がいる",
            "○",
            ("祖父母 年齢: 80歳", "祖父母 要介護度: 要介護3"),
        ),
        ({"世帯員": [GRANDMOTHER]}, "要介護度が要介護4以上の祖父母がいる", "×", ("祖父母 要介護度: 要介護3",)),
        ({}, "要介護度が要介護1以上の祖父母がいる", "×", ("祖父母はいない",)),
        ({"世帯員": [{"続柄": "母"}]}, "世帯員が2人以上いる", "×", ("世帯員 年齢: 不明", "ほかに世帯員はいない")),
        ({"本人": {"就学援助": "あり"}}, "就学援助を受けている", "○", ("本人 就学援助: あり",)),
        ({}, "就学援助を受けている", "×", ("本人 就学援助の記録なし(学齢簿・就学援助)",)),
        (
            {"出来事": [{"種類": "欠席", "量": "4", "日前": "21"}, {"種類": "欠席", "量": "5", "日前": "51"}]},
            "直近3か月の欠席が9日以上",
            "○",
            ("本人 欠席: 5日(R8年9月)", "本人 欠席: 4日(R8年10月)"),
        ),
        ({}, "直近3か月の欠席が1日以上", "×", ("この期間の欠席はどれも0",)),
        ({"出来事": [{"種類": "転入", "日前": "20"}]}, "直近6か月に転入がない", "×", ("本人 転入(20日前)",)),
        (
            {"出来事": [{"種類": "水道料金の督促", "日前": "20"}]},
            "直近6か月に水道料金の督促がある",
            "○",
            ("世帯 水道料金の督促(20日前)",),
        ),
        (
            {"出来事": [{"種類": "3歳児健診", "期限から": "120", "実施": "なし"}]},
            "3歳児健診が期限を90日過ぎても済んでいない",
            "○",
            ("本人 3歳児健診: 期限から120日・実施なし",),
        ),
        (
            {"出来事": [{"種類": "3歳児健診", "期限から": "120", "実施": "30"}]},
            "3歳児健診が済んでいる",
            "○",
            ("本人 3歳児健診: 期限から120日・実施30日前",),
        ),
        ({"本人": {"年齢": "0"}}, "生後60日を過ぎても新生児訪問の記録がない", "×", ("本人 年齢: 0歳",)),
        (
            {"出来事": [{"種類": "3歳児健診の判定", "値": "要観察", "日前": "100"}]},
            "最新の3歳児健診の判定が要観察である",
            "○",
            ("本人 3歳児健診の判定: 要観察(100日前)",),
        ),
        # what is lacking
        (
            {"不明": ["介護保険"], "世帯員": [{"続柄": "母"}]},
            "要介護度が要介護1以上の母がいる",
            "?",
            ("「介護保険」が届いていない", "母 年齢: 不明"),
        ),
        (
            {"世帯員": [{"続柄": "母", "要介護度": "不明"}]},
            "要介護度が要介護1以上の母がいる",
            "?",
            ("母は「介護保険」の対象に入っていない", "母 年齢: 不明"),
        ),
        (
            {"不明": [{"源": "相談履歴", "いつから": "100"}]},
            "直近6か月に相談がある",
            "?",
            ("本人についての「相談履歴」は100日前からで、それより前は分からない",),
        ),
        ({"出来事": [{"種類": "転入", "日前": "不詳"}]}, "直近6か月に転入がある", "?", ("本人 異動年月日が不詳",)),
        (
            {"出来事": [{"種類": "欠席", "量": "不明", "日前": "51"}]},
            "直近3か月の欠席が1日以上",
            "?",
            ("本人 欠席の値が空欄", "本人 欠席: 空欄(R8年9月)"),
        ),
        ({}, "年齢が6歳以上", "?", ("本人の年齢が書かれていない",)),
        ({}, "3歳児健診が済んでいる", "?", ("本人 3歳児健診の対象になった記録がない",)),
        (
            {"不明": [{"源": "校務支援(出欠・学校生活)", "いつから": "40"}]},
            "直近3か月の欠席が1日以上",
            "?",
            (
                "本人についての「校務支援(出欠・学校生活)」は40日前からで、それより前は分からない",
                "本人についての「校務支援(出欠・学校生活)」に、この期間の記録がそろっていない",
            ),
        ),
    ],
)
def test_the_reason_stands_beside_the_mark(
    facts: dict[str, object], text: str, mark: str, said: tuple[str, ...]
) -> None:
    """An author reads why a line is ○, × or ? without looking the fact up."""
    assert reasons(facts, text) == (mark, said)


def test_many_facts_are_not_all_listed() -> None:
    """Of many events the first few are told, and how many more there are."""
    facts: dict[str, object] = {"出来事": [{"種類": "相談", "日前": str(n)} for n in range(10, 20)]}
    mark, said = reasons(facts, "直近6か月に相談が3回以上ある")
    assert mark == "○"
    assert len(said) == 5
    assert said[-1] == "ほか6件"
