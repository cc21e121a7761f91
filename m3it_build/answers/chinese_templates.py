"""A plain Chinese sentence around a short answer, by the form of the question.

Chinese questions keep the order of statements, so a form puts the answer in the place of the question word, or drops
the particle of a yes/no question. It is used only where nothing in question or answer speaks against that.
"""

import re
from collections.abc import Callable

from m3it_build.core.text import CLOSERS, PAUSES, STOPS, ends_sentence

_ENDS = "".join((*STOPS, *PAUSES)) + CLOSERS.replace(")", "").replace("）", "").replace("》", "")
_PARTICLES = re.compile(r"(?:呢|啊|呀|哦)$")
_UNSURE = re.compile(r"[不没你我您咱谁哪几啥呢吧请]|什么|多少|怎|还是|是否|[，,；;]")
"""In a statement that is made of a yes/no question, or before a question word: turning it round is not safe."""
_VAGUE = re.compile(r"[，,；;？?]|不|没|看清|知道|可能|应该|因为|^(?:这|那|他|她|它|是|有|在|正)")
"""In an answer that is no bare noun."""
_EMBEDDED = re.compile(r"[还于只可但都就也正总要]是|是否")
_HAVING = re.compile(r"[所拥只带具没还含富都]有|有[点趣些名一两二三四五几很多]")
_COLOUR = re.compile(r"是?([^，、的是在有]{1,8}色)的?")
_PLACE = re.compile(r"在?(\S*(?:[上下里边中旁前后内外间室厅房园场站店街路]|旁边|面前))")
_AMOUNT = re.compile(r"有?((?:\d+|[一二三四五六七八九十两百]+)(?![\d一二三四五六七八九十两百])(\S))")
_POLAR = re.compile(r"(?:是|对|有|在|会|能|可以|不是|没有|不会|不能|不|否|没)的?")
_VERBS = "[拿穿戴抱骑放写画举拉背推坐摆挂印]着|拿了|[玩吃喝拿穿戴骑用看打踢开]"
_KINDS = "地方|动物|水果|东西|食物|植物|花|标志|建筑|车|运动|交通工具|蔬菜|球|鸟|树|家具|电器|乐器|颜色"


def chinese(question: str, answer: str) -> str | None:
    """A sentence with the answer in the question's words; None if the answer is best left as it is.

    Args:
        question: One line.
        answer: Bare of white space at its ends; with its stop if the source has one.
    """
    said, asked = answer.rstrip(_ENDS + " "), _PARTICLES.sub("", question.rstrip("？?。 "))
    if not said:
        return None
    for form in _FORMS:
        if (sentence := form(asked, said)) is not None:
            return f"{sentence}。"
    if ends_sentence(answer) or _POLAR.fullmatch(said):
        return None  # a reply as it is
    return f"答案是{said}。"


def _yes_no(asked: str, said: str) -> str | None:
    if (found := re.fullmatch(r"(.+[^什怎这那多要干])[吗么嘛]", asked)) is None:
        return None
    statement = found[1]
    safe = _UNSURE.search(statement) is None and statement[-1] not in "是有会能"
    if said in ("是", "是的", "对", "对的"):
        return f"{said}，{statement}" if safe else None if _open(statement) else f"{said}，是这样的"
    if said in ("不是", "不是的"):
        if safe and statement.count("是") == 1 and not _EMBEDDED.search(statement) and "的是" not in statement:
            return f"{said}，{statement.replace('是', '不是')}"
        return None if _open(statement) else "不，不是这样的"
    having = safe and statement.count("有") == 1 and not statement.startswith("有") and not _HAVING.search(statement)
    if having and said in ("有", "有的"):
        return f"{said}，{statement}"
    if having and said in ("没有", "没有的"):
        return f"没有，{statement.replace('有', '没有')}"
    return None


def _open(statement: str) -> bool:
    """Whether yes does not tell what is meant: a choice, or a question with a denial in it."""
    return re.search("还是|或|[不没]", statement) is not None


def _colour(asked: str, said: str) -> str | None:
    if (colour := _COLOUR.fullmatch(said)) is None or _UNSURE.search(
        asked.replace("什么颜色", "").replace("是什么", "")
    ):
        return None
    if found := re.fullmatch(r"(.+)的颜色(?:是什么|是什么样的)", asked):
        return f"{found[1]}的颜色是{colour[1]}"
    if found := re.fullmatch(r"(.*[^是])是什么颜色的?", asked):
        return f"{found[1]}是{colour[1]}的"
    if found := re.fullmatch(r"(.*[^是穿着戴有拿用的在])什么颜色的?", asked):
        return f"{found[1]}是{colour[1]}的"
    if found := re.fullmatch(r"(.+)什么颜色的(.+)", asked):
        return f"{found[1]}{colour[1]}的{found[2]}"
    return None


def _where(asked: str, said: str) -> str | None:
    if re.fullmatch(r"(?:这|那)(?:里|儿)?是(?:哪里|哪儿|哪|什么地方)", asked):
        return f"{asked[0]}是{said}" if not _VAGUE.search(said) else None
    found = re.fullmatch(r"([^，在你我]+)在(?:哪里|哪儿|哪|什么地方)", asked)
    if found is None or (place := _PLACE.fullmatch(said)) is None or _VAGUE.search(place[1]):
        return None
    return f"{found[1]}在{place[1]}" if found[1] not in said else None


def _what(asked: str, said: str) -> str | None:
    if _VAGUE.search(said):
        return None
    if found := re.fullmatch(rf"(这|那|这里|那里|图中|图片中)的?是(?:什么(?:{_KINDS})?|谁)", asked):
        return f"{found[1]}是{said}"
    found = re.fullmatch(r"(.*[^不也就都还])是(?:什么|谁)", asked)
    if found is None or _UNSURE.search(found[1]) or found[1] in said or "是" in said:
        return None
    return f"{found[1]}是{said}"


def _there_is(asked: str, said: str) -> str | None:
    found = re.fullmatch(r"([^有]+)有(?:什么|些什么|哪些)(?:东西|动物|物品)?", asked)
    thing = said.removeprefix("有")
    if found is None or _UNSURE.search(found[1]) or not thing or _VAGUE.search(thing) or found[1] in said:
        return None
    return f"{found[1]}有{thing}"


def _doing(asked: str, said: str) -> str | None:
    found = re.fullmatch(r"(.+?)(?:正在|在)(?:干|做)?(?:什么|嘛|吗|啥|些什么)", asked)
    if found is None or not re.search(r"[干做]", asked[len(found[1]) :]) or _UNSURE.search(found[1]):
        return None
    deed = re.sub(r"^(?:正在|在)", "", said)
    return f"{found[1]}在{deed}" if deed and not _VAGUE.search(deed) and found[1] not in said else None


def _object(asked: str, said: str) -> str | None:
    found = re.fullmatch(rf"(.+?)({_VERBS})什么(东西|电脑|水果|食物|动物|车|运动|衣服|帽子)?", asked)
    if found is None or _UNSURE.search(found[1]):
        return None
    thing = re.sub(rf"^(?:在|正在)?{re.escape(found[2])}", "", said)
    kind = found[3] or ""
    if not thing or _VAGUE.search(thing) or found[1] in said or re.match(_VERBS, thing):
        return None
    return f"{found[1]}{found[2]}{thing}" if kind in ("", "东西") or thing.endswith(kind[-1]) else None


def _count(asked: str, said: str) -> str | None:
    amount = _AMOUNT.fullmatch(said)
    found = re.fullmatch(r"([^，几多你]*)(?:几|多少)(\S)?([^，几]*)", asked)
    if amount is None or found is None or "多少钱" in asked:
        return None
    if found[2] == amount[2]:
        return f"{found[1]}{amount[1]}{found[3]}"
    return f"{found[1]}{amount[1]}{found[2] or ''}{found[3]}" if "多少" in asked else None  # "有多少人": 三个


def _weather(asked: str, said: str) -> str | None:
    found = re.fullmatch(r"([^你，]*天气)(?:怎么样|如何|怎样)", asked)
    return f"{found[1]}{said}" if found and re.fullmatch(r"晴朗|不错|炎热|寒冷|阴沉|良好|[很非]\S{1,3}", said) else None


_FORMS: tuple[Callable[[str, str], str | None], ...] = (
    _yes_no, _colour, _where, _doing, _there_is, _object, _count, _weather, _what,
)  # fmt: skip
"""The first that knows the question's form writes the sentence."""
