"""Links between notes: [[Title of a note]], however it is written."""

import re
import unicodedata

LINK = re.compile(r"\[\[([^\]]+)\]\]")


def slugify(title):
    """"Café & Über, part 5" -> "cafe-uber-part-5": the name of the page, and what titles are compared by."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def find_note(notes, title):
    """The note of that title, or None."""
    wanted = slugify(title)
    for note in notes:
        if slugify(note.title) == wanted:
            return note
    return None


def linked_titles(note):
    return [title for paragraph in note.paragraphs for title in LINK.findall(paragraph)]


def collect_backlinks(notes):
    """For the slug of each note: the notes that link to it, each once, in order."""
    backlinks = {}
    for note in notes:
        for title in linked_titles(note):
            target = find_note(notes, title)
            if target is None:
                continue
            sources = backlinks.setdefault(slugify(target.title), [])
            if note not in sources:
                sources.append(note)
    return backlinks
