"""A trace as a paper of tables, for the workbook: summary and signature, tier, sentences, why not, facts, deliveries, rules."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.dates import wareki
from reports.paper.tables import Column, PaperSheet, PaperTable, TablePaper
from reports.trace import words
from reports.trace.traced import Trace, TracedChild, TracedScenario, TracedScore, WhyNot

_INDENT = "　"
_SIGNING_HEIGHT = "\n\n"  # an empty cell that leaves room to write by hand


def trace_paper(trace: Trace) -> TablePaper:
    """The whole trace sheet. Every text of a record is a text cell; nothing is computed in the workbook."""
    run = trace.run
    alarm = tuple(f"記録のなかの食い違い: {odd}" for child in trace.children for odd in child.contradictions)
    reasons = [_why_not(trace, reason) for reason in trace.why_not]
    return TablePaper(
        title="判定の足取り",
        subtitle=f"{run.city}　実行 {run.run_id}　基準日 {wareki(run.as_of)}　再現：{run.replay}　氏名・住所は載せていません",
        alarm=alarm,
        sheets=(
            PaperSheet("表紙と区分", tuple(_cover_lines(trace)), tuple(_cover(trace))),
            PaperSheet("シナリオと文", (words.MARK_LEGEND,), (_sentences(trace),)),
            *reasons,
            PaperSheet(
                "根拠の事実",
                ("行は、見出しを1行目と数えます。資料の番号は「受領データ」にあります。",),
                (_facts(trace),),
            ),
            PaperSheet(
                "受領データ",
                (f"この足取りで使ったものです。実行では全{run.deliveries}件、目録に全部あります。",),
                (_files(trace),),
            ),
            PaperSheet("決まり", (f"本文は runs/{run.run_id}/rules にあります。",), (_rules(trace),)),
        ),
        handling="取扱注意・複写禁止",
        belongs_to=f"{run.run_id}  {'・'.join(child.child_key[: words.SHORT_KEY] for child in trace.children)}",
        made_by=f"kizuki 判定の足取り  目録 SHA-256 {run.manifest_sha256[:16]}…",
    )


def _cover_lines(trace: Trace) -> Iterator[str]:
    for child in trace.children:
        yield f"{words.child_title(child)}　区分 {words.tier_words(child.tier)}　{child.standing}"
        yield from (f"　再現: {line}" for line in child.replayed)
    yield from trace.run.gaps
    yield from dict.fromkeys(note for child in trace.children if (note := words.facts_note(child)))


def _cover(trace: Trace) -> Iterator[PaperTable]:
    run = trace.run
    yield PaperTable(
        "記録の見分け",
        (Column("項目", 10), Column("内容", 56)),
        (
            ("目録", f"manifest.json SHA-256 {run.manifest_sha256}"),
            ("プログラム", f"kizuki {run.version} コード SHA-256 {run.code_sha256 or words.NOT_KNOWN}"),
            ("前の実行", run.previous_run or "なし"),
            ("鍵の番号", run.key_id or words.NOT_KNOWN),
        ),
    )
    yield PaperTable(
        "確認",
        (Column("確認した人", 10), Column("所見(□ 記録と一致　□ 不一致あり)", 56)),
        ((_SIGNING_HEIGHT, ""), ("確認した日・署名" + _SIGNING_HEIGHT, "")),
    )
    for child in trace.children:
        yield PaperTable(
            f"区分の決め方　{child.child_key}　{child.tier.mark}",
            (Column("類型など", 10), Column("該当 → 段 → 帯 → 区分", 56)),
            tuple(_steps(trace, child)),
            f"{trace.policy.file} 版{trace.policy.version}　{words.approval(trace.policy)}" if trace.policy else "",
        )
        if trace.run.model is not None and child.scores:
            yield PaperTable(
                f"{words.SCORES}　{child.child_key}",
                (Column("類型", 10), Column("点 → 順位 → 帯、境目、点を上げたもの", 56)),
                tuple((score.label, _score(score)) for score in child.scores),
                "\n".join((words.model_file(trace.run.model), words.SCORES_MEAN, words.NO_REASONS)),
            )
        if child.similar:
            yield PaperTable(
                f"{words.SIMILAR}　{child.child_key}",
                (Column("順", 4), Column("類型と距離、だれの、いつのようす", 62)),
                tuple((str(no), words.similar(each)) for no, each in enumerate(child.similar, start=1)),
                words.SIMILAR_MEAN,
            )
    for child in trace.children:
        lists = (
            ("足りない情報", child.missing),
            ("確認すべきこと", child.to_check),
            (words.TURNING, tuple(_turning(child))),
            ("使えている支援", ("、".join(f"[{no}] {words.fact_words(trace.fact(no))}" for no in child.supports),)),
        )
        rows = tuple((title if i == 0 else "", text) for title, texts in lists for i, text in enumerate(texts) if text)
        if rows:
            yield PaperTable(f"このほか　{child.child_key}", (Column("項目", 10), Column("内容", 56)), rows)


def _turning(child: TracedChild) -> Iterator[str]:
    if child.turning_points:
        yield f"※ {words.TURNING_MEANS}"
        yield from (words.turning_point(point, child.tier) for point in child.turning_points)


def _steps(trace: Trace, child: TracedChild) -> Iterator[tuple[str, str]]:
    for step in child.types:
        yield step.label, f"{words.type_step(step)}　{'・'.join(step.scenario_ids)}"
    if not child.types:
        yield "―", "該当したシナリオはありません。"
    if child.overlap is not None:
        yield "重なり", words.overlap_step(child.overlap)
        yield "必ず①", words.always_step(child)
        yield "モデル", words.model_step(trace.run, child)
    yield "区分", f"{words.tier_words(child.tier)}　同じ区分の中の順番を決める点 {child.points}(会議資料には出しません)"


def _score(score: TracedScore) -> str:
    return "\n".join((words.score(score), words.limits(score), *(f"・{words.reason(each)}" for each in score.reasons)))


def _sentences(trace: Trace) -> PaperTable:
    rows = [
        row
        for child in trace.children
        for scenario in (*trace.shown(child), *trace.named_only(child))
        for row in _scenario(trace, child, scenario)
    ]
    rest = "、".join(f"{child.child_key[: words.SHORT_KEY]} {child.not_met}件" for child in trace.children)
    columns = (
        Column("シナリオ", 5),
        Column("部分", 5),
        Column("答", 2, True),
        Column("文", 24),
        Column("番号", 4, True),
        Column("根拠の事実と、その意味", 26),
    )
    note = f"このほか非該当のシナリオ: {rest}" if not trace.asked_scenario else ""
    if any(map(trace.named_only, trace.children)):
        note = f"{words.SHORT_WITH_WHY}{note}"
    heads = frozenset(place for place, row in enumerate(rows) if not row[2])
    return PaperTable("シナリオと文", columns, tuple(rows), note, heads)


def _scenario(trace: Trace, child: TracedChild, scenario: TracedScenario) -> Iterator[tuple[str, ...]]:
    approved = f"　{words.approval(scenario.rule)}" if scenario.rule else ""
    whose = f"{child.child_key[: words.SHORT_KEY]}　" if len(trace.children) > 1 else ""
    yield (
        scenario.id,
        scenario.outcome,
        "",
        f"{whose}【{scenario.strength}】{scenario.name}",
        "",
        f"{words.rule_place(scenario)}{approved}\n出典: {scenario.source}",
    )
    for line in () if scenario in trace.named_only(child) else trace.lines_shown(scenario):
        facts = [f"[{no}] {words.fact_words(trace.fact(no))}" for no in line.facts]
        text = _INDENT * line.depth + line.text
        told = "\n".join((*facts, *((line.note,) if line.note else ())))
        yield scenario.id, line.part, words.mark(line.truth), text, words.line_number(line), told


def _why_not(trace: Trace, reason: WhyNot) -> PaperSheet:
    rows = []
    for way in reason.nearest:
        lines = [
            f"{words.mark(line.truth)} {line.text}({words.line_number(line)}が{words.mark(wanted)}なら)"
            + "".join(f"\n　[{no}] {words.fact_words(trace.fact(no))}" for no in line.facts)
            for line, wanted in zip(way.lines, way.wanted, strict=True)
        ]
        lines += [f"打ち消し: ○ {cancel.text}({words.line_number(cancel)})" for cancel in way.cancels]
        tier = way.tier.mark if way.tier is not None else "―"
        rows.append((way.scenario.id, way.scenario.outcome, way.scenario.name, "\n".join(lines), tier))
    columns = (
        Column("シナリオ", 5),
        Column("結果", 5),
        Column("名前", 18),
        Column("答えが違えば該当になる文", 34),
        Column("区分は", 4, True),
    )
    further = [f"{how_far}: {ids}" for how_far, ids in words.only_named(reason)]
    outside = f"このこどもを対象としないシナリオ(年齢など): {'・'.join(reason.out_of_target) or 'なし'}"
    short = reason.child_key[: words.SHORT_KEY]
    title = f"{reason.child_key}　{words.why_title(reason)}"
    return PaperSheet(
        f"なぜ {short}",
        (reason.waiting, words.NEAR_MEANS),
        (PaperTable(title, columns, tuple(rows), "\n".join((*further, outside))),),
    )


def _facts(trace: Trace) -> PaperTable:
    widths = (3, 5, 16, 6, 5, 8, 12, 4, 6)
    columns = tuple(
        Column(heading, width, heading == "番号") for heading, width in zip(words.FACT_HEADINGS, widths, strict=True)
    )
    return PaperTable("根拠の事実", columns, tuple(words.fact_cells(fact, trace) for fact in trace.facts))


def _files(trace: Trace) -> PaperTable:
    rows = tuple(
        (f"資料{f.no}", f"{f.label}\n{f.file}", words.day(f.as_of), f.received, f.used, f.quarantined, f.sha256)
        for f in trace.files
    )
    columns = (
        Column("資料", 3),
        Column("ファイル", 14),
        Column("時点", 4),
        Column("受領", 4, True),
        Column("使用", 4, True),
        Column("隔離", 3, True),
        Column("SHA-256", 32),
    )
    return PaperTable("受領データ", columns, rows)


def _rules(trace: Trace) -> PaperTable:
    rules = ([trace.policy] if trace.policy else []) + list(trace.rules)
    rows = tuple((r.file, r.version, words.approval(r, with_reason=True), r.sha256) for r in rules)
    columns = (Column("ファイル", 15), Column("版", 4), Column("承認", 15), Column("SHA-256", 32))
    return PaperTable("決まりのファイル", columns, rows)
