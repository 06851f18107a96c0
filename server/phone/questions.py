"""Sets of up to five questions that the page on a telephone asks beside the rating: data. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from contract.texts import Language

MOST_QUESTIONS = 5

GROUP_OF = 10
"""Answers to a question of a unit that are told together at least: decision 0036."""

SATISFIED_FROM = 4
"""Levels 4 and 5 are satisfied, as of ratings."""

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, answered on the five levels of ratings or left out."""

    key: str
    texts: Mapping[Language, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """Questions that are asked together; `key` is its file's name."""

    key: str
    name: str
    questions: tuple[Question, ...]


def parse_questions(key: str, text: str) -> QuestionSet:
    """Return the set that the TOML `text` says; raise ValueError for what is none."""
    said = tomllib.loads(text)
    questions = tuple(
        Question(
            key=str(one["key"]),
            texts=MappingProxyType({language: str(one[language]) for language in Language}),
        )
        for one in said["questions"]
    )
    keys = [one.key for one in questions]
    if not 1 <= len(questions) <= MOST_QUESTIONS:
        raise ValueError(f"{key}: {len(questions)} questions; one to {MOST_QUESTIONS} are asked")
    if len(set(keys)) != len(keys) or not all(map(_KEY.match, keys)):
        raise ValueError(f"{key}: each question needs a key of its own of letters and digits")
    return QuestionSet(key=key, name=str(said["name"]), questions=questions)


@cache
def question_sets() -> Mapping[str, QuestionSet]:
    """Return the sets that ship, by their keys."""
    files = resources.files("server.phone").joinpath("questions").iterdir()
    found = (
        parse_questions(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8"))
        for file in files
        if file.name.endswith(".toml")
    )
    return MappingProxyType({one.key: one for one in found})
