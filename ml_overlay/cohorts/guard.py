"""The leak guard: features that know what came of a child are refused, each with its reason, before a model can learn from them.

A feature that was made after the label (a contact counter that registration creates) lifts the apparent accuracy and halves what is found among children
whom nobody has noticed. Four questions are asked of every feature; one yes is enough, and the model is trained without it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.kernel.errors import KizukiError
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language import syntax as s
from ml_overlay.cohorts.leak_signs import jumps, telling
from ml_overlay.cohorts.training_set import TrainingSet
from ml_overlay.features.ages import UNKNOWN_AGE, years_of
from ml_overlay.features.feature import Feature, FeatureTable, Texts
from ml_overlay.features.looks import look_of
from ml_overlay.features.sentences import is_sentence, sentence_of

Kind = Literal["見せない記録", "台帳にない項目", "未来の記録", "正例を言い当てる", "登録のあとに動く"]

STRUCTURAL: tuple[Kind, ...] = ("未来の記録", "見せない記録", "台帳にない項目")
"""Of these even one is a fault of register or intake: a model is not used before it is found, although the feature was left out."""
MOST_TELLING = 0.85
"""AUC of a single feature against the label; honest models of such labels reach .67 to .87 with all features together."""
MOST_MOVED = 0.05
"""By how much leaving out one feature may lower the AUC of the whole model on households that it did not see."""
MOST_JUMPED = 0.25
"""Standard deviations by which a feature may jump at registration, beyond chance and beyond what it did before."""
_AGES = ("年齢", "学年")
_ASKED_AGAIN = 5
_WORTH_ASKING = 0.65
"""Below this a feature that tells nothing by itself is not left out for trial: each trial trains a model."""


@dataclass(frozen=True)
class Refusal:
    """A feature that no model of a hardship type may see. `reason`: in Japanese, for the model card and the log; never anything of a person."""

    feature: Feature
    kind: Kind
    reason: str


AucWithout = Callable[[str | None], float]
"""AUC on unseen households of a model without one feature (None: with all)."""


def without(rows: TrainingSet, refusals: Collection[Refusal]) -> TrainingSet:
    """The training set without the refused columns."""
    refused = {refusal.feature.name for refusal in refusals}
    kept = [column for column, feature in enumerate(rows.features) if feature.name not in refused]
    return TrainingSet(
        rows.hardship_type,
        tuple(rows.features[column] for column in kept),
        rows.values[:, kept],
        rows.label,
        rows.child_keys,
        rows.household_keys,
        rows.cut_on,
        rows.weight,
    )


def refused_by_structure(
    features: Sequence[Feature], vocabulary: Vocabulary, hidden_records: Collection[str]
) -> tuple[Refusal, ...]:
    """What must not be seen whatever its values: unlisted or unpermitted items, and the child's own hidden records.

    Whose a feature is, is read from what it says it is made of; `refused_by_own_records` sees whether it keeps to that. The label's own item is no leak where its
    record is not hidden: absences so far are an honest sign of absences to come, for the label's window begins after the day
    and the gap, and `refused_by_recomputing` sees whether anything of it is read.
    """
    return tuple(
        refusal for feature in features if (refusal := _structure(feature, vocabulary, hidden_records)) is not None
    )


def _structure(feature: Feature, vocabulary: Vocabulary, hidden_records: Collection[str]) -> Refusal | None:
    for item in feature.items:
        if item not in vocabulary.items or not vocabulary.is_permitted(item):
            reason = "項目台帳で使ってよいと決めた項目ではありません(載っていないか、照会中か、不許可です)。"
            return Refusal(feature, "台帳にない項目", reason)
    made_of = _made_of(feature, vocabulary)
    if made_of is None:
        return Refusal(
            feature, "台帳にない項目", "項目台帳とルールの文からは作れない特徴です。何を見ているか確かめられません。"
        )
    items, of_child = made_of
    if set(items) - set(feature.items):
        return Refusal(feature, "台帳にない項目", "名乗っている項目と、実際に見ている項目が違います。")
    if of_child and any(vocabulary.items[item].record in hidden_records for item in items):
        return Refusal(
            feature,
            "見せない記録",
            "本人の登録や相談の記録から作られています。登録されたこどもを言い当てるだけになります。",
        )
    return None


def _made_of(feature: Feature, vocabulary: Vocabulary) -> tuple[tuple[str, ...], bool] | None:
    """Items that a feature says it is made of and whether they are the child's own; None for one that is of no known make."""
    try:
        if is_sentence(feature):
            sentence = sentence_of(feature, vocabulary)
            return tuple(s.items_of(sentence)), s.owner_of(sentence) is None
        look = look_of(feature, vocabulary)
    except KizukiError:
        return None
    return (look.item,), look.role == "child"


def refused_by_recomputing(as_they_are: FeatureTable, without_later: FeatureTable) -> tuple[Refusal, ...]:
    """Features of a past day that change when everything dated after that day is taken out of the deliveries: they read the future.

    Both tables are of the same day and made by the same code, the second from `before.without_later`. Compared exactly, for the children of both.
    """
    _, one, other = np.intersect1d(as_they_are.child_keys, without_later.child_keys, return_indices=True)
    reason = "基準日より後の記録を取り除くと値が変わります。基準日には分からなかったことを見ています。"
    return tuple(_differing(as_they_are, one, without_later, other, "未来の記録", reason))


def refused_by_own_records(
    as_they_are: FeatureTable, without_own: FeatureTable, only_children: Texts
) -> tuple[Refusal, ...]:
    """Features that change when the hidden records of children without siblings are taken out: they read the child's own, whatever they are called.

    The second table is made from `before.without_own_records`; only children in households without another child are compared.
    """
    one = np.flatnonzero(np.isin(as_they_are.child_keys, only_children))
    other = np.searchsorted(without_own.child_keys, as_they_are.child_keys[one])
    reason = "本人の登録や相談の記録を取り除くと値が変わります。登録されたこどもを言い当てるだけになります。"
    return tuple(_differing(as_they_are, one, without_own, other, "見せない記録", reason))


def _differing(
    table: FeatureTable,
    rows: npt.NDArray[np.intp],
    again: FeatureTable,
    again_rows: npt.NDArray[np.intp],
    kind: Kind,
    reason: str,
) -> Iterator[Refusal]:
    place = {name: column for column, name in enumerate(again.names)}
    for column, feature in enumerate(table.features):
        other = place.get(feature.name)
        if other is None or not np.array_equal(
            table.values[rows, column], again.values[again_rows, other], equal_nan=True
        ):
            yield Refusal(feature, kind, reason)


def refused_by_telling(
    rows: TrainingSet, vocabulary: Vocabulary, auc_without: AucWithout | None = None
) -> tuple[Refusal, ...]:
    """Features that alone tell the labelled rows too well, or without which a model tells them much less well.

    Compared among rows of the same cut-off day and age, so that what only tells how old a child is, is no leak. Age and school grade come from the birth date
    and cannot be a consequence. `auc_without` is asked of the few that tell most.
    """
    stratum = _strata(rows)
    told = []
    refusals = []
    for column, feature in enumerate(rows.features):
        if _is_age(feature, vocabulary):
            continue
        tells = telling(rows.values[:, column], rows.label, rows.weight, stratum)
        if tells.low > MOST_TELLING:
            reason = "これ一つだけで正例をほぼ言い当てます。あとから作られた記録である疑いが強いため使いません。"
            refusals.append(Refusal(feature, "正例を言い当てる", reason))
        elif tells.auc > _WORTH_ASKING:
            told.append((tells.auc, feature.name, feature))
    if auc_without is not None and told:
        with_all = auc_without(None)
        for _, name, feature in sorted(told, key=lambda each: (-each[0], each[1]))[:_ASKED_AGAIN]:
            if with_all - auc_without(name) > MOST_MOVED:
                reason = (
                    "これを除くだけで見分けの力が大きく下がります。一つの記録に頼りきった学習になるため使いません。"
                )
                refusals.append(Refusal(feature, "正例を言い当てる", reason))
    return tuple(refusals)


def refused_by_consequence(
    earlier: FeatureTable | None,
    before: FeatureTable,
    after: FeatureTable,
    registered_between: Collection[str],
    vocabulary: Vocabulary,
    hidden_records: Collection[str],
) -> tuple[Refusal, ...]:
    """Features that jump for children who were registered between two days, compared with other children of the same age and days, and did not before.

    `earlier`, `before`, `after`: three days, equally far apart, with the same columns. What relatives' own registrations do is no consequence here: that they are
    shown is decided in model.yaml.
    """
    keys = np.intersect1d(before.child_keys, after.child_keys)
    if earlier is not None:
        keys = np.intersect1d(keys, earlier.child_keys)
    registered = np.isin(keys, np.array(sorted(registered_between), dtype=np.str_))
    tables = [None if table is None else _rows_of(table, keys) for table in (earlier, before, after)]
    assert tables[1] is not None and tables[2] is not None
    moved = jumps(tables[0], tables[1], tables[2], registered, ages_of(before.features, tables[1]))
    reason = "登録のあとに、登録されなかったこどもと比べて値が動きます。登録の結果を見て学ぶことになります。"
    return tuple(
        Refusal(feature, "登録のあとに動く", reason)
        for feature, jump in zip(before.features, moved, strict=True)
        if jump.low > MOST_JUMPED and not _of_relatives_hidden(feature, vocabulary, hidden_records)
    )


def _is_age(feature: Feature, vocabulary: Vocabulary) -> bool:
    kinds = {vocabulary.items[item].kind if item in vocabulary.items else None for item in feature.items}
    return bool(kinds) and kinds <= set(_AGES)


def _of_relatives_hidden(feature: Feature, vocabulary: Vocabulary, hidden_records: Collection[str]) -> bool:
    made_of = _made_of(feature, vocabulary)
    if made_of is None:
        return False
    items, of_child = made_of
    return not of_child and any(vocabulary.items[item].record in hidden_records for item in items)


def _rows_of(table: FeatureTable, keys: Texts) -> npt.NDArray[np.float32]:
    return table.values[np.searchsorted(table.child_keys, keys)]


def _strata(rows: TrainingSet) -> npt.NDArray[np.int64]:
    """Cut-off day and age in years, numbered."""
    _, day = np.unique(rows.cut_on, return_inverse=True)
    age = ages_of(rows.features, rows.values)
    return np.asarray(day * (int(age.max(initial=0)) + 1) + age, dtype=np.int64)


def ages_of(features: Sequence[Feature], values: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Age in years and one more, 0 where unknown; all 0 without a feature of age."""
    years = years_of(features, values)
    return np.zeros(len(values), dtype=np.int64) if years is None else np.where(years == UNKNOWN_AGE, 0, years + 1)
