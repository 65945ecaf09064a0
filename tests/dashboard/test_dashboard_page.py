"""The page itself: one file that fetches nothing, in which every text stays text, and that keeps names to itself."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from stat import S_IMODE

import made_up_week as week
import pytest

from engine.records.case import Identity
from kizuki.dashboard import write_dashboard
from reports.dashboard.flow import RunBefore
from reports.dashboard.page import DETAILS_UP_TO, dashboard_html

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=y> {{ 7*7 }} \u202eabc\u2067 =1+1 確率62% </textarea>--><!--"
_EMPTY = {"meta", "input", "br", "img", "link"}
_DRAWN = {"svg", "path", "rect", "text", "title", "desc", "line", "ellipse", "polygon"}


class Page(HTMLParser):
    """The elements of a page; fails where one is closed that is not open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), "an attribute stands twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _DRAWN
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self.text.append(data)

    def tags(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def page(**changes: object) -> str:
    options: dict[str, object] = {"record_head": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    book = changes.pop("casebook", None) or week.casebook()
    before = RunBefore("R20261113-01", week.BEFORE, week.decisions(week.LAST))
    return dashboard_html(book, week.decisions(week.NOW), before, **{**options, **changes})  # type: ignore[arg-type]


def content_policy(html: str) -> dict[str, str]:
    policy = next(meta["content"] for meta in Page(html).tags("meta") if "http-equiv" in meta)
    assert policy
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))  # type: ignore[misc]


def test_every_element_is_closed() -> None:
    """The page is well-formed with and without names, and with nobody on the list."""
    for html in (
        page(),
        page(identities=week.identities(week.four_cases())),
        page(casebook=week.casebook((), apart=())),
    ):
        Page(html)


def test_the_policy_lets_only_our_own_lines_through() -> None:
    """Nothing is allowed but the very style sheet and the very script, by their hashes; no attribute carries style or script."""
    html = page()
    policy = content_policy(html)
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    for element, directive in (("style", "style-src"), ("script", "script-src")):
        (found,) = re.findall(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
        assert policy[directive] == f"'sha256-{digest}'"
    for _, attributes in Page(html).elements:
        assert not any(name == "style" or name.startswith("on") for name in attributes)


def test_nothing_is_fetched() -> None:
    """No address, no file, no picture from outside stands anywhere on the page."""
    html = page(identities=week.identities(week.four_cases()), texts=week.texts())
    for sign in ("http:", "https:", "url(", "@import", " src=", "href=", "<link", "<img", "<iframe", "data:"):
        assert sign not in html


def test_the_script_is_small() -> None:
    """Somebody can read it: less than 3 kB, and it neither fetches nor stores anything."""
    (script,) = re.findall(r"<script>(.*?)</script>", page(), re.DOTALL)
    assert len(script.encode()) < 3000
    assert not re.search(r"fetch|XMLHttp|Storage|cookie|innerHTML|eval|import", script)


@pytest.mark.parametrize("named", [False, True])
def test_hostile_text_is_inert(named: bool) -> None:
    """Whatever a record or a person wrote stays text: no element, no attribute, no direction mark and no percentage comes of it."""
    cases = tuple(
        replace(case, main_reason=HOSTILE, district=HOSTILE, back_because=HOSTILE, change=case.change)
        for case in week.four_cases()
    )
    cases = (
        replace(cases[0], children=(replace(cases[0].children[0], results=(week.hit("abuse", HOSTILE),)),)),
        *cases[1:],
    )
    people = {
        key: replace(one, name=HOSTILE, kana=HOSTILE, school=HOSTILE) for key, one in week.identities(cases).items()
    }
    words = {key: replace(text, memo=HOSTILE) for key, text in week.texts().items()}
    book = week.casebook(cases, city=HOSTILE, replay_note=HOSTILE)
    harmless = Page(page(casebook=week.casebook(), **({"identities": week.identities(cases)} if named else {})))
    html = page(casebook=book, record_head=HOSTILE, texts=words, **({"identities": people} if named else {}))
    made = Page(html)
    assert {tag for tag, _ in made.elements} <= {tag for tag, _ in harmless.elements} | {"title"}
    assert "<img" not in html and "62%" not in html and "49" not in made.words
    assert not set(html) & set("\u202e\u2067")
    assert "<script>alert(1)</script>" in made.words


def test_names_are_off_unless_given() -> None:
    """Without names there is no name, furigana, school, written word or genogram; children are told by age and by their place."""
    html = page(texts=week.texts())
    for name in ("髙橋", "タカハシ", "南小学校", "祖母が毎日", "田中", "家族の図", "氏名"):
        assert name not in html
    assert "1人目 12歳・小6" in html and "2人目 9歳・小3" in html
    assert "鍵庫" not in html


def test_with_names_a_red_band_says_so() -> None:
    """A page with names says it on top, in its title and on every printed page."""
    html = page(identities=week.identities(week.four_cases()), texts=week.texts())
    made = Page(html)
    assert "氏名あり:このファイルには氏名が入っています" in made.words
    assert "(氏名あり)" in html.split("</title>")[0]
    assert "髙橋 名11(12歳・小6)" in made.words and "理由: 祖母が毎日来ている" in made.words
    assert html.count("家族の図</title>") == 4


def test_nobody_learns_where_a_protected_household_is() -> None:
    """Of a protected household the page shows neither district nor school, names on or off."""
    cases = tuple(replace(case, district="秘密の町" if case.protected else case.district) for case in week.four_cases())
    people = week.identities(cases)
    hidden = {key: replace(one, school="秘密の学校") for key, one in people.items() if key.startswith("P0002")}
    for options in ({}, {"identities": people | hidden}):
        html = page(casebook=week.casebook(cases), **options)
        assert "秘密" not in html and "支援措置あり" in html


def test_drawn_children_are_only_counted() -> None:
    """Who was drawn by chance stands on the conference's own sheet alone."""
    html = page(identities=week.identities(week.four_cases()))
    assert "一覧にないこども1人を" in html
    assert week.household_key(90)[:8] not in html and week.child_key(90)[:8] not in html


def test_filters_have_something_to_ask() -> None:
    """Each line carries its tier, change, types, protection and number; the form stays hidden until the script shows it."""
    made = Page(page())
    lines = [item for item in made.tags("li") if "data-case" in item]
    assert [(item["data-tier"], item["data-change"], item["data-protected"]) for item in lines] == [
        ("1", "上昇", "0"),
        ("1", "新規", "1"),
        ("2", "見送り明け", "0"),
        ("2", "継続", "0"),
    ]
    assert lines[0]["data-types"] == "abuse school_absence" or lines[0]["data-types"] == "school_absence abuse"
    assert lines[1]["data-reference"] == week.household_key(2)[:8]
    (form,) = made.tags("form")
    assert "hidden" in form


def test_reasons_open_without_a_script() -> None:
    """Each household is a details element with its scenarios, dated facts and sources behind the line."""
    html = page()
    assert html.count("<details>") == 4
    assert "令和8年10月 欠席 8日" in html and "校務支援 R8.11.1" in html
    assert "見送りの期限(R8.11.27)が来ました。" in html and "R8.11.27まで" in html


def test_a_large_list_has_lines_only() -> None:
    """Beyond two hundred households the page stays small: every household is on it, its reasons are not."""
    many = tuple(
        replace(week.four_cases()[3], case_no=i, household_key=week.household_key(i))
        for i in range(1, DETAILS_UP_TO + 2)
    )
    html = page(casebook=week.casebook(many))
    assert "<details" not in html and html.count("data-case ") == DETAILS_UP_TO + 1
    assert "1行だけ示しています" in html and len(html.encode()) < 600_000


def test_no_number_a_child_is_weighed_by() -> None:
    """No points, no score, no percentage: a tier is a mark, a model speaks in words."""
    cases = tuple(replace(case, points=98765) for case in week.four_cases())
    made = Page(page(casebook=week.casebook(cases)))
    assert "98765" not in made.words and "%" not in made.words and "点" not in made.words.replace("時点", "")


def test_it_says_what_stands_behind_the_week() -> None:
    """Head of the record, verdict of the second engine, state of the data, the household set apart and why."""
    words = Page(page()).words
    for said in ("ABCD EFGH IJKL MNOP QRST UVWX YZ", "一致", "校務支援", "届いています", "取扱注意"):
        assert said in words
    line = words.partition(f"{week.household_key(5)[:8]} ②")[2]
    for said in ("8歳 5番町", "貧困: 支払いの遅れ", "既に支援中", "R8.11.13", "新しい該当", "こども家庭センター"):
        assert said in line


def test_a_protected_household_set_aside_shows_no_district() -> None:
    """Set aside or listed, where a protected household lives stays off the page."""
    hidden = replace(week.apart_household(), protected=True, district="秘密の町")
    html = page(casebook=week.casebook(apart=(hidden,)))
    assert "秘密" not in html and "住所非表示" in html


def test_the_first_run_has_no_flow() -> None:
    """Without a run before there is nothing to hold the week against, and the page says so."""
    html = dashboard_html(week.casebook(), week.decisions(week.NOW), None)
    assert "前回の実行がないか、" in html and "<path" not in html


def test_a_written_page_is_its_owners_alone(tmp_path: Path) -> None:
    """The file appears whole and nobody else can read it."""
    written = write_dashboard(tmp_path / "dashboard.html", week.casebook(), week.decisions(week.NOW), None, (), "")
    assert S_IMODE(written.stat().st_mode) == 0o600 and "取扱注意" in written.read_text(encoding="utf-8")


def test_a_child_without_a_known_name_is_called_by_its_place() -> None:
    """With names on, whoever has none is not left blank."""
    people: dict[str, Identity] = {}
    assert "1人目 12歳・小6" in page(identities=people)
