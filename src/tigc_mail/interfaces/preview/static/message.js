// One message: its page as each screen shows it, and all that stands around it.

import { address, ask, asked } from "./api.js";
import { choice, faultList, fill, h, label, size, soon } from "./dom.js";
import { language, same } from "./matrix.js";
import * as panels from "./panels.js";

const WIDTHS = [["375", "Phone", "1"], ["768", "Tablet", "2"], ["1100", "Desktop", "3"]];
const MODES = [["light", "Light", "l"], ["dark", "Dark", "d"], ["print", "Print", "p"]];

export function open(main, query, page) {
  let closed = false;
  let overview = null;
  let stale = false; // whether the overview may be another by now
  let wanted = read(query);
  let looks = { width: "375", mode: "light", images: false, ...stored() };
  let answer = null;
  let frame = null;
  let painting = null;
  let settle = () => {}; // the frame that was last asked for is there, or another was
  let panel = query.panel ?? "inbox";

  const crumbs = h("div", { class: "crumbs" });
  const tools = h("div", { class: "tools" });
  const stage = h("div", { class: "stage" });
  const note = h("p", { class: "note", role: "status" });
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "About this message" });
  const side = h("div", { class: "panel", role: "tabpanel", tabIndex: 0, id: "panel" });
  fill(main, crumbs, h("div", { class: "bench" },
    h("section", { class: "sheet", "aria-label": "The message" }, tools, note, stage),
    h("section", { class: "side", "aria-label": "About the message" }, tabs, side)));

  function read(asked) {
    return { edition: asked.edition, audience: asked.audience, locale: asked.locale, shown: (asked.shown ?? "").split(",").filter(Boolean), contact: asked.contact ?? "" };
  }

  /** Show the message first; what else there is to choose from can wait. */
  async function load() {
    painting?.abort();
    const mine = painting = new AbortController();
    const told = await ask("message", asked(wanted), mine.signal).catch(() => null);
    if (closed || !told || mine.signal.aborted) return;
    page.faults(told.faults);
    const repaint = !answer || told.digest !== answer.digest || !frame;
    if (told.subject !== undefined) answer = told;
    else if (!answer) fill(stage, h("p", { class: "empty" }, "There is nothing to show yet."));
    const painted = answer && repaint ? paint() : null;
    show();
    await painted; // a panel may ask for what takes long
    if (closed || mine.signal.aborted) return;
    tell();
    if (overview && !stale) return;
    const all = await ask("overview", {}, mine.signal).catch(() => null);
    if (closed || !all?.editions || mine.signal.aborted) return;
    const first = !overview;
    overview = all;
    stale = false;
    page.workspace(overview.workspace);
    show();
    if (first) tell();
  }

  function show() {
    page.title(answer?.subject ?? wanted.edition);
    fill(crumbs, h("a", { href: "#/" }, "Editions"), h("h1", { lang: answer?.locale, dir: answer?.direction }, answer?.subject ?? wanted.edition), answer && label(answer.marking), selectors());
    fill(tools, choice("Width", WIDTHS, looks.width, (value) => look({ width: value })), choice("Look", MODES, looks.mode, (value) => look({ mode: value })),
      h("button", { type: "button", "aria-pressed": String(looks.images), title: "Load the images of the web (i)", onclick: () => look({ images: !looks.images }) }, "Images"),
      answer && h("span", { class: answer.too_heavy ? "heavy" : "weight" }, `${size(answer.size)} of ${size(answer.clipping)}`));
    fill(tabs, panels.PANELS.map(({ id, name }) => h("button", {
      type: "button", role: "tab", id: `tab-${id}`, "aria-selected": String(id === panel), "aria-controls": "panel", tabIndex: id === panel ? 0 : -1,
      onclick: () => choose(id), onkeydown: arrows,
    }, name)));
    side.setAttribute("aria-labelledby", `tab-${panel}`);
  }

  /** Make the panel that is chosen. */
  function tell() {
    side.dataset.asked = panel; // what was asked for another panel comes too late
    if (answer) panels.PANELS.find(({ id }) => id === panel)?.show(side, { answer, wanted, page, overview });
  }

  function choose(id) {
    panel = id;
    show();
    tell();
    tabs.querySelector(`#tab-${id}`)?.focus();
  }

  function arrows(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = panels.PANELS.findIndex(({ id }) => id === panel);
    const next = panels.PANELS[(at + step + panels.PANELS.length) % panels.PANELS.length];
    choose(next.id);
    event.preventDefault();
  }

  function selectors() {
    const edition = overview?.editions?.find((each) => each.id === wanted.edition);
    if (!edition?.variants) return null;
    const audiences = [...new Set(edition.variants.map((each) => each.audience))];
    const name = (id) => overview.audiences.find((each) => each.id === id)?.name ?? id;
    const choices = edition.variants.filter((each) => each.audience === wanted.audience && each.locale === wanted.locale);
    return h("div", { class: "selectors" },
      selector("Audience", audiences.map((id) => [id, name(id)]), wanted.audience, (audience) => {
        const first = edition.variants.find((each) => each.audience === audience && each.locale === wanted.locale);
        turn({ audience, shown: first.shown });
      }),
      selector("Language", edition.languages.map((each) => [each, language(each)]), wanted.locale, (locale) => turn({ locale })),
      choices.length > 1 && selector("Blocks", choices.map((each) => [each.shown.join(), each.shown.length ? `with ${each.shown.join(", ")}` : "without conditional blocks"]), wanted.shown.join(), (shown) => turn({ shown: shown.split(",").filter(Boolean) })));
  }

  function selector(name, options, chosen, choose) {
    return h("label", {}, h("span", {}, name), h("select", { onchange: (event) => choose(event.target.value) },
      options.map(([value, text]) => h("option", { value, selected: value === chosen }, text))));
  }

  function turn(change) {
    wanted = { ...wanted, ...change };
    page.go("message", asked(wanted), { replace: true });
    load();
  }

  function look(change) {
    looks = { ...looks, ...change };
    try { sessionStorage.setItem("looks", JSON.stringify(looks)); } catch { /* it is remembered no longer than this view */ }
    show();
    paint();
  }

  /** Paint beside what is shown, and change places when it is there: nothing flickers or jumps. */
  function paint() {
    const before = frame;
    const kept = before?.contentWindow?.scrollY ?? 0;
    const next = h("iframe", {
      class: "message", sandbox: "allow-same-origin",
      title: `The message, as on a ${WIDTHS.find(([width]) => width === looks.width)[1].toLowerCase()}`,
      src: address("frame", { ...asked(wanted), mode: looks.mode, images: looks.images ? "1" : "", v: `${answer.digest.slice(0, 12)}` }),
    });
    next.style.width = `${looks.width}px`;
    next.addEventListener("load", () => {
      settle();
      if (closed || frame !== next) { next.remove(); return; }
      next.contentWindow.scrollTo(0, kept);
      next.classList.add("ready");
      for (const kind of ["click", "auxclick"]) next.contentDocument.addEventListener(kind, follow);
      next.contentDocument.addEventListener("mouseover", hover);
      next.contentDocument.addEventListener("keydown", (event) => {
        if (event.target.closest?.("input, textarea, select")) return;
        document.dispatchEvent(new KeyboardEvent("keydown", { key: event.key, ctrlKey: event.ctrlKey, metaKey: event.metaKey, altKey: event.altKey }));
      });
      for (const other of [...stage.children]) if (other !== next) other.remove();
      stage.dataset.painted = answer.digest;
      stage.dataset.paintedAt = String(performance.now());
    }, { once: true });
    frame = next;
    stage.append(next);
    settle();
    return new Promise((resolve) => { settle = resolve; });
  }

  function follow(event) {
    const link = event.target.closest?.("a[href]");
    if (!link) return;
    event.preventDefault();
    note.textContent = `This link leads to ${link.getAttribute("href")}`;
  }

  function hover(event) {
    const link = event.target.closest?.("a[href]");
    if (link) note.textContent = link.getAttribute("href");
  }

  load();
  return {
    keys: {
      ...Object.fromEntries(WIDTHS.map(([value, name, key]) => [key, { name, run: () => look({ width: value }) }])),
      ...Object.fromEntries(MODES.map(([value, name, key]) => [key, { name, run: () => look({ mode: value }) }])),
      i: { name: "Images on or off", run: () => look({ images: !looks.images }) },
      ...Object.fromEntries(panels.PANELS.filter(({ key }) => key).map(({ id, name, key }) => [key, { name, run: () => { choose(id); document.getElementById(`tab-${id}`)?.focus(); } }])),
      a: { name: "Next audience", run: () => next("audience") },
      n: { name: "Next language", run: () => next("locale") },
      Escape: { name: "Back to the editions", run: () => page.go("") },
    },
    update(query) {
      wanted = read(query);
      load();
    },
    changed: (change) => {
      stale = true;
      if (!change.editions || change.editions.includes(wanted.edition)) load();
      panels.changed(change);
    },
    close() {
      closed = true;
      painting?.abort();
    },
  };

  function next(field) {
    const edition = overview?.editions?.find((each) => each.id === wanted.edition);
    if (!edition?.variants) return;
    const others = [...new Set(edition.variants.map((each) => each[field]))];
    const value = others[(others.indexOf(wanted[field]) + 1) % others.length];
    const found = edition.variants.find((each) => same(each, { ...wanted, [field]: value })) ?? edition.variants.find((each) => each[field] === value && (field === "locale" || each.locale === wanted.locale));
    turn({ [field]: value, shown: found.shown });
  }
}

function stored() {
  try { return JSON.parse(sessionStorage.getItem("looks")) ?? {}; } catch { return {}; }
}
