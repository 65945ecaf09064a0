"""Search for a chain network whose conclusions durable_rules draws otherwise than plain Python does.

    MALLOC_PERTURB_=165 python bench/replay_oracle.py --networks 1500 --children 35

Networks are made up at random, up to the limits of the safe subset, and asked in this process, so that freed memory that is overwritten
(glibc's MALLOC_PERTURB_) or an AddressSanitizer build of the engine shows. One difference, and it fails and names the seed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Sequence

import durable_rules_engine
from made_up_network import is_there

from engine.replay.process.encoding import Encoding
from engine.replay.process.needs import AllOf, AnyOf, Needs
from engine.replay.process.subset import ChainNetwork, ChainRule, Network, fits
from engine.replay.process.worker import Engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=200)
    parser.add_argument("--children", type=int, default=35, help="sets of signals asked of each network")
    parser.add_argument("--seed", type=int, default=0, help="of the first network; each further one has the next")
    asked = parser.parse_args()
    began = time.monotonic()
    cases = conclusions = differences = 0
    for seed in range(asked.seed, asked.seed + asked.networks):
        chance = random.Random(seed)
        signals, network = made_up(chance)
        encoding = Encoding(network)
        engine = Engine(durable_rules_engine, json.loads(json.dumps(encoding.rules())))
        names = tuple(encoding.signal_codes)
        for _ in range(asked.children):
            share = chance.choice((0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0))
            given = frozenset(signal for signal in signals if chance.random() < share)
            told = sorted(encoding.signal_codes[signal] for signal in given if signal in encoding.signal_codes)
            said = [{names[code] for code in codes} for codes in engine.concluded(told)]
            cases += 1
            conclusions += sum(len({rule.concludes for rule in chain.rules}) for chain in network.chains)
            if said != by_hand(network, given):
                differences += 1
                print(f"seed {seed}: another conclusion", flush=True)
        done = seed - asked.seed + 1
        if done % 100 == 0 or done == asked.networks:
            print(f"{done} networks, {cases:,} cases, {time.monotonic() - began:.0f} s", flush=True)
    perturbed = os.environ.get("MALLOC_PERTURB_", "not set")
    print(f"{conclusions:,} conclusions, {differences} differences (MALLOC_PERTURB_ {perturbed})")
    sys.exit(bool(differences))


def made_up(chance: random.Random) -> tuple[list[str], Network]:
    """Signals, and up to three networks over them and over what the ones before conclude."""
    signals = [f"s{number}" for number in range(chance.choice((4, 8, 25, 80)))]
    names, chains = list(signals), []
    for book in range(chance.choice((1, 2, 3))):
        rules: list[ChainRule] = []
        for number in range(chance.choice((1, 5, 20, 80))):
            concludes = f"b{book}.{number}"
            rules.append(ChainRule(_fitting(chance, names), concludes))
            if chance.random() < 0.3:
                rules.append(ChainRule(chance.choice(signals), concludes))
            if chance.random() < 0.4:
                names.append(concludes)
        chance.shuffle(rules)
        chains.append(ChainNetwork(f"b{book}", tuple(rules)))
    return signals, Network((), tuple(chains))


def _fitting(chance: random.Random, names: Sequence[str]) -> Needs:
    while True:
        needs = _needs(chance, names, chance.choice((0, 1, 2, 3, 4)))
        if fits(needs):
            return needs


def _needs(chance: random.Random, names: Sequence[str], depth: int) -> Needs:
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(names)
    parts = tuple(dict.fromkeys(_needs(chance, names, depth - 1) for _ in range(chance.choice((2, 2, 3, 4, 6)))))
    return parts[0] if len(parts) < 2 else chance.choice((AllOf, AnyOf))(parts)


def by_hand(network: Network, given: frozenset[str]) -> list[set[str]]:
    """What each network concludes, rule by rule until nothing more follows."""
    known, found = set(given), []
    for chain in network.chains:
        concluded: set[str] = set()
        while more := {r.concludes for r in chain.rules if is_there(r.needs, known | concluded)} - concluded:
            concluded |= more
        known |= concluded
        found.append(concluded)
    return found


if __name__ == "__main__":
    main()
