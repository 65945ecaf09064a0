"""Making a workspace: `kizuki init`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from engine.kernel.durable import write_whole
from engine.kernel.errors import KizukiError, Place, Problem
from engine.rulebook.authoring.schema import SCHEMA_FILE
from kizuki.authoring.schema import schema_of
from kizuki.rules.approved_texts import keep_all_approved
from kizuki.settings import SETTINGS_FILE, SETTINGS_TEMPLATE, Workspace

_STARTER = Path(__file__).resolve().parent.parent
_README = """\
このフォルダは kizuki の作業フォルダです。

  kizuki.toml   設定(定員・会議の日など)
  rulebooks/    ルールブックと項目台帳(直してよい。直したら kizuki rules approve で承認する)
                approvals.yaml は承認簿、approved/ は承認したときの控え(どちらも直さない)
  sources/      受領データの取り込み定義(製品や版が替わったら直す)
  deliveries/   受領データ。基準日ごとのフォルダ(例 2026-11-20)にCSVを置く
  quarantine/   読み込めなかった行(直して _訂正.csv として deliveries/ に置く)。個人情報
  keyring/      氏名・宛名番号と整理番号の対応。個人情報。ほかの人に渡さない
  store/        名前を含まない事実
  models/       モデル。使うモデルは kizuki model approve で決める(approvals.yaml は承認簿。直さない)
  runs/         実行の記録(監査用)
  out/          会議資料と開示の紙。個人情報
  conference/   会議で書かれたこと(読み取った判断・理由・結果)。個人情報
  feedback/     会議で分かったことの控え(整理番号だけ。モデルの学習と集計に使う)
  disclosures/  開示をした記録(氏名は残らない)
"""


def make_workspace(folder: Path, city: str, *, starter: Path | None = None) -> Workspace:
    """Make the folders of a new workspace with a copy of the starter rulebooks and source layouts.

    Nothing that exists is overwritten: a folder that already is a workspace is refused (E-CONF-06).
    """
    workspace = Workspace(folder)
    if (folder / SETTINGS_FILE).exists():
        raise KizukiError(
            Problem(
                Place(str(folder)),
                "E-CONF-06",
                "すでに作業フォルダがあります。",
                "上書きすると、直したルールや設定が失われます。",
                "別のフォルダ名にするか、そのまま使ってください。",
            )
        )
    origin = starter or _STARTER
    if not (origin / "rulebooks" / "fields.yaml").is_file():
        raise KizukiError(
            Problem(
                Place(str(origin)),
                "E-CONF-07",
                "ひな形のrulebooksとsourcesが見つかりません。",
                "ルールのない作業フォルダでは判定できません。",
                "--starter で、rulebooksとsourcesのあるフォルダを指定してください。",
            )
        )
    schema = schema_of(Workspace(origin))  # first of all, for it tells what is wrong with the starter's vocabulary
    for name in ("rulebooks", "sources"):
        shutil.copytree(origin / name, folder / name, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    write_whole(workspace.rulebooks / SCHEMA_FILE, schema)
    keep_all_approved(workspace)
    # Facts and run records name nobody, but with a register at hand they could be told apart: they are private too.
    for private in (
        workspace.deliveries, workspace.keyring, workspace.quarantine, workspace.store, workspace.runs, workspace.out
    ):  # fmt: skip
        private.mkdir(mode=0o700, exist_ok=True)
        private.chmod(0o700)
    write_whole(folder / "README.txt", _README.encode())
    write_whole(folder / SETTINGS_FILE, SETTINGS_TEMPLATE.format(city=json.dumps(city, ensure_ascii=False)).encode())
    return workspace
