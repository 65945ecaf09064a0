"""What an author is warned of in a rulebook that can be used, word for word: `tests/golden/errors/rulebook_review.txt`."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from engine.kernel.errors import KizukiError
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.checks.review import is_hint, review
from engine.rulebook.files.load import load_rulebooks

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "errors" / "rulebook_review.txt"
AS_OF = date(2026, 11, 20)
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
TYPES = {"YC": "young_carer", "PV": "poverty"}

HEAD = """\
ルールブック: 見本
類型: {type}
版: "2026.1"
担当: こども家庭サポートセンター
{thresholds}対象: 年齢が6歳以上18歳未満
シナリオ:
"""
EXAMPLES = "".join(f"      - {{例: {r}, 事実: {{}}, 結果: {r}}}\n" for r in ("該当", "非該当", "不明"))


def scenario(number: str, *parts: str, strength: str = "中", cancels: tuple[str, ...] = (), validity: str = "") -> str:
    """A scenario whose conditions are all required; a part may be a group over several lines."""
    lines = "".join(f"        - {part}\n" for part in parts)
    cancelling = "    打ち消し:\n" + "".join(f"      - {each}\n" for each in cancels) if cancels else ""
    shown = "".join(f"      - {{例: 打ち消し{n}, 事実: {{}}, 結果: 打ち消し}}\n" for n, _ in enumerate(cancels))
    in_force = f"    有効期間: {validity}\n" if validity else ""
    return (
        f"  - 番号: {number}\n    名前: 見本\n    ねらい: 見本\n    出典: 当市の既定\n{in_force}    強さ: {strength}\n"
        f"    条件:\n      すべて:\n{lines}{cancelling}    試験:\n{EXAMPLES}{shown}"
    )


def told(folder: Path, *scenarios: str, thresholds: str = "") -> str:
    """Warnings and hints, or errors, of rulebooks made of the scenarios; those named PV-… are another file."""
    types = [t for p, t in TYPES.items() if any(f"番号: {p}-" in s for s in scenarios)]
    for prefix, hardship_type in TYPES.items():
        own = [s for s in scenarios if f"番号: {prefix}-" in s]
        head = HEAD.format(type=hardship_type, thresholds=thresholds if prefix == "YC" else "")
        (folder / f"{hardship_type}.yaml").write_text(head + "".join(own), encoding="utf-8")
    try:
        rulebooks = load_rulebooks(folder, VOCABULARY, as_of=AS_OF, types=types)
    except KizukiError as error:
        return str(error)
    return "\n".join(map(str, review(rulebooks, VOCABULARY))) or "(何もありません)"


TALK = "直近6か月に相談がある"
CASES: dict[str, tuple[str, ...]] = {
    "nothing to say": (scenario("YC-01", TALK), scenario("YC-02", "直近3か月の欠席が10日以上")),
    "implied by a longer window and fewer days": (
        scenario("YC-01", "直近6か月の欠席が7日以上", "直近3か月の欠席が10日以上"),
    ),
    "implied by 対象": (scenario("YC-01", "年齢が5歳以上", TALK),),
    "implied by a relative who is described more closely": (
        scenario("YC-01", TALK, "年齢が18歳以上かつ介護サービスを利用していない祖父母がいる", "祖父母がいる"),
    ),
    "overdue by 90 days is overdue": (
        scenario("YC-01", "3歳児健診が期限を90日過ぎても済んでいない", "3歳児健診が期限を過ぎても済んでいない"),
    ),
    "an alternative within another": (
        scenario("YC-01", "いずれか:\n            - 直近3か月の欠席が7日以上\n            - 直近3か月の欠席が10日以上"),
    ),
    "an alternative that can never be": (
        scenario("YC-01", TALK, "いずれか:\n            - 学年が小1以上\n            - 年齢が3歳未満\n            - 母がいない"),
    ),
    "always so": (scenario("YC-01", TALK, "いずれか:\n            - 母がいる\n            - 母がいない"),),
    "a nested group whose part is implied": (
        scenario(
            "YC-01",
            "いずれか:\n            - すべて: [直近6か月に相談が3回以上ある, 直近12か月に相談がある]\n            - 直近3か月の欠席が7日以上",
        ),
    ),
    "shadowed by a stronger one": (
        scenario("YC-01", "直近6か月の欠席が7日以上", strength="強"),
        scenario("YC-02", "直近3か月の欠席が10日以上", "母がいない", strength="中"),
    ),
    "a stronger one is not shadowed": (
        scenario("YC-01", "直近6か月の欠席が7日以上", strength="弱"),
        scenario("YC-02", "直近3か月の欠席が10日以上", strength="強"),
    ),
    "a cancel makes the difference": (
        scenario("YC-01", "直近6か月の欠席が7日以上", strength="強", cancels=("直近3か月に継続支援中の相談がある",)),
        scenario("YC-02", "直近3か月の欠席が10日以上", "母がいない", strength="中"),
    ),
    "both cancel": (
        scenario("YC-01", "直近6か月の欠席が7日以上", strength="強", cancels=("直近3か月に継続支援中の相談がある",)),
        scenario("YC-02", "直近3か月の欠席が10日以上", cancels=("直近6か月に継続支援中の相談がある",)),
    ),
    "shadowed through a reference": (
        scenario("YC-01", TALK, "直近3か月の欠席が10日以上", strength="強"),
        scenario("YC-02", "シナリオYC-01に該当する", "母がいない", strength="弱"),
    ),
    "the same condition twice": (
        scenario("YC-01", TALK, "母がいない"),
        scenario("YC-02", "母がいない", TALK, strength="弱"),
    ),
    "the same condition in two types is no fault": (scenario("YC-01", TALK), scenario("PV-01", TALK)),
    "a cancel that never cancels": (scenario("YC-01", TALK, "母がいない", cancels=("母がいる",)),),
    "a cancel that always cancels": (
        scenario("YC-01", "直近3か月に相談が2回以上ある", cancels=("直近6か月に相談がある",)),
    ),
    "a reference that will end": (
        scenario("YC-01", "シナリオYC-02に該当する"),
        scenario("YC-02", TALK, validity="{開始: 2026-04-01, 終了: 2027-03-31}"),
    ),
    "an example of a cancel lacking": (
        scenario("YC-01", TALK, cancels=("母がいる", "父がいる")).replace("      - {例: 打ち消し1, 事実: {}, 結果: 打ち消し}\n", ""),
    ),
    "contradiction through a reference": (
        scenario("YC-01", TALK, "母がいない"),
        scenario("YC-02", "シナリオYC-01に該当する", "母がいる"),
    ),
    "contradiction of windows": (scenario("YC-01", "直近3か月に相談がある", "直近12か月に相談がない"),),
    "three values that overlap two by two": (
        scenario("YC-01", TALK, "学級区分が通常か通級である", "学級区分が通級か特別支援である", "学級区分が通常か特別支援である"),
    ),
    "past an age that 対象 excludes": (scenario("YC-01", "20歳を過ぎても3歳児健診の記録がない"),),
}
THRESHOLDS = """\
閾値:
  長く休む目安: {改定: [{開始: 2026-04-01, 値: 30日}, {開始: 2027-04-01, 値: 25日}], 出典: 当市の既定}
  使わない目安: 5回
"""


def test_every_warning_is_as_agreed(tmp_path: Path) -> None:
    """Place, what, why and remedy are public: a change is reviewed as a change of the golden file."""
    blocks = [f"# {name}\n{told(tmp_path, *case)}" for name, case in CASES.items()]
    used = scenario("YC-01", "今年度の欠席が「長く休む目安」以上"), scenario("YC-02", "前年度の欠席が30日以上", "母がいない")
    blocks.append(f"# thresholds: unused, about to change, and a bare number\n{told(tmp_path, *used, thresholds=THRESHOLDS)}")
    text = "\n\n".join(blocks) + "\n"
    if os.environ.get("KIZUKI_WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_warnings_stop_no_run_and_hints_are_told_apart(tmp_path: Path) -> None:
    """A rulebook with warnings loads; a bare number is a hint, an unused threshold a warning."""
    shown = told(tmp_path, scenario("YC-01", "今年度の欠席が「長く休む目安」以上"), thresholds=THRESHOLDS)
    assert "W-RULE-08" in shown and "W-RULE-52" in shown and " E-" not in shown
    rulebooks = load_rulebooks(tmp_path, VOCABULARY, as_of=AS_OF, types=("young_carer",))
    assert {p.code: is_hint(p) for p in review(rulebooks, VOCABULARY)} == {"W-RULE-08": False, "W-RULE-52": True}


def test_faults_of_structure_and_of_sentences_are_told_together(tmp_path: Path) -> None:
    """A wrong strength does not hide a wrong word, nor the faults of another scenario, of 対象 and of 閾値."""
    bad = scenario("YC-01", "年令が6歳以上", strength="極") + scenario("YC-02", "お母さんがいない", "シナリオYC-77に該当する")
    shown = told(tmp_path, bad, scenario("YC-03", "シナリオYC-78に該当する", TALK), thresholds="閾値: {目安: たくさん}\n")
    assert [code for code in ("E-RULE-93", "E-RULE-01", "E-RULE-02", "E-RULE-31", "E-RULE-43") if code not in shown] == []


def test_what_a_file_hides_is_no_fault_of_others(tmp_path: Path) -> None:
    """A file that is no YAML is told once; sentences elsewhere that use its names are not blamed."""
    other = scenario("PV-01", "今年度の欠席が「長く休む目安」以上", "シナリオYC-01に該当する")
    shown = told(tmp_path, scenario("YC-01", TALK).replace("強さ: 中", "強さ：中"), other, thresholds=THRESHOLDS)
    assert shown.count(" E-") == 1 and "E-YAML-05" in shown
