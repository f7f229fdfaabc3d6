/* Names and roles that the theme leaves out, added once the page has loaded. */
(function () {
  "use strict";
  function name(selector, label) {
    document.querySelectorAll(selector).forEach(function (element) {
      if (!element.getAttribute("aria-label")) element.setAttribute("aria-label", label);
    });
  }
  function mend() {
    name("input[type=search]", "Search the book");
    // a button's name must contain the words that stand on it
    document.querySelectorAll("button[aria-label]").forEach(function (button) {
      var words = button.textContent.replace(/\s+/g, " ").trim();
      // these words are the titles of its icons, which another script draws later
      if (button.matches(".theme-switch-button")) words = "Color mode: Light Dark System Settings";
      if (words) button.setAttribute("aria-label", words);
    });
    document.querySelectorAll(".bd-sidebar-primary").forEach(function (sidebar) {
      sidebar.setAttribute("role", "complementary");
      sidebar.setAttribute("aria-label", "Contents of the book");
    });
    document.querySelectorAll(".bd-article details > summary[aria-label]").forEach(function (summary) {
      if (summary.textContent.trim()) summary.removeAttribute("aria-label");
    });
    // what opens the pages below another is an arrow, without a word
    document.querySelectorAll(".bd-sidebar-primary li > details > summary").forEach(function (summary) {
      var page = summary.closest("li").querySelector("a");
      if (page) summary.setAttribute("aria-label", "Pages below: " + page.textContent.trim());
    });
    // a role that is out of date, in the list of references
    document.querySelectorAll("[role=doc-biblioentry]").forEach(function (work) {
      work.setAttribute("role", "listitem");
    });
    reach();
  }
  // what scrolls sideways must be reachable by keyboard
  function reach() {
    document.querySelectorAll(".cell_output .output.text_html, .highlight pre, .bd-article table").forEach(
      function (box) {
        if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
      }
    );
  }
  // paper is white: the dark colours come back after printing
  var kept = null;
  window.matchMedia("print").addEventListener("change", function (printing) {
    var root = document.documentElement;
    if (printing.matches) {
      kept = root.dataset.theme;
      root.dataset.theme = "light";
    } else if (kept) root.dataset.theme = kept;
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mend);
  else mend();
  window.addEventListener("load", mend);
  window.addEventListener("resize", reach);
})();
