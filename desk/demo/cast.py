"""The people of the demo department. The first of each role is the account to try."""

from dataclasses import dataclass

from people.models import Role

DEPARTMENT_NAME = "云杉家居旗舰店 · 客服部"
TIME_ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Person:
    """`group`: which pair rotates through the shifts together; none for those who are not on the roster."""

    username: str
    name: str
    work_number: str
    role: str
    group: int | None = None


CAST = (
    Person("leader", "陈思雨", "01", Role.LEADER, 0),
    Person("haoran", "王浩然", "02", Role.AGENT, 0),
    Person("junjie", "李俊杰", "03", Role.AGENT, 1),
    Person("yating", "张雅婷", "04", Role.AGENT, 1),
    Person("agent", "林晓彤", "07", Role.AGENT, 2),
    Person("yuxin", "周雨欣", "08", Role.AGENT, 2),
    Person("supervisor", "张岚", "90", Role.SUPERVISOR),
    Person("manager", "顾明远", "91", Role.MANAGER),
    Person("finance", "许静", "92", Role.FINANCE),
    Person("owner", "沈云杉", "99", Role.OWNER),
)
# Whose account is shown as the agent's: the one with most to see.
TRY_FIRST = "agent"
