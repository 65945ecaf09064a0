"""Limits that a process of ours sets itself before it does what may go wrong: the second engine, the scoring of a model."""

from __future__ import annotations


def limit_this_process(memory_bytes: int, cpu_seconds: int, file_bytes: int | None = None) -> dict[str, int]:
    """Limit memory, computing time and, if asked, the size of written files, as far as the platform can; no core is dumped.

    Gives the limits that are in force: none on Windows, where the parent's limit of time is all there is.
    """
    try:
        import resource
    except ImportError:  # Windows
        return {}
    wanted = {
        "memory_bytes": (resource.RLIMIT_AS, memory_bytes),
        "cpu_seconds": (resource.RLIMIT_CPU, cpu_seconds),
        "core_bytes": (resource.RLIMIT_CORE, 0),
    }
    if file_bytes is not None:
        wanted["file_bytes"] = (resource.RLIMIT_FSIZE, file_bytes)
    in_force = {}
    for name, (kind, most) in wanted.items():
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # not on this platform, or a stricter one is already set
            continue
        in_force[name] = most
    return in_force
