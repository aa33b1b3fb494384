// Two messages of one edition side by side, and what differs between them.

import { address, ask } from "./api.js";
import { faultList, fill, h } from "./dom.js";
import * as known from "./known.js";
import { frameOf, swap } from "./stage.js";
import { tie } from "./tie.js";
import { asked, link, read, selector, selectors } from "./wanted.js";

const MARKS = { changed: "#b7791f", left: "#c53030", right: "#2f855a" };
const STATUS = { same: "same", changed: "changed", left: "only left", right: "only right", withheld: "not shown" };
const TRANSLATED = { same: ["changed", "same words"], changed: ["same", "in both"] }; // of two languages, other words are as they should be
const WHY = { "above-ceiling": "above its ceiling", "for-others": "for other audiences", "not-chosen": "not chosen", absent: "not in it" };

export function open(main, query, page) {
  let closed = false;
  let overview = null;
  let revisions = [];
  let wanted = null; // [left, right]
  let told = null;
  let selected = query.block ?? "";
  let tied = true;
  let asking = null;

  const crumbs = h("div", { class: "crumbs" });
  const tools = h("div", { class: "tools" });
  const list = h("div", { class: "panel rows", tabIndex: 0, role: "region", "aria-label": "What differs" });
  const sides = ["Left", "Right"].map((name, at) => makeSide(name, at));
  const ties = tie(() => tied);
  fill(main, crumbs, h("div", { class: "bench compare" },
    h("div", { class: "sides" }, sides.map((side) => side.element)),
    h("section", { class: "side", "aria-label": "Differences" }, tools, list)));
  page.title("Differences");

  function makeSide(name, at) {
    const head = h("div", { class: "selectors" });
    const faults = h("div", { role: "status" });
    const stage = h("div", { class: "stage" });
    const element = h("section", { class: "sheet", "aria-label": `${name} message` }, head, faults, stage);
    return { name, at, head, faults, stage, element, painted: "" };
  }

  async function load(query) {
    asking?.abort();
    const mine = asking = new AbortController();
    const all = await known.overview.get();
    if (closed || mine.signal.aborted) return;
    overview = all;
    page.faults(overview.faults);
    const edition = editionOf(query?.edition ?? wanted?.[0].edition);
    if (!edition) return nothing(query?.edition ?? wanted?.[0].edition);
    if (edition.id !== wanted?.[0].edition) revisions = [];
    const listed = listRevisions(edition, mine);
    if (query && !query.other_audience && edition.variants.length === 1) await listed; // nothing else to compare it with
    if (closed || mine.signal.aborted) return;
    if (query) wanted = sidesOf(query, edition);
    shape(edition);
    const answer = await ask("differences", { ...asked(wanted[0]), ...other(wanted[1]) }, mine.signal).catch(() => null);
    if (closed || mine.signal.aborted || !answer) return;
    page.faults(answer.faults);
    if (!answer.left) return;
    told = answer;
    for (const side of sides) paint(side);
    show();
  }

  /** Say why nothing is compared, and lead on to what can be. */
  function nothing(id) {
    const wrong = (overview.editions ?? []).find((each) => each.id === id)?.faults ?? [];
    if (wrong.length) page.faults([...overview.faults, ...wrong]);
    fill(crumbs, h("a", { href: "#/" }, "Editions"), h("h1", {}, "Differences"));
    const mended = !overview.editions || overview.faults.length + wrong.length > 0;
    fill(list, h("p", { class: "empty" }, mended ? "Nothing can be compared before that is mended." : id ? `There is no edition ${id}.` : "There is no edition to compare."),
      editionOf() && h("p", {}, h("a", { href: link("differences", { edition: editionOf().id }) }, "Compare messages of another edition")));
  }

  /** Ask for the commits of an edition, which takes git a while where there are many. */
  async function listRevisions(edition, mine) {
    const known = await ask("revisions", { edition: edition.id }, mine.signal).catch(() => null);
    if (closed || mine.signal.aborted || !known) return;
    revisions = known.revisions ?? [];
    if (known.faults.length) page.faults(known.faults);
    if (wanted?.[0].edition === edition.id) shape(edition);
  }

  const other = (right) => Object.fromEntries(["audience", "locale", "shown", "revision"].map((name) => [`other_${name}`, asked(right)[name]]));
  const editionOf = (id) => {
    const found = (overview.editions ?? []).filter((each) => each.variants?.length);
    return found.find((each) => each.id === id) ?? (id ? undefined : found[0]);
  };

  /** Read what is compared; what is not said is what a writer would compare next. */
  function sidesOf(query, edition) {
    const first = edition.variants.find((each) => each.audience === query.audience && each.locale === (query.locale ?? each.locale)) ?? edition.variants[0];
    const own = read(query);
    const left = { ...own, edition: edition.id, audience: first.audience, locale: own.locale || first.locale, shown: query.audience ? own.shown : first.shown };
    if (query.other_audience) return [left, { ...read(query, "other_"), edition: edition.id }];
    const others = edition.variants.filter((each) => each.audience !== left.audience && each.locale === left.locale);
    const next = others.find((each) => each.audience === others[0].audience && each.shown.join() === left.shown.join()) ?? others[0]
      ?? edition.variants.find((each) => each.audience === left.audience && each.locale !== left.locale);
    return [left, next ? { ...left, ...next, revision: "" } : { ...left, revision: revisions[0]?.commit ?? "" }];
  }

  function turn(change) {
    wanted = wanted.map((each, at) => ({ ...each, ...change[at] }));
    page.go("differences", { ...asked(wanted[0]), ...other(wanted[1]) }, { replace: true });
    load();
  }

  // What is compared

  /** Show what there is to choose from; what has the focus keeps it. */
  function shape(edition) {
    const choices = () => [...main.querySelectorAll("select, .crumbs :is(a, button)")];
    const focused = choices().indexOf(document.activeElement);
    const editions = overview.editions.filter((each) => each.variants?.length).map((each) => [each.id, each.title ?? each.id]);
    fill(crumbs, h("a", { href: "#/" }, "Editions"), h("h1", {}, "Differences"),
      h("div", { class: "selectors" },
        selector("Edition", editions, edition.id, (id) => { page.go("differences", { edition: id }, { replace: true }); load({ edition: id }); }),
        h("a", { href: link("message", wanted[0]) }, "Left message"), h("a", { href: link("message", wanted[1]) }, "Right message"),
        h("button", { type: "button", title: "Change sides (x)", onclick: changeSides }, "Change sides")));
    for (const side of sides) {
      const mine = wanted[side.at];
      const set = (change) => turn({ [side.at]: change });
      fill(side.head, selectors(overview, edition, mine, set),
        (revisions.length > 0 || mine.revision) && selector("Revision", [["", "As saved now"], ...revisions.map(dated)], mine.revision, (revision) => set({ revision })));
    }
    if (focused >= 0) choices()[focused]?.focus({ preventScroll: true });
  }

  function changeSides() {
    wanted.reverse();
    turn({});
  }

  // The pages

  function paint(side) {
    const answer = told[side.at ? "right" : "left"];
    fill(side.faults, faultList(answer.faults));
    if (!answer.digest) {
      side.painted = "";
      fill(side.stage, h("p", { class: "empty" }, "There is nothing to show."));
      return;
    }
    const source = address("frame", { ...asked(wanted[side.at]), blocks: "1", v: answer.digest.slice(0, 12) });
    if (source === side.painted) return mark(side);
    side.painted = source;
    swap(side.stage, frameOf(`The ${side.name.toLowerCase()} message`, source), (frame) => {
      frame.contentDocument.addEventListener("click", (event) => {
        if (event.target.closest?.("a")) event.preventDefault();
        const block = event.target.closest?.("[data-block]")?.dataset.block;
        if (block) select(block, false);
      });
      ties.follow(side.at, frame);
      mark(side);
      side.stage.dataset.painted = answer.digest;
    });
  }

  /** How a block is shown to differ: the class, and the word for it. */
  function verdict({ status }) {
    const translated = told.left.locale && told.right.locale && told.left.locale !== told.right.locale;
    return (translated && TRANSLATED[status]) || [status, STATUS[status]];
  }

  /** Whether a block is other on both sides, also where it should be; of what is not shown nobody knows. */
  function differs(row) {
    return row.status !== "withheld" && (row.status !== "same" || row.moved || verdict(row)[0] !== "same");
  }

  const placed = (side, block) => [...side.stage.querySelector("iframe.ready")?.contentDocument.querySelectorAll(`[data-block="${CSS.escape(block)}"]`) ?? []];

  /** Draw a line around each block that differs, and a heavier one around the one that is chosen. */
  function mark(side) {
    for (const row of told.blocks) {
      const [status] = verdict(row);
      const colour = MARKS[status];
      const width = row.id === selected ? 5 : 3;
      for (const element of placed(side, row.id)) {
        element.style.outline = colour || row.id === selected ? `${width}px solid ${colour ?? "#0b4f8a"}` : "";
        element.style.outlineOffset = `-${width}px`;
        element.dataset.status = status;
      }
    }
  }

  // What differs

  function show() {
    const verdicts = told.blocks.map(verdict);
    const counts = ["changed", "left", "right", "same"].map((status) => verdicts.filter(([each]) => each === status)).filter((each) => each.length);
    fill(tools, h("h2", { class: "counts" }, counts.map((each) => h("span", { class: `status ${each[0][0]}` }, `${each.length} ${each[0][1]}`))),
      h("button", { type: "button", "aria-pressed": String(tied), title: "Scroll both together (t)", onclick: retie }, "Tied"));
    const kept = list.scrollTop;
    const focused = list.contains(document.activeElement) ? document.activeElement.closest("[data-row]")?.dataset.row : null;
    fill(list, told.heads.map((head) => head.same ? null : h("article", { class: "difference changed" }, h("h3", {}, head.name), texts(head))),
      told.heads.some((head) => !head.same) && h("hr"),
      !told.blocks.some(differs) && h("p", { class: "empty" }, "No block differs: there is none for j and k to go to."), told.blocks.map(row));
    list.scrollTop = kept;
    if (focused) list.querySelector(`[data-row="${CSS.escape(focused)}"] button`)?.focus();
  }

  function row(each) {
    const open = each.id === selected;
    const [status, word] = verdict(each);
    return h("article", { class: `difference ${status}`, data: { row: each.id } },
      h("button", { type: "button", class: "line", "aria-expanded": String(open), onclick: () => select(open ? "" : each.id) },
        h("code", {}, each.id), h("span", { class: `status ${status}` }, word), each.moved && h("span", { class: "status" }, "moved")),
      why(each), open && each.only_looks && h("p", { class: "empty" }, "The words are the same; how they look is not."), open && texts(each));
  }

  function why(each) {
    const told = [["left", each.left_showing], ["right", each.right_showing]].filter(([, showing]) => showing !== "shown");
    return told.length > 0 && h("p", { class: "why" }, told.map(([side, showing]) => `${side}: ${WHY[showing]}`).join("; "));
  }

  function texts({ pieces, left, right }) {
    const [one, two] = [told.left, told.right];
    if (pieces) {
      return h("p", { class: "words", lang: one.locale, dir: one.direction }, pieces.map(({ kind, text }) =>
        kind === "same" ? text : h(kind === "left" ? "del" : "ins", {}, text)));
    }
    return [left && h("p", { class: "words left", lang: one.locale, dir: one.direction }, left), right && h("p", { class: "words right", lang: two.locale, dir: two.direction }, right)];
  }

  function select(block, jump = true) {
    selected = block;
    show();
    for (const side of sides) mark(side);
    list.querySelector(`[data-row="${CSS.escape(block)}"]`)?.scrollIntoView({ block: "nearest" });
    if (jump && block) ties.jump(sides.map((side) => placed(side, block)[0]));
  }

  function step(by) {
    const rows = (told?.blocks ?? []).filter(differs);
    if (!rows.length) return;
    const at = rows.findIndex((each) => each.id === selected);
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length];
    select(next.id);
    list.querySelector(`[data-row="${CSS.escape(next.id)}"] button`)?.focus({ preventScroll: true });
  }

  function retie() {
    tied = !tied;
    show();
  }

  load(query);
  return {
    keys: {
      j: { name: "Next difference", run: () => step(1) },
      k: { name: "Difference before", run: () => step(-1) },
      x: { name: "Change sides", run: changeSides },
      t: { name: "Scroll both together, or each alone", run: retie },
      Escape: { name: "To the left message", run: () => page.go("message", asked(wanted[0])) },
    },
    update(query) {
      selected = "";
      load(query);
    },
    changed(change) {
      if (!wanted || !change.editions || change.editions.includes(wanted[0].edition)) load(wanted ? undefined : query);
    },
    close() {
      closed = true;
      asking?.abort();
    },
  };
}

function dated({ commit, at, subject }) {
  const told = `${at.slice(0, 10)} ${commit.slice(0, 7)} ${subject}`;
  return [commit, told.length > 60 ? `${told.slice(0, 59)}…` : told];
}
