"""Words by which a name is told from what is none: whom families and offices call さん, ordinary words that are also names, words before and behind names."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CALLED_WITHOUT_A_NAME = _words("""
    おじ おじい おば おばあ お兄 お医者 お友だち お友達 お姉 お嬢 お子 お孫 お客 お母 お父 お隣 ご近所
    たく どちら どなた みな 伯母 伯父 保健師 保育士 保護者 兄 先生 児童 利用者 医者 友だち 友人 友達 叔母
    叔父 園児 園長 坊 大家 夫 奥 妹 妻 姉 娘 婿 嫁 子 学校 孫 客 家主 店員 弟 息子 患者 担任 担当
    支援員 教頭 旦那 本人 校長 業者 母 母子 母親 民生委員 父 父親 生徒 皆 相談員 相談者 看護師 祖母 祖父
    管理人 警察 赤 近所 隣
""")
"""Who is called さん or ちゃん without being named."""

ORDINARY = _words("""
    一万 一人 一家 一年 一文 一日 一時 一月 一歩 一生 一緒 一行 七月 万一 万人 三人 三千 三女 三日 三時
    三月 三男 上手 下手 世話 中央 中学 中小 中度 中旬 中高生 九月 乳児 二人 二日 二時 二月 五月 今年
    今日 今月 仲間 体育 保安 保育 健康 優先 優秀 元気 兄姉 兄弟 先日 先月 先生 光熱 児童 八月 公平 公正
    六月 冬休 冷静 利益 前年 前日 助成 勇気 北中 医師 十一 十三 十二 十代 十分 十月 千人 千円 千里 南中
    去年 友人 史実 同日 和室 和解 和食 四月 国語 園児 園長 夏休 夏海 夕日 夕食 多分 多子 多少 大事 大人
    大体 大切 大半 大地 大変 大学 大小 天気 太陽 夫妻 夫婦 姉妹 子育 学校 安全 安定 安心 安静 定義 実母
    実父 実行 家庭 対象 将来 少女 少年 希少 希望 平和 平成 平日 平気 平静 年上 年下 年中 年代 年始 年少
    年春 年末 年生 年長 幸福 幸運 幼児 弟妹 当日 後日 心配 愛情 愛着 成人 成年 成長 所在 所得 所見 担任
    担当 教諭 数人 数学 文化 文章 新年 新生 新規 日中 日向 明日 明治 明白 明確 春休 春夏 昨年 昨日 昭和
    昼食 最大 最小 月日 月末 有利 有効 有無 望月 朝日 朝食 未来 本人 本児 来年 東中 栄養 校長 次女 次男
    正常 正式 正月 正直 正規 母子 毎年 毎日 毎月 法人 洋服 父子 父母 理科 生徒 生活 発達 百人 百合 真剣
    真実 知恵 知識 社会 祖母 祖父 祝日 秋冬 秋分 立春 笑顔 算数 結果 美術 義母 義父 翌日 老人 自信 自然
    英語 西中 見出 見学 見守 見本 見直 見通 親子 調和 軽度 通信 週末 道徳 重度 野菜 金子 長女 長男 長音
    青年 音楽 養母 養父 高度 高校 高等
""")
"""Ordinary words of the written language that are also somebody's name. As a name they are covered only before さん and its like."""

CAPITALS = _words("""
    ADHD EPDS HTTP LINE NICU PTSD WISC ZOOM
""")
"""Words in capitals that are no names."""

CALLINGS = _words("""
    教諭 教頭 校長 園長 担任 医師 看護師 保健師 助産師 相談員 支援員 保育士 児童委員 民生委員 弁護士 警部補
    巡査 係長 課長 主査 主事 主任 部長 職員 夫妻 夫婦 宅 家 方 姓
""")
"""Offices and places that follow a surname."""

BEFORE_A_NAME = _words("""
    担当 担任 主治医 医師 教諭 校長 園長 保健師 相談員 支援員 民生委員 児童委員 主任児童委員 近隣 隣家 知人
    友人 同級生 同僚 祖母 祖父 父 母 姉 妹 兄 弟 夫 妻 長男 長女 次男 次女 三男 三女 本児
""")
"""Offices and relations that stand before a name."""

OFFICES = _words("""
    者 課 係 医 員 官 課長 係長 職員 教諭 医師 看護師 保健師 助産師 相談員 支援員 保育士
    地区 学年 部署 窓口 機関
""")
"""What follows 担当 without being a name."""
