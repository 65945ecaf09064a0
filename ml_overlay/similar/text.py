"""Likeness in the words of consultation records: character 2–3-grams weighted by rarity, and the cosine between them. Masked text only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from engine.records.vocabulary import Vocabulary
from engine.store.tables import Snapshot
from ml_overlay.features.feature import Texts
from ml_overlay.similar.masking import MARKS, MaskedText, mask

RECORD, COLUMN = "consultation", "free_text"

_NOT_PERMITTED = "相談の記録の文章は、データ利用台帳(fields.yaml)で「{state}」のため使っていません"
_NOT_REGISTERED = "相談の記録の文章は、データ利用台帳(fields.yaml)に載っていないため使っていません"
_SIGNS = str.maketrans(dict.fromkeys([*MARKS, *" \n\r\t「」『』()"], " "))


def why_no_text(vocabulary: Vocabulary) -> str:
    """Why the text of consultations may not be used, as the register stands; empty if it may.

    It may if and only if `free_text` is a column of the kind 相談履歴, which is 許可, and is no longer among what is refused (使わない項目).
    """
    if refused := vocabulary.refused.get(COLUMN):
        return _NOT_PERMITTED.format(state=refused.permission)
    kind = vocabulary.records.get(RECORD)
    if kind is None or COLUMN not in kind.columns:
        return _NOT_REGISTERED
    return "" if kind.permission == "許可" else _NOT_PERMITTED.format(state=kind.permission)


def household_texts(snapshot: Snapshot, before: Mapping[str, date]) -> dict[str, MaskedText]:
    """The words of all consultations of each household's members before a day, oldest first; empty where there are none.

    To be called only where `why_no_text` is empty. The store holds text that was masked with the household's own names before it was written; it is masked again
    here, so that what slipped through under an older list of names is covered too.
    """
    rows = snapshot.connection.execute(
        f"""
        SELECT p.household_key, r.consulted_on, r."{COLUMN}" FROM rec_{RECORD} r JOIN person p ON p.person_key = r.subject_key
        WHERE p.household_key IN (SELECT unnest(string_split($keys, ' '))) AND r.consulted_on IS NOT NULL AND r."{COLUMN}" IS NOT NULL
        ORDER BY ALL
        """,
        {"keys": " ".join(sorted(before))},
    ).fetchall()
    found: dict[str, list[str]] = {household: [] for household in before}
    for household, on, text in rows:
        if on < before[household]:
            found[household].append(text)
    return {household: mask("\n".join(texts)) for household, texts in found.items()}


class TextIndex:
    """Households by the words of their records, built once and asked many times.

    `keys`: n household keys, each once. A household without text is like nobody. Signs that stand for names and numbers count for nothing.
    """

    def __init__(self, keys: Texts, texts: Sequence[MaskedText]) -> None:
        if len(keys) != len(texts) or len(np.unique(keys)) != len(keys):
            raise ValueError("texts and distinct household keys do not fit each other")
        # Takes a second to load, and no city may use words yet.
        from sklearn.feature_extraction.text import TfidfVectorizer

        order = np.argsort(keys)
        self._keys = keys[order]
        self._vectorizer = TfidfVectorizer(
            analyzer="char",
            ngram_range=(2, 3),
            sublinear_tf=True,
            lowercase=False,
            preprocessor=_readable,
            dtype=np.float64,
        )
        # A library's index of no words is an error; a city whose records say nothing is none.
        says_something = any(len("".join(_readable(text).split())) > 1 for text in texts)
        self._matrix = self._vectorizer.fit_transform([texts[at] for at in order]).tocsr() if says_something else None

    def likeness(self, text: MaskedText) -> npt.NDArray[np.float64]:
        """Cosine with each household in the order of `keys` sorted, 0 … 1; for ranks, never shown."""
        if self._matrix is None:
            return np.zeros(len(self._keys))
        likeness: npt.NDArray[np.float64] = self._matrix @ self._vectorizer.transform([text]).toarray().ravel()
        return likeness

    def nearest(self, text: MaskedText, count: int, *, without: Collection[str] = ()) -> tuple[str, ...]:
        """Keys of the households whose words are most like it, nearest first, equals by key; nobody who shares nothing with it."""
        likeness = np.round(self.likeness(text), 9)
        order = np.lexsort((self._keys, -likeness))
        found = (str(self._keys[at]) for at in order if likeness[at] > 0 and str(self._keys[at]) not in without)
        return tuple(key for key, _ in zip(found, range(count), strict=False))


def _readable(text: MaskedText) -> str:
    if not isinstance(text, MaskedText):
        raise TypeError("only masked text is compared")
    return text.text.translate(_SIGNS)
