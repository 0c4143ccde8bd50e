"""Words of the trail: what is said when the ledger was verified, and when it is not whole."""

from __future__ import annotations

__all__ = ["TRAIL"]

TRAIL: dict[str, tuple[str, str]] = {
    # where
    "trail.entry": (
        "区县 {district} 台账第 {position} 条（案件 {case_id}）：",
        "District {district}, entry {position} (case {case_id}): ",
    ),
    "trail.chain": ("台账 {district} {case_id}：", "Ledger {district} {case_id}: "),
    # what
    "trail.unreadable": ("内容无法读取。", "it cannot be read."),
    "trail.missing": ("本条缺失。", "it is missing."),
    "trail.hash": (
        "哈希与前一条及本条内容不符，内容或哈希被改动。",
        "its hash does not follow from the entry before and its own words: one of them was altered.",
    ),
    "trail.byte": (
        "第 {byte} 字节现为 {found}，签入时为 {said}。",
        " Byte {byte} of it is {found}; when it was hashed it was {said}.",
    ),
    "trail.kept": (
        "内容未变，被改动的是哈希本身。",
        " Its words are those that were hashed: the hash itself was altered.",
    ),
    "trail.place": (
        "内容写明属于 {said}，与所在位置不符。",
        "it says that it belongs to {said}, which is not where it stands.",
    ),
    "trail.column": (
        "列 {column} 为 {found}，已签入的内容为 {said}。",
        "the column {column} is {found}, but what was hashed says {said}.",
    ),
    "trail.version": (
        "案件版本为 {found}，应为 {said}。",
        "it is version {found} of its case, where {said} was to follow.",
    ),
    "trail.head": (
        "链头记为第 {found} 条，与最后一条不符。",
        "the head of the chain names entry {found}, which is not what the last entry is.",
    ),
    "trail.stray": ("表 {table} 中 seq {seq} 不属于任何链。", "seq {seq} of the table {table} belongs to no chain."),
    "trail.case": (
        "案件列 {column} 为 {found}，按台账应为 {said}。",
        "the column {column} of the case is {found}, its entries say {said}.",
    ),
    "trail.case_missing": ("案件本身不存在，台账仍在。", "the case itself is gone, its entries are there."),
    "trail.case_behind": (
        "案件停在 seq {found}，台账已有之后的记录。",
        "the case stands at seq {found}, its entries go further.",
    ),
    "trail.case_unreadable": ("案件本身无法读取。", "the case itself cannot be read."),
    "trail.signed": (
        "与 {name} 已签名的链头不符：签名之后，此条或之前的记录被改写。",
        "it is not the entry that was signed in {name}: it, or one before it, was rewritten since.",
    ),
    "trail.short": (
        "{name} 签名时已有第 {found} 条，现仅有 {said} 条。",
        "{name} was signed when there were {found} entries, now there are {said}.",
    ),
    "trail.no_chain": ("{name} 已签名的链不存在。", "a chain that was signed in {name} is not there."),
    "trail.signature": ("{name} 的签名无效。", "the signature of {name} is not valid."),
    "trail.other_key": (
        "{name} 由另一密钥 {found} 签名，不是 {said}。",
        "{name} was signed with another key, {found} and not {said}.",
    ),
    "trail.not_heads": ("{name} 不是链头文件。", "{name} is not a file of signed heads."),
    # what cannot be attached
    "file.type": (
        "文件类型不受支持：仅限 JPEG、PNG、GIF、WebP、PDF、MP4。",
        "This kind of file is not taken: JPEG, PNG, GIF, WebP, PDF and MP4 are.",
    ),
    "file.empty": ("文件为空。", "The file is empty."),
    "file.large": ("文件超过 {most} MB。", "The file has more than {most} MB."),
    "file.many": ("每个案件最多 {most} 个附件。", "A case has {most} files at most."),
    "sheet.busy": (
        "正在导出的表格已达上限，请 {seconds} 秒后重试。",
        "As many tables as may be are being written just now: ask again in {seconds} s.",
    ),
    "file.kind": (
        "“{kind}”不是附件类别（before、after、other）。",
        "“{kind}” is no kind of attachment: before, after, other.",
    ),
    # how it went
    "trail.whole": (
        "台账完好：{entries} 条，{cases} 个案件，{chains} 条链。",
        "The ledger is whole: {entries} entries, {cases} cases, {chains} chains.",
    ),
    "trail.not_scrubbed.sqlite": (
        "已抹除，但有人正在读取数据库，日志中仍留有旧内容；服务的守护进程稍后会清理。",
        "It is erased, but somebody is reading the database, and its log still has the old rows: "
        "the steward of the hall clears it later.",
    ),
    "trail.not_scrubbed.postgresql": (
        "已抹除，但磁盘上仍留有旧行。请由该表的所有者执行：VACUUM FULL personal",
        "It is erased, but PostgreSQL still has the old rows on its disk. Have the table's owner run: "
        "VACUUM FULL personal",
    ),
    "trail.verified": ("已校验至第 {position} 条", "verified up to entry {position}"),
    "trail.unverified": ("尚未校验", "not verified yet"),
}  # fmt: skip
