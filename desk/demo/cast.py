"""The demo departments: which rulebook each lives by, and its people.

How many people are on the roster, the rulebook says; here stand their names.
"""

from dataclasses import dataclass

from desk.accounts import DEMO_CODES
from people.models import Role


@dataclass(frozen=True)
class Person:
    """`username`: without the department's prefix."""

    username: str
    name: str
    work_number: str
    role: str = Role.AGENT

    @property
    def is_shown(self) -> bool:
        """Whether theirs is the account to try of their role: it is called like the role."""
        return self.username == self.role


@dataclass(frozen=True)
class Demo:
    """One demo department. `rulebook`: its file in the library; `crew`: who may be on the roster, in pairs.

    `learner` joined last month: scored, but not on the roster yet, so some of their figures are missing.
    """

    code: str
    name: str
    rulebook: str
    prefix: str
    crew: tuple[Person, ...]
    office: tuple[Person, ...]
    learner: Person | None = None


DEMOS = (
    Demo(
        code=DEMO_CODES[0],
        name="云杉家居旗舰店 · 客服部",
        rulebook="three-shift-desk.yaml",
        prefix="",
        crew=(
            Person("leader", "陈思雨", "01", Role.LEADER),
            Person("haoran", "王浩然", "02"),
            Person("junjie", "李俊杰", "03"),
            Person("yating", "张雅婷", "04"),
            Person("agent", "林晓彤", "07"),
            Person("yuxin", "周雨欣", "08"),
        ),
        office=(
            Person("supervisor", "张岚", "90", Role.SUPERVISOR),
            Person("manager", "顾明远", "91", Role.MANAGER),
            Person("finance", "许静", "92", Role.FINANCE),
            Person("owner", "沈云杉", "99", Role.OWNER),
        ),
    ),
    Demo(
        code=DEMO_CODES[1],
        name="临海庭院家具专营店 · 客服部",
        rulebook="overlap-desk.yaml",
        prefix="linhai-",
        crew=(
            Person("leader", "赵文博", "01", Role.LEADER),
            Person("yichen", "孙奕辰", "02"),
            Person("zihan", "吴子涵", "03"),
            Person("mengqi", "徐梦琪", "04"),
            Person("agent", "何佳怡", "05"),
            Person("siqi", "胡思琪", "06"),
        ),
        office=(
            Person("supervisor", "郑海燕", "90", Role.SUPERVISOR),
            Person("manager", "潘立群", "91", Role.MANAGER),
            Person("finance", "丁慧", "92", Role.FINANCE),
            Person("owner", "叶临海", "99", Role.OWNER),
        ),
        learner=Person("ruoxi", "蒋若溪", "09"),
    ),
)
