// How far a reader has come, on the cards of the first page: a chapter read to *What holds*, and the
// answers to its ten questions. It stays in this browser.
document.addEventListener("DOMContentLoaded", () => {
  const end = document.querySelector("article #what-holds");
  if (end) {
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      kept.write("ae-read:" + kept.page, "yes");
      seen.disconnect();
    });
    seen.observe(end);
  }
  for (const link of document.querySelectorAll(".ae-cards a")) {
    const page = link.pathname.split("/").pop();
    const answers = Object.keys(kept.object("ae-questions:" + page)).length;
    const said = [kept.read("ae-read:" + page) && "✓ read", answers && `${answers} of its questions answered`].filter(Boolean);
    if (!said.length) continue;
    const progress = document.createElement("p");
    progress.className = "ae-progress";
    progress.textContent = said.join(", ");
    link.closest("li").append(progress);
  }
});
