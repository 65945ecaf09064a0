"""A small made-up city: three sources, a deliveries folder, and canary persons whose data may never be in a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.intake import FoundDelivery, find_deliveries, read_delivery
from engine.records.delivery import CleanTable
from engine.records.layout import Layout, load_layouts
from engine.records.vocabulary import Vocabulary, load_vocabulary

AS_OF = date(2026, 11, 20)

_ENTRY = "所管: 市民課, 目的: 試験, 法的根拠: 試験, 状態"
FIELDS = f"""
版: "試験"
識別項目:
  address_number: {{名前: 宛名番号, {_ENTRY}: 許可}}
  name_kanji: {{名前: 氏名, {_ENTRY}: 許可}}
  name_kana: {{名前: カナ, {_ENTRY}: 許可}}
  born_on: {{名前: 生年月日, {_ENTRY}: 許可}}
  address_full: {{名前: 住所, {_ENTRY}: 許可}}
使わない項目:
  school_marks: {{名前: 成績, 所管: 学校教育課, 状態: 不許可, 決定: 校長会 2026-02-10, 理由: 目的に使わないため}}
記録:
  resident: {{名前: 住民, 源: residents, 主体: 人, {_ENTRY}: 許可, 保存年: 5, 列: {{resident_status: {{名前: 状態, 型: 区分}}}}}}
  address_protection:
    {{名前: 支援措置, 源: address_protection, 主体: 人, 有効: {{開始: protected_from}}, {_ENTRY}: 許可, 保存年: 5,
     列: {{protected_from: {{名前: 開始, 型: 日付}}, protected_to: {{名前: 終了, 型: 日付}}}}}}
  visit:
    {{名前: 訪問, 源: visits, 主体: 人, 日付: visited_on, {_ENTRY}: 許可, 保存年: 5,
     列: {{visited_on: {{名前: 訪問日, 型: 日付}}, visit_kind: {{名前: 区分, 型: 区分}}, planned: {{名前: 予定, 型: 整数}},
          missed: {{名前: 欠, 型: 整数}}, kept_count: {{名前: 実施, 型: 整数}}}}}}
  service:
    {{名前: 支給, 源: visits, 主体: 人, 有効: {{開始: service_from, 終了: service_until}}, {_ENTRY}: 許可, 保存年: 5,
     列: {{service_from: {{名前: 開始, 型: 日付}}, service_until: {{名前: 終了, 型: 日付}}}}}}
  money:
    {{名前: 収入, 源: visits, 主体: 人, {_ENTRY}: 照会中, 保存年: 5, 列: {{income_yen: {{名前: 収入, 型: 整数}}}}}}
項目: {{}}
続柄: [母, 父]
"""

RESIDENTS = """
番号: "01"
源: residents
名前: 住民記録
システム: 試験
ファイル名: "01_residents_*.csv"
文字コード: cp932
届き方: 全件
間隔日: 7
猶予日: 7
必須: true
対象者: {種類: 住民全員}
記録の始まり: 2006-04-01
合計行: {列: 宛名番号, 語: [合計, 総件数]}
隔離の上限: 0.5
列:
  宛名番号: {id: address_number, 型: 番号, 桁: 10, 必須: true, 検査数字: true, 別名: [宛名コード]}
  氏名: {id: name_kanji, 型: 氏名, 必須: true}
  フリガナ: {id: name_kana, 型: カナ}
  生年月日: {id: born_on, 型: 日付}
  住所: {id: address_full, 型: 住所}
  住民状態: {id: resident_status, 型: 区分, 必須: true, 符号: {"01": 住民, "02": 転出}, 不明: ["99"]}
記録:
  resident: {結合: 宛名番号}
"""

PROTECTION = """
番号: "02"
源: address_protection
名前: 支援措置
システム: 試験
ファイル名: "02_protection_*.csv"
文字コード: utf-8-sig
届き方: 全件
間隔日: 7
猶予日: 7
必須: true
対象者: {種類: 住民全員}
記録の始まり: 2006-04-01
隔離の上限: 0.0
列:
  宛名番号: {id: address_number, 型: 番号, 桁: 10, 必須: true}
  開始日: {id: protected_from, 型: 日付, 必須: true}
  終了日: {id: protected_to, 型: 日付}
記録:
  address_protection: {結合: 宛名番号}
"""

VISITS = """
番号: "03"
源: visits
名前: 訪問
システム: 試験
ファイル名: "03_visits_*.csv"
文字コード: utf-8
届き方: 追加
間隔日: 31
猶予日: 10
対象者: {種類: 住民全員}
記録の始まり: 2020-04-01
隔離の上限: 0.9
列:
  宛名番号: {id: address_number, 型: 番号, 桁: 10, 必須: true}
  訪問日: {id: visited_on, 型: 日付}
  区分: {id: visit_kind, 型: 区分, 符号: {"1": 訪問, "2": 電話, "": なし}}
  予定: {id: planned, 型: 整数, 範囲: [0, 31]}
  欠: {id: missed, 型: 整数, 範囲: [0, 31]}
  開始日: {id: service_from, 型: 日付}
  終了日: {id: service_until, 型: 日付}
  成績: {id: school_marks}
  収入: {id: income_yen, 型: 整数}
検査:
  - {差: [planned, missed], 下限: 0, 理由: 欠が予定より多くなっています}
導出:
  kept_count: {差: [planned, missed]}
記録:
  visit: {結合: 宛名番号}
  service: {結合: 宛名番号}
  money: {結合: 宛名番号}
"""

RESIDENT_HEADER = "宛名番号,氏名,フリガナ,生年月日,住所,住民状態"
# Canaries: made-up, and so odd that they cannot occur in a message by chance. Check digits are right.
CANARIES = ("雉子牟田　金糸雀", "ｷｼﾞﾑﾀ ｶﾅﾘｱ", "キジムタ", "鸚鵡台", "8080808", "19870605", "金糸雀")
RESIDENT_ROWS = (
    "0000000019,雉子牟田　金糸雀,ｷｼﾞﾑﾀ ｶﾅﾘｱ,19870605,鸚鵡台8080808番地,01",
    "0000000027,雉子牟田　翡翠,ｷｼﾞﾑﾀ ﾋｽｲ,平成30年2月3日,鸚鵡台8080808番地,01",
    "0000000035,雉子牟田　鶫,ｷｼﾞﾑﾀ ﾂｸﾞﾐ,R2.12.31,鸚鵡台8080808番地,2",
)
VISIT_HEADER = "宛名番号,訪問日,区分,予定,欠,開始日,終了日,成績,収入"
PROTECTION_TEXT = "宛名番号,開始日,終了日\r\n0000000019,20250401,20270331\r\n"


def csv_text(header: str, *rows: str, end: str = "\r\n") -> str:
    """Lines with their line ends."""
    return end.join((header, *rows)) + end


@dataclass
class City:
    """A deliveries folder with its layouts."""

    folder: Path
    layouts: dict[str, Layout]
    vocabulary: Vocabulary

    def put(self, name: str, content: str | bytes, day: str = "2026-11-20", encoding: str | None = None) -> Path:
        """Write a delivered file as its layout is declared."""
        path = self.folder / day / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            layout = next((item for item in self.layouts.values() if name.startswith(item.number)), None)
            content = content.encode(encoding or (layout.encoding if layout else "utf-8-sig"))
        path.write_bytes(content)
        return path

    def put_mandatory(self, day: str = "2026-11-20") -> None:
        """The two files without which nothing runs."""
        stamp = day.replace("-", "")
        self.put(f"01_residents_{stamp}.csv", csv_text(RESIDENT_HEADER, *RESIDENT_ROWS), day)
        self.put(f"02_protection_{stamp}.csv", PROTECTION_TEXT, day)

    def found(self, name: str, as_of: date = AS_OF) -> FoundDelivery:
        """One file as found, with whatever is missing put beside it."""
        return next(
            item for item in find_deliveries(self.folder, self.layouts, as_of=as_of) if item.file.endswith(name)
        )

    def read(self, name: str) -> CleanTable:
        """Find and read one file."""
        found = self.found(name)
        return read_delivery(found, self.layouts[found.source], self.vocabulary)

    def residents(self, content: str | bytes, encoding: str | None = None) -> CleanTable:
        """Deliver and read a residents file."""
        self.put_mandatory()
        self.put("01_residents_20261120.csv", content, encoding=encoding)
        return self.read("01_residents_20261120.csv")

    def visits(self, *rows: str, header: str = VISIT_HEADER) -> CleanTable:
        """Deliver and read a visits file."""
        self.put_mandatory()
        self.put("03_visits_20261120.csv", csv_text(header, *rows))
        return self.read("03_visits_20261120.csv")


def make_definitions(folder: Path) -> tuple[dict[str, Layout], Vocabulary]:
    """The layouts and the register of the made-up city."""
    (folder / "fields.yaml").write_text(FIELDS, encoding="utf-8")
    (folder / "sources").mkdir()
    for number, text in (("01", RESIDENTS), ("02", PROTECTION), ("03", VISITS)):
        (folder / "sources" / f"{number}.yaml").write_text(text, encoding="utf-8")
    vocabulary = load_vocabulary(folder / "fields.yaml")
    return load_layouts(folder / "sources", vocabulary), vocabulary
