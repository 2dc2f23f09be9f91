"""Scoring a short quiz. Pure: questions are the places of their right options, answers the places that were chosen."""

from collections.abc import Collection, Mapping, Sequence


def is_right(right: Collection[int], chosen: Collection[int]) -> bool:
    """Right is a question whose right options are chosen, all of them and no other."""
    return set(right) == set(chosen)


def score(questions: Mapping[int, Collection[int]], answers: Mapping[int, Collection[int]]) -> int:
    """How many questions are right; by key of the question, and one that is not answered is wrong."""
    return sum(is_right(right, answers.get(key, ())) for key, right in questions.items())


def passes(right: int, questions: int, pass_mark_percent: int) -> bool:
    """Whether so many right ones are enough; no rounding."""
    return right * 100 >= pass_mark_percent * questions


def needed(questions: int, pass_mark_percent: int) -> int:
    """How many right ones are enough: the fewest that pass."""
    return -(-pass_mark_percent * questions // 100)


def whats_wrong(options: Sequence[str], right: Collection[int]) -> str:
    """Why a question cannot be asked: "few_options", "no_right"; empty when it can."""
    if len(options) < 2:
        return "few_options"
    return "" if right and all(0 <= place < len(options) for place in right) else "no_right"
