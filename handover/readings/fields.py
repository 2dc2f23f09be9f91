"""What a file can say: the fields of statistics and of orders, and the headings under which tools export them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handover.models import ReadingKind

from .values import plain


class Holds(StrEnum):
    """What stands in the cells of a field."""

    NUMBER = "number"
    TEXT = "text"
    COUNT = "count"
    SECONDS = "seconds"
    # A mean in seconds: times its count it is the sum that is kept.
    MEAN = "mean"
    FEN = "fen"
    DAY = "day"
    INSTANT = "instant"
    FLAG = "flag"
    YES = "yes"


# How long a name is by which a tool calls somebody.
LONGEST_CALLED = 60


@dataclass(frozen=True)
class Field:
    """One field. `called`: headings that mean it, the surest first; its own label does too, in any language.

    `like`: fields whose column it takes when nothing is called like it. `counted`: the field that says how many of
    these seconds there are; without it they say nothing. `longest`: characters of a text.
    """

    name: str
    label: str | Promise
    holds: Holds
    called: tuple[str, ...]
    required: bool = False
    like: tuple[str, ...] = ()
    counted: str = ""
    longest: int = 0


STATISTICS = (
    Field(
        "work_number",
        _("Work number"),
        Holds.TEXT,
        (
            "工号",
            "客服工号",
            "员工号",
            "员工编号",
            "编号",
            "客服",
            "客服昵称",
            "客服姓名",
            "姓名",
            "旺旺",
            "work number",
            "agent",
        ),
        required=True,
        longest=LONGEST_CALLED,
    ),
    Field("business_date", _("Day"), Holds.DAY, ("日期", "统计日期", "数据日期", "时间", "date", "day"), required=True),
    Field(
        "served",
        _("Customers served"),
        Holds.COUNT,
        ("接待人数", "总接待人数", "接待量", "接待客户数", "接待买家数", "接待", "served"),
        required=True,
    ),
    Field(
        "closed",
        _("Customers closed"),
        Holds.COUNT,
        ("成交人数", "成交客户数", "成交量", "成交", "下单人数", "销售人数", "closed"),
        required=True,
        like=("paying", "enquiries_paid"),
    ),
    Field(
        "enquiries",
        _("Enquiries"),
        Holds.COUNT,
        ("询单人数", "询单量", "询单客户数", "询单数", "询单", "售前接待人数", "enquiries"),
        required=True,
    ),
    Field(
        "sales_fen",
        _("Sales, yuan"),
        Holds.FEN,
        (
            "销售额",
            "客服销售额",
            "客服绩效金额",
            "绩效金额",
            "客服业绩",
            "业绩",
            "销售金额",
            "成交金额",
            "付款金额",
            "支付金额",
            "sales",
        ),
        required=True,
    ),
    Field(
        "enquiries_paid",
        _("Enquiring buyers who paid"),
        Holds.COUNT,
        ("询单付款人数", "询单支付人数", "询单最终付款人数", "询单成交人数", "enquiries paid"),
    ),
    Field("paying", _("Paying buyers"), Holds.COUNT, ("付款人数", "支付人数", "最终付款人数", "paying")),
    Field(
        "contacting",
        _("Customers contacting"),
        Holds.COUNT,
        ("咨询人数", "咨询量", "进线量", "进线人数", "进线数", "咨询", "进线", "contacting"),
    ),
    Field("replied", _("Customers replied to"), Holds.COUNT, ("回复人数", "已回复人数", "人工回复人数", "replied")),
    Field(
        "first_replies",
        _("First replies"),
        Holds.COUNT,
        ("首次响应次数", "首响次数", "first replies"),
        like=("replied",),
    ),
    Field(
        "first_reply_seconds",
        _("First response, sum"),
        Holds.SECONDS,
        ("首次响应总时长", "首响总时长", "首次响应时长合计"),
        counted="first_replies",
    ),
    Field(
        "first_reply_mean",
        _("First response, mean"),
        Holds.MEAN,
        (
            "首次响应",
            "首次响应时间",
            "平均首次响应",
            "平均首次响应时间",
            "首次响应时长",
            "首响时间",
            "平均首响",
            "first response",
        ),
        counted="first_replies",
    ),
    Field("rounds", _("Rounds"), Holds.COUNT, ("回合数", "对话轮次", "问答轮数", "回复轮次", "轮次", "rounds")),
    Field("round_seconds", _("Response, sum"), Holds.SECONDS, ("响应总时长", "回复总时长"), counted="rounds"),
    Field(
        "round_mean",
        _("Mean response"),
        Holds.MEAN,
        ("平均响应", "平均响应时间", "平均响应时长", "平均回复时长", "mean response"),
        counted="rounds",
    ),
    Field(
        "rounds_in_time",
        _("Rounds answered within 3 min"),
        Holds.COUNT,
        ("3分钟内回复数", "三分钟内回复数", "3分钟内回复轮次", "rounds in time"),
    ),
    Field("calls", _("Calls"), Holds.COUNT, ("通话次数", "通话量", "接通量", "接听量", "接通数", "calls")),
    Field(
        "talk_seconds",
        _("Talk time, sum"),
        Holds.SECONDS,
        ("通话总时长", "通话时长", "总通话时长", "talk time"),
        counted="calls",
    ),
    Field("talk_mean", _("Mean talk"), Holds.MEAN, ("平均通话时长", "平均通话", "mean talk"), counted="calls"),
)

ORDERS = (
    Field(
        "number",
        _("Order number"),
        Holds.NUMBER,
        ("订单编号", "订单号", "主订单编号", "主订单号", "交易编号", "order number"),
        required=True,
        longest=60,
    ),
    Field(
        "buyer",
        _("Buyer"),
        Holds.TEXT,
        ("买家会员名", "买家旺旺", "旺旺", "买家昵称", "买家", "会员名", "客户昵称", "买家账号", "buyer"),
        required=True,
        longest=80,
    ),
    Field(
        "placed_at",
        _("Placed"),
        Holds.INSTANT,
        ("下单时间", "订单创建时间", "订单提交时间", "创建时间", "拍下时间", "placed"),
        required=True,
    ),
    Field(
        "paid_at",
        _("Paid at"),
        Holds.INSTANT,
        ("付款时间", "订单付款时间", "支付时间", "订单支付时间", "paid at"),
        required=True,
    ),
    Field(
        "amount_fen",
        _("Amount, yuan"),
        Holds.FEN,
        ("订单金额", "应付金额", "买家应付货款", "总金额", "订单总额", "amount"),
        required=True,
        like=("paid_fen",),
    ),
    Field(
        "paid_fen",
        _("Paid, yuan"),
        Holds.FEN,
        ("实付金额", "买家实际支付金额", "买家实付金额", "实收金额", "实收款", "付款金额", "支付金额", "paid"),
        required=True,
    ),
    Field("refunded_fen", _("Refunded, yuan"), Holds.FEN, ("退款金额", "退款总额", "已退款金额", "refunded")),
    Field(
        "remark",
        _("Remark"),
        Holds.TEXT,
        ("卖家备注", "商家备注", "订单备注", "备注", "卖家备忘", "remark"),
        longest=500,
    ),
    Field("flag", _("Flag"), Holds.FLAG, ("旗帜", "插旗", "标旗", "旗标", "备注旗帜", "卖家备注旗帜", "flag")),
    Field("dispatched_at", _("Dispatched"), Holds.INSTANT, ("发货时间", "订单发货时间", "出库时间", "dispatched")),
    Field(
        "received_at",
        _("Received"),
        Holds.INSTANT,
        ("确认收货时间", "收货时间", "签收时间", "交易成功时间", "received"),
    ),
    Field(
        "without_asking",
        _("Placed without asking"),
        Holds.YES,
        ("静默下单", "是否静默", "静默订单", "自助下单", "without asking"),
    ),
)
FIELDS: Mapping[str, tuple[Field, ...]] = {ReadingKind.STATISTICS: STATISTICS, ReadingKind.ORDERS: ORDERS}


def compared(heading: str) -> str:
    """A heading as headings are compared: without blanks, marks and what stands in brackets."""
    said = plain(heading).casefold()
    for opening, closing in (("(", ")"), ("[", "]"), ("【", "】")):
        start, end = said.find(opening), said.rfind(closing)
        if 0 < start < end:
            said = said[:start] + said[end + 1 :]
    return "".join(sign for sign in said if sign.isalnum())


@cache
def names_of(field: Field) -> tuple[str, ...]:
    """Headings that mean a field, as they are compared; the last ones are its own label in each language."""
    labels = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            labels.append(str(field.label))
    return tuple(dict.fromkeys(map(compared, (*field.called, *labels))))


def guessed(fields: Sequence[Field], headings: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """{field: heading}: what the source's last file had, as far as it is there, and else what is called like it.

    Seconds whose count is not in the file say nothing: they are not guessed.
    """
    there = {compared(heading): heading for heading in reversed(headings)}
    found = {}
    for field in fields:
        if field.name in known:
            # Somebody chose it, or chose that there is none.
            if known[field.name] in headings:
                found[field.name] = known[field.name]
                continue
            if not known[field.name] and not field.required:
                continue
        called = next((there[name] for name in names_of(field) if name in there), "")
        if called:
            found[field.name] = called
    for field in fields:
        if field.name in found or (field.name in known and not field.required):
            continue
        if like := next((found[name] for name in field.like if name in found), ""):
            found[field.name] = like
    chosen = {name for name, heading in known.items() if heading and found.get(name) == heading}
    return {
        field.name: found[field.name]
        for field in fields
        if field.name in found and (field.name in chosen or not field.counted or field.counted in found)
    }


def uncounted(fields: Sequence[Field], headings: Sequence[str], columns: Mapping[str, str]) -> list[tuple[str, Field]]:
    """(heading, field) of the seconds that stand in the file and are left out, because their count is not there."""
    there = {compared(heading): heading for heading in reversed(headings)}
    return [
        (there[name], field)
        for field in fields
        if field.counted and field.name not in columns and not columns.get(field.counted)
        for name in names_of(field)
        if name in there and there[name] not in columns.values()
    ]
