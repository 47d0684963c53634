"""Notes as HTML."""

import html
import re

from .links import LINK, find_note, slugify

EMPHASIS = re.compile(r"\*([^*]+)\*")
CODE = re.compile(r"`([^`]+)`")

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<h1>{title}</h1>
{body}
</html>
"""


def render_link(notes, title):
    note = find_note(notes, html.unescape(title))
    if note is None:
        return f'<span class="missing">{title}</span>'
    return f'<a href="{slugify(note.title)}.html">{title}</a>'


def render_paragraph(notes, paragraph):
    text = html.escape(paragraph, quote=False)
    text = EMPHASIS.sub(r"<em>\1</em>", text)
    text = CODE.sub(r"<code>\1</code>", text)
    text = LINK.sub(lambda match: render_link(notes, match[1]), text)
    return f"<p>{text}</p>"


def render_list(notes):
    items = (f'<li><a href="{slugify(note.title)}.html">{html.escape(note.title)}</a></li>' for note in notes)
    return "<ul>\n" + "\n".join(items) + "\n</ul>"


def render_note(note, notes, backlinks):
    parts = [render_paragraph(notes, paragraph) for paragraph in note.paragraphs]
    sources = backlinks.get(slugify(note.title), [])
    if sources:
        parts.append("<h2>Linked from</h2>\n" + render_list(sources))
    if note.tags:
        parts.append("<p>Tags: " + ", ".join(html.escape(tag) for tag in note.tags) + "</p>")
    return PAGE.format(title=html.escape(note.title), body="\n".join(parts))


def render_index(notes):
    ordered = sorted(notes, key=lambda note: slugify(note.title))
    return PAGE.format(title="All notes", body=render_list(ordered))
