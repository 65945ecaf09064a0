"""A workspace with one run, made of the made-up week that templates are checked with, and a keyring that knows its people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from engine.audit.run_record import RunContents
from engine.audit.runs import publish, seal_run
from engine.linkage.keyring import REGISTER, open_keyring
from engine.records.case import Casebook
from kizuki.settings import SETTINGS_FILE, SETTINGS_TEMPLATE, Workspace
from reports.placeholders.sample import RUN, sample_people, sample_week


def make_sample_workspace(folder: Path, book: Casebook | None = None, protected: frozenset[str] = frozenset()) -> Workspace:
    """`protected`: people who are under protection in the newest register."""
    workspace = Workspace(folder)
    folder.mkdir(parents=True)
    (folder / SETTINGS_FILE).write_text(SETTINGS_TEMPLATE.format(city='"見本市"'), encoding="utf-8")
    book = book or sample_week()
    children = pa.table({"child_key": [child.child_key for case in book.cases for child in case.children]})
    said = {"as_of": book.as_of.isoformat(), "previous_run": None, "deliveries": [], "rulebooks": {}, "sources": {}, "replay": "一致"}
    publish(workspace.runs, seal_run(RUN, said, RunContents(children, children, (), book, {}, {})))
    people = [
        {
            **dict.fromkeys(REGISTER.names), "person_key": key, "household_key": f"H{key[1:8]}", "resident_status": "住民", "name": one.name, "kana": one.kana,
            "born_on": one.born_on, "town": "東本小路", "lot": "2番地1", "protected": key in protected,
        }
        for key, one in sorted(sample_people().items())
    ]
    open_keyring(workspace.keyring).put("register", pa.Table.from_pylist(people, schema=REGISTER), date(2026, 11, 20))
    return workspace
