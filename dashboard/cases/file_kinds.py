"""File kinds: what may be attached to a case, told by what the bytes say and never by what the sender calls them."""

from __future__ import annotations

__all__ = ["ENDINGS", "HEAD", "mime_of", "plain_name"]

#: Bytes from the beginning that tell what it is.
HEAD = 32
#: What an MP4 says it is (ISO base media): films, and no HEIC pictures, which browsers cannot show.
FILMS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"3gp4", b"3gp5")
STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
ENDINGS = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "application/pdf": ".pdf",
    "video/mp4": ".mp4",
}  # fmt: skip
LONGEST = 120


def mime_of(head: bytes) -> str | None:
    """Of the first HEAD bytes; None: nothing that we take."""
    for start, mime in STARTS:
        if head.startswith(start):
            return mime
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return "video/mp4" if head[4:8] == b"ftyp" and head[8:12] in FILMS else None


def plain_name(said: str, mime: str) -> str:
    """The sender's name for it, to be shown and saved under: no folders, nothing that cannot be seen, right ending."""
    last = said.replace("\\", "/").rsplit("/", 1)[-1]
    spaced = " ".join("".join(" " if letter.isspace() else letter for letter in last).split())
    seen = "".join(letter for letter in spaced if letter.isprintable() and letter not in '<>:"|?*')
    stem = seen.strip(" .").rpartition(".")[0] or seen.strip(" .")
    return (stem[:LONGEST].strip(" .") or "file") + ENDINGS[mime]
