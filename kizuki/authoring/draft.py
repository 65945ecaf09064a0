"""`kizuki rules draft`: a scenario drafted from an example household, or from a listed child under its pseudonym."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from engine.audit.runs import open_run
from engine.evaluate.drafting.draft import Rarity, Trier, count_children
from engine.evaluate.drafting.household_facts import facts_of
from engine.evaluate.meaning.reference import judge_sentence
from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import read_yaml, validate
from engine.kernel.truth import Truth
from engine.records.household import Household
from engine.records.layout import load_layouts
from engine.rulebook.authoring.proposals import proposals, worries
from engine.rulebook.authoring.scaffold import Line, Trial, fragment, free_number, hardship_type_of, skeleton
from engine.rulebook.examples.households import build_household
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.language.syntax import Condition, Refers, Sentence, names_of, sentences_of
from engine.rulebook.model import Example, ExampleFacts
from engine.store.households import load_households
from engine.store.ownership import holds_deliveries
from engine.store.snapshot import open_snapshot
from engine.store.tables import Snapshot
from kizuki.authoring.desk import Desk, add_scenario, open_desk, start_day, tell_next_steps
from kizuki.rules.files import newest_day
from kizuki.settings import open_workspace
from reports.manual.book import people

_CASE = re.compile(r"(?:案件)?(\d{1,4})")
_MOST_LINES = 15
_EXAMPLE_TITLE = "（ここに、世帯の説明を書く）"
_REAL_TITLE = "（ここに、架空の世帯の説明を書く。年齢・人数・日数も少し変えて、実在の世帯と分からないようにする）"


@dataclass(frozen=True)
class Origin:
    """The household from which a draft starts: its facts, and how its example is to be called.

    `real` is the household itself where the facts are a simplification of it: what is proposed must hold for both.
    """

    facts: Mapping[str, Any]
    title: str
    told: str
    real: Household | None = None


def draft_scenario(
    folder: Path,
    type_word: str,
    *,
    household: Path | None,
    case: str | None,
    run_id: str | None,
    append: bool,
    today: date,
    console: Console,
) -> None:
    """Draft a scenario and print it, or add it to its rulebook with `append`.

    Raises KizukiError E-RULE-65 (the household file), -66 (対象 does not meet the child), -67 (nothing to say), -68 (対象 itself),
    -69 (no household or two), E-RUN-02.
    """
    if (household is None) == (case is None):
        raise KizukiError(
            Problem(
                Place("rules draft"),
                "E-RULE-69",
                "もとにする世帯が指定されていないか、2つ指定されています。",
                "どの世帯から下書きをつくるか決まりません。",
                "「--household ファイル」か「--case 案件03」のどちらか1つを書いてください。",
            )
        )
    hardship_type = hardship_type_of(type_word)
    desk = open_desk(folder, hardship_type)
    target, in_use = _target_and_sentences(desk, hardship_type)
    used = worries(sentence for part in in_use for sentence in part)
    origin = _from_file(desk, household) if household else _from_case(desk, folder, case or "", run_id, used)
    trier = Trier(desk.vocabulary, desk.source_labels, target)
    if trier.truth(origin.facts, ()) is not Truth.MET:
        raise KizukiError(
            Problem(
                desk.book(hardship_type).document.place("対象"),
                "E-RULE-66",
                "この世帯のこどもは、このルールブックの「対象」に当てはまらないか、当てはまるか分かりません。",
                "どんな条件を書いても該当になりません。",
                "別の類型を選ぶか、こどもの年齢などの事実を確かめてください。",
            )
        )
    facts = ExampleFacts.model_validate(origin.facts)
    built = [household for household in (trier.household(origin.facts), origin.real) if household is not None]

    def holds(sentence: Sentence) -> bool:
        return not isinstance(sentence, Refers) and all(
            judge_sentence(sentence, each, desk.vocabulary).truth is Truth.MET for each in built
        )

    sentences = proposals(facts, in_use, desk.vocabulary, holds)
    if not sentences:
        raise KizukiError(
            Problem(
                Place(origin.told),
                "E-RULE-67",
                "この世帯の事実から、条件にできる文がありません。",
                "年齢や支援の利用だけでは、気づきの理由になりません。",
                "気になっている出来事や状態を、事実に書き足してください。",
            )
        )
    rarity, day = _rarity(desk, folder, target, sentences)
    ordered = _rarest_first(sentences, rarity) if rarity else list(sentences[:_MOST_LINES])
    lines = [Line(to_japanese(one, desk.vocabulary, values=False), _remark(one, rarity, desk)) for one in ordered]
    example = origin.facts if household else trier.needed(origin.facts, ordered)
    trials = [*trier.trials(example, ordered, origin.title)]
    if all(trial.outcome != "不明" for trial in trials):
        trials.append(Trial("（ここに、記録が届いていない世帯の例を書く）", {}, "不明"))
    number = free_number(desk.books, hardship_type)
    scenario = skeleton(
        number,
        lines,
        trials,
        start=start_day(desk.workspace, today),
        heading="この世帯に当てはまる文。要らない行を消し、組(いずれか など)に分ける",
    )
    for text in _introduction(origin, rarity, day, ordered, hidden=len(sentences) - len(ordered)):
        console.print(text, markup=False)
    if append:
        add_scenario(desk, hardship_type, scenario)
        console.print(f"書き足しました: {desk.path(hardship_type).resolve()}  {number}(下書き)", markup=False)
        tell_next_steps(console)
    else:
        console.print("")
        console.print(fragment(scenario), markup=False, end="")


def _target_and_sentences(desk: Desk, hardship_type: str) -> tuple[Condition, tuple[list[Sentence], list[Sentence]]]:
    """対象 of the rulebook, the sentences that it uses in 条件, and those that the other rulebooks use."""
    target, own = desk.conditions(hardship_type)
    if target is None or any(isinstance(sentence, Refers) for sentence in sentences_of(target)):
        raise KizukiError(
            Problem(
                desk.book(hardship_type).document.place("対象"),
                "E-RULE-68",
                "このルールブックの「対象」を読めないか、ほかのシナリオを参照しています。",
                "だれについての下書きか決まりません。",
                "先に `kizuki rules check` で「対象」を直してください。",
            )
        )
    others = [
        condition
        for book in desk.books
        if book.hardship_type != hardship_type
        for condition in desk.conditions(book.hardship_type)[1]
    ]
    of_own, of_others = ([s for condition in part for s in sentences_of(condition)] for part in (own, others))
    return target, (of_own, of_others)


# ── the household ──


def _from_file(desk: Desk, path: Path) -> Origin:
    document = read_yaml(path)
    base = ("事実",) if isinstance(document.data, dict) and "事実" in document.data else ()
    facts = validate(document, ExampleFacts, kind="RULE", base=base)
    example = Example.model_validate({"例": "例", "事実": facts, "結果": "該当"})
    built = build_household(example, desk.vocabulary, desk.source_labels)
    if isinstance(built, tuple):
        raise KizukiError(
            Problem(
                document.place(*base, *fault.path), "E-RULE-65", fault.what, "この世帯から下書きをつくれません。", fault.remedy
            )
            for fault in built
        )
    data = document.data["事実"] if base else document.data
    return Origin(data, _EXAMPLE_TITLE, path.name)


def _from_case(desk: Desk, folder: Path, case: str, run_id: str | None, items: Collection[str]) -> Origin:
    """The facts of a listed child as its run knew them, from the store; neither the keyring nor a name is read.

    Only `items` of which some rulebook speaks are told: the rest (予防接種 …) is everyday life.
    """
    run = open_run(desk.workspace.runs, run_id)
    wanted = unicodedata.normalize("NFKC", case).strip().upper()
    number = _CASE.fullmatch(wanted)
    keys = [
        child.child_key
        for listed in run.casebook().cases
        for child in listed.children
        if (listed.case_no == int(number[1]) if number else len(wanted) >= 6 and child.child_key.startswith(wanted))
    ]
    if not keys:
        raise KizukiError(
            Problem(
                Place(f"runs/{run.run_id}"),
                "E-RUN-02",
                "この番号のこども・案件は、この実行の記録にありません。",
                "もとにする世帯がありません。",
                "整理番号(6文字以上)か、会議資料の案件番号(例 案件03)を確かめてください。",
            )
        )
    with _snapshot(desk, folder, run.as_of) as snapshot:
        real = load_households(snapshot, keys[:1])[keys[0]]
    others = f"。ほかのこどもは整理番号で選べます: {'、'.join(key[:8] for key in keys[1:])}" if keys[1:] else ""
    told = f"{run.run_id} {case}(整理番号 {keys[0][:8]}…{others})"
    return Origin(facts_of(real, desk.vocabulary, desk.source_labels, items), _REAL_TITLE, told, real)


def _snapshot(desk: Desk, folder: Path, as_of: date) -> Snapshot:
    _, settings = open_workspace(folder)
    return open_snapshot(
        desk.workspace.store,
        desk.vocabulary,
        load_layouts(desk.workspace.sources, desk.vocabulary, desk.workspace.root),
        as_of,
        threads=settings.processing.threads,
        memory_limit=settings.processing.memory,
    )


# ── how unusual it is ──


def _rarity(
    desk: Desk, folder: Path, target: Condition, sentences: tuple[Sentence, ...]
) -> tuple[Rarity | None, date | None]:
    """Counts on the newest day of the store; None where nothing has been taken in yet."""
    if not holds_deliveries(desk.workspace.store):
        return None, None
    day = newest_day(desk.workspace)
    with _snapshot(desk, folder, day) as snapshot:
        return count_children(snapshot, desk.vocabulary, target, sentences), day


def _rarest_first(sentences: Sequence[Sentence], rarity: Rarity) -> list[Sentence]:
    """The rarest sentences; what holds for half of the children says nothing, unless there is nothing else."""
    ordered = sorted(sentences, key=lambda one: rarity.by_sentence[one])
    telling = [one for one in ordered if rarity.by_sentence[one] * 2 <= rarity.children]
    return (telling or ordered)[:_MOST_LINES]


def _remark(sentence: Sentence, rarity: Rarity | None, desk: Desk) -> str | None:
    """How many children, and what the named numbers are now."""
    parts = [f"市で{people(rarity.by_sentence[sentence])}"] if rarity else []
    names = [name for name in dict.fromkeys(names_of(sentence)) if name in desk.thresholds]
    parts += [f"「{name}」は{desk.thresholds[name].text}" for name in names]
    return "。".join(parts) or None


def _introduction(
    origin: Origin, rarity: Rarity | None, day: date | None, shown: Sequence[Sentence], *, hidden: int
) -> Iterator[str]:
    yield f"もとにした世帯: {origin.told}"
    if rarity and day:
        yield (
            f"{day.isoformat()}の市で、「対象」のこどもは{people(rarity.children)}。下の文は当てはまるこどもの少ない順です。"
            f"すべての行に当てはまるこどもは{people(rarity.together(shown))}。"
        )
    else:
        yield "まだ受領データが取り込まれていないので、当てはまる人数は分かりません(文はめずらしい順ではありません)。"
    if hidden:
        yield f"めずらしくない文{hidden}件は省きました。"
    if origin.title == _REAL_TITLE:
        yield "注意: 試験の例は実在の世帯の事実です。年齢・人数・日数を少し変え、架空の世帯にしてから残してください。"
