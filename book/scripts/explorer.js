// The shape explorer: a chain of layers to build, and what each makes of an image. It needs shapes.js.
"use strict";

(() => {
  const START = "1x28,c32k5p2,m2,c64k5p2,m2,l3136x10";
  const IMAGES = 64; // in the batch of the error message
  const LONGEST = 96; // pixels on the screen for the longest side

  const root = document.getElementById("explorer-chain");
  if (!root) return;
  root.innerHTML = `
    <div class="ex-card ex-input"></div>
    <div class="ex-chain"></div>
    <p class="ex-buttons">
      <button type="button" data-add="conv">+ convolution</button>
      <button type="button" data-add="max">+ max-pooling</button>
      <button type="button" data-add="avg">+ average pooling</button>
      <button type="button" data-do="reset">the CNN</button>
    </p>
    <div class="ex-card ex-linear"></div>
    <p class="ex-words" role="status"></p>
    <div class="ex-program">
      <pre tabindex="0" aria-label="The same in PyTorch"></pre>
      <p class="ex-buttons"><button type="button" data-do="copy">Copy</button>
        <span role="status"></span></p>
    </div>`;
  const find = (selector) => root.querySelector(selector);
  let state = fromFragment(location.hash) ?? fromFragment(START);

  const usual = {
    conv: () => ({ kind: "conv", channels: 16, kernel: 3, stride: 1, padding: 1, dilation: 1 }),
    max: () => ({ kind: "max", channels: 1, kernel: 2, stride: 2, padding: 0, dilation: 1 }),
    avg: () => ({ kind: "avg", channels: 1, kernel: 2, stride: 2, padding: 0, dilation: 1 }),
  };

  // ----- fields

  const FIELDS = {
    conv: ["channels", "kernel", "stride", "padding", "dilation"],
    max: ["kernel", "stride", "padding", "dilation"],
    avg: ["kernel", "stride", "padding"],
  };
  const LEAST = { padding: 0 };

  function field(name, value, least, label = name) {
    const kind = name === "padding" ? 'type="text"' : `type="number" min="${least}" max="9999"`;
    return `<label>${label} <input ${kind} name="${name}" data-least="${least}" value="${value}"
      autocomplete="off"></label>`;
  }

  // The whole number in an input; null, and the input marked, if there is none.
  function read(input, same) {
    const text = input.value.trim();
    const least = Number(input.dataset.least);
    const fits = /^\d{1,4}$/.test(text) && Number(text) >= least;
    const isSame = same && text.replaceAll('"', "").toLowerCase() === "same";
    input.setAttribute("aria-invalid", String(!fits && !isSame));
    if (isSame) return "same";
    return fits ? Number(text) : null;
  }

  function card(layer, i) {
    const fields = FIELDS[layer.kind].map((name) => field(name, layer[name], LEAST[name] ?? 1));
    const element = document.createElement("fieldset");
    element.className = `ex-card ex-${layer.kind}`;
    element.dataset.layer = i;
    element.innerHTML = `
      <legend>${i + 1} ${KINDS[layer.kind].name}</legend>
      <div class="ex-fields">${fields.join("")}</div>
      <div class="ex-result"></div>
      <p class="ex-buttons">
        <button type="button" data-do="earlier" aria-label="move layer ${i + 1} up">↑</button>
        <button type="button" data-do="later" aria-label="move layer ${i + 1} down">↓</button>
        <button type="button" data-do="remove" aria-label="remove layer ${i + 1}">remove</button>
      </p>`;
    return element;
  }

  function build() {
    const { input, layers, linear } = state;
    find(".ex-input").innerHTML = `<div class="ex-fields">${
      field("channels", input.channels, 1)}${field("side", input.side, 1, "height and width")}</div>
      <div class="ex-result"></div>`;
    find(".ex-chain").replaceChildren(...layers.map(card));
    find(".ex-linear").innerHTML = `<div class="ex-fields">${
      field("inputs", linear.inputs, 1, "in_features")}${
      field("outputs", linear.outputs, 1, "out_features")}</div><div class="ex-result"></div>`;
    find(".ex-linear").querySelectorAll("input").forEach((one) => { one.max = 999999999; });
    show();
  }

  root.addEventListener("input", ({ target }) => {
    const layer = target.closest("[data-layer]")?.dataset.layer;
    const owner = layer !== undefined ? state.layers[layer]
      : target.closest(".ex-linear") ? state.linear : state.input;
    const value = target.closest(".ex-linear") && /^\d{1,9}$/.test(target.value) &&
      Number(target.value) >= 1 ? Number(target.value) : read(target, target.name === "padding");
    if (value === null) return;
    target.setAttribute("aria-invalid", "false");
    owner[target.name] = value;
    show();
  });

  const actions = {
    reset() { state = fromFragment(START); },
    earlier(i) { swap(i, i - 1); },
    later(i) { swap(i, i + 1); },
    remove(i) { state.layers.splice(i, 1); },
  };

  function swap(i, k) {
    const { layers } = state;
    if (k >= 0 && k < layers.length) [layers[i], layers[k]] = [layers[k], layers[i]];
  }

  root.addEventListener("click", ({ target }) => {
    const { add, do: action } = target.closest("button")?.dataset ?? {};
    if (action === "copy") return void copy();
    if (!add && !action) return;
    const layer = Number(target.closest("[data-layer]")?.dataset.layer);
    if (add) state.layers.push(usual[add]());
    else actions[action](layer);
    build();
    if (add) find(`[data-layer="${state.layers.length - 1}"] input`).focus();
    else find(`[data-layer="${Math.min(layer, state.layers.length - 1)}"] button`)?.focus();
  });

  async function copy() {
    const said = find(".ex-program [role=status]");
    try {
      await navigator.clipboard.writeText(find("pre").textContent);
      said.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(find("pre"));
      said.textContent = "selected: copy it with the keyboard";
    }
  }

  // ----- results

  function show() {
    const { input, layers, linear } = state;
    const results = traced(input, layers);
    const sides = [input, ...results].map((one) => one?.side ?? 0);
    const scale = LONGEST / Math.max(...sides);
    find(".ex-input .ex-result").replaceChildren(maps(input, scale), line(`${shape(input)} input`));
    let before = input;
    layers.forEach((layer, i) => {
      const result = find(`[data-layer="${i}"] .ex-result`);
      result.replaceChildren(...described(before, layer, results[i], scale));
      before = results[i];
    });
    const end = layers.length ? results.at(-1) : { ...input, field: 1 };
    showLinear(end, linear, results);
    keep();
  }

  const shape = ({ channels, side }) => `${channels} × ${side} × ${side}`;
  const grouped = (number) => number.toLocaleString("en").replaceAll(",", "\u202f");

  function line(text, name = "") {
    const element = document.createElement("p");
    element.textContent = text;
    element.className = name;
    return element;
  }

  function described(before, layer, result, scale) {
    if (!result) return [line("Nothing arrives here.", "ex-refused")];
    if (result.refused) return [line(result.refused, "ex-refused")];
    const cost = layer.kind === "conv"
      ? `${grouped(result.parameters)} parameters, ${grouped(result.products)} multiply–accumulates`
      : "nothing to learn";
    const parts = [
      maps(result, scale),
      line(shape(result), "ex-shape"),
      line(formula(before.side, layer), "ex-formula"),
      strip(before.side, layer, result),
      line(unseen(before.side, layer), "ex-unseen"),
      line(`${cost}; each number spans ${result.field} × ${result.field} pixels of the image; ` +
        `its neighbour's square lies ${result.step} further on`),
      code(torchLine(before, layer)),
    ];
    return parts.filter((part) => part && (part.tagName !== "P" || part.textContent));
  }

  function code(text) {
    const element = document.createElement("code");
    element.textContent = text;
    return element;
  }

  function showLinear(end, linear, results) {
    const result = find(".ex-linear .ex-result");
    const words = find(".ex-words");
    if (!end || end.refused) {
      result.replaceChildren(line("Nothing arrives here.", "ex-refused"));
      words.textContent = "One layer can't do what it is asked; the reason stands there.";
      find("pre").textContent = "";
      return;
    }
    const arriving = end.channels * end.side ** 2;
    const total = results.reduce((sum, one) => sum + one.parameters, 0) +
      (linear.inputs + 1) * linear.outputs;
    const parts = [line(`The flatten layer hands on ${shape(end)} = ${grouped(arriving)} numbers.`)];
    if (arriving === linear.inputs) parts.push(line("The linear layer was made for as many.", "ex-fits"));
    else {
      parts.push(line(`A batch of ${IMAGES} images gives:`));
      parts.push(code(misfit(IMAGES, arriving, linear.inputs, linear.outputs)));
      parts.push(line(`in_features must be ${arriving}.`, "ex-refused"));
    }
    result.replaceChildren(...parts);
    words.textContent = `${shape(end)} = ${grouped(arriving)} numbers reach the flatten layer; ` +
      `${grouped(total)} parameters in all.`;
    find("pre").textContent = program(state.input, state.layers, results, linear);
  }

  // ----- drawings

  // A stack of squares to scale; no more than five of them.
  function maps({ channels, side }, scale) {
    const length = Math.max(1, side * scale);
    const sheets = Math.min(5, channels), shift = 4;
    const width = LONGEST + 5 * shift, height = length + sheets * shift + 2;
    const drawing = svg("svg", {
      class: "ex-maps", viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `${channels} maps of ${side} by ${side}`,
    });
    for (let i = sheets - 1; i >= 0; i--) {
      drawing.append(svg("rect", {
        x: 1 + i * shift, y: 1 + (sheets - 1 - i) * shift, width: length, height: length,
      }));
    }
    return drawing;
  }

  // ----- the address

  let kept = "";

  function keep() {
    kept = `#${toFragment(state)}`;
    if (location.hash !== kept) history.replaceState(null, "", kept);
  }

  addEventListener("hashchange", () => {
    const wanted = location.hash === kept ? null : fromFragment(location.hash);
    if (!wanted) return;
    state = wanted;
    build();
  });

  const initial = location.hash;
  build();
  if (initial && !fromFragment(initial)) history.replaceState(null, "", initial); // a heading's
})();
