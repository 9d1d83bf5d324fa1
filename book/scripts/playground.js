// The playground: a pad to draw on, the image that the networks see, and what both answer.
// It needs pen.js, network.js and playground-data.js, and sends nothing anywhere.
"use strict";

(() => {
  const PANEL = `
  <div class="pg-pad">
    <canvas class="pg-paper" tabindex="0" role="application"
      aria-describedby="pg-hint pg-keys" aria-label="Pad to draw a digit on"></canvas>
    <p id="pg-hint" class="pg-note"></p>
    <p class="pg-buttons">
      <button type="button" data-do="undo">Undo</button>
      <button type="button" data-do="clear">Clear</button>
      <button type="button" data-do="keep">Keep</button>
    </p>
    <p id="pg-keys" class="pg-note">Draw with mouse, pen or finger. By keyboard: arrow keys move the
      pen, the space bar sets it down and lifts it, Backspace undoes a stroke.</p>
  </div>
  <div class="pg-seen">
    <canvas class="pg-image" role="img" aria-label="The image that the networks see"></canvas>
    <div class="pg-ways">
      <fieldset class="pg-switch">
        <legend>The networks see it</legend>
        <label><input type="radio" name="pg-recipe" value="drawn"> as drawn</label>
        <label><input type="radio" name="pg-recipe" value="mnist" checked> as MNIST would</label>
      </fieldset>
      <p class="pg-buttons">
        <button type="button" data-do="shuffle" aria-pressed="false">Shuffle the pixels</button>
      </p>
    </div>
    <div class="pg-moves" role="group" aria-label="Move the image by one pixel">
      <button type="button" data-move="-1 0" aria-label="up">↑</button>
      <button type="button" data-move="0 -1" aria-label="left">←</button>
      <button type="button" data-do="back" aria-label="back to where it was">●</button>
      <button type="button" data-move="0 1" aria-label="right">→</button>
      <button type="button" data-move="1 0" aria-label="down">↓</button>
      <span class="pg-moved pg-note"></span>
    </div>
  </div>
  <div class="pg-answers">
    <table>
      <caption class="pg-hidden">What each network answers, in percent for each digit</caption>
      <thead><tr><th scope="col">digit</th></tr></thead>
      <tbody></tbody>
    </table>
    <p class="pg-words" role="status" aria-live="off"></p>
    <p class="pg-note pg-trained"></p>
    <p class="pg-note pg-time"></p>
  </div>
  <div class="pg-start">
    <div class="pg-row" role="group" aria-label="Test images"><span>Test images</span></div>
    <div class="pg-row" role="group" aria-label="Test images that both get wrong">
      <span>Both wrong</span></div>
    <div class="pg-row" role="group" aria-label="Drawings that you kept"><span>Yours</span>
      <span class="pg-note">none yet: the button Keep puts a drawing here</span></div>
  </div>
  <details class="pg-maps"><summary>What the convolutions compute</summary></details>`;

  const LOOKS = {
    fully_connected: { name: "MLP", mark: "●" },
    convolutional: { name: "CNN", mark: "■" },
  };
  const IDLE = 400; // milliseconds without a change, after which the answer is said in words

  const root = document.getElementById("playground-pad");
  if (!root) return;
  root.innerHTML = PANEL;
  const find = (selector) => root.querySelector(selector);
  const pad = find(".pg-paper");
  const picture = find(".pg-image");
  const named = Object.keys(PLAYGROUND.pairs.plain.networks);
  const ready = (pair) => ({ ...pair, layers: named.map((name) => pair.networks[name].map(unpacked)) });
  const pairs = { plain: ready(PLAYGROUND.pairs.plain), shuffled: ready(PLAYGROUND.pairs.shuffled) };
  const pixels = bytesOf(PLAYGROUND.images.pixels);
  const testImage = (i) => pixels.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE);

  // What is on the pad: strokes on a base, a test image (named) or nothing; by how much it is moved; and
  // whether its pixels are then shuffled, for the pair of networks that was trained on such images.
  // The base with which the page opens is an example, which nobody has asked for: the first stroke
  // takes it away, and undo brings it back. On a test image that was chosen one draws.
  const state = { strokes: [], base: null, named: "", example: false, taken: null,
    down: 0, right: 0, shuffled: false, kept: [] };
  const pairInUse = () => pairs[state.shuffled ? "shuffled" : "plain"];
  const pen = { x: MIDDLE, y: MIDDLE, isDown: false, shown: false }; // the keyboard's

  // ----- from the reader's hand to the image

  function image() {
    let drawn;
    if (state.base) {
      const over = asDrawn(state.strokes);
      drawn = state.base.map((pixel, i) => Math.max(pixel, over[i]));
    } else {
      const recipe = find("input[value=mnist]").checked ? asMnist : asDrawn;
      drawn = recipe(state.strokes);
    }
    return shifted(drawn, state.down, state.right);
  }

  function startFrom(base, strokes, named = "", example = false) {
    Object.assign(state, { base, strokes, named, example, taken: null, down: 0, right: 0 });
    pen.isDown = false;
    changed();
  }

  function beginStroke(place) {
    if (state.example) {
      const { base, named } = state;
      startFrom(null, []);
      state.taken = { base, named };
    }
    state.strokes.push([place]);
  }

  function move(down, right) {
    const within = (by) => Math.max(-SIDE, Math.min(SIDE, by));
    state.down = within(state.down + down);
    state.right = within(state.right + right);
    changed();
  }

  const actions = {
    undo() {
      const { strokes, taken } = state;
      if (!strokes.length) state.base = null;
      state.example = false;
      strokes.pop();
      pen.isDown = false;
      if (taken && !strokes.length) startFrom(taken.base, [], taken.named, true);
      changed();
    },
    clear: () => startFrom(null, []),
    keep() {
      if (!state.base && !state.strokes.length) return;
      const { base, strokes, named } = state;
      const copy = { base, strokes: strokes.map((stroke) => [...stroke]) };
      state.kept.push(copy);
      const name = `your drawing ${state.kept.length}`;
      rows[2].querySelector(".pg-note")?.remove();
      const again = () => startFrom(copy.base, copy.strokes.map((stroke) => [...stroke]), named);
      rows[2].append(thumbnail(image(), name, again));
    },
    back() {
      state.down = state.right = 0;
      changed();
    },
    shuffle() {
      state.shuffled = !state.shuffled;
      showPair();
      changed();
    },
  };

  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.do) actions[button.dataset.do]();
    if (button?.dataset.move) move(...button.dataset.move.split(" ").map(Number));
  });

  find(".pg-switch").addEventListener("change", () => changed());

  const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  find(".pg-moves").addEventListener("keydown", (event) => {
    if (!(event.key in ARROWS)) return;
    event.preventDefault();
    move(...ARROWS[event.key]);
  });

  // Pointers: mouse, pen and finger. The browser keeps all positions since the last frame.
  let drawingWith = null;

  function positionOf(event) {
    const box = pad.getBoundingClientRect();
    const x = ((event.clientX - box.left - pad.clientLeft) / pad.clientWidth) * SIDE;
    const y = ((event.clientY - box.top - pad.clientTop) / pad.clientHeight) * SIDE;
    return [x, y];
  }

  pad.addEventListener("pointerdown", (event) => {
    if (drawingWith !== null || event.button !== 0) return;
    drawingWith = event.pointerId;
    pad.setPointerCapture(event.pointerId);
    pen.isDown = pen.shown = false;
    beginStroke(positionOf(event));
    changed();
  });

  pad.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drawingWith) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    state.strokes.at(-1).push(...(passed.length ? passed : [event]).map(positionOf));
    changed();
  });

  for (const end of ["pointerup", "pointercancel"]) {
    pad.addEventListener(end, (event) => {
      if (event.pointerId === drawingWith) drawingWith = null;
    });
  }

  // The keyboard's pen goes from pixel to pixel.
  pad.addEventListener("keydown", (event) => {
    if (drawingWith !== null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) movePen(...ARROWS[event.key]);
    else if (event.key === " ") setPen(!pen.isDown);
    else if (event.key === "Backspace") actions.undo();
    else return;
    event.preventDefault();
    pen.shown = true;
    pad.setAttribute("aria-label", `Pad to draw a digit on; ${penInWords()}`);
    changed();
  });

  function movePen(down, right) {
    pen.x = Math.max(0.5, Math.min(SIDE - 0.5, Math.floor(pen.x) + 0.5 + right));
    pen.y = Math.max(0.5, Math.min(SIDE - 0.5, Math.floor(pen.y) + 0.5 + down));
    if (pen.isDown) state.strokes.at(-1).push([pen.x, pen.y]);
  }

  function setPen(isDown) {
    if (isDown) beginStroke([pen.x, pen.y]);
    pen.isDown = isDown;
  }

  function penInWords() {
    const position = `row ${Math.floor(pen.y)}, column ${Math.floor(pen.x)}`;
    return `pen ${pen.isDown ? "down" : "up"} at ${position}`;
  }

  pad.addEventListener("blur", () => {
    pen.isDown = pen.shown = false;
    changed();
  });

  // ----- what is seen: at most one pass through the networks in a frame

  let waiting = false;
  let speaking = 0;

  function changed() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      show();
    });
  }

  function show() {
    const { layers, permutation } = pairInUse();
    const started = performance.now();
    const seen = permutation ? permuted(image(), permutation) : image();
    const answers = layers.map((each) => answer(each, seen));
    const took = performance.now() - started;
    drawPad();
    drawImage(picture, seen);
    const blank = !seen.some((pixel) => pixel > 0);
    const probabilities = answers.map(({ logits }) => softmax(logits));
    fillTable(probabilities, blank);
    drawMaps(answers[named.indexOf("convolutional")]);
    say(probabilities, blank);
    find("#pg-hint").textContent = hint(blank);
    find(".pg-moved").textContent = moved();
    find(".pg-time").textContent = `Image and both answers took ${took.toFixed(1)} ms.`;
    root.dataset.took = took.toFixed(2);
    root.dataset.passes = Number(root.dataset.passes ?? 0) + 1;
    find(".pg-switch").disabled = state.base !== null;
  }

  function hint(blank) {
    if (state.strokes.length) return "";
    if (blank || !state.base) return "Draw a digit.";
    return `${state.named}. ${state.example ? "Draw to replace it." : "Draw on it, or clear it."}`;
  }

  function moved() {
    const part = (by, less, more) => (by ? `${Math.abs(by)} ${by < 0 ? less : more}` : "");
    const parts = [part(state.down, "up", "down"), part(state.right, "left", "right")];
    return parts.filter(Boolean).join(", ");
  }

  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  // A canvas with as many pixels as the screen has where it lies.
  function surface(canvas) {
    const size = Math.round(canvas.clientWidth * devicePixelRatio);
    if (canvas.width !== size || canvas.height !== size) canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, size, size);
    return [context, size / SIDE];
  }

  function drawPad() {
    const [context, unit] = surface(pad);
    if (state.base) drawPixels(context, unit, state.base);
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = 2 * RADIUS * unit;
    context.strokeStyle = colour("--pg-ink");
    for (const stroke of state.strokes) {
      context.beginPath();
      for (const [x, y] of stroke) context.lineTo(x * unit, y * unit);
      if (stroke.length === 1) context.lineTo(stroke[0][0] * unit, stroke[0][1] * unit);
      context.stroke();
    }
    if (pen.shown && document.activeElement === pad) drawPen(context, unit);
  }

  function drawPen(context, unit) {
    context.beginPath();
    context.arc(pen.x * unit, pen.y * unit, RADIUS * unit, 0, 2 * Math.PI);
    context.lineWidth = unit / 3;
    context.strokeStyle = colour("--pg-pen");
    context.stroke();
    context.fillStyle = colour("--pg-pen");
    if (pen.isDown) context.fill();
  }

  function drawPixels(context, unit, grey) {
    context.fillStyle = colour("--pg-ink");
    const edge = (i) => Math.round(i * unit);
    grey.forEach((pixel, i) => {
      if (!pixel) return;
      const row = Math.floor(i / SIDE), column = i % SIDE;
      context.globalAlpha = pixel / 255;
      const width = edge(column + 1) - edge(column), height = edge(row + 1) - edge(row);
      context.fillRect(edge(column), edge(row), width, height);
    });
    context.globalAlpha = 1;
  }

  function drawImage(canvas, grey) {
    const [context, unit] = surface(canvas);
    drawPixels(context, unit, grey);
    drawGrid(context, unit, canvas.width);
    if (!state.shuffled) drawBox(context, unit);
  }

  function drawGrid(context, unit, size) {
    context.fillStyle = colour("--pg-grid");
    for (let i = 1; i < SIDE; i++) {
      const at = Math.round(i * unit);
      context.fillRect(at, 0, 1, size);
      context.fillRect(0, at, size, 1);
    }
  }

  function drawBox(context, unit) {
    context.strokeStyle = colour("--pg-pen");
    context.lineWidth = Math.max(1, devicePixelRatio);
    const [low, high] = [(SIDE - BOX) / 2, (SIDE + BOX) / 2].map((at) => Math.round(at * unit));
    context.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    context.strokeRect(low, low, high - low, high - low);
    context.setLineDash([]);
  }

  // ----- the answers

  const cells = [];

  function makeTable() {
    named.forEach((name) => {
      const head = document.createElement("th");
      head.scope = "col";
      head.className = `pg-${name}`;
      head.innerHTML = `<span aria-hidden="true">${LOOKS[name].mark}</span> ${LOOKS[name].name}`;
      find("thead tr").append(head);
    });
    for (let digit = 0; digit < 10; digit++) {
      const row = document.createElement("tr");
      row.innerHTML = `<th scope="row">${digit}</th>`;
      cells.push(named.map((name) => {
        const cell = document.createElement("td");
        cell.className = `pg-${name}`;
        cell.innerHTML = '<span class="pg-bar"><span></span></span> <span class="pg-number"></span>';
        row.append(cell);
        return cell;
      }));
      find("tbody").append(row);
    }
  }

  const largest = (numbers) => numbers.indexOf(Math.max(...numbers));
  function percent(probability) {
    const isWhole = probability > 0.9995 || probability < 0.0005;
    return `${(100 * probability).toFixed(isWhole ? 0 : 1)}%`;
  }

  function fillTable(probabilities, blank) {
    cells.forEach((row, digit) => row.forEach((cell, i) => {
      const probability = probabilities[i][digit];
      cell.querySelector(".pg-bar span").style.width = `${blank ? 0 : 100 * probability}%`;
      cell.querySelector(".pg-number").textContent = blank ? "" : percent(probability);
      cell.classList.toggle("pg-first", !blank && digit === largest(probabilities[i]));
    }));
  }

  // The first words are there when the page is, and no screen reader says them. Any others are said.
  function say(probabilities, blank) {
    clearTimeout(speaking);
    const line = find(".pg-words"), words = inWords(probabilities, blank);
    if (!line.textContent) line.textContent = words;
    if (line.textContent === words) return;
    line.setAttribute("aria-live", "polite");
    speaking = setTimeout(() => { line.textContent = words; }, IDLE);
  }

  function inWords(probabilities, blank) {
    if (blank) return "No ink yet.";
    const shuffled = state.shuffled ? "With shuffled pixels, " : "";
    const digits = probabilities.map(largest);
    const each = named.map((name, i) =>
      `${LOOKS[name].name}: ${digits[i]} (${percent(probabilities[i][digits[i]])})`);
    const same = digits.every((digit) => digit === digits[0]);
    return `${shuffled}${each.join(", ")}. They ${same ? "agree" : "disagree"}.`;
  }

  // Which pair of networks answers, what image it is shown, and room for its maps.
  function showPair() {
    const { accuracies } = pairInUse();
    const of = (name) => `${LOOKS[name].name} ${(100 * accuracies[name]).toFixed(2)}%`;
    const seen = state.shuffled ? "whose pixels are shuffled like this" : "as they are";
    find("[data-do=shuffle]").setAttribute("aria-pressed", state.shuffled);
    find(".pg-trained").textContent =
      `Two networks trained on images ${seen}. Test accuracy: ${named.map(of).join(", ")}.`;
    picture.setAttribute("aria-label",
      `The image that the networks see${state.shuffled ? ", its pixels shuffled" : ""}`);
    makeMaps();
  }

  // ----- the maps of both convolutions: blue below zero, red above

  function drawMaps({ stages }) {
    if (!find(".pg-maps").open) return;
    find(".pg-maps").querySelectorAll("canvas").forEach((canvas) => {
      drawStack(canvas, stages[Number(canvas.dataset.stage)]);
    });
  }

  function makeMaps() {
    find(".pg-maps").querySelectorAll("p").forEach((figure) => figure.remove());
    const convolutional = pairInUse().layers[named.indexOf("convolutional")];
    convolutional.forEach((layer, i) => {
      if (layer.kind !== "Conv2d") return;
      const figure = document.createElement("p");
      figure.innerHTML = `<canvas role="img" data-stage="${i + 1}"
        aria-label="${layer.outputs} maps of a convolution in red and blue"></canvas>
        <span class="pg-note">${layer.outputs} maps: blue is negative, red positive,
        the strongest colour the largest number of all maps.</span>`;
      find(".pg-maps").append(figure);
    });
  }

  function drawStack(canvas, { values, channels, side }) {
    const across = channels > 32 ? 16 : 8, gap = 1;
    const down = Math.ceil(channels / across);
    canvas.width = across * (side + gap) - gap;
    canvas.height = down * (side + gap) - gap;
    const context = canvas.getContext("2d");
    const top = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
    const maps = context.createImageData(canvas.width, canvas.height);
    const blue = [33, 102, 172], red = [178, 24, 43];
    values.forEach((value, i) => {
      const map = Math.floor(i / side ** 2), row = Math.floor(i / side) % side;
      const x = (map % across) * (side + gap) + (i % side);
      const y = Math.floor(map / across) * (side + gap) + row;
      const strength = Math.round((255 * Math.abs(value)) / top);
      maps.data.set([...(value < 0 ? blue : red), strength], 4 * (y * canvas.width + x));
    });
    context.putImageData(maps, 0, 0);
  }

  // ----- where to start from

  const rows = [...root.querySelectorAll(".pg-row")];

  function thumbnail(grey, name, start) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", name);
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const context = canvas.getContext("2d");
    const data = context.createImageData(SIDE, SIDE);
    grey.forEach((pixel, i) => data.data.set([0, 0, 0, pixel], 4 * i));
    context.putImageData(data, 0, 0);
    button.append(canvas);
    button.addEventListener("click", start);
    return button;
  }

  function nameOf(i) {
    const { indices, targets } = PLAYGROUND.images;
    return `test image ${indices[i]}, ${targets[i] === 8 ? "an" : "a"} ${targets[i]}`;
  }

  function offer(row, chosen) {
    for (const i of chosen) {
      const start = () => startFrom(testImage(i), [], nameOf(i));
      rows[row].append(thumbnail(testImage(i), nameOf(i), start));
    }
    if (!chosen.length) rows[row].append("none");
  }

  // ----- begin

  makeTable();
  showPair();
  find(".pg-maps").addEventListener("toggle", () => changed());
  const { targets, wrong, example } = PLAYGROUND.images;
  offer(0, [...Array(10).keys()].map((digit) => targets.indexOf(digit)).filter((i) => i >= 0));
  offer(1, wrong.slice(0, 10));
  startFrom(testImage(example), [], nameOf(example), true);
  new ResizeObserver(() => changed()).observe(pad);
  new MutationObserver(() => changed())
    .observe(document.documentElement, { attributeFilter: ["data-theme"] });

  // ----- the comparison with PyTorch, on the reader's own machine

  const compare = document.getElementById("pg-compare");
  if (!compare) return;
  const button = document.createElement("button");
  const result = document.createElement("p");
  button.type = "button";
  button.textContent = "Compare in this browser";
  result.setAttribute("role", "status");
  compare.append(button, result);

  button.addEventListener("click", async () => {
    button.disabled = true;
    const lines = [];
    for (const pair of [pairs.plain, pairs.shuffled]) {
      for (const name of named) {
        const found = await compared(pair, name, (i) => { result.textContent = `${i} …`; });
        lines.push(`${LOOKS[name].name}${pair.permutation ? ", pixels shuffled" : ""}: ` +
          `same class on ${found.same} of ${found.of}, logits apart by ` +
          `${found.apart.toPrecision(2)} at most, ${found.right} right, ` +
          `${found.typical.toFixed(1)} ms for an image`);
      }
    }
    result.textContent = `${lines.join("; ")}.`;
    button.disabled = false;
  });

  async function compared({ layers, logits, permutation }, name, report) {
    const { indices } = PLAYGROUND.images;
    const network = layers[named.indexOf(name)];
    const expected = singles(logits[name]);
    const classes = expected.length / indices.length;
    const found = { of: 0, same: 0, right: 0, apart: 0 };
    const times = [];
    for (; found.of < indices.length; found.of++) {
      const i = found.of;
      const theirs = expected.subarray(i * classes, (i + 1) * classes);
      const started = performance.now();
      const seen = permutation ? permuted(testImage(i), permutation) : testImage(i);
      const ours = answer(network, seen).logits;
      times.push(performance.now() - started);
      ours.forEach((z, k) => { found.apart = Math.max(found.apart, Math.abs(z - theirs[k])); });
      found.same += largest(ours) === largest(theirs);
      found.right += largest(ours) === targets[i];
      if (i % 10 === 9) {
        report(i + 1);
        await new Promise(requestAnimationFrame);
      }
    }
    found.typical = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
    return found;
  }
})();
