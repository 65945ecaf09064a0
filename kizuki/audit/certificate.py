"""A verification in words: for the screen, and for the file that an auditor keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from kizuki.audit.findings import Check
from kizuki.audit.inputs import in_fours
from kizuki.audit.verify import Verification

_SHOWN = 20


def certificate_lines(verification: Verification, city: str, verified_on: date) -> Iterator[str]:
    """The result line by line: what was compared, what differs and why it may be so, hashes and versions. No name, no fact."""
    v = verification
    yield f"実行の記録の検証  {v.run_id}(基準日 {v.as_of.isoformat()})  {city}"
    yield f"確かめた日 {verified_on.isoformat()}"
    yield ""
    for check in v.checks:
        yield f"{_mark(check)} {check.name}: {check.compared}"
        yield from (f"    {note}" for note in check.notes)
    yield ""
    yield from _result(v)
    yield ""
    yield f"目録の封(seal)     {v.seal or 'なし'}"
    yield f"記録の見出し       {in_fours(v.head) or 'なし'}(会議資料の表紙にあるものと同じなら、この記録からつくられた資料です)"
    yield f"判定の内容のハッシュ {v.decisions_content}"
    yield f"再現               {v.verdict}"
    yield f"記録の版           {_versions(v)}"
    for name, (then, now) in v.versions.items():
        yield f"いまの版との違い   {name}: 記録 {_short(then)}、いま {_short(now)}"


def _mark(check: Check) -> str:
    return "○" if check.holds else "－" if check.not_done and not check.findings else "×"


def _result(v: Verification) -> Iterator[str]:
    if v.confirmed:
        yield "検証できました。この記録は、保管した受領データと記録のルールから、同じ結果になります。"
        if "code" in v.versions:
            yield "判定のプログラムは記録のときと違いますが、判定、一覧、決め手になった記録は同じでした。"
            yield "文面(事実の言い表し方など)までは、記録の版の kizuki でなければ確かめられません。違うところは上に示しました。"
        return
    total = sum(found.count for found in v.findings)
    yield f"検証できませんでした。違いは全部で{total:,}か所です。"
    for number, found in enumerate(v.findings[:_SHOWN], start=1):
        yield f"{number}. {found.problem.place} {found.problem.code} {found.problem.what}"
        yield f"   {found.problem.remedy}"
    if len(v.findings) > _SHOWN:
        yield f"ほか{len(v.findings) - _SHOWN}件"
    yield f"{v.findings[0].problem.why}" if v.findings else "確かめられない部分があります。"
    if causes := v.causes():
        yield "考えられる原因(ありそうな順)"
        yield from (f"  {number}. {cause}" for number, cause in enumerate(causes, start=1))


def _versions(v: Verification) -> str:
    return "、".join(f"{name} {_short(version)}" for name, version in v.recorded_versions.items())


def _short(version: str | None) -> str:
    if version is None:
        return "なし"
    return f"{version[:16]}…" if len(version) > 20 else version
