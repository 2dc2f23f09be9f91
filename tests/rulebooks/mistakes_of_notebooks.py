"""More ways to spoil plain.yaml, as in `mistakes`: notebooks, orders, cases, week and training, bonuses."""

from tests.rulebooks.mistakes import MISSING, UNKNOWN

# fmt: off
CASES = {
    # the register and the log
    "time without quotes": (
        'time: "16:30"', "time: 16.5", "notebooks.issue_register.hand_in.time", "time: 16.5", 'Write a time as "17:00"'
    ),
    "time that no clock shows": (
        'time: "16:30"', 'time: "24:30"', "notebooks.issue_register.hand_in.time", "24:30", 'Write a time as "17:00"'
    ),
    "day that no week has": (
        "weekday: friday", "weekday: payday", "notebooks.issue_register.hand_in.weekday", "payday", "one of: monday"
    ),
    "hand-in without its day": (
        'hand_in: {weekday: friday, time: "16:30"}', 'hand_in: {time: "16:30"}',
        "notebooks.issue_register.hand_in.weekday", "hand_in", MISSING
    ),
    "bonus of a category that there is none": (
        "en: Idea}, bonus: thanks", "en: Idea}, bonus: praise", "notebooks.issue_register.categories[2].bonus",
        "bonus: praise", "There is no bonus praise"
    ),
    "follow-up of no kind": (
        "kind: caller", "kind: knocker", "notebooks.follow_ups[1].kind", "kind: knocker", "no kind of item knocker"
    ),
    "follow-up without a delay": (
        "days: 7, ", "", "notebooks.follow_ups[1]", None, "days or minutes"
    ),
    "follow-up with two delays": (
        "days: 7, ", "days: 7, minutes: 5, ", "notebooks.follow_ups[1]", None, "days or minutes"
    ),
    "follow-up after nothing that happens": (
        "after: received", "after: regretted", "notebooks.follow_ups[1].after", "regretted", "one of: dispatched"
    ),
    # orders
    "flag of no colour": ("flag: green", "flag: pink", "orders.flag", "flag: pink", "one of: red"),
    "claims until a day that not every month has": (
        "claims_until_day: 4", "claims_until_day: 31", "orders.claims_until_day", "31", "at most 28"
    ),
    # cases
    "step without a limit": (
        "A word}, within_minutes: 15", "A word}", "cases.kinds[1].steps[1]", None, "one of within_minutes"
    ),
    "step with two limits": (
        "within_days: 3", "within_days: 3, within_hours: 4", "cases.kinds[1].steps[2]", None, "one of within_minutes"
    ),
    "step that waits for a later one": (
        "within_minutes: 15}", "within_minutes: 15, if_missed: last-word}", "cases.kinds[1].steps[1].if_missed",
        "if_missed: last-word", "There is no earlier step last-word"
    ),
    "two steps of one code": (
        "code: last-word", "code: first-word", "cases.kinds[1].steps[2].code", "了结", "have the code first-word"
    ),
    # week and training
    "summary without its length": (
        'time: "20:00"}', 'time: "20:00"}\n  at_least_characters: 0', "weekly_summary.at_least_characters",
        "at_least_characters: 0", "at least 1"
    ),
    "unknown key of a meeting": (
        'time: "10:00"}}', 'time: "10:00"}, cake: true}', "meetings[1].cake", "cake", UNKNOWN
    ),
    "bonus of mentors that there is none": (
        "mentor_bonus: thanks", "mentor_bonus: gold", "training.mentor_bonus", "gold", "There is no bonus gold"
    ),
    "nothing to learn": (
        "    - {code: greets, name: {zh-Hans: 会问好, en: Greets}}", "", "training.checklist", None, "list"
    ),
    # bonuses
    "bonus without an amount": (
        ", from_yuan: 5, to_yuan: 20", "", "bonuses[1]", None, "amounts_yuan, or from_yuan and to_yuan"
    ),
    "bonus with half a range": (
        ", to_yuan: 20", "", "bonuses[1]", None, "amounts_yuan, or from_yuan and to_yuan"
    ),
    "bonus from more than to": (
        "from_yuan: 5", "from_yuan: 50", "bonuses[1].from_yuan", "from_yuan: 50", "more than to_yuan"
    ),
    "bonus of parts of a fen": (
        "from_yuan: 5, to_yuan: 20", "amounts_yuan: [1.005]", "bonuses[1]", None, "two decimals"
    ),
}
