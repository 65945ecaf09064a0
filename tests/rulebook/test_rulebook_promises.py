"""What no author of a rulebook can write, on purpose or by mistake: rules that hold support or a household's shape against a family."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.kernel.errors import KizukiError
from engine.records.vocabulary import load_vocabulary
from engine.rulebook.files.load import load_rulebooks

ROOT = Path(__file__).parents[2]
VOCABULARY = load_vocabulary(ROOT / "rulebooks" / "fields.yaml")
HEAD = """\
ルールブック: 見本
類型: poverty
版: "2026.1"
担当: こども家庭サポートセンター
対象: 年齢が18歳未満
シナリオ:
"""
EXAMPLES = "".join(
    f"      - {{例: {r}, 事実: {{}}, 結果: {r}}}\n" for r in ("該当", "非該当", "不明", "打ち消し", "打ち消し")
)
ARREARS = "直近6か月に水道料金の督促がある"


def scenario(number: str, *parts: str, cancels: tuple[str, ...] = ()) -> str:
    """A scenario whose conditions are all required."""
    lines = "".join(f"        - {part}\n" for part in parts)
    cancelling = "    打ち消し:\n" + "".join(f"      - {each}\n" for each in cancels) if cancels else ""
    return (
        f"  - 番号: {number}\n    名前: 見本\n    ねらい: 見本\n    出典: 当市の既定\n    強さ: 中\n"
        f"    条件:\n      すべて:\n{lines}{cancelling}    試験:\n{EXAMPLES}"
    )


def codes(folder: Path, *scenarios: str, head: str = HEAD) -> list[str]:
    """The codes with which a rulebook of these scenarios is refused."""
    (folder / "poverty.yaml").write_text(head + "".join(scenarios), encoding="utf-8")
    try:
        load_rulebooks(folder, VOCABULARY, as_of=date(2026, 11, 20), types=["poverty"])
    except KizukiError as error:
        return [problem.code for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("parts", "cancels"),
    [
        (("生活保護を受給している", ARREARS), ()),
        (("ホームヘルプを利用している母がいる", ARREARS), ()),
        (("直近3か月に継続支援中の相談がある", ARREARS), ()),
        (("いずれか: [就学援助を受けている, 直近3か月の欠席が10日以上]", ARREARS), ()),
        (("2つ以上: [就学援助を受けている, 直近3か月の欠席が10日以上, 直近6か月に相談がある]", ARREARS), ()),
        (("次でない: 生活保護を受給していない", ARREARS), ()),
        ((ARREARS,), ("生活保護を受給していない",)),
        (("介護サービスを利用していない世帯員がいない", ARREARS), ()),
    ],
    ids=[
        "beside a need",
        "of a relative",
        "as a record",
        "as one of several",
        "n以上",
        "not not",
        "non-use cancels",
        "nobody without",
    ],
)
def test_the_use_of_support_never_counts(tmp_path: Path, parts: tuple[str, ...], cancels: tuple[str, ...]) -> None:
    """Support may cancel; a scenario that finds a family because it uses support is refused, also beside a real need."""
    assert codes(tmp_path, scenario("PV-01", *parts, cancels=cancels)) == ["E-RULE-25"]


def test_support_does_not_count_through_another_scenario(tmp_path: Path) -> None:
    """What a scenario may not ask itself, it may not ask by reference; nor may 対象."""
    by_reference = scenario("PV-02", "シナリオPV-01に該当する", "直近6か月に相談がある")
    assert codes(tmp_path, scenario("PV-01", "生活保護を受給している", ARREARS), by_reference) == ["E-RULE-25"] * 2
    only_recipients = HEAD.replace("対象: 年齢が18歳未満", "対象: 就学援助を受けている")
    assert codes(tmp_path, scenario("PV-01", ARREARS), head=only_recipients) == ["E-RULE-25"]


@pytest.mark.parametrize(
    "parts",
    [
        ("父がいない", "直近3か月に相談がない"),
        ("父がいない", "要対協に登録されていない"),
        ("父がいない", "直近90日の欠席が1000日未満"),
        ("父がいない", "最新の欠席が0日以上"),
        ("父がいない", "保育料の滞納が0か月以上"),
        ("直近12か月に転入がある", "直近6か月に水道料金の未納が5回以下である"),
        ("児童扶養手当の全部支給を受けている", "療育手帳を持っている世帯員がいない"),
        ("児童扶養手当の全部支給を受けている", "身体障害者手帳を持っていない母がいる"),
        ("直近12か月に転入がある", "1歳6か月児健診が済んでいる"),
        ("父がいない", "シナリオPV-02に該当しない"),
        ("2つ以上: [父がいない, 直近12か月に転入がある, 直近3か月の欠席が10日以上]",),
    ],
)
def test_the_shape_of_a_household_never_counts_alone(tmp_path: Path, parts: tuple[str, ...]) -> None:
    """That there is no trouble, or any amount of it from zero on, does not make a need of a household's shape."""
    other = scenario("PV-02", ARREARS)
    assert codes(tmp_path, scenario("PV-01", *parts), other) == ["E-RULE-26"]


@pytest.mark.parametrize(
    ("parts", "cancels"),
    [
        (("生活保護を受給していない", ARREARS), ("就学援助を受けている",)),
        (("父がいない", "直近3か月の欠席が10日以上", "直近3か月に相談がない"), ()),
        (("直近12か月に、母に転入がある", "これまでに、母にEPDSの実施がない"), ()),
        (("生後3か月を過ぎても予防接種の記録がない",), ()),
        (("最新の出生時体重が2500g未満",), ()),
        (("次でない: 介護サービスを利用している世帯員がいる", "要介護度が要介護3以上の世帯員がいる"), ()),
        ((ARREARS, "シナリオPV-02に該当しない"), ()),
    ],
)
def test_needs_and_support_not_claimed_may_be_asked_for(
    tmp_path: Path, parts: tuple[str, ...], cancels: tuple[str, ...]
) -> None:
    """Unclaimed support beside a need, what should have been done and was not, and low values of what is measured once remain."""
    other = scenario("PV-02", "直近3か月の欠席が10日以上", cancels=("生活保護を受給している",))
    assert codes(tmp_path, scenario("PV-01", *parts, cancels=cancels), other) == []
