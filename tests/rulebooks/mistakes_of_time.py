"""More ways to spoil plain.yaml, as in `mistakes`: rest, attendance, working time, leave, swaps, duties, patterns."""

from tests.rulebooks.mistakes import MISSING, UNKNOWN

# fmt: off
CASES = {
    # rest days and attendance
    "rest days of no kind": (
        "  days_per_month: 4\n", "", "rest", None, "days_per_month, days_per_week or days_per_cycle"
    ),
    "no day of work in a week": (
        "days_per_month: 4", "days_per_week: 7", "rest.days_per_week", "days_per_week: 7", "at most 6"
    ),
    "no day of work in a cycle": (
        "days_per_month: 4", "days_per_cycle: {days: 10, every_days: 10}", "rest.days_per_cycle.days", "{days: 10",
        "Of 10 days, 10 cannot be rest days"
    ),
    "cycle without its length": (
        "days_per_month: 4", "days_per_cycle: {days: 2}", "rest.days_per_cycle.every_days", "{days: 2}", MISSING
    ),
    "absent before late": (
        "absent_after_minutes: 60", "absent_after_minutes: 5", "attendance.absent_after_minutes",
        "absent_after_minutes: 5", "absent after 5 minutes cannot be late only after 5"
    ),
    "reason to be away twice": (
        "code: doctor", "code: lunch", "attendance.away[2].code", "code: lunch, name: {zh-Hans: 看病",
        "Two of these have the code lunch"
    ),
    "away for no time": (
        "minutes_at_most: 40", "minutes_at_most: 0", "attendance.away[1].minutes_at_most", "minutes_at_most: 0",
        "at least 1"
    ),
    # working time
    "unknown breach": (
        "hours: 9, breach: block", "hours: 9, breach: fine", "working_time.rest_between_shifts.breach",
        "breach: fine", "one of: warn, block"
    ),
    "limit without its number": (
        "{hours: 9, breach: block}", "{breach: block}", "working_time.rest_between_shifts.hours", "{breach: block}",
        MISSING
    ),
    "unknown limit": (
        "  rest_between_shifts: {", "  rest_after_shift: {", "working_time.rest_after_shift", "rest_after_shift",
        UNKNOWN
    ),
    "more rest than the window has": (
        "      hours: 10\n", "      hours: 25\n", "working_time.rolling_rest[1].hours", "      hours: 25",
        "In 24 hours there cannot be 25 hours of rest"
    ),
    "longer rest than the window has": (
        "      longest_at_least_hours: 6", "      longest_at_least_hours: 30",
        "working_time.rolling_rest[1].longest_at_least_hours", "longest_at_least_hours: 30",
        "In 24 hours there cannot be 30 hours of rest"
    ),
    "exception that is none": (
        "{longest_at_least_hours: 6,", "{longest_at_least_hours: 11,",
        "working_time.rolling_rest[1].exception.longest_at_least_hours", "{longest_at_least_hours: 11",
        "An exception of 11 hours is no shorter rest than 10 hours"
    ),
    "more rest than a week has": (
        "if_hours_in_week: 77", "if_hours_in_week: 169", "working_time.rolling_rest[1].exception.if_hours_in_week",
        "if_hours_in_week: 169", "at most 168"
    ),
    "rest in one group instead of a list": (
        "    - within_hours: 24\n", "      within_hours: 24\n", "working_time.rolling_rest", "rolling_rest:",
        "A list is expected"
    ),
    "overtime without end": (
        ", hours_a_month_at_most: 36", "", "working_time.overtime", "{after_hours_a_day: 8}", "Say how much overtime"
    ),
    "probation from nothing": (
        "{months: 2, not_on: [N]}", "{months: 2}", "working_time.probation", "{months: 2}",
        "Say what probation keeps people from"
    ),
    "unknown shift in probation": (
        "not_on: [N]", "not_on: [N, Q]", "working_time.probation.not_on[2]", "not_on: [N, Q]", "There is no shift Q"
    ),
    # leave, swaps, duties, patterns
    "leave of no kind": (
        "  kinds:\n    - {code: PL", "  kinds: []\n  others:\n    - {code: PL", "leave.kinds", "kinds: []",
        "list is empty"
    ),
    "kind of leave twice": (
        "code: SL", "code: PL", "leave.kinds[2].code", "code: PL, name: {zh-Hans: 病假", "the code PL"
    ),
    "kind of leave like a shift": (
        "code: SL", "code: N", "leave.kinds[2].code", "code: N, name: {zh-Hans: 病假", "the code N"
    ),
    "kind of leave like the rest day": (
        "code: SL", "code: X", "leave.kinds[2].code", "code: X, name: {zh-Hans: 病假", "the code X"
    ),
    "mark of leave like a shift's": (
        "{zh-Hans: 病, en: S}", "{zh-Hans: 晚, en: S}", "leave.kinds[2].mark", "zh-Hans: 晚, en: S", "the mark 晚"
    ),
    "mark of leave like another's": (
        "{zh-Hans: 病, en: S}", "{zh-Hans: 病, en: P}", "leave.kinds[2].mark", "zh-Hans: 病, en: P", "the mark P"
    ),
    "leave in weeks": (
        "taken_in: both", "taken_in: weeks", "leave.kinds[1].taken_in", "taken_in: weeks", "one of: days, hours, both"
    ),
    "leave of no days": (
        "taken_in: both", "days_at_most: 0", "leave.kinds[1].days_at_most", "days_at_most: 0", "at least 1"
    ),
    "unknown way to swap": (
        "[swap, give_away]", "[swap, sell]", "swaps.kinds[2]", "[swap, sell]", "one of: swap, give_away, open_shift"
    ),
    "way to swap twice": (
        "[swap, give_away]", "[swap, swap]", "swaps.kinds[2]", "[swap, swap]", "swap stands twice"
    ),
    "no way to swap": ("[swap, give_away]", "[]", "swaps.kinds", "kinds: []", "list is empty"),
    "duty twice": (
        "code: last-one", "code: sweep", "duties[2].code", "code: sweep, name: {zh-Hans: 值班", "the code sweep"
    ),
    "unknown shift of a duty": (
        "shifts: [D, R]", "shifts: [D, Q]", "duties[1].shifts[2]", "shifts: [D, Q]", "There is no shift Q"
    ),
    "a rest day with a duty": (
        "shifts: [D, R]", "shifts: [D, X]", "duties[1].shifts[2]", "shifts: [D, X]", "There is no shift X"
    ),
    "shift twice in a duty": (
        "shifts: [D, R]", "shifts: [D, D]", "duties[1].shifts[2]", "shifts: [D, D]", "D stands twice"
    ),
    "duty of no shift": ("shifts: [D, R]", "shifts: []", "duties[1].shifts", "shifts: []", "list is empty"),
    "duty person whose shift never runs on": (
        "shifts: [N, R]", "shifts: [R]", "duties[2].stays_until_last_customer", "shifts: [R]",
        "no shift of this duty has an extension"
    ),
    "pattern twice": (
        "code: short-week", "code: long-week", "rotations[2].code", "code: long-week, name: {zh-Hans: 常班",
        "the code long-week"
    ),
    "unknown shift in a pattern": (
        "cycle: [R, X]", "cycle: [R, Q]", "rotations[2].cycle[2]", "cycle: [R, Q]", "There is no shift Q"
    ),
    "leave in a pattern": (
        "cycle: [R, X]", "cycle: [R, PL]", "rotations[2].cycle[2]", "cycle: [R, PL]", "There is no shift PL"
    ),
    "pattern of nothing": ("cycle: [R, X]", "cycle: []", "rotations[2].cycle", "cycle: []", "list is empty"),
    "endless pattern": (
        "cycle: [R, X]", f"cycle: [{', '.join(['R'] * 63)}]", "rotations[2].cycle", "R, R, R, R, R]",
        "At most 62 entries"
    ),
}
# fmt: on
# Those in which more than one thing is wrong.
SEVERAL = {"leave of no kind"}
