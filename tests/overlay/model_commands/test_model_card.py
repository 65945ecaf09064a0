"""The card: everything that somebody who approves, audits or asks in the council needs, in one file that fetches nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from made_up_judgement import card_of, complete, judged

from engine.audit.canonical import canonical_json
from ml_overlay.learning.model import OverlayModel
from ml_overlay.validation.unbiased import NONE_YET
from reports.model_card import words
from reports.model_card.html import card_html


@pytest.fixture(scope="module")
def model(made_up_model: OverlayModel) -> OverlayModel:
    return complete(made_up_model)


@pytest.fixture(scope="module")
def page(model: OverlayModel) -> str:
    return card_html(card_of(model, judged(model)), None)


def test_the_card_says_all_that_is_asked_of_it(page: str, model: OverlayModel):
    """What for, data and period, labels with sentence and source, figures side by side, groups, limits, reasons, what is not seen, approval."""
    for text in (
        "使わないこと",
        "下がるこどもはいません",
        "kizuki model rollback --none",
        "決める前に確かめること",
        "18,073人",
        "2026年11月20日",
        "直近6か月の病気以外の欠席が30日以上",
        "文部科学省「年間30日以上の欠席」",
        "ルールだけ",
        "モデルだけ",
        "ルールとモデル",
        "13.3%(10.3〜16.3)",
        "外国籍の世帯についての点検はしていません。",
        "要対協台帳",
        "登録のあとに動きます。",
        "正例が12人です。",
        "困難に気づかれたこども",
        "いま使っているモデルはありません。",
        "まだ承認されていません",
    ):
        assert text in page, text


def test_few_labels_give_no_rate(page: str):
    """A group with fewer than twenty labelled children has no share of found ones, and a dash says that it was not measured."""
    row = re.search(r"<tr><td>多い</td>.*?</tr>", page, re.S)
    assert row is not None and row[0].count(">―<") == 2


def test_the_card_is_data_too(model: OverlayModel):
    """The same content as JSON, without a float."""
    raw = canonical_json(card_of(model, judged(model)))
    json.loads(raw, parse_float=lambda text: pytest.fail(f"a float: {text}"))


def test_nothing_is_fetched_and_nothing_runs(page: str):
    """One file: no link, script, picture or font from elsewhere, and its own policy forbids them."""

    found: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.add(tag)
            assert not {name for name, _ in attrs} & {"src", "href", "srcset", "onload", "onclick"}

    Tags().feed(page)
    assert not found & {"script", "link", "img", "iframe", "object"}
    assert "default-src 'none'" in page and "url(" not in page and "@import" not in page


def test_every_text_stays_text(model: OverlayModel):
    """A city's name or a reason with signs of HTML is shown as it was written."""
    card = card_of(model, judged(model))
    said = {"kind": "使う", "by": "<b>課長</b>", "on": "2026-11-27", "reason": "</table><script>alert(1)</script>"}
    page = card_html({**card, "city": '見本市"}</style><img>'}, said)
    assert "<script" not in page and "<img" not in page and page.count("</style>") == 1


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1_100_000, 1_400_000, "増えるといえます"),
        (900_000, 1_100_000, "増えるとも減るともいえません"),
        (600_000, 900_000, "減っています"),
    ],
)
def test_the_interval_decides_how_sure_a_sentence_is(low: int, high: int, said: str):
    """Not the middle alone."""
    gain = {"unit": "世帯", "capacity": 650, "ratio": {"at": (low + high) // 2, "low": low, "high": high}}
    assert said in words.gain_words({"evaluation": {"without": None, "gains": [gain]}})


def test_what_was_not_measured_is_no_zero():
    """A dash, or a sentence that says why."""
    assert words.figure(None) == words.percent(None) == words.count(None) == words.times(None) == "―"
    assert "比べることができません" in words.gain_words({"evaluation": {"without": None, "gains": []}})
    untold = {"without": "確かめられる日がありません。", "gains": [], "apart": None}
    assert "日がありません" in words.gain_words({"evaluation": untold})
    assert "日を合わせた見分け" in words.gain_words({"evaluation": {**untold, "apart": {"same_age": {}}}})
    assert words.calibration_words({"calibration": None}) == "確率の当たりは測れていません。"


def test_many_groups_are_told_by_those_that_differ():
    """Of a hundred districts the page shows those whose share lies off the whole city's, and counts the others."""

    def row(name: str, low: int, high: int) -> dict[str, object]:
        chosen = {"count": 5, "of": 100, "at": 50_000, "low": low, "high": high}
        return {"attribute": "地区", "group": name, "selected": {"blend": chosen}}

    rows = [row(f"{number}丁目", 20_000, 110_000) for number in range(40)] + [row("港町", 60_000, 200_000)]
    ((attribute, shown, left),) = words.group_tables({"rows": rows})
    assert attribute == "地区" and [each["group"] for each in shown] == ["港町"] and "ほかの40群" in left


def test_what_the_random_sample_says_stands_beside_the_labels(page: str):
    """Before any child was drawn by lot the card says that what is missed is not known yet."""
    assert NONE_YET in page


def test_a_type_that_is_not_used_keeps_its_evaluation_on_the_card(model: OverlayModel):
    """Who decides sees why it is not used and on which figures; what its score is made of is not told, for there is none."""
    reason = "先の期間で確かめると、同じ年齢のこどもどうしでの見分け(AUC)が0.51(0.45〜0.57)でした。"
    types = {kind: one for kind, one in model.types.items() if kind != "poverty"}
    without = replace(model, types=types, without={**model.without, "poverty": reason})
    card = card_of(without, judged(model))
    assert [one["kind"] for one in card["types"]] == ["school_absence"]
    assert [(one["kind"], one["reason"]) for one in card["not_used"]] == [("poverty", reason)]
    page = card_html(card, None)
    assert "貧困(モデルは使いません)" in page and page.count(reason) == 2
    assert words.SHOWN_ONLY in page


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        (None, ""),
        ([0, 18], ""),
        ([0, 1], "基準日に1歳未満のこどもについて、"),
        ([6, 18], "基準日に6歳以上のこどもについて、"),
        ([6, 16], "基準日に6歳以上16歳未満のこどもについて、"),
    ],
)
def test_whom_a_type_is_about_is_said_before_what_counts(ages: list[int] | None, said: str):
    """Ages as model.yaml has them."""
    assert words.age_words(ages) == said
