// The figure on the first page moves by itself, once: the path between two digits is played the first
// time that it is in view. Not where motion is not wanted, and never again in this browser.
document.addEventListener("DOMContentLoaded", () => {
  const figure = document.querySelector("article:has(.ae-cards) [data-ae-figure]");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (!figure || still || kept.read("ae-moved")) return;
  const seen = new IntersectionObserver((entries) => {
    const play = figure.querySelector(".ae-main");
    if (!play || !entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    kept.write("ae-moved", "yes");
    play.click();
  }, { threshold: 0.3 });
  seen.observe(figure);
});
