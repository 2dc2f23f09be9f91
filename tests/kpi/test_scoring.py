"""The arithmetic of a scorecard: properties against a slow reference, and the numbers that people argue about."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.scoring import (
    Choice,
    Deduct,
    Facts,
    Grade,
    Linear,
    NoFigure,
    Rule,
    Sheet,
    Target,
    figure_of,
    half_up,
    ranks,
    score,
    score_of,
    shared_weights,
)

HUNDREDTHS = {"allow_nan": False, "allow_infinity": False, "places": 2}
marks = st.decimals(min_value=0, max_value=1000, **HUNDREDTHS)
positive = st.decimals(min_value=Decimal("0.01"), max_value=1000, **HUNDREDTHS)
figures = st.fractions(min_value=0, max_value=2000, max_denominator=1000)
linear = st.builds(Linear, marks, marks).filter(lambda method: method.start != method.end)
target = st.builds(Target, positive)
deduct = st.builds(Deduct, st.decimals(min_value=Decimal("0.01"), max_value=100, **HUNDREDTHS))
choice = st.dictionaries(
    st.sampled_from("abcd"), st.decimals(min_value=0, max_value=100, **HUNDREDTHS), min_size=1
).map(Choice)
facts = st.one_of(
    st.just(Facts()),
    st.integers(0, 500).map(Facts),
    st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda pair: Facts(min(pair), max(pair))),
    st.sampled_from("abcdx").map(lambda answer: Facts(choice=answer)),
)


@st.composite
def sheets(draw):
    """Any sheet that the rulebook's schema lets through."""
    methods = draw(st.lists(st.one_of(linear, target, deduct, choice), min_size=1, max_size=6))
    rules = tuple(
        Rule(f"line-{number}", draw(positive), method, draw(st.sampled_from(NoFigure)), draw(st.sampled_from([1, 100])))
        for number, method in enumerate(methods)
    )
    full = sum((rule.weight for rule in rules), Decimal(0))
    floor = min(draw(marks), full)
    cap = full + draw(marks)
    steps = sorted({min(draw(marks), full) for _ in range(draw(st.integers(0, 3)))} - {floor}, reverse=True)
    steps = [step for step in steps if step > floor] + [floor]
    grades = tuple(Grade(f"G{number}", step, draw(st.booleans())) for number, step in enumerate(steps))
    return Sheet(rules, full, cap, floor, grades)


@st.composite
def months(draw):
    sheet = draw(sheets())
    return sheet, {rule.code: draw(facts) for rule in sheet.rules}


# -- The slow reference: the same words of the rulebook, worked out one after the other -----------------------------


def slowly(sheet: Sheet, month: dict[str, Facts]) -> tuple[dict[str, Fraction | None], Fraction]:
    """Each line's exact points (None: left out), and the exact total before it is rounded."""
    scores = {}
    for rule in sheet.rules:
        found = month.get(rule.code, Facts())
        method = rule.method
        if isinstance(method, Choice):
            scores[rule.code] = Fraction(method.scores[found.choice]) if found.choice in method.scores else None
        elif found.numerator is None or found.denominator == 0:
            scores[rule.code] = None
        else:
            value = Fraction(found.numerator)
            if found.denominator is not None:
                value = value / found.denominator
            value = value * rule.per
            if isinstance(method, Deduct):
                left = Fraction(100)
                left = left - value * Fraction(method.each)
                scores[rule.code] = left if left > 0 else Fraction(0)
            elif isinstance(method, Target):
                share = value * 100 / Fraction(method.figure)
                scores[rule.code] = share if share < 100 else Fraction(100)
            else:
                low, high = Fraction(method.start), Fraction(method.end)
                inside = sorted([value, low, high])[1]
                scores[rule.code] = abs(inside - low) * 100 / abs(high - low)
        if scores[rule.code] is None and rule.no_figure == "full":
            scores[rule.code] = Fraction(100)
        if scores[rule.code] is None and rule.no_figure == "zero":
            scores[rule.code] = Fraction(0)
    counted = [rule for rule in sheet.rules if scores[rule.code] is not None]
    together = sum(Fraction(rule.weight) for rule in counted)
    points: dict[str, Fraction | None] = {}
    for rule in sheet.rules:
        points[rule.code] = None
        if rule in counted:
            weight = Fraction(rule.weight) / together * Fraction(sheet.full)
            points[rule.code] = weight * scores[rule.code] / 100
    total = sum((part for part in points.values() if part is not None), Fraction(0))
    if total < sheet.floor:
        total = Fraction(sheet.floor)
    if total > sheet.cap:
        total = Fraction(sheet.cap)
    return points, total


@given(months())
def test_a_card_is_what_the_slow_reference_says(month):
    sheet, found = month
    card = score(sheet, found)
    points, total = slowly(sheet, found)
    assert abs(Fraction(card.total) - total) <= Fraction(1, 200)
    for line in card.lines:
        expected = points[line.code]
        assert (line.points is None) == (expected is None)
        assert expected is None or abs(Fraction(line.points) - expected) <= Fraction(1, 20000)


@given(months())
def test_a_total_stays_between_floor_and_cap(month):
    sheet, found = month
    assert sheet.floor <= score(sheet, found).total <= sheet.cap


@given(months(), st.randoms())
def test_the_order_of_lines_never_matters(month, random):
    sheet, found = month
    shuffled = list(sheet.rules)
    random.shuffle(shuffled)
    other = Sheet(tuple(shuffled), sheet.full, sheet.cap, sheet.floor, sheet.grades)
    one, two = score(sheet, found), score(other, dict(reversed(found.items())))
    assert (one.total, one.grade, one.flagged) == (two.total, two.grade, two.flagged)
    assert {line.code: line for line in one.lines} == {line.code: line for line in two.lines}


@given(sheets(), st.data())
def test_shared_weights_add_up_to_the_full_mark(sheet, data):
    counts = data.draw(st.lists(st.booleans(), min_size=len(sheet.rules), max_size=len(sheet.rules)))
    weights = shared_weights(sheet.rules, counts, sheet.full)
    assert sum(weights) == (Fraction(sheet.full) if any(counts) else 0)
    assert all(weight > 0 if yes else weight == 0 for weight, yes in zip(weights, counts, strict=True))


@given(sheets(), st.data())
def test_shared_weights_keep_their_proportions(sheet, data):
    counts = data.draw(st.lists(st.booleans(), min_size=len(sheet.rules), max_size=len(sheet.rules)))
    weights = shared_weights(sheet.rules, counts, sheet.full)
    kept = [(Fraction(rule.weight), share) for rule, share in zip(sheet.rules, weights, strict=True) if share]
    assert len({share / weight for weight, share in kept}) <= 1


@given(st.one_of(linear.filter(lambda method: method.end > method.start), target), figures, figures)
def test_more_is_better_never_lowers_a_score(method, one, other):
    low, high = sorted([one, other])
    assert score_of(method, low) <= score_of(method, high)


@given(st.one_of(linear.filter(lambda method: method.end < method.start), deduct), figures, figures)
def test_less_is_better_never_raises_a_score(method, one, other):
    low, high = sorted([one, other])
    assert score_of(method, low) >= score_of(method, high)


@given(months(), st.data())
def test_a_higher_figure_never_lowers_the_total(month, data):
    sheet, found = month
    better = dict(found)
    for rule in sheet.rules:
        held = found[rule.code]
        rising = isinstance(rule.method, Target) or (
            isinstance(rule.method, Linear) and rule.method.end > rule.method.start
        )
        if rising and held.numerator is not None and held.denominator != 0:
            better[rule.code] = Facts(held.numerator + data.draw(st.integers(0, 50)), held.denominator)
    assert score(sheet, better).total >= score(sheet, found).total


@given(st.one_of(linear, target, deduct), figures)
def test_a_score_lies_between_0_and_100(method, figure):
    assert 0 <= score_of(method, figure) <= 100


@given(st.lists(marks, max_size=30))
def test_a_rank_is_one_more_than_the_number_of_better_totals(totals):
    assert ranks(totals) == [1 + sum(other > total for other in totals) for total in totals]


@given(st.fractions(min_value=0, max_value=2000), st.integers(0, 4))
def test_rounding_is_to_the_nearest_and_a_half_goes_up(value, places):
    rounded = Fraction(half_up(value, places))
    assert -Fraction(1, 2 * 10**places) < rounded - value <= Fraction(1, 2 * 10**places)


# -- Golden cases ----------------------------------------------------------------------------------------------------

GRADES = (Grade("A", Decimal(90)), Grade("B", Decimal(60)), Grade("D", Decimal(0), flag=True))


def one_line(method, no_figure=NoFigure.ZERO, *, per=1, cap="110", floor="0"):
    rule = Rule("only", Decimal(100), method, no_figure, per)
    return Sheet((rule,), Decimal(100), Decimal(cap), Decimal(floor), GRADES)


@pytest.mark.parametrize(
    ("closed", "served", "expected"),
    [
        (40, 100, "0.00"),
        (70, 100, "100.00"),
        (55, 100, "50.00"),
        (39, 100, "0.00"),
        (71, 100, "100.00"),
        (2, 3, "88.89"),
    ],
)
def test_a_line_rises_straight_from_its_start_to_its_end(closed, served, expected):
    sheet = one_line(Linear(Decimal(40), Decimal(70)), per=100)
    assert score(sheet, {"only": Facts(closed, served)}).total == Decimal(expected)


@pytest.mark.parametrize(("events", "expected"), [(0, 100), (1, 80), (5, 0), (6, 0)])
def test_a_deduction_ends_at_0(events, expected):
    assert score(one_line(Deduct(Decimal(20))), {"only": Facts(events)}).total == expected


@pytest.mark.parametrize(("events", "expected"), [(0, 100), (2, 60), (5, 0), (9, 0)])
def test_less_is_better_when_the_end_is_below_the_start(events, expected):
    assert score(one_line(Linear(Decimal(5), Decimal(0))), {"only": Facts(events)}).total == expected


@pytest.mark.parametrize(
    ("total", "grade", "flagged"),
    [("90", "A", False), ("89.99", "B", False), ("60", "B", False), ("59.99", "D", True), ("0", "D", True)],
)
def test_a_grade_begins_exactly_at_its_threshold(total, grade, flagged):
    card = score(one_line(Choice({"x": Decimal(total)})), {"only": Facts(choice="x")})
    assert (card.total, card.grade, card.flagged) == (Decimal(total), grade, flagged)


def test_a_half_of_a_hundredth_is_rounded_up_before_the_grade():
    card = score(one_line(Choice({"x": Decimal("89.995")})), {"only": Facts(choice="x")})
    assert (card.total, card.grade) == (Decimal("90.00"), "A")


def test_thirds_add_up_to_the_exact_half_that_is_rounded_up():
    # Three lines of 100/3 each after one was left out; 28 decimal digits would make 0.12499… of it, and 0.12.
    rules = tuple(
        Rule(code, Decimal(weight), Choice({"x": Decimal("0.125")}), NoFigure.REWEIGHT)
        for code, weight in [("a", "10"), ("b", "10"), ("c", "10"), ("d", "70")]
    )
    sheet = Sheet(rules, Decimal(100), Decimal(100), Decimal(0), GRADES)
    card = score(sheet, {code: Facts(choice="x") for code in "abc"})
    assert card.total == Decimal("0.13")
    assert [line.weight for line in card.lines] == [Decimal("33.3333")] * 3 + [Decimal(0)]


@pytest.mark.parametrize(
    ("no_figure", "score_", "points", "total"),
    [(NoFigure.REWEIGHT, None, None, 0), (NoFigure.FULL, 100, 100, 100), (NoFigure.ZERO, 0, 0, 0)],
)
def test_nobody_served_is_no_figure_and_the_rulebook_says_what_counts(no_figure, score_, points, total):
    card = score(one_line(Linear(Decimal(40), Decimal(70)), no_figure, per=100), {"only": Facts(0, 0)})
    line = card.lines[0]
    assert (line.figure, line.score, line.points, card.total) == (None, score_, points, total)


def test_with_no_line_left_the_total_is_the_floor_and_the_card_says_so():
    card = score(one_line(Choice({"x": Decimal(50)}), NoFigure.REWEIGHT, floor="5"), {})
    assert (card.total, card.is_empty) == (5, True)


def test_none_of_a_count_is_a_figure_of_0_and_not_a_missing_one():
    sheet = one_line(Deduct(Decimal(20)), NoFigure.ZERO)
    assert figure_of(sheet.rules[0], Facts(0)) == 0
    assert score(sheet, {"only": Facts(0)}).total == 100


def test_equal_totals_share_a_rank_and_the_next_one_is_skipped():
    assert ranks([Decimal("80.10"), Decimal("80.10"), Decimal("79"), Decimal("90")]) == [2, 2, 4, 1]


def test_the_total_is_held_at_the_cap():
    assert score(one_line(Choice({"x": Decimal(100)}), cap="100"), {"only": Facts(choice="x")}).total == 100
