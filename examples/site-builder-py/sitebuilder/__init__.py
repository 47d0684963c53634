"""A static site from a folder of notes that link to each other by title."""
