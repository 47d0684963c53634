"""Titles that are nearly what somebody typed."""

MOST = 5


def closest_albums(words, titles):
    wanted = words.lower()
    scored = [(distance(wanted, title.lower()), id, title) for id, title in titles]
    return [{"id": id, "title": title, "distance": score} for score, id, title in sorted(scored)[:MOST]]


def distance(a, b):
    """How many letters have to be added, removed or replaced to make b of a (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        previous, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (letter != other)))
    return row[-1]
