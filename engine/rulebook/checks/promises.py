"""What families were promised: neither the use of support nor the shape of a household makes a hit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.kernel.errors import Problem
from engine.kernel.truth import Truth, all_of, any_of, at_least
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from engine.rulebook.model import Scenario

_Path = tuple[str, ...]


def broken_promises(scenario: Scenario, scenarios: Mapping[str, Scenario], vocabulary: Vocabulary) -> Iterator[Problem]:
    """E-RULE-25: the use of support speaks for a hit. E-RULE-26: met although no need is mentioned."""
    held_against = support_held_against(scenario, vocabulary, scenarios)
    if held_against:
        labels = "・".join(dict.fromkeys(vocabulary.items[item].label for item in held_against))
        yield Problem(
            scenario.place_of("条件"),
            "E-RULE-25",
            f"支援を利用していること({labels})が、該当になる理由に入っています。",
            "支援の利用を不利に扱わない取り決めに反します。",
            "支援の利用は「打ち消し」にだけ書けます。条件(と「対象」)から外し、困りごとを表す条件で書いてください。",
        )
    elif is_met_without_need(scenario.condition, vocabulary, scenarios):
        yield Problem(
            scenario.place_of("条件"),
            "E-RULE-26",
            "困りごとを表す条件がなくても該当になります。",
            "ひとり親、転入、支援の利用の有無など、世帯の姿だけを理由にしない取り決めに反します。",
            "困りごとがあることを表す条件(欠席や滞納が何回以上、相談があるなど)と「すべて」で組み合わせてください。"
            "「ない」「n回以下」「未満」だけでは、困りごとを表したことになりません。",
        )


def support_held_against(
    scenario: Scenario, vocabulary: Vocabulary, scenarios: Mapping[str, Scenario] | None = None
) -> list[str]:
    """Ids of the support whose use can make the difference towards a hit: it may cancel, it never counts.

    Also where the use is asked for by saying that non-use cancels, of a relative, or through a reference.
    """
    uses = _uses_of_scenario(scenario, scenarios or {}, (scenario.id,))
    return [item for item, speaks_for in uses if speaks_for and vocabulary.items[item].support]


def is_met_without_need(
    condition: s.Condition, vocabulary: Vocabulary, scenarios: Mapping[str, Scenario] | None = None
) -> bool:
    """Whether a condition is met by what describes a household, by its use or non-use of support, and by the absence of trouble.

    What is no need is said in fields.yaml (困りごとではない). A reference asks the same of the other scenario.
    """
    return _truth(condition, lambda sentence: _asks_no_need(sentence, vocabulary), scenarios or {}, ()) is Truth.MET


# ── what speaks for a hit ──


def _uses_of_scenario(scenario: Scenario, scenarios: Mapping[str, Scenario], path: _Path) -> Iterator[tuple[str, bool]]:
    for part in (scenario.target, scenario.condition):
        yield from _uses(part, True, scenarios, path)
    for cancel in scenario.cancels:
        yield from _uses(cancel, False, scenarios, path)


def _uses(
    condition: s.Condition, positive: bool, scenarios: Mapping[str, Scenario], path: _Path
) -> Iterator[tuple[str, bool]]:
    """Items that are in use, and whether using them speaks for the condition (True) or against it (False)."""
    if isinstance(condition, s.Group):
        for part in condition.parts:
            yield from _uses(part, positive is not (condition.kind == "次でない"), scenarios, path)
        return
    if isinstance(condition, s.Refers):
        other = scenarios.get(condition.scenario_id)
        # Not to be hit by the other one is no reason: whom support keeps out there would have been seen there without it.
        if other is not None and other.id not in path and positive is condition.positive:
            yield from _uses_of_scenario(other, scenarios, (*path, other.id))
        return
    wanted = not isinstance(condition, s.Members) or condition.count.operator == "以上"
    owner = s.owner_of(condition)
    for modifier in owner.modifiers if owner else ():
        present = modifier.positive if isinstance(modifier, s.Has) else True
        yield modifier.item, positive is (present is wanted)
    if not isinstance(condition, s.Members):
        yield condition.item, positive is _asks_presence(condition)


def _asks_presence(sentence: s.ItemSentence) -> bool:
    """Whether a sentence wants there to be records (of much), or that there are none (or of little)."""
    match sentence:
        case s.Has(_, positive):
            return positive
        case s.Events(_, _, count):
            return count.operator == "以上"
        case s.Total(_, _, bound) | s.Latest(_, bound):
            return _is_lower(bound)
        case s.Streak(_, _, _, bound):
            return bound is None or _is_lower(bound)
        case s.Overdue() | s.Unrecorded():
            return False
        case _:
            return True


def _is_lower(bound: s.Bound) -> bool:
    return bound.operator in ("以上", "を超える")


# ── what is no need ──


def _asks_no_need(sentence: s.Sentence, vocabulary: Vocabulary) -> bool:
    """Whether a family without any trouble may meet a sentence: it only describes, or asks that there is no trouble."""
    if isinstance(sentence, s.Members):
        if sentence.count.operator == "以下":
            return True
        return all(_asks_no_need(modifier, vocabulary) for modifier in sentence.who.modifiers)
    if isinstance(sentence, s.Refers):
        return False
    owner = s.owner_of(sentence)
    if owner is not None and not all(_asks_no_need(modifier, vocabulary) for modifier in owner.modifiers):
        return False
    item = vocabulary.items[sentence.item]
    return item.no_need or item.support or _is_met_by_nothing(sentence, vocabulary)


def _is_met_by_nothing(sentence: s.ItemSentence, vocabulary: Vocabulary) -> bool:
    """Whether a sentence holds where nothing has happened: none, few or little of something, zero or more of it.

    What should have happened and did not is a need: by an age, by a day, or in a source that calls every family in (健診・訪問).
    So is a low value of what is measured once (出生時体重).
    """
    match sentence:
        case s.Has(_, positive):
            return not positive
        case s.Done():
            return True
        case s.Events(item, _, count):
            return count.n == 0 if count.operator == "以上" else not _calls_everyone_in(item, vocabulary)
        case s.Total(_, _, bound):
            return not _is_lower(bound) or _is_nothing(bound)
        case s.Latest(item, bound):
            by_period = vocabulary.record_of(item).period is not None
            return _is_nothing(bound) or (by_period and not _is_lower(bound))
        case s.Streak(item, _, _, bound):
            return bound is not None and (not _is_lower(bound) or _is_nothing(bound))
        case s.Compare(item, bounds):
            is_number = vocabulary.items[item].kind == "数"
            return is_number and all(not _is_lower(bound) or _is_nothing(bound) for bound in bounds)
        case _:
            return False


def _calls_everyone_in(item: str, vocabulary: Vocabulary) -> bool:
    """Whether the source of an item delivers records that are due for every child."""
    source = vocabulary.record_of(item).source
    due = (key for key, other in vocabulary.items.items() if other.kind == "期限のある記録")
    return any(vocabulary.record_of(key).source == source for key in due)


def _is_nothing(bound: s.Bound) -> bool:
    return bound.operator == "以上" and bound.value == 0


def _truth(
    condition: s.Condition,
    asks_no_need: Callable[[s.Sentence], bool],
    scenarios: Mapping[str, Scenario],
    path: _Path,
) -> Truth:
    """What asks for no need is taken as met, everything else as not met."""
    if isinstance(condition, s.Refers):
        other = scenarios.get(condition.scenario_id)
        if other is None or condition.scenario_id in path:
            return Truth.UNKNOWN  # its own fault is told elsewhere
        asked = s.Group("すべて", (other.target, other.condition))
        truth = _truth(asked, asks_no_need, scenarios, (*path, condition.scenario_id))
        return truth if condition.positive else ~truth
    if not isinstance(condition, s.Group):
        return Truth.MET if asks_no_need(condition) else Truth.NOT_MET
    parts = [_truth(part, asks_no_need, scenarios, path) for part in condition.parts]
    match condition.kind:
        case "すべて":
            return all_of(parts)
        case "いずれか":
            return any_of(parts)
        case "次でない":
            return ~parts[0]
        case "n以上":
            return at_least(condition.needed, parts)
