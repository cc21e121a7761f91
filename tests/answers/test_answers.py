"""Short answers without a paraphrase: plain sentences that are right."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m3it_build.answers.outputs import ModelText, answer_text
from m3it_build.answers.templates import template
from m3it_build.core.task import Answers


@pytest.mark.parametrize(
    ("question", "answer", "sentence"),
    [
        ("Is there a dog in the picture?", "no", "No, there is not."),
        ("Is this man tall?", "yes", "Yes, that is the case."),
        ("Is it hot or cold?", "yes", "The answer is yes."),
        ("How many red things are there?", "2", "There are 2 red things."),
        ("How many of the people are in the car?", "3", "The answer is 3."),
        ("What color is the large metal cube?", "yellow", "The large metal cube is yellow."),
        ("What color is the man wearing?", "red", "The answer is red."),
        ("What color is the ball for the game shown is?", "green", "The answer is green."),
        ("What color is the car that was parked?", "green", "The answer is green."),
        ("What color is the shed?", "red", "The shed is red."),
        ("What color are the shoes worn?", "red", "The answer is red."),
        ("Where is the cat?", "on the table", "The cat is on the table."),
        ("Where is the cat?", "kitchen", "The answer is kitchen."),
        ("Where is this taken?", "on a street", "The answer is on a street."),
        ("Where is this at?", "in a park", "The answer is in a park."),
        ("Where are these eaten?", "at home", "The answer is at home."),
        ("Where is this bed?", "in a room", "This bed is in a room."),
        ("Where is this popular?", "in italy", "The answer is in italy."),
        ("Where are these available?", "in italy", "The answer is in italy."),
        ("Where is that common?", "in italy", "The answer is in italy."),
        ("Where are these dishes?", "on a table", "These dishes are on a table."),
        ("What color are these when ripe?", "yellow", "The answer is yellow."),
        ("What color is this old bus?", "yellow", "This old bus is yellow."),
        ("Where is it?", "in a room", "It is in a room."),
        ("What is the name of the device called?", "mixer", "The answer is mixer."),
        ("What is the name of the person this is?", "Ann", "The answer is Ann."),
        ("What is the name of the trick being done?", "ollie", "The name of the trick being done is ollie."),
        ("What is it?", "a bird,", "The answer is a bird."),
        ("What does the sign say?", "stop,", 'The sign says "stop,".'),
        ("Who wrote this book?", "Malcolm Brooks", "Malcolm Brooks wrote this book."),
        ("Who is driving a car?", "man", "The answer is man."),
        ("In which year was this tower opened?", "1889", "It was in 1889."),
        ("What does the sign say?", "stop", 'The sign says "stop".'),
        ("What does the sign say?", "Yahoo!", 'The sign says "Yahoo!"'),
        ("What does it say?", "no parking!", 'It says "no parking!"'),
        ("What does the sign say?", "Main St.", 'The sign says "Main St."'),
        ("What does the sign say?", "(who?)", 'The sign says "(who?)"'),
        ("床单是什么颜色？", "白色。", "床单是白色的。"),
        ("这花是什么颜色？", "紫色。", "这花是紫色的。"),
        ("厨房台什么颜色的？", "银色的。", "厨房台是银色的。"),
        ("小孩子的衣服是什么颜色？", "是橘黄色。", "小孩子的衣服是橘黄色的。"),
        ("橱柜的颜色是什么？", "白色。", "橱柜的颜色是白色。"),
        ("男人穿着什么颜色的衣服？", "白色。", "男人穿着白色的衣服。"),
        ("图中有几个人？", "三个", "图中有三个人。"),
        ("图中有多少辆车？", "两辆。", "图中有两辆车。"),
        ("这是什么动物？", "羊！。", "这是羊。"),
        ("这是谁？", "卖香蕉的小贩。", "这是卖香蕉的小贩。"),
        ("这是哪里？", "浴室。", "这是浴室。"),
        ("远处水边的是什么？", "大象。", "远处水边的是大象。"),
        ("筐子里是什么？", "一些面包，。", "筐子里是一些面包。"),
        ("他手里拿的是什么？", "手机。", "他手里拿的是手机。"),
        ("路旁有什么？", "有树。", "路旁有树。"),
        ("狗在哪里？", "滑板上。", "狗在滑板上。"),
        ("人在干什么？", "在玩电脑。", "人在玩电脑。"),
        ("他在干嘛？", "滑雪。", "他在滑雪。"),
        ("他在玩什么？", "滑板。", "他在玩滑板。"),
        ("他们在用什么电脑？", "苹果电脑。", "他们在用苹果电脑。"),
        ("今天天气怎么样？", "晴朗。", "今天天气晴朗。"),
        ("天气怎么样？", "晴天", "答案是晴天。"),
        ("这是一列火车吗？", "是的。", "是的，这是一列火车。"),
        ("树是绿色的么？", "是的。", "是的，树是绿色的。"),
        ("你喜欢这张照片吗？", "是的。", "是的，是这样的。"),
        ("这是一辆公交车吗？", "不是。", "不是，这不是一辆公交车。"),
        ("他总是在笑吗？", "不是。", "不，不是这样的。"),
        ("这里有人吗？", "没有。", "没有，这里没有人。"),
        ("树下有自行车吗？", "有。", "有，树下有自行车。"),
    ],
)
def test_the_questions_form_makes_the_sentence(question: str, answer: str, sentence: str) -> None:
    assert template(question, answer) == sentence


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("他会游泳吗？", "会。"), ("他会游泳吗？", "会"), ("这是不是一只狗？", "是"), ("这是狗还是猫吗？", "是的。"),
        ("这个人没有戴帽子吗？", "是的。"), ("所有的人都有帽子吗？", "没有。"), ("图中有一只狗吗？", "没有。"),
        ("床上有什么？", "没有。"), ("桌子上有什么？", "桌子上有蛋糕。"), ("他在吃什么水果？", "红富士。"),
        ("这是什么？", "看不清。"), ("为什么这个人打伞？", "下雨。"), ("这个人手里拿的什么东西？", "拿的剪刀。"),
        ("笔记本的品牌是什么（中英文都要标注）？", "苹果(Apple)。"),
    ],
)  # fmt: skip
def test_a_chinese_reply_that_no_form_fits_stays_and_is_no_template(question: str, answer: str) -> None:
    assert template(question, answer) is None
    assert answer_text(question, answer, Answers.PARAPHRASE) == (answer, "original", None, "not asked")
    assert answer_text(question, answer, Answers.TEMPLATE) == (answer, "original", None, "no template fits")


@pytest.mark.parametrize("answer", ["", " ", ":", ",", "?", '";"', "..."])
@pytest.mark.parametrize(
    "question", ["Which mark ends the line?", "What does the sign say?", "Where is it?", "这是什么？"]
)
def test_an_answer_without_a_letter_or_digit_stays_as_it_is(question: str, answer: str) -> None:
    assert template(question, answer) is None
    assert answer_text(question, answer, Answers.TEMPLATE).text == answer


ASKED = (
    "What does the sign say?", "What does it say?", "What is it?", "Who wrote this book?", "Where is the cat?",
    "What color is the cat?", "What is the name of it?", "What time is it?", "Is it?", "How many are there?",
)  # fmt: skip


ENDED_TWICE = re.compile(r"""[.!?…][\"')]+\.$""")


@given(
    st.sampled_from(ASKED),
    st.text(alphabet="aZ1 .,:;!?'\")(…。", min_size=1, max_size=8).filter(
        lambda answer: not ENDED_TWICE.search(answer.strip())  # what the source itself writes so stays
    ),
)
def test_no_sentence_is_ended_twice(question: str, answer: str) -> None:
    sentence = template(question, answer) or ""
    assert not ENDED_TWICE.search(sentence)


def test_an_answer_that_is_a_sentence_stays_as_it_is() -> None:
    answered = answer_text("How much sun?", "They need at least six hours of sun.", Answers.PARAPHRASE)
    assert (answered.text, answered.status) == ("They need at least six hours of sun.", "original")


def test_a_rejected_paraphrase_falls_back_with_its_reason() -> None:
    answered = answer_text("What is it?", "cat", Answers.PARAPHRASE, ModelText("It is a dog.", "stop", "m", ""))
    assert answered == ("The answer is cat.", "template", "m", "answer lost")


@given(st.text(max_size=60), st.text(min_size=1, max_size=30).filter(str.strip), st.text(max_size=80))
def test_no_text_breaks_a_sentence_or_a_filter(question: str, answer: str, reply: str) -> None:
    answered = answer_text(question, answer, Answers.PARAPHRASE, ModelText(reply, "stop", "m", ""))
    assert answered.text
