"""The records in the shop, in SQLite. Made anew at each start, always the same."""

import sqlite3
import threading

import tracing

DATABASE = "file:records?mode=memory&cache=shared"
PAGE_SIZE = 20
ARTISTS = 120
ALBUMS = 900
WORDS = ["Blue", "Night", "River", "Golden", "Silent", "Morning", "Road", "Glass", "Winter", "Fire"]

_connections = threading.local()
_keeps_it_alive = None


def build():
    global _keeps_it_alive
    _keeps_it_alive = sqlite3.connect(DATABASE, uri=True)
    with _keeps_it_alive as connection:
        connection.execute("create table artists (id integer primary key, name text not null)")
        connection.execute(
            "create table albums (id integer primary key, artist_id integer not null, title text not null, year integer not null)"
        )
        connection.executemany(
            "insert into artists values (?, ?)", [(n, f"Artist {n}") for n in range(1, ARTISTS + 1)]
        )
        connection.executemany(
            "insert into albums values (?, ?, ?, ?)",
            [(n, 1 + n * 7 % ARTISTS, _title(n), 1960 + n % 64) for n in range(1, ALBUMS + 1)],
        )


def albums_of_page(page):
    rows = query(
        "select id, artist_id, title, year from albums order by id limit ? offset ?",
        (PAGE_SIZE, (page - 1) * PAGE_SIZE),
    )
    return [
        {"id": id, "title": title, "year": year, "artist": artist_name(artist_id)}
        for id, artist_id, title, year in rows
    ]


def artist_name(artist_id):
    [(name,)] = query("select name from artists where id = ?", (artist_id,))
    return name


def all_titles():
    return query("select id, title from albums order by id")


def query(sql, parameters=()):
    if not hasattr(_connections, "own"):
        _connections.own = sqlite3.connect(DATABASE, uri=True)
    with tracing.query_span("sqlite", sql):
        return _connections.own.execute(sql, parameters).fetchall()


def _title(n):
    return f"{WORDS[n % 10]} {WORDS[n // 10 % 10]} {n % 97}"
