"""A finding in words: how many, how much more often, how steady. Without a percentage, a cause or a judgement of a family."""

from __future__ import annotations

from collections.abc import Iterator

from ml_overlay.discovery.gathering import Material
from ml_overlay.discovery.search import Figures, Finding

SMALLEST = 8
"""Fewer than this could point at somebody."""

_ENOUGH = 10


def people(count: int) -> str:
    """A number of children as printed.

    >>> people(7), people(1234)
    ('7人以下', '1,234人')
    """
    return f"{SMALLEST - 1}人以下" if count < SMALLEST else f"{count:,}人"


def per_hundred(share: float) -> str:
    """A share in words.

    >>> per_hundred(0.004), per_hundred(0.29)
    ('1人に満たない', '約29人')
    """
    number = round(100 * share)
    return f"約{number}人" if number else "1人に満たない"


def times(lift: float) -> str:
    """How many times as often.

    >>> times(6.94), times(12.4)
    ('約6.9倍', '約12倍')
    """
    return f"約{lift:.1f}倍" if lift < 10 else f"約{lift:.0f}倍"


def afterwards(material: Material) -> str:
    """What came true afterwards, in the label's own words."""
    return f"「{material.label.text}」"


def finding_lines(material: Material, finding: Finding) -> Iterator[str]:
    """What was found, as comments of a draft and as the lines of the paper."""
    found, everybody = finding.figures, material.evidence
    base = float(everybody.label.mean())
    yield (
        f"見つかったこと: 過去の記録で当たったこども{people(found.children)}のうち{people(found.hits)}が、"
        f"そのあと{afterwards(material)}に当てはまりました。"
    )
    yield (
        f"  当たったこども100人あたりでは{per_hundred(found.hits / found.children)}(確かさの幅は100人あたり{round(100 * found.low)}〜{round(100 * found.high)}人)。"
        f"対象のこども全体では100人あたり{per_hundred(base)}なので、{times(found.lift)}です。"
    )
    yield (
        f"揺れにくさ: 世帯を半分に分けて調べ直した{finding.halves}回のうち{finding.found_in}回で、同じ話題の組が見つかりました。"
        f"調べるのに使わなかった半分の世帯でも{times(finding.elsewhere.lift)}でした。"
    )
    yield f"時期: {_in_time(finding)}"
    yield (
        f"いまのシナリオに加わるもの: 過去の記録で、この類型のどのシナリオにも当たっていなかったのは{people(finding.new_children)}"
        f"(そのうちあとで当てはまったのは{people(finding.new_hits)})です。"
    )


def _in_time(finding: Finding) -> str:
    parts = [
        (name, part) for name, part in (("前の時期", finding.earlier), ("後の時期", finding.later)) if part is not None
    ]
    if not parts:
        return "1つの時点の記録しかないため、時期による違いは分かりません。"
    return "、".join(f"{name}は{_one_time(part)}" for name, part in parts) + "。"


def _one_time(part: Figures) -> str:
    return times(part.lift) if part.children >= _ENOUGH else "当たったこどもが少なく、分かりません"
