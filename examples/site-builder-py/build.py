"""Builds the site: python3 build.py [--content content] [--out out]"""

import argparse
import pathlib

from sitebuilder.links import collect_backlinks, slugify
from sitebuilder.notes import read_notes
from sitebuilder.render import render_index, render_note


def build(content, out):
    notes = read_notes(content)
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    backlinks = collect_backlinks(notes)
    for note in notes:
        page = render_note(note, notes, backlinks)
        (out / f"{slugify(note.title)}.html").write_text(page, encoding="utf-8")
    (out / "index.html").write_text(render_index(notes), encoding="utf-8")
    return len(notes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--content", default="content")
    parser.add_argument("--out", default="out")
    arguments = parser.parse_args()
    print(f"{build(arguments.content, arguments.out)} pages built")
