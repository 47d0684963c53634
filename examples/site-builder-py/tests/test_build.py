"""What the site looks like, byte by byte for the whole of it and in words for its rules."""

import hashlib
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from build import build
from make_content import PAGES, write_content
from sitebuilder.links import slugify
from sitebuilder.notes import parse_note

#: Of all pages in the order of their names; made with the site as it was first written.
GOLDEN = "62604c4a6d1575deb97e340992a5fa23c815056ff6fd4d036bb1c20d3f220df5"


def digest(directory):
    hashed = hashlib.sha256()
    for file in sorted(pathlib.Path(directory).glob("*.html")):
        hashed.update(file.name.encode())
        hashed.update(file.read_bytes())
    return hashed.hexdigest()


class WholeSite(unittest.TestCase):
    def test_every_page_is_what_it_was(self):
        with tempfile.TemporaryDirectory() as work:
            write_content(f"{work}/content")
            self.assertEqual(build(f"{work}/content", f"{work}/out"), PAGES)
            self.assertEqual(len(list(pathlib.Path(work, "out").glob("*.html"))), PAGES + 1)
            self.assertEqual(digest(f"{work}/out"), GOLDEN)


class Rules(unittest.TestCase):
    def build_pages(self, *texts):
        with tempfile.TemporaryDirectory() as work:
            content = pathlib.Path(work, "content")
            content.mkdir()
            for number, text in enumerate(texts):
                (content / f"{number}.md").write_text(text, encoding="utf-8")
            build(content, f"{work}/out")
            return {file.name: file.read_text(encoding="utf-8") for file in pathlib.Path(work, "out").iterdir()}

    def test_titles_are_compared_without_accents_case_and_punctuation(self):
        self.assertEqual(slugify("Café & Über, part 5"), "cafe-uber-part-5")
        pages = self.build_pages("# Café & bar\n\ntext", "# Two\n\nsee [[CAFE  bar!]] or [[Nowhere]]")
        self.assertIn('<a href="cafe-bar.html">CAFE  bar!</a>', pages["two.html"])
        self.assertIn('<span class="missing">Nowhere</span>', pages["two.html"])

    def test_the_first_of_two_notes_with_one_name_is_linked(self):
        pages = self.build_pages("# Same\n\nfirst", "# same\n\nsecond", "# Other\n\n[[same]]")
        self.assertIn('<a href="other.html">Other</a>', pages["index.html"])
        self.assertIn('href="same.html"', pages["other.html"])

    def test_backlinks_name_each_source_once(self):
        pages = self.build_pages("# A\n\n[[B]] [[b]]", "# B\n\n[[A]] [[C]]", "# D\n\n[[b]]")
        sources = '<ul>\n<li><a href="a.html">A</a></li>\n<li><a href="d.html">D</a></li>\n</ul>'
        self.assertIn(f"<h2>Linked from</h2>\n{sources}", pages["b.html"])
        self.assertNotIn("Linked from", pages["d.html"])

    def test_text_is_escaped(self):
        pages = self.build_pages("# R&D <x>\n\n1 < 2 & *3*", "# Z\n\n[[R&D <x>]]")
        self.assertIn("<p>1 &lt; 2 &amp; <em>3</em></p>", pages["r-d-x.html"])
        self.assertIn('<a href="r-d-x.html">R&amp;D &lt;x&gt;</a>', pages["z.html"])

    def test_a_note_without_title_is_an_error_that_names_it(self):
        with self.assertRaisesRegex(ValueError, "7.md"):
            parse_note("no title", "7.md")


if __name__ == "__main__":
    unittest.main()
