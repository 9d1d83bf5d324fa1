// What every page has besides its text: definitions of the glossary's terms, and questions that say
// what a wrong answer has overlooked. Nothing is sent anywhere.
"use strict";

// ----- a linked term shows its definition, on hover and on focus; Escape puts it away (WCAG 1.4.13)

(() => {
  const tip = document.createElement("div");
  tip.id = "term-definition";
  tip.className = "term-definition";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  let shown = null;
  let leaving = 0;

  function show(link) {
    clearTimeout(leaving);
    if (shown === link) return;
    hide();
    shown = link;
    tip.textContent = link.dataset.definition;
    tip.hidden = false;
    link.setAttribute("aria-describedby", tip.id);
    place(link);
  }

  function hide() {
    clearTimeout(leaving);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    tip.hidden = true;
  }

  function place(link) {
    const box = link.getBoundingClientRect();
    const page = document.documentElement;
    const left = Math.min(box.left, page.clientWidth - tip.offsetWidth - 8);
    const fits = box.bottom + tip.offsetHeight + 8 < page.clientHeight;
    const top = fits ? box.bottom + 4 : box.top - tip.offsetHeight - 4;
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    tip.style.top = `${top + scrollY}px`;
  }

  const termOf = (event) => event.target.closest?.("a[data-definition]");

  document.addEventListener("DOMContentLoaded", () => {
    if (!document.querySelector("a[data-definition]")) return;
    (document.querySelector("main") ?? document.body).append(tip);
    document.addEventListener("pointerover", (event) => {
      if (event.target === tip) clearTimeout(leaving);
      else if (termOf(event)) show(termOf(event));
      else if (shown && shown !== document.activeElement) leaving = setTimeout(hide, 200);
    });
    document.addEventListener("focusin", (event) => (termOf(event) ? show(termOf(event)) : hide()));
    document.addEventListener("focusout", hide);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  });
})();

// ----- questions: a field, and an answer to each answer

(() => {
  function numberIn(text) {
    const plain = text.replace(/[\s\u202f\u00a0']/g, "").replace(",", ".").replace("−", "-");
    return /^-?\d+(\.\d+)?%?$/.test(plain) ? parseFloat(plain) : null;
  }

  function verdict(quiz, text) {
    const given = numberIn(text);
    if (given === null) return ["", "A number is expected, such as 12 or 0.5."];
    const near = (value) => Math.abs(given - value) <= quiz.tolerance;
    if (near(quiz.answer)) return ["right", "Right."];
    const mistake = quiz.mistakes.find(([value]) => near(value));
    if (mistake) return ["wrong", `Not quite. ${mistake[1]}`];
    return ["wrong", given > quiz.answer ? "Not that: it is less." : "Not that: it is more."];
  }

  function fill(place, number) {
    const quiz = JSON.parse(place.dataset.quiz);
    const form = document.createElement("form");
    form.innerHTML = `<label for="quiz-${number}">Your answer</label>
      <input id="quiz-${number}" type="text" inputmode="decimal" autocomplete="off">
      <button type="submit">Check</button><p role="status"></p>`;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [kind, words] = verdict(quiz, form.querySelector("input").value);
      const said = form.querySelector("p");
      said.className = kind;
      said.textContent = words;
    });
    place.append(form);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-quiz]").forEach(fill);
  });
})();
