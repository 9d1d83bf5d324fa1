// The formula of chapter 3 with a slider for each of its numbers. It needs shapes.js.
"use strict";

(() => {
  const root = document.getElementById("kernel-positions");
  if (!root) return;
  const SLIDERS = [ // what, its letter, from, to, at first
    ["side", "n", 1, 32, 28],
    ["kernel", "k", 1, 9, 5],
    ["stride", "s", 1, 6, 1],
    ["padding", "p", 0, 6, 2],
    ["dilation", "d", 1, 4, 1],
  ];
  const sliders = SLIDERS.map(([name, letter, least, most, value]) => `
    <label><span>${name} <i>${letter}</i></span>
      <input type="range" name="${name}" min="${least}" max="${most}" value="${value}"
        autocomplete="off"><output>${value}</output></label>`);
  root.innerHTML = `${sliders.join("")}<div class="ex-answer"><p class="ex-formula" role="status"></p>
    <div></div><p class="ex-unseen"></p></div>`;
  const [formulaLine, , unseenLine] = root.querySelector(".ex-answer").children;

  function show() {
    const layer = { kind: "conv", channels: 1 };
    for (const input of root.querySelectorAll("input")) {
      layer[input.name] = Number(input.value);
      input.nextElementSibling.textContent = input.value;
    }
    const result = through({ channels: 1, side: layer.side, field: 1, step: 1 }, layer);
    const { refused } = result;
    formulaLine.classList.toggle("ex-refused", Boolean(refused));
    formulaLine.textContent = refused ?? formula(layer.side, layer);
    const row = refused ? null : strip(layer.side, layer, result);
    if (row) row.style.maxWidth = `${2 * row.viewBox.baseVal.width}px`; // here is more room
    formulaLine.nextElementSibling.replaceChildren(...(row ? [row] : []));
    unseenLine.textContent = refused ? "" : unseen(layer.side, layer);
  }

  root.addEventListener("input", show);
  show();
})();
