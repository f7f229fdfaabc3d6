"""A multiple-choice question on a page, answered without a kernel, a server or a script.

    :::{question} What is asked?
    - [ ] A wrong answer.

      Why it is wrong.
    - [x] The right one.

      Why it is right.
    :::

Each answer is a disclosure of HTML's own, so it opens by mouse, touch and keyboard, and its
explanation is read out where it opens. `questions.js` keeps the score, in the reader's browser.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

MARK = re.compile(r"\[([ x])\] ")


def html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


class Question(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        number = self.env.temp_data["questions"] = self.env.temp_data.get("questions", 0) + 1
        asked, _ = self.state.inline_text(f"{number}. {self.arguments[0]}", self.lineno)
        name = f"question-{number}"
        content = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, content)
        if len(content) != 1 or not isinstance(content[0], nodes.bullet_list):
            raise self.error("a question holds one list of answers, each with its explanation")
        result = [
            html(f'<div class="ae-question" role="group" aria-labelledby="{name}">'),
            nodes.paragraph("", "", *asked, ids=[name], classes=["ae-asked"]),
        ]
        answers = [self.answer(item, name) for item in content[0]]
        if sum(right for right, _ in answers) != 1:
            raise self.error("exactly one answer of a question is marked [x]")
        for _, parts in answers:
            result += parts
        return [*result, html("</div>")]

    def answer(self, item: Any, name: str) -> tuple[bool, list[nodes.Node]]:
        """Whether an item of the list is the right answer, and what it becomes."""
        text = item[0][0]
        mark = MARK.match(str(text))
        if mark is None or len(item) < 2:
            raise self.error("an answer begins with [ ] or [x], and an explanation follows it")
        right = mark[1] == "x"
        item[0][0] = nodes.Text(str(text)[mark.end() :])
        item[1].insert(0, nodes.Text(" "))
        item[1].insert(0, nodes.strong("", "Right." if right else "No."))
        kind = "ae-right" if right else "ae-wrong"
        return right, [
            html(f'<details name="{name}" class="{kind}"><summary>'),
            nodes.inline("", "", *item[0].children),
            html("</summary>"),
            *item.children[1:],
            html("</details>"),
        ]


def setup(app: Any) -> dict[str, Any]:
    app.add_directive("question", Question)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
