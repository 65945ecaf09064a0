"""Rule discovery on a demo city: do findings hold in other households, are they found again, how long does it take; beside pysubgroup and imodels' SkopeRules.

    python -P bench/discovery.py 作業 --save 証拠 [--type abuse]      gather the evidence once, a file a type
    python -P bench/discovery.py --evidence 証拠 [--peers]        measure on it, with --peers also those of the two that can be imported

The workspace needs its deliveries, a filled store and rulebooks/model.yaml. Households are parted 60 : 40 four times by hash; a method searches in the 60 and is judged
in the 40: share of its conjunctions whose lift there is above 1.5, share of all positives there that they find together, and how alike what it found is between the
partings (Jaccard of topics: of whom and what of). All get the same sentences, so that only the search differs. The hidden truth is not read.
"""

from __future__ import annotations

import argparse
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import numpy as np

from ml_overlay.discovery.search import Evidence, figures, search
from ml_overlay.discovery.sentences import Candidate

Bank = Sequence[Candidate]
Conjunctions = list[tuple[int, ...]]
Method = Callable[[Evidence, Bank], Conjunctions]
_PARTINGS = 4
_MOST = 10


def main() -> None:
    """Gather, or measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path, nargs="?")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--evidence", type=Path)
    parser.add_argument("--type", dest="kinds", action="append")
    parser.add_argument("--peers", action="store_true")
    arguments = parser.parse_args()
    if arguments.workspace and arguments.save:
        _gather(arguments.workspace, arguments.save, arguments.kinds)
    for path in sorted((arguments.evidence or Path()).glob("*.pickle")) if arguments.evidence else ():
        if not arguments.kinds or path.stem in arguments.kinds:
            evidence, bank = pickle.loads(path.read_bytes())  # noqa: S301 - what this script itself saved
            _measure(path.stem, evidence, bank, arguments.peers)


def _gather(workspace: Path, folder: Path, kinds: Sequence[str] | None) -> None:
    from engine.records.case import HARDSHIP_LABELS
    from engine.store.snapshot import open_snapshot
    from kizuki.rules.files import load_rule_files, newest_day
    from kizuki.settings import open_workspace
    from ml_overlay.cohorts.days import PastDays
    from ml_overlay.discovery.gathering import gather

    opened, _ = open_workspace(workspace)
    rules = load_rule_files(opened, newest_day(opened))
    assert rules.model is not None
    start = time.perf_counter()
    with open_snapshot(opened.store, rules.vocabulary, rules.layouts, rules.rulebooks.as_of, threads=1) as newest:
        days = PastDays(newest, rules.layouts, opened.store)
        found, without = gather(days, rules.plan, rules.rulebooks, rules.model, kinds or HARDSHIP_LABELS)
    print(f"gathered in {time.perf_counter() - start:.0f} s")
    for kind, reason in without.items():
        print(f"{kind}: none, {reason}")
    folder.mkdir(parents=True, exist_ok=True)
    for kind, material in found.items():
        (folder / f"{kind}.pickle").write_bytes(pickle.dumps((material.evidence, material.bank)))


def _measure(kind: str, evidence: Evidence, bank: Bank, peers: bool) -> None:
    print(f"{kind}: {len(evidence.label):,} children, {len(bank)} sentences, {int(evidence.label.sum())} positives")
    methods: dict[str, Method] = {"own": _own, **(_peers() if peers else {})}
    for name, method in methods.items():
        start = time.process_time()
        whole = method(evidence, bank)
        seconds = time.process_time() - start
        print(f"  {name}: {len(whole)} found in {seconds:.1f} s CPU; {_over_partings(evidence, bank, method)}")
    start = time.process_time()
    print(
        f"  planted conjunctions found by own search: {sum(_planted(evidence, bank, seed) for seed in range(5))} of 5"
    )


def _over_partings(evidence: Evidence, bank: Bank, method: Method) -> str:
    lifts: list[float] = []
    recalls: list[float] = []
    topics: list[set[tuple[str, ...]]] = []
    pairs: list[set[frozenset[tuple[str, ...]]]] = []
    sizes: list[int] = []
    for searched, judged in _partings(evidence):
        found = method(evidence.of(searched), bank)
        rest = evidence.of(judged)
        rows = [rest.met[:, list(one)].all(axis=1) for one in found]
        lifts += [figures(row, rest.label).lift for row in rows]
        sizes += [len(one) for one in found]
        any_of = np.logical_or.reduce(rows) if rows else np.zeros(len(rest.label), dtype=bool)
        recalls.append(float((any_of & rest.label).sum() / rest.label.sum()))
        topics.append({bank[index].topic for one in found for index in one})
        pairs.append({frozenset(bank[index].topic for index in one) for one in found})
    if not lifts:
        return "nothing found in any parting"
    return (
        f"{np.mean(sizes):.1f} conditions, lift above 1.5 elsewhere {np.mean(np.array(lifts) > 1.5):.2f} of {len(lifts)}, recall {np.mean(recalls):.2f}, "
        f"alike: topics {_alike(topics):.2f}, conjunctions {_alike(pairs):.2f}"
    )


def _alike(sets: Sequence[set]) -> float:  # type: ignore[type-arg]
    return float(np.mean([len(a & b) / max(1, len(a | b)) for a, b in combinations(sets, 2)]))


def _partings(evidence: Evidence) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    import hashlib

    for seed in range(_PARTINGS):
        digits = [int(hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()[:8], 16) for key in evidence.household_keys]
        searched = np.array(digits) % 10 < 6
        yield searched, ~searched


def _planted(evidence: Evidence, bank: Bank, seed: int) -> bool:
    """Whether two sentences of different topics are found, if for four in ten who meet both the label is made to come true."""
    random = np.random.default_rng(seed)
    counts = evidence.met.T.astype(np.float32) @ evidence.met.astype(np.float32)
    usable = [
        (i, j)
        for i, j in combinations(range(len(bank)), 2)
        if 60 <= counts[i, j] <= 200
        and bank[i].topic != bank[j].topic
        and not (bank[i].is_target or bank[j].is_target)
        and counts[i, j] < 0.5 * min(counts[i, i], counts[j, j])
    ]
    i, j = usable[int(random.integers(len(usable)))]
    both = evidence.met[:, i] & evidence.met[:, j]
    label = evidence.label & ~(evidence.met[:, i] | evidence.met[:, j]) | (both & (random.random(len(both)) < 0.4))
    found = search(replace(evidence, label=label), bank)
    return any({bank[k].topic for k in one.sentences} == {bank[i].topic, bank[j].topic} for one in found)


# ── methods ──


def _own(evidence: Evidence, bank: Bank) -> Conjunctions:
    return [finding.sentences for finding in search(evidence, bank)]


def _peers() -> dict[str, Method]:
    found: dict[str, Method] = {}
    for name, module, method in (("pysubgroup", "pysubgroup", _pysubgroup), ("imodels SkopeRules", "imodels", _skope)):
        if find_spec(module):
            found[name] = method
        else:
            print(f"{module} cannot be imported here: not measured")
    return found


def _pysubgroup(evidence: Evidence, bank: Bank) -> Conjunctions:
    import pandas as pd
    import pysubgroup as ps  # type: ignore[import-not-found]

    frame = pd.DataFrame(
        {f"s{index}": evidence.met[:, index] for index in range(len(bank))} | {"label": evidence.label}
    )
    selectors = [ps.EqualitySelector(f"s{index}", True) for index in range(len(bank))]
    task = ps.SubgroupDiscoveryTask(
        frame, ps.BinaryTarget("label", True), selectors, result_set_size=_MOST, depth=2, qf=ps.StandardQF(0.5)
    )
    rules = ps.BeamSearch(beam_width=50).execute(task).to_descriptions()
    return [tuple(int(selector.attribute_name[1:]) for selector in rule.selectors) for _, rule, *_ in rules]


def _skope(evidence: Evidence, bank: Bank) -> Conjunctions:
    from imodels import SkopeRulesClassifier  # type: ignore[import-not-found]

    names = [f"s{index}" for index in range(len(bank))]
    model = SkopeRulesClassifier(max_depth=2, n_estimators=50, precision_min=0.05, recall_min=0.01, random_state=0)
    model.fit(evidence.met.astype(float), evidence.label.astype(int), feature_names=names)
    found: Conjunctions = []
    for rule in model.rules_:
        text = str(getattr(rule, "rule", rule))
        parts = [part.split() for part in text.split(" and ")]
        if all(part[1] == ">" for part in parts):  # the absence of a flag is no reason
            found.append(tuple(dict.fromkeys(int(part[0][1:]) for part in parts)))
    return found[:_MOST]


if __name__ == "__main__":
    main()
