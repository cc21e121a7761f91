"""OCR-VQA: one file of books, a picture a cover.

In it: keys that lost their leading zeros or end in X, a book without an author (and without that question), a title
with a stray blank, typographic signs, covers as JPEG, PNG and palette GIF, one GIF under the name of a JPEG, and the
split as a number.
"""

import json
from pathlib import Path
from typing import NamedTuple

from scripts.make_samples.draw import Scene

SIZE = (110, 160)


class Book(NamedTuple):
    """A book: key, split, suffix of its address, title as printed (a line each), author, genre, and its cover."""

    key: str
    split: int
    suffix: str
    title: tuple[str, ...]
    author: str
    genre: str
    colour: str
    thing: tuple[str, str]


BOOKS = (
    Book("67412390", 1, ".jpg", ("The Red", "Boat"), "Ana Marin", "Travel", "lightblue", ("boat", "red")),
    Book(
        "91305577X",
        1,
        ".jpg",
        ("Cakes for", "Sundays"),
        "Ruth Abel",
        "Cookbooks, Food & Wine",
        "mistyrose",
        ("cake", "hotpink"),
    ),
    Book(
        "1902004418",
        1,
        ".png",
        ("My Green", "Kite "),
        "Tom Lindqvist",
        "Children's Books",
        "lemonchiffon",
        ("kite", "green"),
    ),
    Book("8820133", 1, ".gif", ("Cat Calendar", "2031"), "", "Calendars", "lavender", ("cat", "gray")),
    Book(
        "1455203119",
        2,
        ".jpg",
        ("Trains of", "the North"),
        "S. O'Dell",
        "Engineering & Transportation",
        "honeydew",
        ("train", "black"),
    ),
    Book(
        "70023518",
        2,
        ".jpg",
        ("One Apple", "a Day"),
        "Dr. Ivy Chen",
        "Health, Fitness & Dieting",
        "ivory",
        ("apple", "red"),
    ),
    Book(
        "1613300045",
        2,
        ".jpg",
        ("A Clock", "at Midnight"),
        "Nora Falk",
        "Mystery, Thriller & Suspense",
        "gold",
        ("clock", "navy"),
    ),
    Book(
        "440917252", 3, ".jpg", ("It\u2019s Tea", "Time\u2026"), "Luc Perrin", "Romance", "aliceblue", ("cup", "blue")
    ),
    Book(
        "1780551290", 3, ".jpg", ("The Dog", "Trainer"), "Bo Hart", "Crafts, Hobbies & Home", "wheat", ("dog", "peru")
    ),
    Book("39480067X", 3, ".jpg", ("Planes",), "Gil Ford", "Arts & Photography", "powderblue", ("plane", "white")),
)
OTHER_GENRES = ("Law", "Test Preparation", "Religion & Spirituality")


def make(folder: Path) -> None:
    """Ten books with four or five questions each."""
    books = {}
    for place, book in enumerate(BOOKS):
        title = " ".join(book.title)
        asked = [("Who wrote this book?" if place % 2 else "Who is the author of this book?", book.author)]
        asked += [
            ("What is the title of this book?", title),
            ("What type of book is this?" if place % 2 else "What is the genre of this book?", book.genre),
            (f"Is this book related to {OTHER_GENRES[place % 3]}?", "No"),
            (f"Is this book related to {book.genre}?", "Yes"),
        ]
        asked = [(question, answer) for question, answer in asked if answer]
        if book.genre == "Calendars":
            asked.append(("What is the year printed on this calendar?", "2031"))
        books[book.key] = {
            "questions": [question for question, _ in asked],
            "answers": [answer for _, answer in asked],
            "title": title,
            "authorName": book.author,
            "genre": book.genre,
            "imageURL": f"http://covers.example/images/I/{place}a%2BL{book.suffix}",
            "split": book.split,
        }
        draw(book, folder / "images" / f"{book.key}{book.suffix}")
    # The shop sent a GIF under the name of a JPEG.
    last = folder / "images" / f"{BOOKS[6].key}.gif"
    draw(BOOKS[6], last)
    last.replace(last.with_suffix(".jpg"))
    (folder / "dataset.json").write_text(json.dumps(books), encoding="utf-8")


def draw(book: Book, path: Path) -> None:
    """A cover: title above, its subject in the middle, author below."""
    scene = Scene(book.colour, SIZE)
    for place, line in enumerate(book.title):
        scene.text(line.strip(), (8, 10 + 20 * place), 16)
    scene.add(*book.thing, (25, 58, 85, 122))
    scene.text(book.author, (8, 136), 12)
    scene.save(path)
