"""The ways to spoil plain.yaml, one a line of the table, and what is said about each."""

UNKNOWN = "This key is unknown"
MISSING = "This key is missing"
NUMBER = "A number is expected"
WHOLE = "A whole number is expected"
TEXT = "put it in quotes"


def two_answers(code: str) -> str:
    answer = f"{{code: {code}, name: {{zh-Hans: 好, en: Good}}, score: 80}}"
    return f"{{choice: [{answer}, {answer}]}}"


# By name: what is replaced, by what, the path that is named, the text on its line (None: not looked at), and words
# of the message.
# fmt: off
CASES = {
    # keys
    "unknown key at the top": ("banzu: 1", "banzu: 1\nsalaries: 5", "salaries", "salaries", UNKNOWN),
    "unknown key in a shift": (
        "    palette: day", "    palette: day\n    colour: red", "shifts[1].colour", None, UNKNOWN
    ),
    "unknown key in a span's place": (
        "wanted: 2, minimum: 1}\n    hands_over_to: [N]", "wanted: 2, most: 3}", "shifts[1].headcount.most",
        ", most: 3", UNKNOWN
    ),
    "unknown key in a text": ("en: Day}", "en: Day, fr: Jour}", "shifts[1].name.fr", "fr: Jour", UNKNOWN),
    "unknown key in a step": (
        "{fine_yuan: 30}", "{fine_dollars: 30}", "clauses[1].ladder[2].fine_dollars", "fine_dollars", UNKNOWN
    ),
    "unknown key in an indicator": (
        "      weight: 40", "      weight: 40\n      unit: percent", "scorecard.indicators[1].unit",
        "unit: percent", UNKNOWN
    ),
    "unknown key in the fund": ("due_days: 7", "due_days: 7\n  bank: ICBC", "fund.bank", "bank: ICBC", UNKNOWN),
    "a key under our own name for it": (
        "zh-Hans: 白班", "zh: 白班", "shifts[1].name.zh-Hans", "zh: 白班", MISSING
    ),
    "a number as a key": ("banzu: 1", "banzu: 1\n2026: x", "2026", "2026: x", UNKNOWN),
    "missing section": ("fund:\n  due_days: 7\n  names: work_number_masked\n", "", "fund", None, MISSING),
    "missing key in a shift": ("    palette: night\n", "", "shifts[2].palette", "- code: N", MISSING),
    "missing key in a text": (
        "{zh-Hans: 常班, en: Regular}", "{zh-Hans: 常班}", "shifts[3].name.en", "name: {zh-Hans: 常班}", MISSING
    ),
    "missing key in the middle": ("  due_days: 7\n", "", "fund.due_days", "fund:", MISSING),
    "key twice": ("palette: day", "palette: day\n    palette: night", "", None, "palette stands here twice"),
    # wrong types
    "text for a list": ("shifts:\n", "shifts: none\nothers:\n", "shifts", "shifts: none", "A list is expected"),
    "text for a group": (
        "fund:\n  due_days: 7\n  names: work_number_masked", "fund: 120", "fund", "fund: 120",
        "A group of keys is expected"
    ),
    "text for the rights": (
        "rights:\n", "rights: everybody\nothers:\n", "rights", "rights: everybody", "A group of keys is expected"
    ),
    "nothing at all": ("due_days: 7", "due_days:", "fund.due_days", "due_days:", WHOLE),
    "number in quotes": ("days_per_month: 4", 'days_per_month: "4"', "rest.days_per_month", "days_per_month:", WHOLE),
    "broken number of days": (
        "days_per_month: 4", "days_per_month: 4.5", "rest.days_per_month", "days_per_month:", WHOLE
    ),
    "true for a number": ("due_days: 7", "due_days: true", "fund.due_days", "due_days:", WHOLE),
    "number for a text": ('number: "7"', "number: 7", "clauses[1].number", "number: 7\n", TEXT),
    "date for a text": ("en: Night}", "en: [2026-11-01]}", "shifts[2].name.en", "en: [2026-11-01]", TEXT),
    "yes for true": (
        "read_back: true", "read_back: yes", "notebooks.handover_log.kinds[1].read_back", "read_back: yes",
        "true or false"
    ),
    "1 for true": (
        "read_back: true", "read_back: 1", "notebooks.handover_log.kinds[1].read_back", "read_back: 1",
        "true or false"
    ),
    "text for a weight": ("weight: 40", "weight: heavy", "scorecard.indicators[1].weight", "weight: heavy", NUMBER),
    "true for the version of the form": ("banzu: 1", "banzu: true", "banzu", "banzu: true", WHOLE),
    "another version of the form": ("banzu: 1", "banzu: 2", "banzu", "banzu: 2", "at most 1"),
    "no span": ('spans: ["08:00-17:00"]', "spans: []", "shifts[1].spans", "spans: []", "list is empty"),
    # words that must be one of some
    "unknown word": (
        "at_clock_out: warn", "at_clock_out: shout", "notebooks.handover_log.at_clock_out", "at_clock_out:",
        "one of: block, warn, off"
    ),
    "unknown money": ("currency: CNY", "currency: EUR", "currency", "currency: EUR", "one of: CNY"),
    "unknown metric": (
        "metric: handover_submitted", "metric: charm", "scorecard.indicators[2].metric", "metric: charm",
        "one of: self_counted"
    ),
    # texts and codes
    "empty text": ("en: Day}", 'en: ""}', "shifts[1].name.en", 'en: ""', "This text is empty"),
    "blank text": ("en: Day}", 'en: "  "}', "shifts[1].name.en", 'en: "  "', "This text is empty"),
    "endless text": ("en: Day}", f"en: {'x' * 401}}}", "shifts[1].name.en", "xxx}", "At most 400"),
    "control sign": ("en: Day}", 'en: "a\\0b"}', "", 'en: "a', "cannot be shown"),
    "half a character": ("en: Day}", 'en: "a\\ud800b"}', "", 'en: "a', "cannot be shown"),
    "code with capitals": (
        "code: off-task", "code: Off-Task", "clauses[1].code", "code: Off-Task", '"Off-Task" is no code'
    ),
    "code in Chinese": (
        "code: off-task", "code: 怠工", "clauses[1].code", "code: 怠工", '"怠工" is no code'
    ),
    "shift in small letters": (
        "code: D\n", "code: day\n", "shifts[1].code", "code: day", '"day" is no code of a shift'
    ),
    "shift with braces": (
        "code: D\n", 'code: "{0}"\n', "shifts[1].code", 'code: "{0}"', '"{0}" is no code of a shift'
    ),
    # hours
    "span with a dot": (
        '["08:00-17:00"]', '["08.00-17.00"]', "shifts[1].spans[1]", "08.00", "here stands 08.00-17.00"
    ),
    "span to nowhere": ('["08:00-17:00"]', '["08:00"]', "shifts[1].spans[1]", '["08:00"]', "here stands 08:00."),
    "span past the hour": ('["08:00-17:00"]', '["08:60-17:00"]', "shifts[1].spans[1]", "08:60", "here stands"),
    "span past the day": ('["08:00-17:00"]', '["08:00-24:01"]', "shifts[1].spans[1]", "24:01", "here stands"),
    "span from the day's end": (
        '["08:00-17:00"]', '["24:00-08:00"]', "shifts[1].spans[1]", "24:00-08", "here stands"
    ),
    "span with seconds": ('["08:00-17:00"]', '["08:00:30-17:00"]', "shifts[1].spans[1]", "08:00:30", "here stands"),
    "span with wide digits": (
        '["08:00-17:00"]', '["０８:00-17:00"]', "shifts[1].spans[1]", "０８", "here stands"
    ),
    "span in two keys": (
        '["08:00-17:00"]', '[{start: "08:00", end: "17:00"}]', "shifts[1].spans[1]", "start:", "here stands"
    ),
    "span as a number": ('["08:00-17:00"]', "[8]", "shifts[1].spans[1]", "spans: [8]", "here stands 8"),
    "spans without brackets": (
        'spans: ["08:00-17:00"]', "spans: 08:00-17:00", "shifts[1].spans", "spans: 08:00-17:00",
        "A list is expected"
    ),
    "spans that overlap": (
        '["08:00-17:00"]', '["08:00-12:00", "11:00-17:00"]', "shifts[1].spans", '"11:00-17:00"',
        "follow one another"
    ),
    "spans that overlap at night": (
        '["08:00-17:00"]', '["20:00-23:00", "01:00-03:00", "02:00-05:00"]', "shifts[1].spans", "02:00-05:00",
        "follow one another"
    ),
    "spans out of order": (
        '["08:00-17:00"]', '["13:00-17:00", "08:00-12:00", "12:30-13:30"]', "shifts[1].spans", "12:30-13:30",
        "follow one another"
    ),
    "spans over 24 hours": (
        '["08:00-17:00"]', '["08:00-12:00", "13:00-09:00"]', "shifts[1].spans", "13:00-09:00", "24 hours"
    ),
    # shifts
    "more at least than wanted": (
        "wanted: 2, minimum: 0", "wanted: 2, minimum: 3", "shifts[3].headcount", "minimum: 3",
        "The minimum, 3, is more than is wanted, 2"
    ),
    "fewer than nobody": (
        "wanted: 2, minimum: 0", "wanted: 2, minimum: -1", "shifts[3].headcount.minimum", "minimum: -1",
        "at least 0"
    ),
    "unknown successor": (
        "hands_over_to: [D] ", "hands_over_to: [D, Q] ", "shifts[2].hands_over_to[2]", "[D, Q]", "no shift Q"
    ),
    "a rest day as successor": (
        "hands_over_to: [D] ", "hands_over_to: [X] ", "shifts[2].hands_over_to[1]", "hands_over_to: [X]",
        "no shift X"
    ),
    "shift twice": ("code: R\n", "code: D\n", "shifts[3].code", None, "the code D"),
    "rest day like a shift": ("code: X\n", "code: N\n", "rest.code", None, "the code N"),
    "Chinese mark twice": (
        "zh-Hans: 晚, ", "zh-Hans: 白, ", "shifts[2].mark", "zh-Hans: 白, en: N", "the mark 白"
    ),
    "English mark twice": (
        "{zh-Hans: 常, en: R}", "{zh-Hans: 常, en: D}", "shifts[3].mark", "zh-Hans: 常, en: D", "the mark D"
    ),
    "mark of the rest day taken": (
        'en: "–"', "en: N", "rest.mark", "zh-Hans: 休, en: N", "the mark N"
    ),
    "extension without end": (
        "cap_minutes: 180", "cap_minutes: 0", "shifts[2].extension.cap_minutes", "cap_minutes: 0", "at least 1"
    ),
    "more rest than a month has": (
        "days_per_month: 4", "days_per_month: 32", "rest.days_per_month", "days_per_month: 32", "at most 31"
    ),
    "unknown day of the week": (
        "[monday, friday]", "[monday, fri]", "shifts[3].days[2]", "[monday, fri]", "one of: monday, tuesday"
    ),
    "day of the week twice": (
        "[monday, friday]", "[friday, friday]", "shifts[3].days[2]", "[friday, friday]", "friday stands twice"
    ),
    "unknown skill": (
        "needs: [refunds]", "needs: [refund]", "shifts[3].needs[1]", "needs: [refund]", "There is no skill refund"
    ),
    "skill twice in a shift": (
        "needs: [refunds]", "needs: [refunds, refunds]", "shifts[3].needs[2]", "[refunds, refunds]",
        "refunds stands twice"
    ),
    "skill twice": (
        "code: english", "code: refunds", "skills[2].code", "code: refunds, name: {zh-Hans: 英语",
        "Two of these have the code refunds"
    ),
    # notebooks
    "kind twice": (
        "code: waiting", "code: urgent", "notebooks.handover_log.kinds[3].code", None,
        "Two kinds have the code urgent"
    ),
    "category twice": (
        "code: idea", "code: problem", "notebooks.issue_register.categories[2].code", None,
        "Two categories have the code problem"
    ),
    # clauses
    "clause twice": (
        "code: complaint", "code: off-task", "clauses[2].code", None, "Two clauses have the code off-task"
    ),
    "unknown window": (
        "window: calendar_month          #", "window: fortnight #", "clauses[1].window.kind", "fortnight",
        "one of: calendar_month, calendar_year"
    ),
    "rolling window without days": (
        "window: calendar_month          #", "window: rolling_days #", "clauses[1].window", "window: rolling_days",
        "days is the length of rolling_days"
    ),
    "days with another window": (
        "window: calendar_month          #", "window: {kind: forever, days: 3} #", "clauses[1].window", "forever",
        "days is the length of rolling_days"
    ),
    "window of no days": (
        "window: calendar_month          #", "window: {kind: rolling_days, days: 0} #", "clauses[1].window.days",
        "days: 0", "at least 1"
    ),
    "two clauses for one event": (
        "trigger: late", "trigger: left_early", "clauses[3].trigger", None,
        "Another clause is already proposed for left_early"
    ),
    "unknown event": (
        "trigger: late", "trigger: rude", "clauses[3].trigger", "trigger: rude", "one of: late, left_early, absent"
    ),
    "proposal in the middle": (
        "{fine_yuan: 30}", "{propose: {zh-Hans: 调岗, en: Move}}", "clauses[1].ladder[3]", "建议辞退",
        "no step can follow it"
    ),
    "step with two keys": (
        "{fine_yuan: 30}", "{fine_yuan: 30, points: 3}", "clauses[1].ladder[2]", "points: 3", "exactly one of"
    ),
    "step with none": ("{fine_yuan: 30}", "{}", "clauses[1].ladder[2]", "- {}", "exactly one of"),
    "step without its value": (
        "{fine_yuan: 30}", "{fine_yuan: }", "clauses[1].ladder[2]", "{fine_yuan: }", "exactly one of"
    ),
    "fine with three decimals": (
        "fine_yuan: 30", "fine_yuan: 10.005", "clauses[1].ladder[2].fine_yuan", "10.005", "two decimals"
    ),
    "fine of nearly nothing": (
        "fine_yuan: 30", "fine_yuan: 0.000000001", "clauses[1].ladder[2].fine_yuan", "0.000000001", "two decimals"
    ),
    "fine of nothing": (
        "fine_yuan: 30", "fine_yuan: 0", "clauses[1].ladder[2].fine_yuan", "fine_yuan: 0}", "more than 0"
    ),
    "negative fine": (
        "fine_yuan: 30", "fine_yuan: -10", "clauses[1].ladder[2].fine_yuan", "fine_yuan: -10", "more than 0"
    ),
    "enormous fine": (
        "fine_yuan: 30", "fine_yuan: 1000001", "clauses[1].ladder[2].fine_yuan", "1000001", "at most 1000000."
    ),
    "fine that is no number": ("fine_yuan: 30", "fine_yuan: .nan", "clauses[1].ladder[2].fine_yuan", ".nan", NUMBER),
    "endless fine": ("fine_yuan: 30", "fine_yuan: .inf", "clauses[1].ladder[2].fine_yuan", ".inf", NUMBER),
    "fine in words": (
        "fine_yuan: 30", "fine_yuan: 30元", "clauses[1].ladder[2].fine_yuan", "30元", NUMBER
    ),
    # scorecard
    "weights that do not add up": (
        "weight: 40", "weight: 39.5", "scorecard.indicators", "indicators:",
        "add up to 99.5, not to the full mark, 100"
    ),
    "weight of nothing": ("weight: 40", "weight: 0", "scorecard.indicators[1].weight", "weight: 0", "more than 0"),
    "floor above the full mark": (
        "floor: 0}", "floor: 101}", "scorecard.scale", "floor: 101",
        "The floor, 101, cannot lie above the full mark, 100"
    ),
    "cap below the full mark": ("cap: 110", "cap: 90", "scorecard.scale", "cap: 90", "nor that above the cap, 90"),
    "method that does not suit": (
        "{target: 100}", "{deduct: {each: 3}}", "scorecard.indicators[2].method.deduct", "{each: 3}",
        "handover_submitted cannot be scored by deduct, only by: linear, target"
    ),
    "two methods": (
        "{target: 100}", "{target: 100, linear: {from: 1, to: 2}}", "scorecard.indicators[2].method", "to: 2",
        "exactly one of linear, target"
    ),
    "method without its value": (
        "{target: 100}", "{target: }", "scorecard.indicators[2].method", "{target: }",
        "exactly one of linear, target"
    ),
    "line that does not rise": (
        "{from: 40, to: 70}", "{from: 40, to: 40}", "scorecard.indicators[1].method.linear", "to: 40",
        "cannot be the same"
    ),
    "endless line": (
        "{from: 40, to: 70}", "{from: 40, to: .inf}", "scorecard.indicators[1].method.linear.to", ".inf", NUMBER
    ),
    "line under our own names": (
        "{from: 40, to: 70}", "{start: 40, end: 70}", "scorecard.indicators[1].method.linear.from", "start: 40",
        MISSING
    ),
    "answer twice": (
        "{target: 100}", two_answers("good"), "scorecard.indicators[2].method.choice[2].code", "choice: [",
        "Two answers have the code good"
    ),
    "indicator twice": (
        "code: discipline", "code: handover", "scorecard.indicators[3].code", None,
        "Two indicators have the code handover"
    ),
    "grade twice": (
        "{code: B,", "{code: A,", "scorecard.grades[2].code", "{code: A, at_least: 80", "Two grades have the code A"
    ),
    "grades out of order": (
        "at_least: 80", "at_least: 95", "scorecard.grades[2].at_least", "at_least: 95", "from the best down"
    ),
    "grades alike": (
        "at_least: 80", "at_least: 90.0", "scorecard.grades[2].at_least", "at_least: 90.0", "from the best down"
    ),
    "hole at the floor": (
        "at_least: 0,", "at_least: 10,", "scorecard.grades[4].at_least", "at_least: 10,",
        "The last grade begins at 10, but a total can be as low as the floor, 0"
    ),
    # roles, rights, place
    "unknown role": (
        "edit_roster: [supervisor]", "edit_roster: [boss]", "rights.edit_roster[1]", "[boss]",
        "one of: agent, leader, supervisor, manager, finance, owner"
    ),
    "role twice": (
        "edit_roster: [supervisor]", "edit_roster: [owner, owner]", "rights.edit_roster[2]", "[owner, owner]",
        "The role owner stands here twice"
    ),
    "unknown right": (
        "edit_roster: [", "edit_rota: [", "rights.edit_rota", "edit_rota", "one of: edit_roster, watch_shifts"
    ),
    "missing right": (
        "  edit_roster: [supervisor]\n", "", "rights", "rights:", "Name at least one role that may: edit_roster"
    ),
    "right of nobody": (
        "edit_roster: [supervisor]", "edit_roster: []", "rights", "rights:",
        "Name at least one role that may: edit_roster"
    ),
    "unknown time zone": (
        "Asia/Shanghai", "Asia/Atlantis", "time_zone", "Asia/Atlantis", '"Asia/Atlantis" is no time zone'
    ),
    "time zone of a fixed offset": (
        "Asia/Shanghai", "Etc/GMT-8", "time_zone", "Etc/GMT-8", '"Etc/GMT-8" is no time zone'
    ),
    # what YAML can do beyond this
    "reference": ("en: Day}", "en: &day Day}", "", "&day", "references (&name and *name) are not read"),
    "use of a reference": (
        "mark: {zh-Hans: 白, en: D}", "mark: *day", "", "*day", "references (&name and *name) are not read"
    ),
    "merged keys": ("palette: day", "<<: {palette: day}", "", "<<:", "references (&name and *name) are not read"),
    "tag": ("currency: CNY", "currency: !!str CNY", "", "!!str", "tags (!name) are not read"),
    "program": (
        "currency: CNY", "currency: !!python/name:os.system CNY", "", "!!python", "tags (!name) are not read"
    ),
    "full-width colon": (
        "  days_per_month: 4", "  days_per_month：4: 1", "rest.days_per_month：4", "days_per_month：4",
        "must be the half-width one"
    ),
    "directive": ("# A rulebook with", "%YAML 1.1\n---\n#", "", "---", "needs no directives"),
    "second document": ("\nrest:\n", "\n---\nrest:\n", "", "---", "A second document begins here"),
    "tab": ("  code: X\n", "\tcode: X\n", "", "\tcode: X", "There is a tab here"),
    "quote left open": ('"08:00-17:00"', '"08:00-17:00', "", None, "quote or comma is missing"),
    "bracket left open": (
        "[leader, supervisor]", "[leader, supervisor", "", None, "A bracket, brace, quote or comma is missing"
    ),
    "two colons": ("currency: CNY", "currency: CNY: EUR", "", "CNY: EUR", "There are two colons here"),
    "crooked indentation": (
        "  days_per_month: 4", " days_per_month: 4", "", " days_per_month: 4", "The indentation is wrong"
    ),
    "control sign in the file": ("currency: CNY", "currency: CN\x07Y", "", "CN\x07Y", "no text file has"),
    "levels without end": ("currency: CNY", f"currency: {'[' * 5000}", "", "currency:", "Too many brackets"),
    "endless number": ("days_per_month: 4", f"days_per_month: {'9' * 5000}", "", None, "cannot be read"),
}
# fmt: on
# Those in which more than one thing is wrong.
SEVERAL = {
    "a key under our own name for it",
    "text for a list",
    "text for the rights",
    "line under our own names",
    "unknown right",
    "unknown key in a step",
}
