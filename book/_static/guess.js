// A place to write one's guess under the question of a lesson; at the end, *What holds* shows it
// again. It stays in this browser, and where the browser keeps nothing it lasts as long as the page.
document.addEventListener("DOMContentLoaded", () => {
  const others = [...document.querySelectorAll("article details")]
    .find((folded) => /guess/.test(folded.querySelector("summary")?.textContent));
  const end = document.querySelector("#what-holds > :is(h1, h2)");
  if (!others || !end) return;
  const key = "ae-guess:" + kept.page;

  const label = document.createElement("label");
  label.textContent = "Your guess, in a line (it stays in this browser)";
  const line = document.createElement("input");
  line.type = "text";
  line.id = "ae-guess";
  line.maxLength = 200;
  line.autocomplete = "off";
  label.htmlFor = line.id;
  const box = document.createElement("div");
  box.className = "ae-guess";
  box.append(label, line);
  others.before(box);

  const said = document.createElement("p");
  said.className = "ae-guessed";
  const back = document.createElement("a");
  back.href = "#ae-guess";
  back.textContent = "Your guess";
  const words = document.createElement("q");
  said.append(back, " was: ", words);
  end.after(said);

  function show() {
    words.textContent = line.value.trim();
    said.hidden = !words.textContent;
  }
  line.value = kept.read(key) || "";
  line.addEventListener("input", () => {
    kept.write(key, line.value.trim());
    show();
  });
  show();
});
