// Drives a report in a browser: added to a copy of the page by `report.rs`, which reads what it writes. Checks
// of what a page does not have are left out.
"use strict";
(async () => {
  const lines = [];
  const check = (what, holds) => lines.push((holds ? "ok " : "FAILED ") + what);
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const tip = one("#tip");
  const middle = (element) => {
    const box = element.getBoundingClientRect();
    return { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, bubbles: true };
  };
  const wait = (time) => new Promise((done) => setTimeout(done, time));
  const visible = (element) => element.getClientRects().length > 0;

  function hover() {
    const marks = all(".mark").filter(visible);
    check("marks: " + marks.length, marks.length > 10);
    check("every mark says something", all(".mark").every((mark) => mark.getAttribute("aria-label")));
    check("no title is left", !all("svg title, [title]").length);
    // What stands at the middle of a mark is the mark, or one that lies on it.
    for (const mark of all("figure svg, .bar").filter(visible).slice(0, 40)) {
      const own = mark.matches(".mark") ? mark : mark.querySelector(".mark");
      if (!own) continue;
      own.scrollIntoView({ block: "center", inline: "center" });
      const place = middle(own);
      const hit = document.elementFromPoint(place.clientX, place.clientY);
      check("hit", hit && hit.closest(".mark"));
      hit.dispatchEvent(new PointerEvent("pointermove", { ...place, pointerType: "mouse" }));
      const text = hit.closest(".mark").getAttribute("aria-label");
      check("hover: " + text.split("\n")[0], !tip.hidden && tip.textContent === text.replace("\n", ""));
    }
    document.body.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }));
    check("hover ends", tip.hidden);
  }

  function touch() {
    const mark = all("figure .mark").find(visible);
    mark.scrollIntoView({ block: "center" });
    mark.dispatchEvent(new PointerEvent("pointermove", { ...middle(mark), pointerType: "touch" }));
    check("a finger on its way shows nothing", tip.hidden);
    mark.dispatchEvent(new MouseEvent("click", middle(mark)));
    check("a touch shows it", !tip.hidden);
    document.body.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    check("a touch elsewhere hides it", tip.hidden);
  }

  function keyboard() {
    for (const svg of all("figure svg, table.layers").filter(visible)) {
      const marks = [...svg.querySelectorAll(".mark")].filter(visible);
      if (marks.length < 2) continue;
      check("one mark is reached by Tab", marks.filter((mark) => mark.tabIndex === 0).length === 1);
      const key = (name) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
      const begin = svg.querySelector(".mark[tabindex='0']");
      begin.focus({ focusVisible: true });
      const first = tip.textContent;
      check("focus shows it", !tip.hidden && first);
      key("ArrowRight");
      const next = marks[(marks.findIndex((mark) => mark.tabIndex === 0))];
      check("an arrow goes to the next", !tip.hidden && document.activeElement === next && next !== begin && document.activeElement.getAttribute("aria-label").replace("\n", "") === tip.textContent);
      key("End");
      key("Home");
      check("and back", tip.textContent === first);
      key("Escape");
      check("Escape hides it", tip.hidden);
    }
  }

  function table() {
    const rows = () => [...one("table.layers").tBodies];
    const shown = () => rows().filter((row) => !row.hidden);
    const cycles = () => shown().map((row) => Number(row.dataset.cycles));
    const order = rows().map((row) => row.dataset.name).join();
    const head = one("th.cycles .sort");
    head.click();
    const falling = cycles();
    check("sorted by cycles", falling.every((own, at) => !at || own <= falling[at - 1]));
    head.click();
    check("and the other way", cycles().join() === falling.reverse().join());
    one("th.name .sort").click();
    const names = rows().map((row) => row.dataset.name);
    check("sorted by name", names.join() !== order || names.every((own, at) => !at || own.localeCompare(names[at - 1], "en", { numeric: true }) >= 0));

    const input = one("#search");
    const search = (words) => { input.value = words; input.dispatchEvent(new Event("input")); };
    const wanted = rows()[0].dataset.name;
    search(wanted.toUpperCase());
    check("search finds " + wanted, shown().length >= 1 && shown().length < rows().length && shown().some((row) => row.dataset.name === wanted));
    check("and says how many: " + one("#found").textContent, one("#found").textContent.startsWith(shown().length + " of " + rows().length + " layers"));
    search("no such layer");
    check("search finds nothing", shown().length === 0);
    search("");
    check("and all again", shown().length === rows().length && !one("#found").textContent);

    const widths = () => all(".bar").filter(visible).map((bar) => Math.round(bar.getBoundingClientRect().width));
    check("bars are to scale", new Set(widths()).size > 1);
    one("[data-bars=shares]").click();
    check("bars are shares", new Set(widths()).size === 1);
    one("[data-bars=scaled]").click();
    check("and to scale again", new Set(widths()).size > 1);

    const open = one(".open");
    const more = open.closest("tbody").rows[1];
    open.click();
    check("a name opens its mapping", visible(more) && more.textContent.includes("alone:") && open.getAttribute("aria-expanded") === "true");
    open.click();
    check("and closes it", !visible(more));
  }

  function map() {
    const blocks = () => all("g.map .mark").filter(visible);
    const button = (label) => one("[aria-label='" + label + "']").click();
    const whole = blocks().length;
    const ticks = () => one("g.map .ticks").textContent;
    const before = ticks();
    check("names stand on blocks", all("g.map .mark text").some((text) => text.textContent.length > 2));
    button("Zoom in");
    button("Zoom in");
    check("zoomed in", blocks().length < whole && ticks() !== before);
    const inside = ticks();
    button("Later");
    check("moved", ticks() !== inside);
    const svg = one("g.map").ownerSVGElement;
    const wheel = new WheelEvent("wheel", { ...middle(svg), deltaY: 400, ctrlKey: true, cancelable: true });
    const zoomed = ticks();
    svg.dispatchEvent(wheel);
    check("the wheel zooms out", wheel.defaultPrevented && ticks() !== zoomed);
    const plain = new WheelEvent("wheel", { ...middle(svg), deltaY: 400, cancelable: true });
    document.activeElement.blur();
    svg.dispatchEvent(plain);
    check("a plain wheel scrolls the page", !plain.defaultPrevented);
    button("Zoom in");
    const place = middle(svg);
    const moved = ticks();
    svg.dispatchEvent(new PointerEvent("pointerdown", { ...place, pointerId: 7 }));
    dispatchEvent(new PointerEvent("pointermove", { ...place, clientX: place.clientX + 60, pointerId: 7, buttons: 1 }));
    dispatchEvent(new PointerEvent("pointerup", { pointerId: 7 }));
    check("dragging moves it", ticks() !== moved);
    button("Show the whole step");
    check("the whole step again", blocks().length === whole && ticks() === before);
  }

  function groups() {
    const seen = () => [".scaled", ".shares"].map((kind) => all("#limits .mark " + kind).filter(visible).length > 0).join();
    check("bars of a picture are to scale", seen() === "true,false");
    one("[data-groups=shares]").click();
    check("and shares", seen() === "false,true");
    one("[data-groups=scaled]").click();
    check("and to scale again", seen() === "true,false");
  }

  async function narrow() {
    const frame = document.createElement("iframe");
    frame.style.cssText = "width:390px;height:800px;border:0";
    frame.srcdoc = original;
    document.body.append(frame);
    await new Promise((done) => { frame.onload = done; });
    await wait(200);
    const page = frame.contentDocument.documentElement;
    // What is left of 390 pixels beside a scroll bar.
    check("no sideways scrolling: " + page.scrollWidth, page.clientWidth > 350 && page.scrollWidth <= page.clientWidth);
    frame.remove();
  }

  try {
    hover();
    touch();
    keyboard();
    if (one("table.layers")) table();
    if (one("g.map")) map();
    if (one("#limits")) groups();
    await narrow();
  } catch (error) {
    lines.push("FAILED " + error.stack);
  }
  const out = document.createElement("pre");
  out.id = "driven";
  out.textContent = "\n" + lines.join("\n") + "\ndone\n";
  document.body.append(out);
})();
