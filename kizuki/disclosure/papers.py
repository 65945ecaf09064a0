"""From what was gathered and judged to the contents of the two papers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from engine.kernel.dates import age_on, wareki, wareki_short
from engine.linkage.person import HeldReview, KnownPerson
from engine.records.case import Tier
from engine.records.vocabulary import Vocabulary
from engine.store.person_history import PersonHistory
from kizuki.disclosure.conferences import ConferencesOf
from kizuki.disclosure.delivered_lines import SearchedFiles
from kizuki.disclosure.gathering import Sorted, unstored_lines
from kizuki.disclosure.judgements import JudgedScenario, Judgement
from kizuki.disclosure.withholding import OTHERS, REPRESENTATIVES_SCORE_GROUND, SCORE_GROUND, Ground, Withholding
from reports.disclosure.contents import Handover, Internal, Request, Told, Week, Withheld
from reports.disclosure.handover import withheld_outcome

_ANSWERS = {"該当": "当てはまる", "打ち消し": "打ち消し", "不明": "分からない(記録が足りない)", "非該当": "当てはまらない"}
_GENTLY = {"虐待": "虐待の予防"}
_NOT_TOLD = "この紙には記載していません"
_SAME_FOR_ALL = (
    "代理の方への開示では、どなたの請求でも、次のものはこの紙に載せず、担当者が別に判断します: 住所・異動・学校や施設の名前など居場所が分かるもの、"
    "手当や生活保護など家計のもの、妊娠・出産のもの、相談・見守り・要保護児童対策地域協議会の記録、虐待の予防にかかわる判定、区分と会議の資料。"
    "載っていないことは、記録があることも、ないことも表しません。"
)
_OTHERS_ROWS = (
    "ご家族との続柄の対応や、ほかの方の行の中の番号(保護者・受給者・母として)に、ご本人のことが含まれる場合があります。"
    "ほかの方の記録なので、あるかどうか、何件あるか、どんな内容かは、どなたの紙にも記載していません。"
)
_CHILD_ONLY = (
    "判定の対象は、判定の日に18歳未満だった住民の方だけです。この期間に、ご本人を対象にした判定の記録はありません。"
    "同じ世帯にこどもがいるとき、ご本人の情報がそのこどもの判定に使われることがありますが、ほかの方の情報なので記載していません。"
)
_HOW_JUDGED = (
    "市が決めた文(手がかり)に当てはまるかを、届いた記録から毎回確かめています。結果は、だれに先に声をかけて話し合うかを決める材料です。決めるのは人です。",
    "ほかの方(ご家族など)の情報がないと決まらない手がかりは、結果を書くとその方のことが分かるため、記載していません。",
)


def handover_of(
    request: Request,
    known: KnownPerson,
    history: PersonHistory,
    found: SearchedFiles,
    rows: Sorted,
    judgements: Sequence[Judgement],
    conferences: ConferencesOf,
    rules: Withholding,
    is_protected: bool,
) -> Handover:
    """The paper to hand over: of everything only what `rules` shows."""
    vocabulary = rules.vocabulary
    is_self = not rules.is_representative
    judged = [one for one in judgements if one.tier is not None]
    return Handover(
        request=request,
        person=tuple(_person(known, rules, is_protected)),
        kinds=rows.kinds,
        notes=tuple(_notes(history, found, rows)) if is_self else (_SAME_FOR_ALL,),
        weeks=tuple(_week(one) for one in judged if one.tier_ground is None),
        scenarios=_collapsed(
            (_GENTLY.get(s.hardship, s.hardship), s.name, _answer(s), one.as_of) for one in judged for s in one.scenarios if s.is_named
        ),
        sentences=_collapsed(("", s.text, s.truth.mark, one.as_of) for one in judged for s in one.sentences),
        judged=_judged_lines(judgements, is_self=is_self),
        decided=conferences.shown,
        not_held=tuple(_not_held(vocabulary)),
    )


def internal_of(
    request: Request,
    known: KnownPerson,
    history: PersonHistory,
    found: SearchedFiles,
    reviews: Sequence[HeldReview],
    rows: Sorted,
    judgements: Sequence[Judgement],
    conferences: ConferencesOf,
    rules: Withholding,
    is_protected: bool,
) -> Internal:
    """The paper for the officer: everything else."""
    return Internal(
        request=request,
        person_key=known.key,
        alarm=tuple(_alarm(request, known, rules, is_protected)),
        withheld=(
            *rows.withheld,
            *_withheld_judgements(judgements, is_self=not rules.is_representative),
            *conferences.withheld,
            *_put_aside(history, found, reviews, rows, known),
            *_withheld_identity(known, rules, is_protected),
        ),
        to_look_at=(*rows.to_look_at, *conferences.to_look_at),
        judgements=_collapsed(_all_withheld(judgements)),
        lines=(*rows.lines, *unstored_lines(rows.lines, found, reviews)),
        words=conferences.words,
    )


def _person(known: KnownPerson, rules: Withholding, is_protected: bool) -> Iterable[tuple[str, str]]:
    entry = known.entry
    if entry is None:
        yield "住民記録", "いまの住民記録に載っていないため、氏名・住所などは保管していません"
        yield "整理番号", f"{known.key}(氏名のかわりに使う番号)"
        return
    yield "氏名", entry["name"] or "―"
    yield "フリガナ", entry["kana"] or "―"
    yield "生年月日", wareki(entry["born_on"]) if entry["born_on"] else "不詳"
    yield "性別", entry["sex"] or "―"
    yield "整理番号", f"{known.key}(氏名のかわりに使う番号。宛名番号から、市だけが持つ鍵で計算したもの)"
    if rules.is_representative:
        yield "住所など", f"{_NOT_TOLD}(代理の方への開示では、どなたの請求でも記載しません)"
        return
    for label, name in (("通称", "common_name"), ("旧氏", "former_surname")):
        if entry[name]:
            yield label, entry[name]
    address = " ".join(filter(None, (entry["town"], entry["lot"], entry["room"])))
    yield "住所", _NOT_TOLD if rules.of_address(is_protected) else address or "―"
    yield "住民状態", entry["resident_status"] or "―"
    if entry["became_resident_on"]:
        yield "住民となった日", wareki(entry["became_resident_on"])
    if entry["relationship"]:
        yield "続柄のコード", f"{entry['relationship']}(世帯主から見た続柄。住民記録の符号)"
    yield "宛名番号", f"{known.address_number}(市の中で個人を見分ける番号)"
    if entry["household_number"]:
        yield "世帯番号", entry["household_number"]
    for number in known.student_numbers:
        yield "学籍番号", f"{number}(学校の記録とつなぐ番号)"
    if known.mothers:
        yield "母と子の対応", f"出生の記録から{known.mothers}件(相手の方の番号は記載していません)"
    if known.since:
        yield "いつの住民記録か", f"{wareki(known.since)}時点(毎週、新しいものに置きかえています)"


def _notes(history: PersonHistory, found: SearchedFiles, rows: Sorted) -> Iterable[str]:
    """What is told besides the rows. Of others nothing is counted: even a number may tell that somebody still lives here."""
    for label, count in sorted(Counter(entry.label for entry in history.held_in).items()):
        yield (
            f"「{label}」の{count}回の受領に、ご本人のものかもしれないが、まだ確かめられていない行か、読み取れなかった行があります。"
            "ご本人のものと確かめられていないため、内容は記載していません。"
        )
    stored = {(line.file, line.line) for line in rows.lines}
    if own := sum(line.is_own for line in found.lines if (line.entry.file, str(line.line)) not in stored):
        yield f"受け取ったファイルには、ご本人の番号のある行で、記録に取り込まなかったものが{own}行あります(読み取れなかったもの、対象外のもの)。"
    yield _OTHERS_ROWS


def _week(one: Judgement) -> Week:
    assert one.tier is not None
    return Week(one.run_id, one.as_of, f"{one.tier.mark} {one.tier.label}", _on_which_paper(one))


def _on_which_paper(one: Judgement) -> str:
    if one.listed:
        return "ご本人のこととして、この回の会議の資料に載りました"
    if one.apart:
        return "前の会議で決めたことにより、この回は一覧とは別に、1行だけ載りました"
    if one.drawn:
        return "気づきとは関わりなく、くじで選ばれた方の1人として、この回の会議の資料に載りました"
    return "ご本人のこととしては載っていません"


def _answer(scenario: JudgedScenario) -> str:
    if scenario.ground is None:
        return _ANSWERS[scenario.outcome]
    return withheld_outcome() if scenario.ground is OTHERS else _NOT_TOLD


def _judged_lines(judgements: Sequence[Judgement], *, is_self: bool) -> tuple[str, ...]:
    scored = [wareki_short(one.as_of) for one in judgements if one.used_model]
    model = (
        f"機械学習のモデルによる点数を合わせて使った回があります({'、'.join(scored)})。点数だけで①になることはなく、区分を下げることもありません。"
        if scored
        else "機械学習のモデルによる点数は、どの判定にも使っていません。"
    )
    if is_self and (lifted := [wareki_short(one.as_of) for one in judgements if one.lifted]):
        model += f"点数によって区分が1段上がったのは、{'、'.join(lifted)}の回です。"
    if not any(one.tier is not None for one in judgements):
        return _CHILD_ONLY, model
    if not is_self:
        return (*_HOW_JUDGED, "区分と会議の資料は、代理の方への開示では、どなたの請求でもこの紙に記載していません。", model)
    return (*_HOW_JUDGED, model)


def _not_held(vocabulary: Vocabulary) -> Iterable[tuple[str, str, str]]:
    for refused in vocabulary.refused.values():
        yield refused.label, refused.decision, refused.reason


def _alarm(request: Request, known: KnownPerson, rules: Withholding, is_protected: bool) -> Iterable[str]:
    if is_protected:
        yield (
            "【重要】この方の世帯には、DV等支援措置の対象の方がいるか、過去にいました。請求された方が、避けている相手でないかを、支援措置の担当課・相談の担当課と必ず確かめてください。"
            "支援措置があることも、ないことも、請求された方に伝えてはいけません。"
        )
    if rules.is_representative:
        yield "代理人の請求です。代理権(戸籍・委任状)と、ご本人の利益に反しないことを確かめてください。確かめるまで開示用の紙はつくられません。"
    born_on = known.entry["born_on"] if known.entry else None
    if request.requester == "法定代理人" and born_on and age_on(born_on, request.made_on) >= 18:
        yield "ご本人は18歳以上です。成年被後見人であることを確かめてください(法76条2項)。"
    yield "番号の打ち間違いで別の方の紙をつくっていないか、氏名と生年月日を請求書と見比べてください。"


def _withheld_judgements(judgements: Sequence[Judgement], *, is_self: bool) -> Iterable[Withheld]:
    grounds: Counter[Ground] = Counter(s.ground for one in judgements for s in one.scenarios if s.ground is not None)
    for ground, count in sorted(grounds.items(), key=lambda each: (each[0].item, each[0].why)):
        yield Withheld("シナリオの結果", "runs の decisions.parquet", count, ground.item, ground.why)
    for one in judgements:
        if one.tier is not None and one.tier_ground is not None:
            yield Withheld(f"区分と会議の資料({one.run_id})", "runs", 1, one.tier_ground.item, one.tier_ground.why)
    if scores := sum(len(one.scored_types) for one in judgements):
        ground = SCORE_GROUND if is_self else REPRESENTATIVES_SCORE_GROUND
        yield Withheld("モデルの点数", "runs の scores.parquet", scores, ground.item, ground.why)
    sentences = sum(one.withheld_sentences for one in judgements)
    if sentences:
        yield Withheld("文ごとの答え", "runs の conditions.parquet", sentences, "第1号・第2号", "ほかの方の情報、または載せない記録にもとづくもの")
    sheets = [one.run_id for one in judgements if one.named and not (one.listed or one.apart or one.drawn)]
    if sheets:
        why = "同じ世帯のこどもについての会議の資料に、世帯の一員として載ったこと"
        yield Withheld("会議の資料に載ったこと", "、".join(sheets), len(sheets), "第2号・第7号", why)


def _put_aside(
    history: PersonHistory, found: SearchedFiles, reviews: Sequence[HeldReview], rows: Sorted, known: KnownPerson
) -> Iterable[Withheld]:
    for label, count in sorted(Counter(entry.label for entry in history.held_in).items()):
        yield Withheld("保留・隔離した行", f"store/held({label})", count, "要確認", "ご本人のものか、まだ確かめていない(件数は受領の回数)")
    for label, count in sorted(Counter(entry.label for entry in history.held_for_household).items()):
        yield Withheld("世帯の保留・隔離した行", f"store/held({label})", count, "要確認", "世帯(いまは住んでいない世帯を含む)の行かもしれない(件数は受領の回数)")
    if reviews:
        total = sum(len(review.lines) for review in reviews)
        yield Withheld("名寄せで保留した行", "keyring/review", total, "要確認", "ご本人・世帯が候補の一人。ほかの方の記録かもしれない")
    if history.kin_lines:
        yield Withheld("続柄の対応", "store/kin", history.kin_lines, OTHERS.item, OTHERS.why)
    if known.mothers:
        yield Withheld("母と子の番号の対応", "keyring/mothers", known.mothers, OTHERS.item, OTHERS.why)
    stored = {(line.file, line.line) for line in rows.lines}
    others = [line for line in found.lines if not line.is_own and (line.entry.file, str(line.line)) not in stored]
    if others:
        yield Withheld("ほかの方の行にご本人の番号があるもの", "deliveries(3 もとの行)", len(others), OTHERS.item, OTHERS.why)
    own = [line for line in found.lines if line.is_own and (line.entry.file, str(line.line)) not in stored]
    if own:
        yield Withheld("取り込まなかったご本人の行", "deliveries(3 もとの行)", len(own), "要確認", "もとのファイルにだけある。所管課の台帳で確かめる")


def _withheld_identity(known: KnownPerson, rules: Withholding, is_protected: bool) -> Iterable[Withheld]:
    ground = rules.of_address(is_protected)
    if known.entry is not None and ground is not None:
        yield Withheld("住所", "keyring/register", 1, ground.item, ground.why)
    if rules.is_representative and known.student_numbers and ground is not None:
        yield Withheld("学籍番号", "keyring/bridge", len(known.student_numbers), ground.item, ground.why)


def _all_withheld(judgements: Sequence[Judgement]) -> Iterable[tuple[str, str, str, date]]:
    for one in judgements:
        if one.tier is not None and one.tier_ground is not None:
            yield "区分", "全体の区分", f"{Tier(one.tier).mark} {one.tier.label}", one.as_of
            seen = one.listed or one.apart or one.drawn
            yield "会議", "会議の資料", "載った" if seen else "載っていない", one.as_of
        for scenario in one.scenarios:
            if scenario.ground is not None:
                yield f"{scenario.scenario_id} {scenario.hardship}", scenario.name, scenario.outcome, one.as_of


_RANK = {answer: rank for rank, answer in enumerate(("○", *list(_ANSWERS.values())[:3], "?", withheld_outcome(), _NOT_TOLD))}


def _collapsed(told: Iterable[tuple[str, str, str, date]]) -> tuple[Told, ...]:
    """Equal answers of several runs once, with their days; what applies first, what does not last."""
    days: dict[tuple[str, str, str], list[date]] = defaultdict(list)
    for group, text, answer, day in told:
        days[group, text, answer].append(day)
    ordered = sorted(days.items(), key=lambda each: _RANK.get(each[0][2], len(_RANK)))
    return tuple(Told(group, text, answer, tuple(sorted(at))) for (group, text, answer), at in ordered)
