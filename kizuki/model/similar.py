"""`kizuki model similar`: past households that were like a child's before they were registered, what was decided, and how it went. Pseudonyms only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.audit.runs import open_run
from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.feedback import read_feedback
from engine.records.similar import SimilarCases
from engine.store.places import protected_people
from kizuki.past_facts import open_past_snapshot
from kizuki.rules.past import load_past_rules
from kizuki.settings import open_workspace
from kizuki.similar_week import tiers_of
from ml_overlay.register.files import StoredModel
from ml_overlay.scoring.outcome import NotScored
from ml_overlay.scoring.score_week import model_for_week
from ml_overlay.similar.for_children import explained_today, hardship_type_asked, similar_for
from ml_overlay.similar.index import INDEX_FILE, PastIndex, UnreadableIndexError, read_index
from ml_overlay.similar.text import why_no_text
from ml_overlay.similar.words import conference_words
from reports.similar_words import CAUTION, similar_lines
from reports.trace.make import Tracer

if TYPE_CHECKING:
    from rich.console import Console

_WAITING = "過去の世帯と比べています"


def print_similar(folder: Path, child: str, run: str | None, console: Console) -> None:
    """Past households like those of the children that a number means (`kizuki trace`), as of a run (None: the newest), by the model in use now.

    Raises KizukiError: E-RUN-01, -02 and -07 to -09 where run, child or store are not there, E-MODEL-70 where no model is in use or it could not be asked,
    E-MODEL-71 where it was made without an index of past cases.
    """
    workspace, settings = open_workspace(folder)
    record = open_run(workspace.runs, run)
    keys = Tracer(record).meant(child)
    in_use = model_for_week(workspace.models)
    if isinstance(in_use, NotScored):
        raise KizukiError(_no_model(in_use))
    stored, _ = in_use
    index = _index(stored)
    tiers = tiers_of(record.decisions(), keys)
    asked = {key: hardship_type_asked(tiers[key], stored.model.types) for key in keys}
    rules = load_past_rules(record, record.as_of)
    facts = open_past_snapshot(workspace, settings.processing, record, rules.vocabulary, rules.layouts)
    with facts as snapshot, console.status(_WAITING):
        today = explained_today(snapshot, rules.plan, stored.model, keys)
        if isinstance(today, NotScored):
            raise KizukiError(_no_model(today))
        found = similar_for(
            snapshot,
            index,
            today,
            asked,
            hidden=protected_people(workspace.store),
            decisions=conference_words(read_feedback(workspace.feedback), record.as_of),
        )
    console.print("\n".join(shown(found, record.run_id, why_no_text(rules.vocabulary))), markup=False)


def shown(found: Mapping[str, SimilarCases], run_id: str, no_text: str) -> Iterator[str]:
    """What the terminal shows, line by line."""
    for key, similar in found.items():
        yield f"整理番号 {key} (実行 {run_id})"
        yield from similar_lines(similar)
        yield ""
    yield f"※ {CAUTION}"
    if no_text:
        yield f"※ {no_text}。事実だけで比べています。"


def _index(stored: StoredModel) -> PastIndex:
    """The past cases beside a model. Raises KizukiError E-MODEL-71 where there are none, or where they are not the model's."""
    content = stored.extra.get(INDEX_FILE)
    try:
        if content is not None:
            return read_index(content, stored.model)
    except UnreadableIndexError:
        pass
    raise KizukiError(
        Problem(
            Place(f"models/{stored.files.model_id}/{INDEX_FILE}"),
            "E-MODEL-71",
            "使っているモデルに、過去の案件の控えがないか、モデルと合いません。",
            "登録の前のようすが分からないため、似た世帯を示せません。",
            "`kizuki model train` でモデルをつくり直し、`kizuki model approve` で承認してください。",
        )
    )


def _no_model(missing: NotScored) -> Problem:
    return Problem(
        Place("models"),
        "E-MODEL-70",
        missing.reason,
        "どの世帯が似ているかは、承認したモデルの見方で決めるため、示せません。",
        "`kizuki model train` でモデルをつくり、`kizuki model approve` で承認してください。",
    )
