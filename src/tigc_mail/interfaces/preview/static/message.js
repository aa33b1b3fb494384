// One message: its page as each screen shows it, and all that stands around it.

import { address, ask } from "./api.js";
import { fill, h, label, placeOf, size } from "./dom.js";
import * as known from "./known.js";
import * as panels from "./panels.js";
import { find } from "./person.js";
import { makeStage } from "./stage.js";
import { tabs } from "./tabs.js";
import { openTrial } from "./trial.js";
import { asked, link, read, same, selectors } from "./wanted.js";

export function open(main, query, page) {
  let closed = false;
  let overview = null;
  let wanted = read(query);
  let answer = null;
  let answered = null; // what it is the answer to
  let painting = null;
  let stale = false; // a fault keeps what is shown from being that of now
  let elsewhere = []; // what is wrong with the files of other audiences: nothing is sent beside it
  let panel = query.panel ?? "inbox";

  const crumbs = h("div", { class: "crumbs" });
  const tools = h("div", { class: "tools" });
  const stage = makeStage((looks, mark) =>
    address("frame", { ...asked(wanted), mode: looks.mode, images: looks.images ? "1" : "", v: mark.slice(0, 12) }), () => show());
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": "About this message" });
  const side = h("div", { class: "panel", role: "tabpanel", tabIndex: 0, id: "panel" });
  fill(main, crumbs, h("div", { class: "bench" },
    h("section", { class: "sheet", "aria-label": "The message" }, tools, stage.note, stage.place),
    h("section", { class: "side", "aria-label": "About the message" }, list, side)));

  /** Show the message first; what else there is to choose from can wait. */
  async function load() {
    painting?.abort();
    const mine = painting = new AbortController();
    const asking = wanted;
    const looking = is(asking, answered) ? stage.looking() : {};
    const told = await ask("message", { ...asked(asking), ...looking }, mine.signal).catch(() => null);
    if (closed || !told || mine.signal.aborted) return;
    page.faults(told.faults);
    stale = told.faults.length > 0;
    elsewhere = told.elsewhere ?? [];
    const repaint = told.digest && (told.digest !== answer?.digest || !stage.painted || !stage.current);
    if (told.subject !== undefined) [answer, answered] = [told, asking];
    else if (!is(asking, answered)) {
      [answer, answered] = [null, null]; // what is shown is of another message
      stage.clear(h("p", { class: "empty" }, "There is nothing to show yet."));
      fill(side);
    }
    const still = JSON.stringify(looking) === JSON.stringify(stage.looking());
    const painted = repaint ? stage.paint(answer.digest, still ? told.page : "") : null;
    show();
    await painted; // a panel may ask for what takes long
    if (closed || mine.signal.aborted) return;
    tell();
    const all = await known.overview.get();
    if (closed || mine.signal.aborted || !all.editions || all === overview) return;
    const first = !overview;
    overview = all;
    show();
    if (first) tell();
  }

  /** Whether two are the same message. */
  function is(one, other) {
    return other !== null && JSON.stringify(asked(one)) === JSON.stringify(asked(other));
  }

  function show() {
    page.title(answer?.subject ?? wanted.edition);
    fill(crumbs, h("a", { href: "#/" }, "Editions"), h("h1", { lang: answer?.locale, dir: answer?.direction }, answer?.subject ?? wanted.edition), answer && label(answer.marking), answer && stale && h("span", { class: "error" }, "out of date"), answer && readers(), choices());
    fill(tools, stage.tools(), testable() ? h("button", { type: "button", "aria-haspopup": "dialog", title: "Send a test (m)", onclick: trial }, "Send a test") : answer && h("span", { class: "means" }, untested()),
      answer && h("span", { class: answer.too_heavy ? "heavy" : "weight" }, `${size(answer.size)} of ${size(answer.clipping)}`));
    tabs(list, panels.PANELS, panel, choose);
    side.setAttribute("aria-labelledby", `tab-${panel}`);
  }

  /** Make the panel that is chosen. */
  function tell() {
    side.dataset.asked = panel; // what was asked for another panel comes too late
    if (answer) panels.PANELS.find(({ id }) => id === panel)?.show(side, { answer, wanted, page, overview });
  }

  function trial() {
    if (testable()) openTrial(answered, answer);
  }

  /** Whether what is shown is what would be sent now, and nothing keeps it from being sent. */
  function testable() {
    return answer && !stale && !wanted.revision && elsewhere.length === 0;
  }

  /** Why no test can be sent of what is shown. */
  function untested() {
    if (wanted.revision) return "No test is sent of a revision.";
    if (stale) return "No test is sent of what is out of date.";
    const [{ place }] = elsewhere;
    return ["No test is sent until ", placeOf(place, place.split(":")[0]), " is right."];
  }

  function choose(id) {
    panel = id;
    show();
    tell();
  }

  function readers() {
    return [wanted.revision && h("span", { class: "status" }, `as of ${wanted.revision.slice(0, 7)}`), h("a", { href: link("differences", wanted), title: "Compare it with another one (v)" }, "Compare"),
      h("button", { type: "button", class: "reader", title: "Look at it as another person (w)", onclick: who }, "As ", h("span", { dir: "auto" }, answer.reader))];
  }

  function who() {
    choose("person");
    find();
  }

  const edition = () => overview?.editions.find((each) => each.id === wanted.edition && each.variants);

  function choices() {
    return edition() && h("div", { class: "selectors" }, selectors(overview, edition(), wanted, turn));
  }

  function turn(change) {
    wanted = { ...wanted, ...change };
    stage.plain();
    page.go("message", asked(wanted), { replace: true });
    load();
  }

  load();
  return {
    keys: {
      ...stage.keys,
      ...Object.fromEntries(panels.PANELS.filter(({ key }) => key).map(({ id, name, key }) => [key, { name, run: () => { choose(id); document.getElementById(`tab-${id}`)?.focus(); } }])),
      v: { name: "Compare it with another one", run: () => page.go("differences", asked(wanted)) },
      w: { name: "Look at it as another person", run: who },
      a: { name: "Next audience", run: () => next("audience") },
      n: { name: "Next language", run: () => next("locale") },
      m: { name: "Send a test", run: trial },
      Escape: { name: "Back to the editions", run: () => page.go("") },
    },
    update(query) {
      wanted = read(query);
      stage.plain();
      load();
    },
    changed: (change) => {
      if (!change.editions || change.editions.includes(wanted.edition)) load();
    },
    close() {
      closed = true;
      painting?.abort();
    },
  };

  function next(field) {
    const { variants } = edition() ?? {};
    if (!variants) return;
    const others = [...new Set(variants.map((each) => each[field]))];
    const value = others[(others.indexOf(wanted[field]) + 1) % others.length];
    const found = variants.find((each) => same(each, { ...wanted, [field]: value })) ?? variants.find((each) => each[field] === value && (field === "locale" || each.locale === wanted.locale));
    turn({ [field]: value, shown: found.shown });
  }
}
