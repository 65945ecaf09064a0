"""A city's settings: `kizuki.toml` in its workspace, and the workspace's folders."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from engine.kernel.errors import KizukiError, Place, Problem
from engine.kernel.strict_yaml import near_name
from engine.records.conference import AGENCIES

MOST_LETTERS_OF_AGENCY = 60
SETTINGS_FILE = "kizuki.toml"

SETTINGS_TEMPLATE = """\
# kizuki の設定。値を直したら保存するだけで、次の実行から使われます。

[city]
# 市の名前(会議資料に印刷します)
name = {city}

[conference]
# 基準日の何日後に会議を開くか
days_after_as_of = 7
# 週に話し合える世帯の数。①はこの数を超えても必ず載せ、超えた分に「超過」と示します。
capacity = 50
# 会議資料の部数(2以上なら部ごとに番号を振ったファイルをつくります)
copies = 1
# 一覧に載らないこどもから、毎週無作為に選んで別のシートで見てもらう人数(0なら選びません)
drawn = 3
# 主担当機関として選べる課・機関(1つ1～60字、40まで)。会議資料と進行管理台帳の選択肢になり、この名前ごとに数えます。
# ここにない書き方もできますが、氏名が書かれるおそれがあるため、会議で書かれた言葉として扱います。
agencies = [
    "こども家庭センター",
    "児童相談所",
    "学校・園",
    "学校教育課",
    "保育担当課",
    "母子保健担当課",
    "福祉事務所(生活保護)",
    "障害福祉担当課",
    "教育支援センター",
    "見守りの団体(NPO等)",
]

[processing]
# 使うCPUの数と、判定に使うメモリの上限(人口10万人あたり1GBが目安)
threads = 2
memory = "2GB"

[replay]
# 一覧のこどもは全員、別の仕組みで判定し直します。一覧にないこどもから、毎週無作為に選んで確かめる人数です。
sample = 200
"""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class City(_Section):
    """Whose workspace this is."""

    name: str = Field(min_length=1)


class Conference(_Section):
    """The weekly conference: how many households it can take, when it meets after the as-of day, printed copies, and how
    many children who are not on the list it looks at, drawn by chance. `agencies`: sections and agencies of which one may lead (主担当機関)."""

    days_after_as_of: int = Field(default=7, ge=0, le=31)
    capacity: int = Field(default=50, ge=1, le=2000)
    copies: int = Field(default=1, ge=1, le=100)
    drawn: int = Field(default=3, ge=0, le=30)
    agencies: tuple[str, ...] = Field(default=AGENCIES, min_length=1, max_length=40)

    @field_validator("agencies")
    @classmethod
    def _are_names(cls, agencies: tuple[str, ...]) -> tuple[str, ...]:
        """Each on one line, none twice: the same name in another width would be counted apart."""
        folded = ["".join(normalize("NFKC", name).split()).casefold() for name in agencies]
        if not all(0 < len(name) <= MOST_LETTERS_OF_AGENCY and name.isprintable() for name in agencies):
            raise ValueError("a name has 1 to 60 letters")
        if "" in folded or len(set(folded)) < len(folded):
            raise ValueError("a name stands twice or is blank")
        return tuple(name.strip() for name in agencies)


class Processing(_Section):
    """Machine limits."""

    threads: int = Field(default=2, ge=1, le=64)
    memory: str = Field(default="2GB", pattern=r"^[1-9]\d{0,4}(MB|GB)$")


class Replay(_Section):
    """The second engine: how many children who are not on the list it judges again each week, drawn by chance."""

    sample: int = Field(default=200, ge=0, le=100_000)


class Settings(_Section):
    """All of kizuki.toml."""

    city: City
    conference: Conference = Conference()
    processing: Processing = Processing()
    replay: Replay = Replay()
    _text: bytes = PrivateAttr(default=b"")

    @property
    def text(self) -> bytes:
        """The bytes of kizuki.toml from which these settings were read."""
        return self._text


@dataclass(frozen=True)
class Workspace:
    """The folders of one city. Outputs with names go to `out/`; `runs/` and `store/` hold pseudonyms only."""

    root: Path

    @property
    def rulebooks(self) -> Path:
        """Rulebooks, vocabulary and tier policy, edited by the city."""
        return self.root / "rulebooks"

    @property
    def sources(self) -> Path:
        """Source layouts, edited by the city."""
        return self.root / "sources"

    @property
    def deliveries(self) -> Path:
        """One folder per as-of day with the CSV files as they arrived."""
        return self.root / "deliveries"

    @property
    def quarantine(self) -> Path:
        """Rows to be corrected, one folder per as-of day. Holds personal data like the deliveries themselves."""
        return self.root / "quarantine"

    @property
    def store(self) -> Path:
        """Keyed facts without names."""
        return self.root / "store"

    @property
    def keyring(self) -> Path:
        """The only home of numbers, names and addresses."""
        return self.root / "keyring"

    @property
    def runs(self) -> Path:
        """Published run records."""
        return self.root / "runs"

    @property
    def models(self) -> Path:
        """Trained models and the book that says which one is used. No personal data of anyone."""
        return self.root / "models"

    @property
    def out(self) -> Path:
        """Handouts, with names."""
        return self.root / "out"

    @property
    def vocabulary(self) -> Path:
        """The data-use register and vocabulary."""
        return self.rulebooks / "fields.yaml"

    @property
    def tiers(self) -> Path:
        """The tier policy."""
        return self.rulebooks / "tiers.yaml"

    @property
    def model_definition(self) -> Path:
        """What a model learns from."""
        return self.rulebooks / "model.yaml"

    @property
    def feedback(self) -> Path:
        """What conferences decided and what came of it; pseudonyms only."""
        return self.root / "feedback"

    @property
    def conference(self) -> Path:
        """What people wrote on the sheets, in their words: personal data."""
        return self.root / "conference"

    @property
    def approvals(self) -> Path:
        """The approval book: who approved which content of the rule files."""
        return self.rulebooks / "approvals.yaml"

    @property
    def approved(self) -> Path:
        """Copies of the rule files as they were approved, to show what changed since."""
        return self.rulebooks / "approved"


def open_workspace(folder: Path) -> tuple[Workspace, Settings]:
    """Open a workspace and read its settings. Raises KizukiError (E-CONF) when it is none or a value is wrong."""
    path = folder / SETTINGS_FILE
    if not path.is_file():
        raise KizukiError(
            Problem(
                Place(str(folder)),
                "E-CONF-01",
                f"作業フォルダではありません({SETTINGS_FILE}がありません)。",
                "どの市の設定で動かすか決まりません。",
                "`kizuki init フォルダ` でつくるか、-w で作業フォルダを指定してください。",
            )
        )
    try:
        text = path.read_bytes()
        data = tomllib.loads(text.decode("utf-8-sig").replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise KizukiError(
            Problem(
                Place(SETTINGS_FILE),
                "E-CONF-02",
                "設定ファイルとして読めません。",
                "設定が決まらないまま動かすことはできません。",
                "直前に変更した行の「=」や引用符を確かめてください。文字コードはUTF-8です。",
            )
        ) from None
    try:
        settings = Settings.model_validate(data)
        settings._text = text
        return Workspace(folder), settings
    except ValidationError as error:
        raise KizukiError([_problem(dict(item)) for item in error.errors()]) from None


def _problem(item: dict[str, object]) -> Problem:
    loc = item["loc"]
    assert isinstance(loc, tuple)
    name = ".".join(str(step) for step in loc)
    place = Place(SETTINGS_FILE, field=name)
    if item["type"] == "extra_forbidden":
        known = {name for model in (Settings, City, Conference, Processing) for name in model.model_fields}
        near = near_name(str(loc[-1]), known)
        hint = f"「{near}」ではありませんか。" if near else "名前を確かめてください。"
        return Problem(place, "E-CONF-03", "この設定はありません。", "書いたつもりの設定が効きません。", hint)
    if item["type"] == "missing":
        return Problem(
            place, "E-CONF-04", "この設定がありません。", "これがないと動かせません。", "書き足してください。"
        )
    return Problem(
        place,
        "E-CONF-05",
        "値の形か範囲が違います。",
        "このままでは動かせません。",
        "設定ファイルの説明にならって直してください。",
    )
