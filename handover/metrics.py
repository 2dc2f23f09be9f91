"""The metrics of the service statistics: definition, unit, numerator, denominator, what is left out. Pure."""

from django.utils.translation import gettext_lazy, pgettext_lazy

from handover.tallies import Basis, Group, Metric, Unit

# An item that as many shifts have passed on has been carried over.
CARRIED_FROM = 2

_NOT_REPORTED = gettext_lazy("Days for which the chat tool does not report it.")
_NOT_PAID = gettext_lazy("Orders that are not paid.")
_NO_BUYERS = gettext_lazy("Lines that do not say how many buyers paid, with their sales.")
_SALES_FROM = gettext_lazy(
    "On days for which orders were read in from them; else what the chat tool, else the notebook says."
)
_WHOLE_FOR_EACH = gettext_lazy(
    "An order that several agents share counts whole for each of them and once for the department, and what is "
    "nobody's counts for the department alone: the agents' orders do not add up to the department's."
)
_CUSTOMERS_SERVED = pgettext_lazy("counted", "Customers served")
_ENQUIRIES = pgettext_lazy("counted", "Enquiries")
_SALES = pgettext_lazy("counted", "Sales, yuan")
_PAYING = pgettext_lazy("counted", "Paying buyers")
_PAID_ORDERS = pgettext_lazy("counted", "Paid orders")
_ROUNDS = pgettext_lazy("counted", "Rounds")
_WAITING = pgettext_lazy("counted", "Seconds of waiting")

_ALL = (
    Metric(
        "contacting",
        Group.CUSTOMERS,
        Unit.COUNT,
        Basis.CHAT,
        gettext_lazy("Contacting"),
        gettext_lazy("Buyers who wrote to the agent; each once a day."),
        _NOT_REPORTED,
        top="contacting",
    ),
    Metric(
        "served",
        Group.CUSTOMERS,
        Unit.COUNT,
        Basis.EITHER,
        gettext_lazy("Served"),
        gettext_lazy("Buyers who wrote to the agent and got a reply from a person; each once a day."),
        gettext_lazy("Staff, advertising, and those whom only a robot answered."),
        top="served",
    ),
    Metric(
        "enquiries",
        Group.CUSTOMERS,
        Unit.COUNT,
        Basis.EITHER,
        gettext_lazy("Enquiries"),
        gettext_lazy("Customers served who asked before buying."),
        gettext_lazy("After-sale contacts."),
        top="enquiries",
    ),
    Metric(
        "self_counted_conversion",
        Group.CUSTOMERS,
        Unit.PERCENT,
        Basis.NOTEBOOK,
        gettext_lazy("Self-counted conversion"),
        gettext_lazy("Customers closed ÷ customers served, as the agent's notebook has them."),
        gettext_lazy("Days without a line in the notebook."),
        pgettext_lazy("counted", "Customers closed"),
        _CUSTOMERS_SERVED,
        "closed",
        "served",
    ),
    Metric(
        "enquiry_conversion",
        Group.CUSTOMERS,
        Unit.PERCENT,
        Basis.CHAT,
        gettext_lazy("Enquiry conversion"),
        gettext_lazy("Enquiring buyers who paid within the attribution window ÷ enquiries, as the chat tool has them."),
        _NOT_REPORTED,
        pgettext_lazy("counted", "Enquiring buyers who paid"),
        _ENQUIRIES,
        "enquiries_paid",
        "enquiries",
        matures=True,
    ),
    Metric(
        "sales",
        Group.SALES,
        Unit.YUAN,
        Basis.SALES,
        gettext_lazy("Sales, yuan"),
        gettext_lazy("Paid less refunded; of an order that several agents share, each one's part."),
        _NOT_PAID,
        top="sales_fen",
        remark=_SALES_FROM,
    ),
    Metric(
        "average_order_value",
        Group.SALES,
        Unit.YUAN,
        Basis.SALES,
        gettext_lazy("Average order value, yuan"),
        gettext_lazy("Sales ÷ paying buyers; a buyer counts once a day, for each agent who has a part."),
        _NO_BUYERS,
        _SALES,
        _PAYING,
        "sales_fen",
        "paying",
        remark=gettext_lazy(
            "A buyer of several agents counts once for the department: its value may lie above those of the agents."
        ),
    ),
    Metric(
        "relative_order_value",
        Group.SALES,
        Unit.RATIO,
        Basis.SALES,
        gettext_lazy("Relative order value"),
        gettext_lazy(
            "The agent's average order value ÷ that of all agents: the sum of their sales ÷ the sum of their paying "
            "buyers, a buyer counted for each agent."
        ),
        gettext_lazy("What is nobody's, and lines that do not say how many buyers paid."),
        _SALES,
        _PAYING,
        "sales_fen",
        "paying",
    ),
    Metric(
        "refund_rate",
        Group.SALES,
        Unit.PERCENT,
        Basis.ORDERS,
        gettext_lazy("Refund rate"),
        gettext_lazy("Paid orders of which something was refunded ÷ paid orders, by the day of payment."),
        _NOT_PAID,
        pgettext_lazy("counted", "Orders refunded"),
        _PAID_ORDERS,
        "refunded",
        "paid",
        remark=_WHOLE_FOR_EACH,
    ),
    Metric(
        "untagged_rate",
        Group.SALES,
        Unit.PERCENT,
        Basis.ORDERS,
        gettext_lazy("Untagged rate"),
        gettext_lazy("Paid orders without a valid work number ÷ paid orders; also those claimed or decided since."),
        gettext_lazy("Orders that are not paid; of the untagged those placed without asking, which nobody could tag."),
        pgettext_lazy("counted", "Orders untagged"),
        _PAID_ORDERS,
        "untagged",
        "paid",
        remark=_WHOLE_FOR_EACH,
    ),
    Metric(
        "without_asking",
        Group.SALES,
        Unit.COUNT,
        Basis.ORDERS,
        gettext_lazy("Placed without asking"),
        gettext_lazy("Paid orders that the rulebook gives to agents because their buyers had asked nobody."),
        _NOT_PAID,
        top="auto",
        remark=_WHOLE_FOR_EACH,
    ),
    Metric(
        "first_response",
        Group.REPLIES,
        Unit.SECONDS,
        Basis.CHAT,
        gettext_lazy("First response"),
        gettext_lazy("From the buyer's first message to the first reply from a person; seconds ÷ first replies."),
        gettext_lazy("Conversations that nobody answered, and days for which the chat tool does not report it."),
        _WAITING,
        pgettext_lazy("counted", "First replies"),
        "first_reply_seconds",
        "first_replies",
    ),
    Metric(
        "mean_response",
        Group.REPLIES,
        Unit.SECONDS,
        Basis.CHAT,
        gettext_lazy("Mean response"),
        gettext_lazy("From the earliest unanswered message to the next reply from a person; seconds ÷ rounds."),
        _NOT_REPORTED,
        _WAITING,
        _ROUNDS,
        "round_seconds",
        "rounds",
    ),
    Metric(
        "answered_in_time",
        Group.REPLIES,
        Unit.PERCENT,
        Basis.CHAT,
        gettext_lazy("Within 3 min"),
        gettext_lazy("Rounds answered in at most 180 seconds ÷ rounds, within service hours."),
        _NOT_REPORTED,
        pgettext_lazy("counted", "Rounds answered in time"),
        _ROUNDS,
        "rounds_in_time",
        "rounds",
    ),
    Metric(
        "reply_rate",
        Group.REPLIES,
        Unit.PERCENT,
        Basis.CHAT,
        gettext_lazy("Reply rate"),
        gettext_lazy("Customers who got at least one reply from a person ÷ customers contacting."),
        _NOT_REPORTED,
        pgettext_lazy("counted", "Customers replied to"),
        pgettext_lazy("counted", "Customers contacting"),
        "replied",
        "contacting",
    ),
    Metric(
        "mean_talk",
        Group.REPLIES,
        Unit.MINUTES,
        Basis.CHAT,
        gettext_lazy("Mean talk"),
        gettext_lazy("Talk time ÷ calls."),
        _NOT_REPORTED,
        pgettext_lazy("counted", "Seconds of talk"),
        pgettext_lazy("counted", "Calls"),
        "talk_seconds",
        "calls",
    ),
    Metric(
        "adherence",
        Group.SHIFTS,
        Unit.PERCENT,
        Basis.SHIFTS,
        gettext_lazy("Adherence"),
        gettext_lazy("Minutes worked within the planned hours ÷ planned minutes, of shifts that are over."),
        gettext_lazy("Leave, extensions, and shifts that the system ended because nobody clocked out."),
        pgettext_lazy("counted", "Minutes worked"),
        pgettext_lazy("counted", "Minutes planned"),
        "worked",
        "planned",
    ),
    Metric(
        "talk_a_shift",
        Group.SHIFTS,
        Unit.MINUTES,
        Basis.SHIFTS,
        gettext_lazy("Talk a shift"),
        gettext_lazy("Talk time ÷ shifts worked."),
        gettext_lazy("Shifts of days for which the chat tool does not report it."),
        pgettext_lazy("counted", "Seconds of talk"),
        pgettext_lazy("counted", "Shifts worked"),
        "talk_seconds",
        "shifts",
    ),
    Metric(
        "mean_acceptance",
        Group.SHIFTS,
        Unit.MINUTES,
        Basis.ITEMS,
        gettext_lazy("Mean time to acceptance"),
        gettext_lazy("From handing over an item to its acceptance, for whoever accepted it; time ÷ items accepted."),
        gettext_lazy("Items that nobody handed over: assigned, or out of the queue of somebody who left without."),
        _WAITING,
        pgettext_lazy("counted", "Items accepted"),
        "seconds",
        "accepted",
    ),
    Metric(
        "median_acceptance",
        Group.SHIFTS,
        Unit.MINUTES,
        Basis.ITEMS,
        gettext_lazy("Median time to acceptance"),
        gettext_lazy("The time that half of the items were accepted faster than."),
        gettext_lazy("Items that nobody handed over: assigned, or out of the queue of somebody who left without."),
        top="accepted",
        is_middle=True,
    ),
    Metric(
        "carried_items",
        Group.SHIFTS,
        Unit.COUNT,
        Basis.ITEMS,
        gettext_lazy("Items carried over"),
        gettext_lazy("Items handed over in these days that two or more shifts have passed on by now."),
        gettext_lazy("Items that were handed over once, or accepted and finished."),
        top="carried",
        remark=gettext_lazy("An item that several agents handed over counts for each, and once for the department."),
    ),
)
REGISTRY: dict[str, Metric] = {metric.name: metric for metric in _ALL}

# What people ask for and these facts cannot say, with the reason.
MISSING = {
    Group.SALES: (
        (
            gettext_lazy("Target completion"),
            gettext_lazy("Sales ÷ the month's target: the rulebook has no target of sales."),
        ),
    ),
    Group.REPLIES: (
        (
            gettext_lazy("Median response, 90th percentile"),
            gettext_lazy("Need each conversation; the chat tool gives sums only, and a mean says nothing about them."),
        ),
        (
            gettext_lazy("QA score"),
            gettext_lazy("Nobody rates conversations here, so there is nothing to count."),
        ),
    ),
}


def of_group(group: Group) -> list[Metric]:
    return [metric for metric in REGISTRY.values() if metric.group == group]
