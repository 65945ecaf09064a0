"""Two small rulebooks that refer to each other, as the book's tests read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from engine.records.layout import load_layouts
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.model import RulebookSet
from engine.tiers.policy import load_policy
from reports.manual.book import ApprovalLine, ConferenceDecisions, HitCounts, RunLine
from reports.manual.make import BookInputs

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml").model_copy(update={"version": "2026.1"})
LABELS = {source: layout.label for source, layout in load_layouts(ROOT / "sources", VOCABULARY).items()}
AS_OF = date(2026, 11, 20)

SCHOOL = """\
ルールブック: 学校のようす
類型: school_absence
版: "2026.1"
担当: 学校教育課
閾値:
  長期欠席の目安: {出典: "[D] 文部科学省の調査の定義", 改定: [{開始: 2026-04-01, 値: 30日}, {開始: 2027-04-01, 値: 25日}]}
対象: 学年が小1以上中3以下
シナリオ:
  - 番号: SA-01
    名前: 休みが長く続いている
    ねらい: 休みが長くなる前に、学校と一緒に声をかけます。
    出典: "[D] 文部科学省の調査の定義。[E] 見る期間は当市の既定"
    有効期間: {開始: 2026-04-01}
    強さ: 中
    条件: {いずれか: [今年度の欠席が「長期欠席の目安」以上, 直近3か月の遅刻が20回以上]}
    打ち消し: [直近3か月に継続支援中の相談がある]
    確認すること: [学校に来たときのようすを教えてください。]
    試験:
      - {例: 休みが32日, 事実: {本人: {年齢: 9}, 出来事: [{種類: 欠席, 量: 32, 日前: 60}]}, 結果: 該当}
      - {例: 遅刻が20回, 事実: {本人: {年齢: 9}, 出来事: [{種類: 遅刻, 量: 20, 日前: 60}]}, 結果: 該当}
      - {例: 休みがない, 事実: {本人: {年齢: 9}}, 結果: 非該当}
      - {例: 出欠が届いていない, 事実: {本人: {年齢: 9}, 不明: [校務支援(出欠・学校生活)]}, 結果: 不明}
      - 例: 相談が続いている
        事実: {本人: {年齢: 9}, 出来事: [{種類: 欠席, 量: 32, 日前: 60}, {種類: 継続支援中の相談, 日前: 20}]}
        結果: 打ち消し
"""

CARER = """\
ルールブック: 家族の世話
類型: young_carer
版: "2026.3"
担当: こども家庭サポートセンター
対象: 年齢が6歳以上18歳未満
シナリオ:
  - 番号: YC-01
    名前: 介護が要る家族がいて、休みが長い
    ねらい: まず大人のサービスを整えます。
    出典: "[E] 当市の既定"
    強さ: 強
    条件:
      すべて:
        - シナリオSA-01に該当する
        - 次でない: {2つ以上: [母がいる, 父がいる, 年齢が18歳以上の祖父母がいる]}
        - 要介護度が要介護1以上の祖父母がいる
    試験:
      - 例: 祖母と二人ぐらしで、休みが32日
        事実:
          本人: {年齢: 9}
          世帯員: [{続柄: 祖父母, 年齢: 80, 要介護度: 要介護3}]
          出来事: [{種類: 欠席, 量: 32, 日前: 60}]
        結果: 該当
      - {例: 休みがない, 事実: {本人: {年齢: 9}, 世帯員: [{続柄: 母}, {続柄: 父}]}, 結果: 非該当}
      - 例: 介護保険が届いていない
        事実:
          本人: {年齢: 9}
          世帯員: [{続柄: 祖父母, 年齢: 80}]
          出来事: [{種類: 欠席, 量: 32, 日前: 60}]
          不明: [介護保険]
        結果: 不明
  - 番号: YC-02
    名前: 来年度から見るシナリオ
    ねらい: 見本です。
    出典: 当市の既定
    有効期間: {開始: 2027-04-01, 終了: 2028-03-31}
    強さ: 弱
    条件: 直近3か月の欠席が10日以上
    試験:
      - {例: 休みが10日, 事実: {本人: {年齢: 9}, 出来事: [{種類: 欠席, 量: 10, 日前: 60}]}, 結果: 該当}
      - {例: 休みがない, 事実: {本人: {年齢: 9}}, 結果: 非該当}
      - {例: 年齢が不明, 事実: {出来事: [{種類: 欠席, 量: 10, 日前: 60}]}, 結果: 不明}
"""


def rulebooks_in(folder: Path, school: str = SCHOOL, carer: str = CARER) -> RulebookSet:
    """Both rulebooks, written into a folder and read back."""
    (folder / "school_absence.yaml").write_text(school, encoding="utf-8")
    (folder / "young_carer.yaml").write_text(carer, encoding="utf-8")
    return load_rulebooks(folder, VOCABULARY, as_of=AS_OF, types=("school_absence", "young_carer"))


def inputs_of(rulebooks: RulebookSet, *, english: bool = False, with_run: bool = True) -> BookInputs:
    """What the book is made of, with a run in which SA-01 met many and YC-01 few children."""
    return BookInputs(
        city="見本市",
        rulebooks=rulebooks,
        vocabulary=VOCABULARY,
        policy=replace(load_policy(ROOT / "rulebooks" / "tiers.yaml"), version="2026.1", sha256="a" * 64),
        source_labels=LABELS,
        vocabulary_sha256="f" * 64,
        approvals={"school_absence.yaml": ApprovalLine("家庭相談係長", date(2026, 3, 20), "年度はじめの見直し")},
        run=RunLine("R20261120-01", AS_OF, 18073) if with_run else None,
        counts={"SA-01": HitCounts(1234, 8, 0, True), "YC-01": HitCounts(7, 0, 41, False)} if with_run else {},
        decisions={"SA-01": ConferenceDecisions(40, 30)},
        english=english,
    )
