"""The process in which a model is applied: reads one question from its input, answers it, and ends.

    python -I -B -m ml_overlay.scoring.worker

It is told numbers and the pseudonymous keys of households (which decide about folds); it reads and writes no file, knows no child, and says nothing on
the error stream. `question.py` tells both sides' words.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

from engine.kernel.child_process import answer_on_pipes, limit_this_process

if TYPE_CHECKING:
    from ml_overlay.learning.model import TypeModel

_NOT_NEEDED = ("pandas", "sklearn", "matplotlib", "graphviz", "dask", "pyarrow", "polars", "cffi")
"""What LightGBM loads if it finds it, for conveniences that are not used here: most of the time that a start takes."""
_COLUMNS, _SUMS, _MEMORY, _REFUSED, _UNLOADABLE = "columns", "sums", "memory", "refused", "unloadable"


def answer_to(head: dict[str, Any], body: BinaryIO) -> list[bytes]:
    """The parts of the answer, type by type: log odds, and if reasons are asked for, bases and contributions.

    Raises whatever goes wrong; nothing of it leaves the process but its kind.
    """
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    from ml_overlay.features.feature import FeatureTable
    from ml_overlay.learning.predict import contributions, log_odds
    from ml_overlay.scoring.question import day_of, features_of, model_of, read_households, read_values

    features = features_of(head["features"])
    values = read_values(body, head["rows"], len(features))
    households = read_households(body, head["households"])
    table = FeatureTable(day_of(head["as_of"]), households, households, features, values)
    models = [model_of(said, body) for said in head["types"]]

    def of_type(model: TypeModel) -> list[bytes]:
        parts = [np.ascontiguousarray(log_odds(model, table), dtype="<f8").tobytes()]
        if head["explain"]:
            told = contributions(model, table, np.arange(head["rows"], dtype=np.int64))
            parts.append(np.ascontiguousarray(told.base, dtype="<f8").tobytes())
            parts.append(np.ascontiguousarray(told.values, dtype="<f8").tobytes())
        return parts

    # Types have nothing to do with each other: side by side they give the same bytes, sooner.
    with ThreadPoolExecutor(max_workers=head["threads"]) as pool:
        return [part for parts in pool.map(of_type, models) for part in parts]


def serve(question: BinaryIO, answers: BinaryIO) -> int:
    """Answer the one question. Gives the exit status."""

    def say(**said: object) -> None:
        answers.write(json.dumps(said, separators=(",", ":")).encode("ascii") + b"\n")

    head = json.loads(question.readline())
    in_force = limit_this_process(**head["limits"], file_bytes=0)
    for name in _NOT_NEEDED:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's own way to say that a module is not there
    try:
        from ml_overlay.learning.predict import MissingColumnsError
    except (ImportError, OSError):  # not installed, or no room to load it
        say(failed=_UNLOADABLE)
        return 1
    except MemoryError:
        say(failed=_MEMORY)
        return 1
    try:
        parts = answer_to(head, question)
    except MissingColumnsError:
        say(failed=_COLUMNS)
        return 1
    except ArithmeticError:
        say(failed=_SUMS)
        return 1
    except MemoryError:
        say(failed=_MEMORY)
        return 1
    except (
        Exception
    ):  # LightGBM's own, or a question that is none; its text is left out, for it may hold what was asked
        say(failed=_REFUSED)
        return 1
    say(ok=in_force)
    for part in parts:
        answers.write(part)
    return 0


def main() -> None:
    """Keep the two pipes for question and answer."""
    answer_on_pipes(serve)


if __name__ == "__main__":
    main()
