// What the page does: marks say what they stand for, the table sorts and searches, the memory map zooms.
// It reads the page alone, and writes text, never markup.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const tip = document.getElementById("tip");

  // ---- Marks: pointer, touch and keyboard ----------------------------------------------------
  // Titles are for pages without scripts; here each mark keeps its text itself.
  const texts = new Map();
  const named = new Map();
  for (const mark of all(".mark")) {
    const title = mark.querySelector(":scope > title");
    texts.set(mark, title ? title.textContent : mark.title);
    if (title) title.remove();
    mark.removeAttribute("title");
    mark.setAttribute("aria-label", texts.get(mark));
    mark.setAttribute("role", "img");
    const name = mark.dataset.name;
    if (name) named.set(name, [...(named.get(name) || []), mark]);
  }
  for (const row of all("tbody[data-name]")) {
    const name = row.dataset.name;
    named.set(name, [...(named.get(name) || []), row]);
  }
  // One mark of a group is reached by Tab, the others from it by arrows.
  const groupOf = (mark) => mark.closest("svg, .strip, table");
  for (const group of all("svg, .strip, table.layers")) {
    all(".mark", group).forEach((mark, index) => { mark.tabIndex = index ? -1 : 0; });
  }

  let shown = null;
  function lights(mark, on) {
    const same = named.get(mark.dataset.name) || [mark];
    for (const other of same) other.classList.toggle("on", on);
  }
  function hide() {
    if (shown) lights(shown, false);
    shown = null;
    tip.hidden = true;
  }
  function show(mark, x, y) {
    if (shown !== mark) {
      hide();
      shown = mark;
      lights(mark, true);
      const [first, ...rest] = texts.get(mark).split("\n");
      const head = document.createElement("strong");
      head.textContent = first;
      tip.replaceChildren(head, rest.join("\n"));
      tip.hidden = false;
    }
    const box = tip.getBoundingClientRect();
    const left = Math.min(x + 14, innerWidth - box.width - 8);
    const below = y + 18 + box.height < innerHeight;
    tip.style.left = Math.max(8, left) + "px";
    tip.style.top = Math.max(8, below ? y + 18 : y - box.height - 10) + "px";
  }
  const markAt = (event) => event.target.closest ? event.target.closest(".mark") : null;
  document.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const mark = markAt(event);
    if (mark) show(mark, event.clientX, event.clientY);
    else if (shown && shown !== document.activeElement) hide();
  });
  document.addEventListener("click", (event) => {
    const mark = markAt(event);
    if (mark) show(mark, event.clientX, event.clientY);
    else hide();
  });
  document.addEventListener("focusin", (event) => {
    const mark = markAt(event);
    if (!mark || !mark.matches(":focus-visible")) return;
    const box = mark.getBoundingClientRect();
    show(mark, box.left + Math.min(box.width, 40) / 2, box.bottom - 14);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", hide, true);
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    const mark = markAt(event);
    if (!mark || !(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) return;
    const marks = all(".mark", groupOf(mark)).filter((own) => !own.closest("tbody[hidden]"));
    const place = marks.indexOf(mark) + steps[event.key];
    const next = marks[Math.max(0, Math.min(marks.length - 1, place))];
    event.preventDefault();
    mark.tabIndex = -1;
    next.tabIndex = 0;
    next.dispatchEvent(new CustomEvent("reveal", { bubbles: true }));
    next.focus({ focusVisible: true });
  });

  // ---- The table of layers ---------------------------------------------------------------------
  const table = document.querySelector("table.layers");
  function switchBars(button) {
    table.classList.toggle("scaled", button.dataset.bars === "scaled");
    for (const other of all("[data-bars]")) other.setAttribute("aria-pressed", String(other === button));
  }
  function sortBy(button) {
    const head = button.closest("th");
    const column = [...head.parentNode.children].indexOf(head);
    const number = head.matches(".number, .time");
    const before = head.getAttribute("aria-sort");
    const first = number ? "descending" : "ascending";
    const other = number ? "ascending" : "descending";
    const order = before === first ? other : first;
    for (const each of all("th", table)) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const value = (row) => {
      const cell = row.rows[0].cells[column];
      if (!number) return cell.textContent;
      return "value" in cell.dataset ? Number(cell.dataset.value) : -1;
    };
    const compare = (a, b) => number ? a - b : a.localeCompare(b, "en", { numeric: true });
    const rows = [...table.tBodies].map((row) => [value(row), row]);
    rows.sort((a, b) => sign * compare(a[0], b[0]));
    table.append(...rows.map((row) => row[1]));
  }
  function search(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...table.tBodies];
    const total = rows.reduce((sum, row) => sum + Number(row.dataset.cycles), 0) || 1;
    const off = new Set();
    let count = 0;
    let cycles = 0;
    for (const row of rows) {
      const found = wanted.every((word) => row.dataset.words.includes(word));
      row.hidden = !found;
      if (!found) off.add(row.dataset.name);
      count += found ? 1 : 0;
      cycles += found ? Number(row.dataset.cycles) : 0;
    }
    for (const mark of all("svg .mark")) mark.classList.toggle("off", off.has(mark.dataset.name));
    for (const svg of all("svg")) svg.classList.toggle("searched", off.size > 0);
    const share = (cycles / total * 100).toFixed(1);
    document.getElementById("found").textContent =
      wanted.length ? `${count} of ${rows.length} layers, ${share} % of the time` : "";
  }
  if (table) {
    for (const button of all("[data-bars]")) button.addEventListener("click", () => switchBars(button));
    for (const button of all(".sort", table)) button.addEventListener("click", () => sortBy(button));
    const input = document.getElementById("search");
    input.addEventListener("input", () => search(input.value));
    for (const button of all(".open", table)) {
      button.addEventListener("click", () => {
        const more = button.closest("tbody").rows[1];
        more.hidden = !more.hidden;
        button.setAttribute("aria-expanded", String(!more.hidden));
      });
    }
  }

  // ---- Bars of pictures: to scale, or as shares --------------------------------------------------
  function switchGroups(svg, buttons, wanted) {
    for (const kind of ["scaled", "shares"]) {
      for (const group of all("." + kind, svg)) group.setAttribute("display", kind === wanted ? "inline" : "none");
    }
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.groups === wanted));
  }
  for (const svg of all("figure svg").filter((own) => own.querySelector(".shares"))) {
    const bar = document.createElement("span");
    bar.className = `switch script ${svg.parentNode.className}`;
    const buttons = [["scaled", "To scale"], ["shares", "Shares"]].map(([kind, text]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.groups = kind;
      button.textContent = text;
      button.addEventListener("click", () => switchGroups(svg, buttons, kind));
      return button;
    });
    switchGroups(svg, buttons, "scaled");
    bar.append(...buttons);
    svg.parentNode.before(bar);
  }

  // ---- The memory map --------------------------------------------------------------------------
  const SPACE = "http://www.w3.org/2000/svg";
  const LETTER = 6.2;
  const CLOSEST = 20;
  const make = (name, attributes) => {
    const element = document.createElementNS(SPACE, name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return element;
  };
  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
  function short(value) {
    const units = ["", " k", " M", " G", " T", " P"];
    let unit = 0;
    while (Math.abs(value) >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
    return Number(value.toPrecision(5)) + units[unit];
  }

  class MemoryMap {
    constructor(group) {
      this.group = group;
      this.svg = group.ownerSVGElement;
      this.figure = this.svg.parentNode;
      const data = group.dataset;
      [this.left, this.top, this.bottom, this.end] =
        [data.left, data.top, data.bottom, data.end].map(Number);
      this.frame = group.lastElementChild;
      this.ticks = group.querySelector(".ticks");
      this.unit = group.querySelector(".unit text");
      this.marks = all(".mark", group).map((mark) => this.read(mark));
      this.from = 0;
      this.to = this.end;
      this.pointers = new Map();
      this.figure.classList.add("drawn");
      this.legend();
      this.buttons();
      this.listen();
      this.draw();
    }

    read(mark) {
      const rect = mark.querySelector("rect");
      for (const old of all("text", mark)) old.remove();
      const text = make("text", { "font-size": 11, "text-anchor": "middle", dy: "0.35em", fill: mark.dataset.ink });
      text.style.pointerEvents = "none";
      mark.append(text);
      const [y, high] = ["y", "height"].map((key) => Number(rect.getAttribute(key)));
      const [a, b] = [mark.dataset.a, mark.dataset.b].map(Number);
      return { mark, rect, text, a, b, y, high, label: mark.dataset.label };
    }

    legend() {
      const key = document.createElement("div");
      key.className = "key";
      const items = [...this.svg.querySelector(".legend").children];
      for (let at = 0; at + 1 < items.length; at += 2) {
        const item = document.createElement("span");
        const colour = document.createElement("i");
        const fill = items[at].getAttribute("fill");
        colour.style.background = fill === "#c8c8c8" ? "var(--buffers)" : fill;
        item.append(colour, items[at + 1].textContent);
        key.append(item);
      }
      this.figure.before(key);
    }

    buttons() {
      const bar = document.createElement("div");
      bar.className = "controls script";
      const actions = [
        ["+", "Zoom in", () => this.zoom(0.5)], ["\u2212", "Zoom out", () => this.zoom(2)],
        ["\u25c0", "Earlier", () => this.pan(-0.4)], ["\u25b6", "Later", () => this.pan(0.4)],
        ["Whole step", "Show the whole step", () => this.view(0, this.end)],
      ];
      for (const [text, label, action] of actions) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = text;
        button.setAttribute("aria-label", label);
        button.addEventListener("click", action);
        bar.append(button);
      }
      const hint = document.createElement("span");
      hint.className = "hint";
      hint.textContent = "Drag to move; wheel with Ctrl, two fingers or a double click to zoom.";
      bar.append(hint);
      this.figure.before(bar);
    }

    listen() {
      const svg = this.svg;
      svg.classList.add("zooming");
      svg.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !event.shiftKey && !this.group.contains(document.activeElement)) return;
        event.preventDefault();
        const along = Math.abs(event.deltaX) > Math.abs(event.deltaY);
        if (along) this.pan(event.deltaX / this.wide);
        else this.zoom(Math.exp(clamp(event.deltaY, -200, 200) / 300), this.cycleAt(event.clientX));
      }, { passive: false });
      svg.addEventListener("dblclick", (event) => this.zoom(0.4, this.cycleAt(event.clientX)));
      svg.addEventListener("pointerdown", (event) => {
        this.pointers.set(event.pointerId, event.clientX);
      });
      addEventListener("pointermove", (event) => this.drag(event));
      for (const name of ["pointerup", "pointercancel"]) {
        addEventListener(name, (event) => this.pointers.delete(event.pointerId));
      }
      this.group.addEventListener("reveal", (event) => this.reveal(event.target));
      this.group.addEventListener("keydown", (event) => {
        const keys = { "+": 0.5, "=": 0.5, "-": 2 };
        if (event.key === "0") this.view(0, this.end);
        else if (event.key in keys) this.zoom(keys[event.key], this.middleOf(event.target));
      });
      new ResizeObserver(() => this.draw()).observe(this.figure);
      addEventListener("beforeprint", () => this.draw(1000));
      addEventListener("afterprint", () => this.draw());
    }

    // One pointer moves the map, two stretch it.
    drag(event) {
      if (!this.pointers.has(event.pointerId)) return;
      const before = [...this.pointers.values()];
      const old = this.pointers.get(event.pointerId);
      this.pointers.set(event.pointerId, event.clientX);
      if (before.length === 1) {
        if (event.buttons || event.pointerType === "touch") this.pan((old - event.clientX) / this.wide);
        else this.pointers.clear();
        return;
      }
      const after = [...this.pointers.values()];
      const gap = (pair) => Math.max(12, Math.abs(pair[0] - pair[1]));
      this.zoom(gap(before) / gap(after), this.cycleAt((after[0] + after[1]) / 2));
    }

    cycleAt(clientX) {
      const x = clientX - this.svg.getBoundingClientRect().left - this.left;
      return this.from + clamp(x / this.wide, 0, 1) * (this.to - this.from);
    }

    middleOf(mark) {
      const own = this.marks.find((each) => each.mark === mark);
      return own ? (own.a + own.b) / 2 : undefined;
    }

    zoom(factor, around = (this.from + this.to) / 2) {
      const length = clamp((this.to - this.from) * factor, Math.min(CLOSEST, this.end), this.end);
      const part = (around - this.from) / (this.to - this.from);
      this.view(around - part * length, around + (1 - part) * length);
    }

    pan(part) {
      const away = part * (this.to - this.from);
      this.view(this.from + away, this.to + away);
    }

    view(from, to) {
      const length = to - from;
      this.from = clamp(from, 0, this.end - length);
      this.to = this.from + length;
      this.draw();
    }

    reveal(mark) {
      const own = this.marks.find((each) => each.mark === mark);
      if (!own || (own.a < this.to && own.b > this.from)) return;
      const half = (this.to - this.from) / 2;
      const middle = (own.a + own.b) / 2;
      this.view(middle - half, middle + half);
    }

    draw(width = Math.floor(this.figure.clientWidth)) {
      if (width < 100) return;
      const height = this.bottom + 44 - 46;
      this.wide = width - this.left - 12;
      this.svg.setAttribute("width", width);
      this.svg.setAttribute("height", height);
      // What stands above the bands is the page's own legend now.
      this.svg.setAttribute("viewBox", `0 46 ${width} ${height}`);
      const paper = this.svg.firstElementChild;
      paper.setAttribute("width", width);
      this.frame.setAttribute("width", this.wide);
      this.unit.setAttribute("x", width - 12);
      for (const own of this.marks) this.place(own);
      this.drawTicks();
    }

    place(own) {
      const scale = this.wide / (this.to - this.from);
      const x = this.left + Math.max(0, (own.a - this.from) * scale);
      const end = this.left + Math.min(this.wide, (own.b - this.from) * scale);
      const wide = end - x;
      own.mark.style.display = wide > 0 ? "" : "none";
      if (wide <= 0) return;
      own.rect.setAttribute("x", x.toFixed(2));
      own.rect.setAttribute("width", wide.toFixed(2));
      // Edges would hide what is a few pixels wide.
      own.rect.setAttribute("stroke-width", wide < 5 || own.high < 3 ? 0 : 0.5);
      this.write(own, x, wide);
    }

    write(own, x, wide) {
      const fits = (room) => Math.floor((room - 6) / LETTER);
      const cut = (most) => own.label.length <= most ? own.label : own.label.slice(0, most - 1) + "\u2026";
      const along = own.high >= 11 ? fits(wide) : 0;
      const upward = wide >= 12 ? fits(own.high) : 0;
      const up = along < own.label.length && upward > along;
      const most = up ? upward : along;
      own.text.textContent = most >= 3 ? cut(most) : "";
      if (!own.text.textContent) return;
      const [mx, my] = [(x + wide / 2).toFixed(2), own.y + own.high / 2];
      own.text.setAttribute("x", mx);
      own.text.setAttribute("y", my);
      if (up) own.text.setAttribute("transform", `rotate(-90 ${mx} ${my})`);
      else own.text.removeAttribute("transform");
    }

    drawTicks() {
      const least = (this.to - this.from) / Math.max(2, this.wide / 75);
      const power = 10 ** Math.floor(Math.log10(least));
      const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= least * 0.999);
      const parts = [];
      for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) {
        const x = this.left + (at - this.from) / (this.to - this.from) * this.wide;
        parts.push(make("polyline", { points: `${x},${this.top} ${x},${this.bottom + 4}`, stroke: "#cdcdcd", fill: "none" }));
        const text = make("text", { x, y: this.bottom + 14, dy: "0.35em", "font-size": 11, "text-anchor": "middle", fill: "#222222" });
        text.textContent = short(at);
        parts.push(text);
      }
      this.ticks.replaceChildren(...parts);
    }
  }
  for (const group of all("g.map")) new MemoryMap(group);
})();
