// Where there is no mouse to hover with, a tap on a term of the glossary opens its meaning below the
// paragraph. A second tap follows the link.
document.addEventListener("DOMContentLoaded", () => {
  if (matchMedia("(hover: hover)").matches) return;
  const box = document.createElement("span");
  box.className = "ae-meaning";
  box.setAttribute("role", "status");
  let shown = null;
  const close = () => {
    box.remove();
    shown = null;
  };
  document.addEventListener("click", (event) => {
    const term = event.target.closest("a.ae-term");
    if (term && term !== shown) {
      event.preventDefault();
      shown = term;
      box.textContent = "";
      term.closest("p, li, dd, td, summary").append(box);
      box.textContent = term.title; // once it stands there, so that it is read aloud
    } else if (!term && !box.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
});
