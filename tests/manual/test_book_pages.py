"""How the book is printed: the same content in HTML and Markdown, nothing fetched, and every text stays text."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_rulebooks import CARER, SCHOOL, inputs_of, rulebooks_in

from reports.manual.book import Book
from reports.manual.html import to_html
from reports.manual.make import make_book
from reports.manual.markdown import plain, to_markdown
from reports.printed_page import css_text

GOLDEN = Path(__file__).parents[1] / "golden" / "rulebook_manual_two_types.md"

HOSTILE = "<script>alert(1)</script>{{7*7}}{% x %}|a|b[c](https://example.invalid/d)`e`*f*&amp;"


class Page(HTMLParser):
    """The tags, links and text of a page, read as a browser would."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._in_style else data


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return make_book(inputs_of(rulebooks_in(tmp_path_factory.mktemp("rulebooks")), english=True))


@pytest.fixture(scope="module")
def html(book: Book) -> str:
    return to_html(book)


@pytest.fixture(scope="module")
def markdown(book: Book) -> str:
    return to_markdown(book)


def test_the_markdown_is_as_it_was(markdown: str) -> None:
    """The whole Markdown of two small rulebooks, to be read by a person (KIZUKI_GOLDEN=1 writes it anew)."""
    if os.environ.get("KIZUKI_GOLDEN"):
        GOLDEN.write_text(markdown, encoding="utf-8")
    assert markdown == GOLDEN.read_text(encoding="utf-8")


def test_nothing_is_fetched(html: str) -> None:
    """No address of anything outside, no script, no style attribute: links lead within the file only."""
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert not {"src", "style", "srcset", "action"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        if "href" in attributes:
            assert tag == "a"
            assert (attributes["href"] or "").startswith("#")
    assert "://" not in html
    assert "url(" not in html
    assert "@import" not in html


def test_the_policy_allows_the_style_sheet_only(html: str) -> None:
    """A browser is told to use nothing but the one style sheet, known by its hash."""
    css = html[html.index("<style>") + 7 : html.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    (policy,) = [a["content"] for tag, a in Page(html).tags if tag == "meta" and "http-equiv" in a]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_every_link_has_its_place(html: str, markdown: str) -> None:
    """No link leads nowhere, and no place is named twice."""
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {(a["href"] or "")[1:] for tag, a in page.tags if tag == "a"} <= set(ids)
    anchors = re.findall(r'<a id="([^"]+)"></a>', markdown)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", markdown)) <= set(anchors)


def test_each_scenario_has_one_place_of_its_own(book: Book, html: str, markdown: str) -> None:
    """One article and one line of the contents for each scenario, in force or not; both forms alike."""
    ids = [one.id for chapter in book.chapters for one in chapter.scenarios]
    assert ids == ["SA-01", "YC-01", "YC-02"]
    for id_ in ids:
        assert html.count(f'<article id="s-{id_}">') == 1
        assert markdown.count(f'<a id="s-{id_}"></a>') == 1
    contents = html[html.index("<nav") : html.index("</nav>")]
    assert re.findall(r'href="#s-([A-Z0-9-]+)"', contents) == ids


def test_both_forms_hold_all_that_the_book_says(book: Book, html: str, markdown: str) -> None:
    """Names, purposes, sentences, questions, sources, thresholds, examples, approvals and data stand in both."""
    said: list[str] = []
    for chapter in book.chapters:
        said += [row.name for row in chapter.thresholds]
        for one in chapter.scenarios:
            said += [one.name, one.purpose, *one.ask, *(part.text for part in one.source), *one.items]
            said += [line.text for line in one.lines]
            said += [line.english for line in one.lines if not line.is_group]
            said += [text for example in one.examples for text in (example.title, *example.facts)]
    for record in book.records:
        said += [record.label, record.owner, record.purpose, record.legal_basis, *(item.label for item in record.items)]
    said += [
        "家庭相談係長(令和8年3月20日)",
        "年度はじめの見直し",
        "この内容は、まだ承認されていません",
        "25日(令和9年4月1日から)",
    ]
    shown = Page(html).text
    for text in said:
        assert text in shown
        assert plain(text) in markdown


def test_each_example_and_threshold_is_told_once(book: Book, html: str) -> None:
    """An example's row and a threshold's row stand in their scenario and chapter, and nowhere else."""
    for chapter in book.chapters:
        for row in chapter.thresholds:
            assert html.count(f"<tr><td>{row.name}</td>") == 1
        for one in chapter.scenarios:
            article = html[html.index(f'<article id="s-{one.id}">') :]
            article = article[: article.index("</article>")]
            for example in one.examples:
                assert article.count(f'<td class="n">例{example.number}</td>') == 1


def test_the_english_appendix_is_optional(tmp_path: Path) -> None:
    """Without being asked for, no English is printed."""
    book = make_book(inputs_of(rulebooks_in(tmp_path)))
    assert 'id="english"' not in to_html(book)
    assert "English" not in to_markdown(book)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """What somebody writes into a rulebook is shown as written: it runs nowhere and breaks no table."""
    quoted = "'" + HOSTILE + "'"
    school = (
        SCHOOL.replace("名前: 休みが長く続いている", f"名前: {quoted}")
        .replace("ねらい: 休みが長くなる前に、学校と一緒に声をかけます。", f"ねらい: {quoted}")
        .replace('出典: "[D] 文部科学省の調査の定義。[E] 見る期間は当市の既定"', f"出典: {quoted}")
        .replace("確認すること: [学校に来たときのようすを教えてください。]", f"確認すること: [{quoted}]")
        .replace("例: 休みが32日,", f"例: {quoted},")
        .replace('版: "2026.1"', "版: '</style><script>\"'")
    )
    book = make_book(inputs_of(rulebooks_in(tmp_path, school=school)))
    html, markdown = to_html(book), to_markdown(book)
    page = Page(html)
    assert "script" not in {tag for tag, _ in page.tags}
    assert html.count("</style>") == 1
    assert page.text.count(HOSTILE) >= 5
    assert "49" not in re.sub(r"[0-9a-f]{12}", "", page.text)
    assert "<script" not in markdown
    assert "://" not in markdown
    assert not re.search(r"(?<!\\)\]\((?!#)", markdown)
    columns = {len(re.findall(r"(?<!\\)\|", row)) for row in markdown.splitlines() if row.startswith("| 例")}
    assert columns == {5}


def test_a_scenario_with_many_examples_is_continued(tmp_path: Path) -> None:
    """More examples than fit beside the sentences go into a further table, none is lost."""
    line = "      - {例: 休みがない, 事実: {本人: {年齢: 9}}, 結果: 非該当}\n"
    assert line in SCHOOL
    more = "".join(line.replace("休みがない", f"休みがない{n}") for n in range(12))
    html = to_html(make_book(inputs_of(rulebooks_in(tmp_path, school=SCHOOL.replace(line, line + more)))))
    assert "条件(続き: 例13から)" in html
    assert all(html.count(f'<th class="m">例{n}</th>') >= 1 for n in range(1, 18))


def test_text_in_a_style_sheet_cannot_end_its_quotes() -> None:
    """Names in the running header are reduced to escapes."""
    assert css_text('a"}</style>') == '"a\\22 \\7d \\3c \\2f style\\3e "'


def test_the_carers_book_is_as_written() -> None:
    """The two rulebooks of these tests refer to each other, or the tests above would show nothing."""
    assert "シナリオSA-01に該当する" in CARER
