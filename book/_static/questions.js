// Keeps the score of a page of questions: the first answer that is opened counts. It stays in this
// browser, and where the browser keeps nothing, the page works without it.
document.addEventListener("DOMContentLoaded", () => {
  const questions = [...document.querySelectorAll(".ae-question")];
  if (!questions.length) return;
  const key = "ae-questions:" + kept.page;

  const keep = () => kept.write(key, JSON.stringify(first));

  const answersOf = (question) => [...question.querySelectorAll("details")];
  const before = kept.object(key);
  let first = {}; // number of the question -> number of the answer that was opened first
  questions.forEach((question, n) => {
    const answer = Number.isInteger(before[n]) && answersOf(question)[before[n]];
    if (!answer) return;
    first[n] = before[n];
    answer.open = true;
  });
  const score = document.createElement("p");
  score.setAttribute("role", "status");
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Start again";
  const bar = document.createElement("div");
  bar.className = "ae-score";
  bar.append(score, again);
  questions.at(-1).after(bar);

  function show() {
    const answered = Object.keys(first).length;
    const right = questions.filter((q, n) => n in first && answersOf(q)[first[n]].className === "ae-right").length;
    score.textContent = answered
      ? `${answered} of ${questions.length} answered, ${right} right at the first try.`
      : `None of ${questions.length} answered yet.`;
    again.hidden = !answered;
  }

  questions.forEach((question, n) => {
    answersOf(question).forEach((answer, a) =>
      answer.addEventListener("toggle", () => {
        if (!answer.open || n in first) return;
        first[n] = a;
        keep();
        show();
      }),
    );
  });
  again.addEventListener("click", () => {
    first = {};
    keep();
    questions.forEach((question) => answersOf(question).forEach((answer) => (answer.open = false)));
    show();
    questions[0].querySelector("summary").focus();
  });
  show();
});
