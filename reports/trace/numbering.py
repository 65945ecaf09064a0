"""Facts of a trace, numbered in the order in which they are first told, each pointing at a numbered delivery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.records.case import Fact, SentenceResult
from reports.trace.traced import FileUsed, TracedFact
from reports.wording import without_origin


class Numbering:
    """Gives every fact its number once, and remembers which files were named."""

    def __init__(self, files: Sequence[FileUsed]) -> None:
        self._files = {file.file: file for file in files}
        self._numbers: dict[tuple[str, str, str, str], int] = {}
        self._facts: list[TracedFact] = []
        self._named: set[str] = set()

    def numbers(self, child_key: str, facts: Iterable[Fact]) -> tuple[int, ...]:
        """The numbers of these facts about a child, new ones for those not told before."""
        return tuple(dict.fromkeys(self._number(child_key, fact) for fact in facts))

    def name_coverage(self, sentence: SentenceResult) -> None:
        """The deliveries that make an absence meaningful belong to the trace as well."""
        self._named |= {cover.file for cover in sentence.coverage if cover.file}

    def is_delivered(self, fact: Fact) -> bool:
        """Whether a fact stands where the run says it does: in a delivery of the manifest, of that day, in the line that its id names."""
        origin = fact.provenance
        file = self._files.get(origin.file)
        named = fact.id.split(":")[1:3]
        return file is not None and file.as_of == origin.known_on and named == [str(origin.known_on), str(origin.line)]

    @property
    def facts(self) -> tuple[TracedFact, ...]:
        """All facts so far, by number."""
        return tuple(self._facts)

    @property
    def files(self) -> tuple[FileUsed, ...]:
        """The deliveries that were named, in the order of the manifest."""
        named = self._named | {fact.file for fact in self._facts}
        return tuple(file for name, file in self._files.items() if name in named)

    def _number(self, child_key: str, fact: Fact) -> int:
        key = (child_key, fact.id, fact.subject, fact.text)
        if key not in self._numbers:
            self._numbers[key] = len(self._facts) + 1
            self._facts.append(self._traced(child_key, fact))
        return self._numbers[key]

    def _traced(self, child_key: str, fact: Fact) -> TracedFact:
        origin = fact.provenance
        file = self._files.get(origin.file)
        return TracedFact(
            no=len(self._facts) + 1,
            child_key=child_key,
            subject=fact.subject,
            text=without_origin(fact),
            on=fact.on,
            until=fact.until,
            known_on=origin.known_on,
            source_label=origin.source_label,
            owner=origin.owner,
            legal_basis=origin.legal_basis,
            file_no=file.no if file else 0,
            file=origin.file,
            line=origin.line,
        )
