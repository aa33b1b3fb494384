// Every edition, for every audience, in every language, at a glance.

import { address, ask } from "./api.js";
import { faultList, fill, h, label, progressOf, size, soon } from "./dom.js";
import { findings, overview as editions } from "./known.js";
import { contactSheet, outdate } from "./sheet.js";
import { swap } from "./stage.js";
import { asked, audienceName, blocksName, concerns, language, link } from "./wanted.js";

const MARGIN = "800px"; // a thumbnail is painted before it is scrolled to
const NO_AUDIENCE = "No message of it can be shown until the file of an audience is right.";
const MOST = 2; // messages that are made at a time, so that what else is asked for need not wait long

let left = null; // the message that was opened last, to which one comes back

export function open(main, query, page) {
  const cells = new Map(); // by what is wanted, as a text
  const sections = new Map(); // by edition
  let overview = null;
  let closed = false;
  let busy = 0; // messages that are being made

  const list = h("div", { class: "editions" }, h("p", { class: "empty" }, "Reading the editions …"));
  const none = h("p", { class: "empty", hidden: true }, "No edition is called so.");
  const search = h("input", {
    type: "search", placeholder: "Find an edition", "aria-label": "Find an edition",
    value: query.find ?? "", oninput: soon(() => find()),
  });
  fill(main, h("div", { class: "tools" }, h("h1", {}, "Editions"), search), list);
  page.title("Editions");

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const cell = cells.get(entry.target.dataset.key);
      if (!cell) continue;
      cell.visible = entry.isIntersecting;
    }
    paint();
  }, { rootMargin: MARGIN });

  async function load() {
    const answer = await editions.get();
    if (closed) return;
    page.faults(answer.faults);
    if (!answer.editions) {
      if (!overview) fill(list);
      return;
    }
    overview = answer;
    show();
  }

  /** Show the editions; what did not change stays as it is, with its focus and all that was painted. */
  function show() {
    const shown = [...overview.editions.map((edition) => section(edition)), none];
    if (shown.length !== list.children.length || shown.some((each, at) => each !== list.children[at])) fill(list, shown);
    const wanted = new Set(overview.editions.flatMap((edition) => (edition.variants ?? []).map((variant) => keyOf(edition, variant))));
    for (const [key, cell] of cells) {
      if (wanted.has(key)) continue;
      seen.unobserve(cell.element);
      cells.delete(key);
    }
    for (const id of sections.keys()) if (!overview.editions.some((edition) => edition.id === id)) sections.delete(id);
    find();
    back();
  }

  function find() {
    const words = search.value.trim().toLowerCase();
    for (const edition of overview?.editions ?? []) {
      sections.get(edition.id).element.hidden = !`${edition.id} ${edition.title ?? ""}`.toLowerCase().includes(words);
    }
    none.hidden = !overview || !words || list.querySelector("section:not([hidden])") !== null;
  }

  /** Go back to the message that one comes from. */
  function back() {
    const cell = cells.get(left);
    left = null;
    cell?.link.focus({ preventScroll: true });
    cell?.link.scrollIntoView({ block: "nearest" });
  }

  function section(edition) {
    const shape = JSON.stringify([edition.variants, edition.languages, overview.audiences]);
    const before = sections.get(edition.id);
    if (before) describe(before, edition);
    if (before?.shape === shape) return before.element;
    const id = `edition-${edition.id}`;
    const made = { shape, title: h("h2", { id }), what: h("p", { class: "what" }), verdict: h("span", {}), making: h("p", { class: "making" }), faults: h("div", {}) };
    made.element = h("section", { "aria-labelledby": id },
      h("div", { class: "edition-head" }, h("div", {}, made.title, made.what, made.making), edition.variants && contactSheet(edition.id, page)),
      made.faults, edition.variants && table(edition));
    sections.set(edition.id, made);
    describe(made, edition);
    return made.element;
  }

  function describe({ title, what, verdict, faults }, edition) {
    fill(title, edition.title ?? edition.id);
    judge(edition.id, verdict);
    fill(what, h("code", {}, edition.id), edition.kind ? ` · ${edition.kind}` : "", verdict,
      edition.variants && [" · ", h("a", { href: link("differences", { edition: edition.id }), "aria-label": `Compare messages of ${edition.title ?? edition.id}` }, "Compare")]);
    fill(faults, faultList(edition.faults), !edition.variants && !edition.faults.length && h("p", { class: "empty" }, NO_AUDIENCE));
  }

  function table(edition) {
    const rows = new Map();
    for (const variant of edition.variants) {
      const name = JSON.stringify([variant.audience, variant.shown]);
      if (!rows.has(name)) rows.set(name, []);
      rows.get(name).push(variant);
    }
    return h("div", { class: "scroller", role: "region", "aria-label": `Messages of ${edition.id}`, tabIndex: 0 },
      h("table", { class: "matrix" },
        h("caption", { class: "hidden" }, `${edition.id}: audiences and languages`),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Audience"), edition.languages.map((locale) => h("th", { scope: "col" }, language(locale))))),
        h("tbody", {}, [...rows.values()].map((variants) => h("tr", {}, reader(variants[0], edition), variants.map((variant) => cellOf(edition, variant)))))));
  }

  function reader(variant, edition) {
    const audience = overview.audiences.find((each) => each.id === variant.audience);
    const several = edition.variants.some((each) => each.audience === variant.audience && each.shown.join() !== variant.shown.join());
    return h("th", { scope: "row" }, h("span", { class: "name" }, audienceName(overview, variant.audience)), audience && label(audience.ceiling), several && h("span", { class: "shown" }, blocksName(variant.shown)));
  }

  const keyOf = (edition, variant) => JSON.stringify({ edition: edition.id, ...variant });

  function cellOf(edition, variant) {
    const key = keyOf(edition, variant);
    if (cells.has(key)) return cells.get(key).element;
    const wanted = { edition: edition.id, ...variant };
    const cell = { wanted, key, digest: "", stale: true, visible: false, making: false, answer: null, thumb: h("div", { class: "thumb" }, h("span", { class: "waiting" }, "Being made …")), subject: h("span", { class: "subject" }, "…"), facts: h("span", { class: "facts" }) };
    cell.link = h("a", { class: "cell", href: link("message", wanted), onclick: () => { left = key; } }, cell.thumb, cell.subject, cell.facts);
    cell.element = h("td", { data: { key } }, cell.link);
    cells.set(key, cell);
    seen.observe(cell.element);
    return cell.element;
  }

  /** Make the messages in sight, a few at a time, and say how far that is. */
  function paint() {
    while (!closed && busy < MOST) {
      const cell = [...cells.values()].find((each) => each.visible && each.stale && !each.making);
      if (!cell) break;
      [cell.stale, cell.making] = [false, true];
      busy += 1;
      make(cell).finally(() => {
        cell.making = false;
        busy -= 1;
        paint();
      });
    }
    for (const [id, { making }] of sections) {
      const seen = [...cells.values()].filter((each) => each.visible && each.wanted.edition === id);
      const done = seen.filter((each) => !each.stale && !each.making).length;
      making.textContent = done < seen.length ? `Making ${done + 1} of the ${seen.length} messages in sight` : "";
    }
  }

  async function make(cell) {
    const answer = await ask("message", asked(cell.wanted));
    if (closed) return;
    cell.answer = answer;
    cell.link.classList.toggle("wrong", answer.faults.length > 0);
    if (answer.subject === undefined) {
      fill(cell.thumb, h("span", { class: "none" }, answer.faults[0]?.cause ?? "Nothing to show"));
      cell.subject.textContent = "cannot be rendered";
      cell.digest = "";
      return;
    }
    fill(cell.subject, answer.subject);
    cell.subject.lang = answer.locale;
    cell.subject.dir = answer.direction;
    cell.link.setAttribute("aria-label", `${answer.subject}, ${cell.wanted.audience}, ${language(cell.wanted.locale)}`);
    tell(cell);
    if (cell.digest === answer.digest) return;
    cell.digest = answer.digest;
    const frame = h("iframe", {
      src: address("frame", { ...asked(cell.wanted), v: answer.digest.slice(0, 12) }),
      title: "", tabIndex: -1, "aria-hidden": "true", sandbox: "allow-same-origin",
    });
    swap(cell.thumb, frame);
  }

  function tell(cell) {
    const { answer, facts } = cell;
    fill(facts, label(answer.marking), h("span", { class: answer.too_heavy ? "heavy" : "" }, size(answer.size)), answer.faults.length > 0 && h("span", { class: "error" }, "out of date"), ...counts(cell));
  }

  function counts(cell) {
    const check = findings.current(cell.wanted.edition);
    if (!check) return [];
    const here = check.findings.filter((finding) => concerns(finding, cell.wanted));
    if (!here.length) return [h("span", { class: "fit" }, "clean")];
    return ["error", "warning", "note"].map((severity) => {
      const count = here.filter((finding) => finding.severity === severity).length;
      return count > 0 && h("span", { class: severity }, counted(count, severity));
    });
  }

  /** Say what the check of an edition found, or that it is under way; nothing else that is told of the edition. */
  function judge(edition, place = sections.get(edition)?.verdict) {
    if (place) fill(place, verdict(edition) || []);
  }

  function verdict(edition) {
    const check = findings.current(edition);
    if (!check) return findings.awaited(edition) && [" · ", progressOf(edition, "findings", "Checking …")];
    const { errors, warnings, notes } = check;
    const words = errors ? "not fit to be sent" : "fit to be sent";
    return [" · ", h("span", { class: errors ? "error" : "fit" }, words), warnings + notes > 0 && ` (${[counted(warnings, "warning"), counted(notes, "note")].filter(Boolean).join(", ")})`];
  }

  /** Check the editions one after the other, once the page has been still for a while, and all in sight is made. */
  const check = soon(async () => {
    if (busy) return check();
    for (const { id, variants } of overview?.editions ?? []) { // as they were told then: meanwhile others may be
      if (closed || !variants || !sections.has(id) || findings.current(id)) continue;
      const asking = findings.get(id);
      judge(id);
      await asking;
      if (closed) return;
      judge(id);
      for (const cell of cells.values()) if (cell.wanted.edition === id && cell.answer?.subject !== undefined) tell(cell);
    }
  }, 1500);

  function compare() {
    const cell = cells.get(document.activeElement?.closest("td")?.dataset.key);
    page.go("differences", cell ? asked(cell.wanted) : {});
  }

  load().then(() => check());
  return {
    keys: {
      "/": { name: "Find an edition", run: () => search.focus() },
      j: { name: "Next message", run: () => move(list, 1) },
      k: { name: "Message before", run: () => move(list, -1) },
      v: { name: "Compare this message with another one", run: () => compare() },
    },
    async changed({ editions }) {
      outdate(editions);
      const loading = load();
      for (const cell of cells.values()) if (!editions || editions.includes(cell.wanted.edition)) cell.stale = true;
      paint();
      await loading;
      check();
    },
    close() {
      closed = true;
      seen.disconnect();
    },
  };
}

function move(list, step) {
  const links = [...list.querySelectorAll("a.cell")];
  const at = links.indexOf(document.activeElement);
  const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** `2 notes`; nothing for none. */
function counted(count, word) {
  return count ? `${count} ${word}${count > 1 ? "s" : ""}` : "";
}
