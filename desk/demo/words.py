"""What people of the demo department write. Data, in the language of the department."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from desk.demo.buyers import Buyers
from rulebooks.parts import Text

PRODUCTS = (
    *("岩板餐桌", "胡桃木床", "布艺沙发", "床头柜", "升降书桌", "橡木衣柜", "藤编餐椅"),
    *("电视柜", "折叠沙发床", "实木书架", "玄关鞋柜", "梳妆台", "儿童学习桌", "圆形茶几"),
)
# What is known of a customer, and what is to be done; {tail}: the end of the order's number.
ITEMS = (
    ("{product}错发深灰色，订单尾号 {tail}", "通知 2 号仓拦截，改发浅灰色"),
    ("问了两款{product}，倾向胡桃木", "发{product}实拍图和电梯尺寸要求"),
    ("{product}的安装师傅没有到，订单尾号 {tail}", "致电改约并致歉"),
    ("{product}边角磕碰，等仓库照片，订单尾号 {tail}", "收到照片后答复补发或退 80 元"),
    ("问过{product}的活动价，今天降价", "降价后回访，发新的到手价"),
    ("{product}预售尾款未付，订单尾号 {tail}", "催付尾款"),
    ("发票抬头写错，订单尾号 {tail}", "联系财务重开发票，开好后发给顾客"),
    ("{product}送货楼层没有电梯", "和物流确认上楼费，再答复顾客"),
    ("{product}少一包五金件，订单尾号 {tail}", "让仓库补寄，把单号发给顾客"),
    ("想把{product}改送父母家，订单尾号 {tail}", "改地址，和顾客核对后备注"),
    ("{product}要配同色椅子，预算 800 元", "配好两套方案发给顾客"),
)
NOTED = "知悉"
NOTES = (
    "{product}的快捷语价格已改，旧话术停用",
    "3 号仓今晚盘点，{product}的急单改从 1 号仓发",
    "{product}缺货到下周三，先登记再答复",
)
# What somebody has promised to a customer, on a given day.
PROMISES = (
    ("{product}约好当面确认尺寸，订单尾号 {tail}", "给顾客回电，确认后改单"),
    ("{product}的补差价答应当天办，订单尾号 {tail}", "办好补差价，截图发给顾客"),
    ("答应查{product}的物流，订单尾号 {tail}", "查到后马上告诉顾客到货日"),
    ("{product}答应拍视频", "拍视频发给顾客"),
)


class Said(NamedTuple):
    """What is written of an item; `customer` and `known` are empty when it is about nobody."""

    to_do: str
    customer: str = ""
    known: str = ""


def item(chance: Random, buyers: Buyers, kind: Text) -> Said:
    """An item of the handover log: about a customer, or where the kind is called so, for everybody to know."""
    if NOTED in kind.zh:
        return Said(chance.choice(NOTES).format(product=chance.choice(PRODUCTS)))
    return _about(ITEMS, chance, buyers)


def promise(chance: Random, buyers: Buyers) -> Said:
    return _about(PROMISES, chance, buyers)


def _about(texts: Sequence[tuple[str, str]], chance: Random, buyers: Buyers) -> Said:
    blanks = {"product": chance.choice(PRODUCTS), "tail": chance.randint(1_000, 9_999)}
    known, to_do = (text.format(**blanks) for text in chance.choice(texts))
    if chance.random() < 0.12:
        known += f"，电话 {buyers.phone()}"
    return Said(to_do, buyers.next(), known)


READ_BACKS = ("收到，先打电话确认，再按要求处理", "明白，今天之内给顾客答复", "好的，处理完在记录里写结果")
ENDED_FOR = "接班同事还在路上，由主管代守，先让同事下班"
RESULTS = ("已联系顾客，处理完毕", "已改约，顾客同意", "已发图，顾客下单", "已催付，顾客付款")
# Entries of the register, with what they are about, by a word in the name of the category to which they belong.
ISSUES = {
    "数据": (
        ("1.8 米床的尺寸图写成 1.5 米", "胡桃木床"),
        ("详情页写岩板厚 12 毫米，实物是 9 毫米", "岩板餐桌"),
        ("主图是三抽，发的是两抽", "床头柜"),
        ("材质写全实木，背板其实是多层板", "橡木衣柜"),
        ("升降高度写到 130 厘米，说明书是 118 厘米", "升降书桌"),
        ("坐垫颜色名米白和燕麦写反了", "布艺沙发"),
        ("打包尺寸没填，物流算错运费", "实木书架"),
        ("质保写三年，合格证上是两年", "折叠沙发床"),
        ("灰色款的库存显示有货，仓库说停产", "玄关鞋柜"),
        ("承重写 50 公斤，检测报告是 35 公斤", "藤编餐椅"),
    ),
    "建议": (
        ("大件商品详情页加“预约送装”说明，减少重复询问", "岩板餐桌"),
        ("顾客常问甲醛检测，建议放检测报告链接", "检测报告"),
        ("自动回复里加电梯尺寸表，送货前先问楼层", "自动回复"),
        ("给老顾客的第二单送一瓶木蜡油，问的人很多", "木蜡油"),
        ("预售款详情页写清尾款时间，每天有人问", "预售"),
        ("做一张五金件图，让顾客指出少了哪一包", "五金件"),
        ("晚班开始前十分钟把当天缺货表发到群里", "缺货表"),
        ("把常见安装问题拍成短视频放在详情页", "安装"),
        ("色卡可以寄样，运费由顾客付，能少一些色差退货", "色卡"),
    ),
    "差评": (
        ("物流外箱破了，顾客给了中评，已答应补发边板", "电视柜"),
        ("安装师傅迟到两小时，顾客给了差评，已致歉", "橡木衣柜"),
        ("味道大，顾客给了中评，已发检测报告", "儿童学习桌"),
        ("颜色和图片不一样，顾客给了差评，在谈退货", "布艺沙发"),
        ("少五金件等了五天，顾客给了中评，已补寄", "实木书架"),
        ("抽屉不顺，顾客给了中评，已约上门调整", "床头柜"),
        ("说好送货上楼没有上楼，顾客给了差评", "胡桃木床"),
    ),
    "投诉": (
        ("顾客投诉回复慢，问了半小时没有人理", "藤编餐椅"),
        ("顾客投诉补差价三天没到账，已转财务", "岩板餐桌"),
        ("顾客投诉改约两次师傅都没来", "玄关鞋柜"),
        ("顾客投诉退货运费说法前后不一", "圆形茶几"),
        ("顾客投诉电话里态度急，要求道歉", "梳妆台"),
        ("顾客投诉赠品没有寄，翻记录是漏登", "升降书桌"),
    ),
}
# For every other category.
PROBLEMS = (
    ("仓库夜里没人接电话，拦截不了包裹", "2 号仓"),
    ("促销期间自动回复里的活动时间过期了", "自动回复"),
    ("改地址的单子仓库不看备注，又发错一单", "备注"),
    ("后台优惠券叠加后价格算错，顾客截图来问", "优惠券"),
    ("物流单号两天不更新，顾客催得多", "物流"),
    ("晚上九点以后图片空间打不开，发不了实拍图", "图片空间"),
    ("售后电话转接到已离职同事的分机", "电话"),
    ("安装预约系统选不了周日，其实师傅上班", "送装预约"),
    ("开发票要等财务上班，晚上的顾客等不到", "发票"),
    ("退货到仓没人登记，退款拖了一周", "退货"),
    ("两台电脑的聊天工具会互相挤下线", "聊天工具"),
)


def issues_of(category: Text) -> Sequence[tuple[str, str]]:
    """What fits a category with this name."""
    return next((texts for word, texts in ISSUES.items() if word in category.zh), PROBLEMS)


# How an offence came to light, by a word in the clause; {at} is the time.
FACTS = {
    "无关": (
        "{at} 巡查时在看视频网站，有顾客在等，当面提醒后关闭",
        "{at} 有顾客在线时用手机打游戏，本人承认",
        "{at} 电脑上开着私人聊天窗口，已截图，本人承认",
        "{at} 私自安装了游戏软件，已要求卸载",
        "{at} 在工位上网购，两位顾客没有回复，本人承认",
        "{at} 戴着耳机追剧，叫了两声才听见",
        "{at} 在回私人消息，顾客等了十一分钟",
        "{at} 手机直播开着放在键盘旁边，当面收起",
        "{at} 帮朋友改简历，聊天工具最小化，本人承认",
        "{at} 在炒股软件上下单，已请其退出",
        "{at} 装了抢票插件，占着浏览器，已卸载",
    ),
    "代人打卡": ("查监控，{at} 替还没到岗的同事打了卡，两人都承认",),
    "备注": (
        "抽查当天订单，{at} 成交的一单没有备注工号，也没有插旗，本人已补",
        "{at} 成交的两单备注写在聊天里，订单上没有，已要求补上",
    ),
    "催付": ("抽查时 {at} 拍下未付的一单过了一小时没有催，本人说忘了",),
    "周总结": ("到期没有交周总结，{at} 提醒以后才开始写",),
    "投诉": (
        "顾客 {at} 投诉回复生硬，看了聊天记录，属实",
        "顾客 {at} 投诉问题没有解决就结束对话，看了聊天记录，属实",
    ),
    "泄露": (
        "{at} 把顾客的地址和电话发到了私人群里，已要求撤回，本人承认",
        "{at} 把一位顾客的电话给了同行，聊天记录已保存",
    ),
    "交接": (
        "{at} 核对交接记录本，两位等答复的顾客没有写进去，晚班不知道",
        "{at} 核对交接记录本，改地址的一单没有写，仓库照旧地址发了",
        "{at} 顾客来问昨天答应的补发，交接记录本里没有",
        "{at} 核对交接记录本，只写了“无”，其实有三单没处理完",
        "{at} 核对交接记录本，整页没有填，本人说下班赶车",
    ),
}
# What turns out not to be so.
REFUSED_FACTS = (
    "{at} 同事反映，本人不认可，说那时在给顾客回电话，待核对记录",
    "{at} 组长记下，本人说已经按要求做了，待核对系统记录",
)
OTHER_FACTS = (
    "{at} 和同事在工位上大声争执，顾客电话里听得到，已分别谈话",
    "{at} 检查工位，下班没有关电脑，顾客资料开在屏幕上",
    "{at} 发现把内部报价表发给了顾客，已经撤回",
)


def facts_of(clause: Text) -> Sequence[str]:
    """How an offence against a clause with this text came to light."""
    return next((texts for word, texts in FACTS.items() if word in clause.zh), OTHER_FACTS)


CONFIRM_REASONS = ("当事人已确认", "和本人谈过，属实", "记录清楚，本人没有异议")
DISMISS_REASON = "核对记录和聊天时间，不属实"
LET_OFF = "事先和主管说过，不予处理"
JUDGEMENTS = ("主动补位，交接清楚", "回复耐心，数据准确", "完成本职，还可更主动", "转化好，登记再及时些")
# What somebody wrote down for their next shift.
OWN_ITEMS = (
    ("要看实物颜色，答应拍视频", "上班后先拍浅色款视频发给顾客"),
    ("等快递理赔结果", "上班后查理赔进度，答复顾客"),
)
# What becomes of entries of the register: adopted, answered, not adopted.
ANSWERS = ("采纳，已转运营修改，谢谢", "已转相关同事跟进，处理完告诉你", "暂不调整，原因已和本人说明")
FIGURES_FILE, ORDERS_FILE = "客服数据周报.xlsx", "订单导出.csv"
TAG = "工号%s 已核对地址"
CLAIM = "当天接待的顾客，忘了备注工号，有聊天记录"
# What buyers write in reviews, and what they complain about: the product and the text.
REVIEWS = (
    ("床头柜", "收到的颜色和图片不一样"),
    ("胡桃木床", "送货拖了一周，床板还有一股味道"),
    ("实木书架", "少一包螺丝，装到一半停下了"),
    ("电视柜", "外箱破了，边角磕掉一块漆"),
    ("藤编餐椅", "坐了两天就有响声"),
    ("梳妆台", "镜子有划痕，别的还可以"),
)
COMPLAINTS = (
    ("书桌", "回复太慢，问了半小时没人理"),
    ("岩板餐桌", "桌面有划痕，联系两次没人处理"),
    ("胡桃木床", "约好的安装师傅没来，客服没有跟进"),
    ("布艺沙发", "答应补差价，三天没有到账"),
    ("圆形茶几", "退货运费前后说法不一样，口气也不好"),
)
STEP = "已联系顾客，说明处理办法和时间"
SETTLED = "已补发配件并致歉，顾客认可"
MINUTES = (
    "一、上周退款多在床类，详情页尺寸图要改。二、晚班交接写清最后期限。三、下周主推岩板餐桌，先看产品资料。",
    "一、未备注订单比上周少。二、差评当天必须联系。三、周六前交周总结，不要拖到最后一小时。",
)
_SUMMARY = (
    "本周接待的顾客里，问尺寸和安装的最多，常用短语已经补充。",
    "有两位顾客因为物流慢要退款，联系仓库改发后挽回了一位。",
    "交接时写清了最后期限和下一步，夜班同事反映好跟进。",
    "自己的不足是回复长问题时打字慢，下周把常见回答整理成短语。",
    "发现一处详情页尺寸写错，已经登记并采纳。",
    "预售尾款的顾客都催过一遍，还有三位没有付，已写进交接。",
    "差评联系了两位买家，一位同意修改，另一位等补发件到了再说。",
    "下周打算多看新品资料，争取考试一次通过。",
)


def summary(chance: Random, at_least: int) -> str:
    """A weekly summary of at least so many characters."""
    sentences: list[str] = []
    while len("".join(sentences)) < at_least + 10:
        left = [sentence for sentence in _SUMMARY if sentence not in sentences] or list(_SUMMARY)
        sentences.append(chance.choice(left))
    return "".join(sentences)


# New products: name, what agents have to know, and the questions of the quiz with the places of the right answers.
LAUNCHES = (
    (
        "云杉岩板岛台",
        "台面 12 毫米岩板，柜体多层板。长 1.6 米和 1.8 米，高 90 厘米。\n"
        "台面耐热 200 度，不能直接放刚离火的锅；边缘忌敲打。\n"
        "送装要两人，需电梯深 1.7 米以上；没有电梯先问楼层再报价。\n"
        "常见问题：能不能挖水槽（不能）、多久发货（预售，十五天）。",
        (
            ("台面是什么？", ("大理石", "岩板", "石英石"), (1,)),
            ("能不能挖水槽？", ("能", "不能"), (1,)),
            ("多久发货？", ("两天内", "预售，十五天"), (1,)),
        ),
    ),
    (
        "云杉实木儿童床",
        "松木，水性漆，适合三到十岁。尺寸 1.2 米和 1.35 米，护栏可拆。\n"
        "承重 150 公斤；不含床垫，床垫厚度不超过 15 厘米。\n"
        "大件送装入户，预约后三天内上门；无电梯楼层每层加 20 元。\n"
        "常见问题：有没有气味（附检测报告链接）、能不能定制（不能）、多久发货（现货两天内）。",
        (
            ("护栏能不能拆？", ("能", "不能"), (0,)),
            ("床垫最厚多少？", ("10 厘米", "15 厘米", "20 厘米"), (1,)),
            ("下面哪些说法正确？", ("不含床垫", "可以定制尺寸", "现货两天内发货"), (0, 2)),
        ),
    ),
)
