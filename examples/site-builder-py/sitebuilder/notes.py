"""Notes as they lie in files."""

import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True)
class Note:
    title: str
    tags: tuple
    paragraphs: tuple


def parse_note(text, name):
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    if not blocks or not blocks[0].startswith("# "):
        raise ValueError(f"{name}: a note begins with '# ' and its title")
    title = blocks[0][2:].strip()
    rest = blocks[1:]
    tags = ()
    if rest and rest[0].startswith("tags:"):
        tags = tuple(tag.strip() for tag in rest[0][len("tags:") :].split(",") if tag.strip())
        rest = rest[1:]
    return Note(title, tags, tuple(rest))


def read_notes(directory):
    files = sorted(pathlib.Path(directory).glob("*.md"))
    return [parse_note(file.read_text(encoding="utf-8"), file.name) for file in files]
