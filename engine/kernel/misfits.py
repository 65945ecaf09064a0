"""Values that do not fit: what a model makes of text, and each misfit told at its place.

Models read text only. A number, a date or a yes/no is what its own letters say and nothing more: pydantic alone would take
86400 for a day in 1970, 1_000 for a number and `no` for false.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from engine.kernel.dates import parse_date

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,14}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SHOWN = 30
_FEW = 8
_SURELY = 0.6
_EXCEL_DAY_0 = date(1899, 12, 30)  # Excel counts 1900-02-29, a day that never was
_EXCEL_DAYS = re.compile(r"[345][0-9]{4}", re.ASCII)  # 1982 to 2064


class StrictModel(BaseModel):
    """Base of everything read from YAML: unknown keys are errors, values do not change, Japanese keys are aliases."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @field_validator("*", mode="before")
    @classmethod
    def _as_written(cls, value: Any, info: ValidationInfo) -> Any:
        """A text stands for a number, a day or true/false only if it is written as one."""
        if not isinstance(value, str) or info.field_name is None:
            return value
        wanted = {a for a in _alternatives(cls.model_fields[info.field_name].annotation) if isinstance(a, type)}
        if str in wanted:
            return value
        if bool in wanted:
            if value not in ("true", "false"):
                raise PydanticCustomError("written_flag", "flag")
        elif int in wanted and not _NUMBER.fullmatch(value):
            if not any(
                value in typing.get_args(a) for a in _alternatives(cls.model_fields[info.field_name].annotation)
            ):
                raise PydanticCustomError("written_number", "number")
        elif date in wanted and not _DAY.fullmatch(value):
            raise PydanticCustomError("written_day", "day")
        return value


def _alternatives(annotation: Any) -> Iterable[Any]:
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        for argument in typing.get_args(annotation):
            yield from _alternatives(argument)
    elif typing.get_origin(annotation) is typing.Annotated:
        yield from _alternatives(typing.get_args(annotation)[0])
    else:
        yield annotation


def near_name(word: str, candidates: Iterable[str], *, cutoff: float = 0.5) -> str | None:
    """The candidate that a person most likely meant, or None when nothing is closer than `cutoff` (1: equal)."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(candidates), n=1, cutoff=cutoff)
    return found[0] if found else None


Words = tuple[str, str, str, str]
"""Number of the code, what, why, remedy."""


def misfit(model: type[BaseModel], item: dict[str, Any]) -> Words:
    """One entry of a ValidationError in words. Rule files hold no personal data, so that the text written is shown."""
    name = next((str(step) for step in reversed(item["loc"]) if isinstance(step, str) and step != "[key]"), "全体")
    kind, value = str(item["type"]), item.get("input")
    match kind:
        case "extra_forbidden":
            keys = _keys_at(model, item["loc"][:-1])
            near = near_name(name, keys)
            hint = f"「{near}」ではありませんか。" if near else "項目名を確かめてください。"
            if len(keys) <= _FEW and not near_name(name, keys, cutoff=_SURELY):
                hint = f"ここに書けるのは、{'・'.join(keys)}です。" if keys else hint
            return "90", f"「{name}」という項目はここに書けません。", "読み飛ばすと意図と違う動きになります。", hint
        case "missing":
            return (
                "91",
                f"「{name}」がありません。",
                "これがないと意味が決まりません。",
                f"「{name}: …」を書き足してください。",
            )
        case "value_error":
            return "92", str(item["ctx"]["error"]), "", "値を直してください。"
        case "literal_error" | "enum":
            why = "意味が決まりません。"
            choices = _choices(item["ctx"]["expected"])
            near = near_name(value, choices.split("・")) if isinstance(value, str) else None
            hint = f"「{near}」ではありませんか。" if near else ""
            if isinstance(value, str) and (begun := [c for c in choices.split("・") if value.startswith(c)]):
                hint = f"「{begun[0]}」だけを書き、書き添えは半角の「 # 」のうしろに書いてください。"
            shown = f"「{_short(value)}」" if isinstance(value, str) else ""
            what = (
                f"「{name}」の値{shown}は選択肢にありません。"
                if value is not None
                else f"「{name}」の値が書かれていません。"
            )
            return "93", what, why, f"{hint}次のどれかにしてください: {choices}"
    return "94", *_wrong_form(name, kind, value)


def _wrong_form(name: str, kind: str, value: Any) -> tuple[str, str, str]:
    shown = f"「{_short(value)}」" if isinstance(value, str) else ""
    if value is None and kind not in ("value_error",):
        return (
            f"「{name}」の値が書かれていません。",
            "空のままでは意味が決まりません。",
            f"「{name}: …」のように値を書くか、その行を消してください。",
        )
    if kind == "written_number" or kind.startswith("int_"):
        return f"「{name}」の値{shown}は数ではありません。", "数として比べられません。", _number_hint(value)
    if kind == "written_day" or kind.startswith(("date_", "datetime_")):
        if isinstance(value, str) and _DAY.fullmatch(value):
            return (
                f"「{name}」の日付{shown}は暦にありません。",
                "いつからのことか決まりません。",
                "日付を確かめてください。",
            )
        return (
            f"「{name}」の値{shown}は日付ではありません。",
            "いつのことか決まりません。",
            _day_hint(value),
        )
    if kind == "written_flag":
        return (
            f"「{name}」の値{shown}は「true」でも「false」でもありません。",
            "そうなのかどうか決まりません。",
            "「true」か「false」と書いてください。",
        )
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        return f"「{name}」の値{shown}が範囲の外です。", "決められた大きさを外れています。", "数を確かめてください。"
    if kind == "string_too_short":
        return (
            f"「{name}」の値が空です。",
            "空のままでは意味が決まりません。",
            f"「{name}: …」のように値を書いてください。",
        )
    if kind == "string_pattern_mismatch" and name == "番号":
        return (
            f"番号{shown}の形が違います。",
            "ほかのシナリオから参照したり、結果を見分けたりできません。",
            "「YC-03」のように、半角の英大文字2〜4字、「-」、数字2〜3桁で書いてください。",
        )
    if kind in ("tuple_type", "list_type", "too_short"):
        return f"「{name}」は一覧です。", "いくつあるのか決まりません。", "「- 」で始まる行に1つずつ書いてください。"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return (
            f"{'ファイル' if name == '全体' else f'「{name}」'}の中身が「項目名: 値」の形になっていません。",
            "何の値か決まりません。",
            "「項目名: 値」の行を、字下げして並べてください。",
        )
    if kind == "string_type":
        return (
            f"「{name}」の値は1つの文で書きます。",
            "一覧や項目の組では意味が決まりません。",
            "「- 」や「: 」のない1行にしてください(文の中に「: 」があるなら引用符でくくってください)。",
        )
    return (
        f"「{name}」の値{shown}の形が違います。",
        "数・日付・一覧などの決まった形で読めません。",
        "ほかの箇所の書き方にならって直してください。",
    )


def _number_hint(value: Any) -> str:
    import unicodedata

    if isinstance(value, str):
        plain = unicodedata.normalize("NFKC", value).replace("\u2212", "-").replace("_", "").replace(",", "").strip()
        plain = re.sub(r"^(-?)\+?0+(?=[0-9])", r"\1", plain).removesuffix(".0").removeprefix("+")
        if _NUMBER.fullmatch(plain):
            return f"「{plain}」のように、半角の数字だけで書いてください。"
    return "「10」のように、半角の数字だけで書いてください(単位は付けません)。"


def _day_hint(value: Any) -> str:
    """The day that a text means in another form: 令和8年4月1日, 2026/4/1, or the number that Excel leaves of a date."""
    if isinstance(value, str):
        day = parse_date(value)
        if isinstance(day, date):
            return f"「{day.isoformat()}」と書いてください(半角の数字で年-月-日)。"
        if _EXCEL_DAYS.fullmatch(value):
            day = _EXCEL_DAY_0 + timedelta(days=int(value))
            return f"Excelの日付の番号なら「{day.isoformat()}」です。半角の数字で年-月-日と書いてください。"
    return "「2026-04-01」のように、半角の数字で年-月-日と書いてください。"


def _short(value: str) -> str:
    return value if len(value) <= _SHOWN else value[:_SHOWN] + "…"


def _choices(expected: str) -> str:
    """pydantic's "'強', '中' or '弱'" as 強・中・弱."""
    return "・".join(re.findall(r"'([^']*)'", expected)) or expected


def _keys_at(model: Any, loc: tuple[str | int, ...]) -> list[str]:
    for step in loc:
        if isinstance(model, type) and issubclass(model, BaseModel):
            model = next((f.annotation for n, f in model.model_fields.items() if step in (n, f.alias)), None)
        else:
            arguments = typing.get_args(model)
            model = next((a for a in reversed(arguments) if a is not Ellipsis), None)  # tuple[X, ...], dict[str, X]
        if typing.get_origin(model) in (types.UnionType, typing.Union):
            model = next((a for a in typing.get_args(model) if a is not type(None)), None)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [f.alias or n for n, f in model.model_fields.items()]
    return []
