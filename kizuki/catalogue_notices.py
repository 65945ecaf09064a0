"""What the catalogue of deliveries says that somebody should know, on every run and not only when a file is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from engine.intake.wording import problem
from engine.kernel.errors import Place, Problem
from engine.linkage.deliveries import PROTECTION_SOURCE
from engine.records.layout import Layout
from engine.records.linked import LinkStatus
from engine.records.vocabulary import Vocabulary
from engine.store.catalogue import Entry, read_catalogue


def catalogue_notices(store: Path, layouts: Mapping[str, Layout], vocabulary: Vocabulary, as_of: date) -> list[Problem]:
    """Protected numbers that belong to no resident, and sources read with definitions that have changed since.

    Looks at the deliveries in use on a day: of a 全件 source the newest with its corrections, of a 追加 source all.
    Counts and names of sources only; never a number.
    """
    known = [entry for entry in read_catalogue(store) if entry.as_of <= as_of]
    notices: list[Problem] = []
    for source, layout in layouts.items():
        mine = [entry for entry in known if entry.source == source]
        if layout.delivery == "全件":
            full = max((entry.as_of for entry in mine if not entry.is_correction), default=date.min)
            mine = [entry for entry in mine if entry.as_of >= full]
        if source == PROTECTION_SOURCE:
            notices += _nobody_of_ours(mine)
        notices += _read_differently(mine, layout, vocabulary.reading_sha256(source))
    return notices


def _nobody_of_ours(entries: Sequence[Entry]) -> Iterator[Problem]:
    lost = {entry.file: entry.statuses.get(LinkStatus.UNLINKED.value, 0) for entry in entries}
    if count := sum(lost.values()):
        yield problem("W-PROT-01", Place(max(file for file, number in lost.items() if number)), count=count)


def _read_differently(entries: Sequence[Entry], layout: Layout, reading: str) -> Iterator[Problem]:
    changed = []
    for entry in entries:
        then = ((entry.layout_sha256, layout.sha256), (entry.vocabulary_sha256, reading))
        if any(before and today and before != today for before, today in then):
            changed.append(entry)
    if changed:
        yield Problem(
            Place(changed[-1].file),
            "W-STORE-01",
            f"「{layout.label}」は、いまとは違う取り込み定義か項目台帳で読み込んだものです({len(changed)}ファイル)。",
            "定義を直した後も、保管した事実は前の定義のままです。",
            "直した定義で読み直すときは、keyringはそのままにして、storeを空にして取り込み直してください。",
        )
