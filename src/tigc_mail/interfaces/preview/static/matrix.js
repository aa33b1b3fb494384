// Every edition, for every audience, in every language, at a glance.

import { address, ask, asked } from "./api.js";
import { place } from "./differences.js";
import { faultList, fill, h, label, size, soon } from "./dom.js";

const MARGIN = "400px"; // a thumbnail is painted before it is scrolled to

export function open(main, query, page) {
  const cells = new Map(); // by what is wanted, as a text
  const checks = new Map(); // findings by edition
  let overview = null;
  let closed = false;

  const list = h("div", { class: "editions" });
  const search = h("input", {
    type: "search", placeholder: "Find an edition", "aria-label": "Find an edition",
    value: query.find ?? "", oninput: soon(() => show()),
  });
  fill(main, h("div", { class: "tools" }, h("h1", {}, "Editions"), search), list);
  page.title("Editions");

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const cell = cells.get(entry.target.dataset.key);
      if (!cell) continue;
      cell.visible = entry.isIntersecting;
      if (cell.visible && cell.stale) paint(cell);
    }
  }, { rootMargin: MARGIN });

  async function load() {
    const answer = await ask("overview");
    if (closed) return;
    page.faults(answer.faults);
    if (!answer.editions) return;
    overview = answer;
    page.workspace(answer.workspace);
    show();
  }

  function show() {
    const words = search.value.trim().toLowerCase();
    const found = overview.editions.filter((edition) =>
      !words || `${edition.id} ${edition.title ?? ""}`.toLowerCase().includes(words));
    const kept = new Map(cells);
    cells.clear();
    seen.disconnect();
    fill(list, found.length ? found.map((edition) => section(edition, kept)) : h("p", { class: "empty" }, "No edition is called so."));
    for (const cell of cells.values()) seen.observe(cell.element);
  }

  function section(edition, kept) {
    const id = `edition-${edition.id}`;
    const head = [h("h2", { id }, edition.title ?? edition.id), h("p", { class: "what" }, h("code", {}, edition.id), edition.kind ? ` · ${edition.kind}` : "", h("span", { class: "verdict", data: { verdict: edition.id } }), edition.variants && [" · ", h("a", { href: place({ edition: edition.id }), "aria-label": `Compare messages of ${edition.title ?? edition.id}` }, "Compare")])];
    if (!edition.variants) return h("section", { "aria-labelledby": id }, head, faultList(edition.faults));
    const rows = new Map();
    for (const variant of edition.variants) {
      const name = JSON.stringify([variant.audience, variant.shown]);
      if (!rows.has(name)) rows.set(name, []);
      rows.get(name).push(variant);
    }
    const table = h("table", { class: "matrix" },
      h("caption", { class: "hidden" }, `${edition.id}: audiences and languages`),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Audience"), edition.languages.map((locale) => h("th", { scope: "col" }, language(locale))))),
      h("tbody", {}, [...rows.values()].map((variants) => h("tr", {}, reader(variants[0], edition), variants.map((variant) => cellOf(edition, variant, kept))))));
    const made = h("section", { "aria-labelledby": id }, head, faultList(edition.faults), h("div", { class: "scroller", role: "region", "aria-label": `Messages of ${edition.id}`, tabIndex: 0 }, table));
    verdict(made, edition.id);
    return made;
  }

  function reader(variant, edition) {
    const audience = overview.audiences.find((each) => each.id === variant.audience);
    const several = edition.variants.some((each) => each.audience === variant.audience && each.shown.join() !== variant.shown.join());
    const shown = variant.shown.length ? `with ${variant.shown.join(", ")}` : "without conditional blocks";
    return h("th", { scope: "row" }, h("span", { class: "name" }, audience?.name ?? variant.audience), audience && label(audience.ceiling), several && h("span", { class: "shown" }, shown));
  }

  function cellOf(edition, variant, kept) {
    const wanted = { edition: edition.id, ...variant };
    const key = JSON.stringify(wanted);
    const old = kept.get(key);
    const cell = old ?? { wanted, key, digest: "", stale: true, visible: false };
    if (!old) {
      cell.thumb = h("div", { class: "thumb" });
      cell.subject = h("span", { class: "subject" }, "…");
      cell.facts = h("span", { class: "facts" });
      cell.link = h("a", { class: "cell", href: address("#/message", asked(wanted)) }, cell.thumb, cell.subject, cell.facts);
      cell.element = h("td", { data: { key } }, cell.link);
    }
    cells.set(key, cell);
    return cell.element;
  }

  async function paint(cell) {
    cell.stale = false;
    const answer = await ask("message", asked(cell.wanted));
    if (closed) return;
    cell.link.classList.toggle("wrong", answer.faults.length > 0);
    if (answer.subject === undefined) {
      fill(cell.thumb, h("span", { class: "none" }, answer.faults[0]?.cause ?? "Nothing to show"));
      cell.subject.textContent = "cannot be rendered";
      return;
    }
    fill(cell.subject, answer.subject);
    cell.subject.lang = answer.locale;
    cell.subject.dir = answer.direction;
    cell.link.setAttribute("aria-label", `${answer.subject}, ${cell.wanted.audience}, ${language(cell.wanted.locale)}`);
    fill(cell.facts, label(answer.marking), h("span", { class: answer.too_heavy ? "heavy" : "" }, size(answer.size)), answer.faults.length > 0 && h("span", { class: "error" }, "out of date"), ...counts(cell));
    if (cell.digest === answer.digest) return;
    cell.digest = answer.digest;
    const frame = h("iframe", {
      src: address("frame", { ...asked(cell.wanted), v: answer.digest.slice(0, 12) }),
      title: "", tabIndex: -1, "aria-hidden": "true", sandbox: "allow-same-origin",
    });
    frame.addEventListener("load", () => {
      for (const before of [...cell.thumb.children]) if (before !== frame) before.remove();
    }, { once: true });
    cell.thumb.append(frame);
  }

  function counts(cell) {
    const check = checks.get(cell.wanted.edition);
    if (!check) return [];
    const here = check.findings.filter((finding) => finding.variants.some((variant) => same(variant, cell.wanted)));
    return ["error", "warning", "note"].map((severity) => {
      const count = here.filter((finding) => finding.severity === severity).length;
      return count > 0 && h("span", { class: severity }, `${count} ${severity}${count > 1 ? "s" : ""}`);
    });
  }

  function verdict(place, edition) {
    const check = checks.get(edition);
    const told = place.querySelector(`[data-verdict="${CSS.escape(edition)}"]`);
    if (!check || !told) return;
    const { errors, warnings, notes } = check;
    const words = errors ? "not fit to be sent" : "fit to be sent";
    fill(told, " · ", h("span", { class: errors ? "error" : "fit" }, words), warnings + notes > 0 && ` (${warnings} warnings, ${notes} notes)`);
  }

  /** Check the editions one after the other, once the page has been still for a while. */
  const check = soon(async () => {
    for (const edition of overview?.editions ?? []) {
      if (closed || checks.has(edition.id) || !edition.variants) continue;
      const answer = await ask("findings", { edition: edition.id });
      if (closed || answer.faults.length) continue;
      checks.set(edition.id, answer);
      verdict(list, edition.id);
      for (const cell of cells.values()) if (cell.wanted.edition === edition.id && cell.digest && cell.visible) paint(cell);
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
    async changed(change) {
      for (const name of change.editions ?? checks.keys()) checks.delete(name);
      const concerned = (cell) => !change.editions || change.editions.includes(cell.wanted.edition);
      for (const cell of cells.values()) {
        if (!concerned(cell)) continue;
        cell.stale = true;
        if (cell.visible) paint(cell);
      }
      await load();
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

/** Whether two name the same readers. */
export function same(one, other) {
  return one.audience === other.audience && one.locale === other.locale && (one.shown ?? []).join() === (other.shown ?? []).join();
}

const NAMES = new Intl.DisplayNames(["en"], { type: "language" });

/** `fr` as people say it. */
export function language(locale) {
  return NAMES.of(locale) ?? locale;
}
