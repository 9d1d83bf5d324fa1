// A sliding kernel that readers move: it takes the place of the drawing by plots.draw_sliding, with the
// numbers that the drawing brings along.
"use strict";

(() => {
  const root = document.querySelector(".movable");
  if (!root) return;
  const WEIGHTS = [-1, 0, 1]; // a click makes each of them the next
  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const { image, ...first } = JSON.parse(root.dataset.numbers);
  const size = first.kernel.length;
  const positions = image.length - size + 1; // along a side
  let kernel, row, column;

  const block = (name, kind, attributes, inside = "") => `
    <div><div class="sl-title" aria-hidden="true">${name}</div>
      <div class="sl-grid sl-${kind}" ${attributes}>${inside}</div></div>`;
  const shown = (name) => block(name, name, 'role="img"');
  const buttons = (side, role = "") =>
    `<button type="button" tabindex="-1" ${role}></button>`.repeat(side ** 2);
  const sign = (text) => {
    const name = text === "⋆" ? "sl-sign sl-star" : "sl-sign"; // fonts draw the star small
    return `<span class="${name}" aria-hidden="true">${text}</span>`;
  };
  root.innerHTML = `
    <p>Click a pixel or an output to move the window, and a weight to change it. Arrow keys work too.</p>
    <div class="sl-row">${shown("image")}${sign("⋆")}
      ${block("kernel", "weights", 'role="toolbar" aria-label="weights of the kernel"', buttons(size))}
      ${sign("=")}
      ${block("output", "output", 'role="radiogroup" aria-label="output and position of the window"',
        buttons(positions, 'role="radio"'))}</div>
    <div class="sl-row">${shown("window")}${sign("×")}${shown("kernel")}${sign("=")}
      ${shown("products")}${sign("→")}${shown("sum")}</div>
    <p role="status"></p>
    <p class="sl-buttons"><button type="button" data-do="next">next position</button>
      <button type="button" data-do="reset">start again</button></p>`;
  const find = (kind) => root.querySelector(`.sl-${kind}`);
  const weights = find("weights"), output = find("output");

  // ----- what is computed

  const square = (side, value) => Array.from({ length: side }, (_, i) =>
    Array.from({ length: side }, (_, j) => value(i, j)));
  const productsAt = (y, x) => square(size, (i, j) => image[y + i][x + j] * kernel[i][j]);
  const sumAt = (y, x) => productsAt(y, x).flat().reduce((a, b) => a + b);
  const written = (number) => String(number).replace("-", "−");

  // ----- what is seen; a screen reader is told numbers without buttons row by row

  function fill(kind, numbers) {
    const cells = numbers.flat().map((number) => {
      const cell = document.createElement("span");
      cell.textContent = written(number);
      return cell;
    });
    const lines = numbers.map((line) => line.map(written).join(" "));
    find(kind).setAttribute("aria-label", `${kind}: ${lines.join("; ")}`);
    find(kind).style.setProperty("--columns", numbers.length);
    find(kind).replaceChildren(...cells);
  }

  function write(grid, numbers, word) {
    const side = numbers.length;
    grid.style.setProperty("--columns", side);
    numbers.flat().forEach((number, i) => {
      const place = `row ${Math.floor(i / side)}, column ${i % side}`;
      grid.children[i].textContent = written(number);
      grid.children[i].setAttribute("aria-label", `${written(number)}, ${word} in ${place}`);
    });
  }

  function show() {
    write(weights, kernel, "weight");
    write(output, square(positions, sumAt), "output");
    [...output.children].forEach((radio, i) => {
      const chosen = i === row * positions + column;
      radio.setAttribute("aria-checked", String(chosen));
      radio.tabIndex = chosen ? 0 : -1;
    });
    fill("window", square(size, (i, j) => image[row + i][column + j]));
    fill("kernel", kernel);
    fill("products", productsAt(row, column));
    fill("sum", [[sumAt(row, column)]]);
    frame.style.setProperty("--row", row);
    frame.style.setProperty("--column", column);
    root.querySelector("[role=status]").textContent = `Row ${row}, column ${column} of the ` +
      `output: the products add up to ${written(sumAt(row, column))}.`;
  }

  // ----- what is done

  const within = (place, side) => Math.min(Math.max(place, 0), side - 1);

  function move(y, x) {
    row = within(y, positions);
    column = within(x, positions);
    show();
  }

  function change(i, j) {
    kernel[i][j] = WEIGHTS[(WEIGHTS.indexOf(kernel[i][j]) + 1) % WEIGHTS.length];
    show();
  }

  function reset() {
    kernel = first.kernel.map((line) => [...line]);
    move(...first.at);
  }

  function next() {
    const place = (row * positions + column + 1) % positions ** 2;
    move(Math.floor(place / positions), place % positions);
  }

  // The grid that an element stands in, the grid's side, and the element's row and column there.
  function placeOf(element) {
    const grid = element.parentElement;
    const side = Math.sqrt(grid.querySelectorAll(":scope > :not(.sl-frame)").length);
    const i = [...grid.children].indexOf(element);
    return { grid, side, y: Math.floor(i / side), x: i % side };
  }

  root.addEventListener("click", ({ target }) => {
    const { grid, y, x } = placeOf(target);
    const middle = Math.floor(size / 2);
    if (target.dataset.do) ({ next, reset })[target.dataset.do]();
    else if (grid === output) move(y, x);
    else if (grid === find("image")) move(y - middle, x - middle);
    else if (grid === weights) change(y, x);
  });

  root.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const { grid, side, y, x } = placeOf(event.target);
    if (!step || ![output, weights].includes(grid)) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const toRow = within(y + step[0], side), toColumn = within(x + step[1], side);
    const to = grid.children[toRow * side + toColumn];
    event.target.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
    if (grid === output) move(toRow, toColumn);
  });

  const frame = document.createElement("div");
  frame.className = "sl-frame";
  frame.style.setProperty("--size", size);
  weights.children[0].tabIndex = 0;
  fill("image", image);
  find("image").append(frame);
  reset();
})();
