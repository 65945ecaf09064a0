"""Which of several sheets about one record counts: never guessed where they differ, nor where a sheet was copied inside a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.kernel.errors import Problem
from reports.readback.answers import read_given
from reports.readback.records import SheetRecord

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Copies:
    """Several sheets or rows about one record, of which somebody must say which counts. `in_one_file`: it was copied inside a file."""

    candidates: tuple[SheetRecord, ...]
    in_one_file: bool

    def problem(self) -> Problem:
        """As it is told where nobody can be asked."""
        names = "・".join(f"「{name}」" for name in self.names())
        first = self.candidates[0].spot
        remedy = f"使うほうを `--use '{self.names()[0]}'` のように示してください。要らないほうを消してもかまいません。"
        if self.in_one_file:
            what = f"同じ記録のシートか行が、1つのファイルに{len(self.candidates)}つあります({names})。"
            return first.problem("E-READ-12", what, "どちらに書かれたことが正しいか決められません。", remedy)
        what = f"同じ記録について、ファイルによって書かれたことが違います({names})。"
        return first.problem("E-READ-13", what, "どちらが正しいか決められません。", remedy)

    def names(self) -> list[str]:
        """What to call each: by its sheet, with the file in front where that is not enough."""
        short = Counter(record.spot.name for record in self.candidates)
        return [
            record.spot.name if short[record.spot.name] == 1 else record.spot.full_name for record in self.candidates
        ]


def record_key(record: SheetRecord) -> Key:
    """Which record it is, whatever copy or volume it stands in."""
    identity = record.identity
    return identity.run_id, identity.kind, identity.household_key, identity.child_key


def choose_copies(records: Iterable[SheetRecord], use: Sequence[str]) -> tuple[list[SheetRecord], list[Copies]]:
    """One sheet for each record, and the groups of which nobody has said yet which counts. `use`: names of sheets that do.

    Of numbered copies in several files the blank ones say nothing; those that say the same are one. Inside one file a copy is always asked about, also
    an equal or a blank one: nobody copies a sheet without a reason.
    """
    groups: dict[Key, list[SheetRecord]] = {}
    for record in records:
        groups.setdefault(record_key(record), []).append(record)
    chosen: list[SheetRecord] = []
    unclear: list[Copies] = []
    for group in groups.values():
        named = [record for record in group if is_named(record, use)]
        if len(group) == 1 or len(named) == 1:
            chosen.append(named[0] if named else group[0])
        elif max(Counter(record.spot.file for record in group).values()) > 1:
            unclear.append(Copies(tuple(group), in_one_file=True))
        else:
            filled = [record for record in group if not record.is_blank] or group[:1]
            if all(_same(record, filled[0]) for record in filled[1:]):
                chosen.append(filled[0])
            else:
                unclear.append(Copies(tuple(filled), in_one_file=False))
    return chosen, unclear


def is_named(record: SheetRecord, names: Sequence[str]) -> bool:
    """Whether a sheet or row is among those that were named on the command line."""
    return record.spot.name in names or record.spot.full_name in names


def _same(one: SheetRecord, other: SheetRecord) -> bool:
    said, faults = read_given(one)
    said_otherwise, other_faults = read_given(other)
    return not faults and not other_faults and said == said_otherwise and one.seal_state == other.seal_state
