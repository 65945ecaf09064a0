"""Events and amounts: what happened in a window, how often, how much, and what was newest or first."""

from __future__ import annotations

from collections.abc import Callable

from engine.evaluate.meaning.records import Records
from engine.evaluate.meaning.values import as_at_least
from engine.evaluate.meaning.verdict import Evidence, Gap, Subject, Verdict
from engine.kernel import truth as kleene
from engine.kernel.truth import Truth
from engine.records.household import Row
from engine.rulebook.language import syntax as s
from engine.rulebook.language.windows import Span, earlier_span, span_of


class Events:
    """Counts, sums, comparisons with an earlier span, and 最新の / 最初の of one subject."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def events(self, key: str, window: s.Window, count: s.Count, subject: Subject) -> Verdict:
        """Whether as many events lie in the window. Too few mean no only where the source would have told of more."""
        span = span_of(window, self._records.as_of)
        definite, doubtful = self._records.in_window(key, subject, span)
        needed = count.n if count.operator == "以上" else count.n + 1
        evidence = tuple(Evidence(subject.who, key, row) for row in definite)
        gaps = self._records.silence_gaps(key, subject, span)
        if len(definite) >= needed:
            verdict = Verdict(Truth.MET, evidence)
        elif len(definite) + len(doubtful) >= needed:
            verdict = Verdict(
                Truth.UNKNOWN, evidence, (), (*self._records.lack(key, subject, doubtful, "doubtful"), *gaps)
            )
        elif gaps:
            verdict = Verdict(Truth.UNKNOWN, evidence, (), gaps)
        else:
            verdict = Verdict(Truth.NOT_MET, evidence, (self._records.silence(key, subject),))
        return verdict if count.operator == "以上" else ~verdict

    def _sum(self, key: str, subject: Subject, span: Span) -> tuple[int, list[Row], tuple[Gap, ...]]:
        """The sum of what is known, its rows, and what keeps it from being the whole sum."""
        definite, doubtful = self._records.in_window(key, subject, span)
        amounts = [self._records.cell(key, row) for row in definite]
        gaps = list(self._records.silence_gaps(key, subject, span))
        lacking = [row for row in definite if self._records.cell(key, row) is None]
        gaps += [
            *self._records.lack(key, subject, lacking, "blank"),
            *self._records.lack(key, subject, doubtful, "doubtful"),
        ]
        return sum(a for a in amounts if isinstance(a, int)), definite, tuple(gaps)

    def total(self, key: str, window: s.Window, bound: s.Bound, subject: Subject) -> Verdict:
        """Whether the sum in the window lies within the bound. Below it, anything lacking leaves it unknown."""
        known, rows, gaps = self._sum(key, subject, span_of(window, self._records.as_of))
        at_least = s.Bound(*as_at_least(bound))
        assert isinstance(at_least.value, int)
        evidence = tuple(Evidence(subject.who, key, row) for row in rows)
        if known >= at_least.value:  # amounts are not negative, so that the rest can only add
            verdict = Verdict(Truth.MET, evidence)
        elif gaps:
            verdict = Verdict(Truth.UNKNOWN, evidence, (), gaps)
        else:
            verdict = Verdict(Truth.NOT_MET, evidence, (self._records.silence(key, subject),))
        return verdict if bound.operator in ("以上", "を超える") else ~verdict

    def growth(self, growth: s.Growth, subject: Subject) -> Verdict:
        """Whether the sum is at least so many times that of the earlier span, and not nothing."""
        key, times = growth.item, growth.times
        now, rows_now, gaps_now = self._sum(key, subject, span_of(growth.window, self._records.as_of))
        before, rows_before, gaps_before = self._sum(key, subject, earlier_span(growth, self._records.as_of))
        evidence = tuple(Evidence(subject.who, key, row) for row in (*rows_now, *rows_before))
        # Amounts are not negative: what is lacking can only add. So a known sum may be enough, or another too high.
        grown = now >= 1 and now >= times * before
        if (gaps_before and grown) or (gaps_now and not grown):
            return Verdict(Truth.UNKNOWN, evidence, (), tuple(dict.fromkeys((*gaps_now, *gaps_before))))
        return Verdict(kleene.of(grown), evidence, (self._records.silence(key, subject),))

    def latest(
        self, key: str, window: s.Window | None, subject: Subject, test: Callable[[Row], Truth], first: bool
    ) -> Verdict:
        """What `test` says of the newest record in the window (of the first, with `first`)."""
        span = span_of(window, self._records.as_of)
        definite, doubtful = self._records.in_window(key, subject, span)
        gaps = self._records.silence_gaps(key, subject, span, periods=False)
        verdict = self._records.newest(
            key, subject, definite, doubtful, self._records.vocabulary.date_column(key), test, gaps, first
        )
        if first and window is not None and gaps and definite:
            # What came before the source began to cover may hold an earlier record.
            return Verdict(Truth.UNKNOWN, verdict.evidence, (), gaps)
        if first and window is not None and definite and verdict.truth is not Truth.UNKNOWN:
            return Verdict(verdict.truth, verdict.evidence, (*verdict.silences, self._records.silence(key, subject)))
        return verdict
