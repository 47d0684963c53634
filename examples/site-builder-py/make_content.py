"""Writes the notes that the site is built from: the same ones every time."""

import argparse
import pathlib
import random

PAGES = 160
PARAGRAPHS = 5
LINKS_IN_A_PAGE = 12
SEED = 7

WORDS = (
    "river garden stone letter harbour winter copper signal meadow lantern bridge orchard paper engine "
    "cellar market violet timber anchor mirror candle forest kettle island pepper granite velvet thunder "
    "saddle walnut compass feather marble cotton basket willow ribbon barrel hollow silver"
).split()
ACCENTED = ("Café", "Zoë", "Façade", "Señor", "Über", "Naïve")


def make_titles(rng):
    titles = []
    for number in range(PAGES):
        first = rng.choice(WORDS).capitalize()
        accent = rng.choice(ACCENTED) + " " if number % 5 == 0 else ""
        titles.append(f"{accent}{first} & {rng.choice(WORDS)}, part {number}")
    return titles


def make_paragraph(rng, links):
    words = [rng.choice(WORDS) for _ in range(40)]
    words[0] = words[0].capitalize()
    words[7] = f"*{words[7]}*"
    words[19] = f"`{words[19]}`"
    for title in links:
        words.insert(rng.randrange(len(words)), f"[[{title}]]")
    return " ".join(words) + "."


def write_content(directory):
    rng = random.Random(SEED)
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    titles = make_titles(rng)
    for number, title in enumerate(titles):
        tags = ", ".join(sorted(rng.sample(WORDS, 3)))
        links = [rng.choice(titles) for _ in range(LINKS_IN_A_PAGE - 1)] + [f"Missing page {number}"]
        blocks = [f"# {title}", f"tags: {tags}"]
        for paragraph in range(PARAGRAPHS):
            blocks.append(make_paragraph(rng, links[paragraph::PARAGRAPHS]))
        (directory / f"{number:03}.md").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    return len(titles)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", default="content")
    print(f"{write_content(parser.parse_args().to)} notes written")
