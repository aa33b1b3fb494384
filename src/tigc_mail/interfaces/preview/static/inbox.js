// The inbox: what the local outbox holds, read like mail.

import { address, ask } from "./api.js";
import { faultList, fill, h, size, soon } from "./dom.js";
import { PANELS } from "./panels.js";
import { makeStage } from "./stage.js";
import { tabs } from "./tabs.js";

const AGAIN = 2000; // milliseconds after which it is asked whether there is new mail

export function open(main, query, page) {
  let closed = false;
  let chosen = query.open ?? "";
  let answer = null;
  let panel = "message";
  let stamp = "";
  let total = 0;
  let rows = new Map(); // what is listed, by name, the newest first
  let after = ""; // where the list goes on
  let searching = null;

  const search = h("input", {
    type: "search", placeholder: "Subject, recipient, delivery, campaign", "aria-label": "Search the inbox",
    value: query.words ?? "", oninput: soon(() => begin(), 200),
  });
  const count = h("p", { class: "count", role: "status" });
  const list = h("ol", { class: "mails" });
  const more = h("button", { type: "button", hidden: true, onclick: () => go(50) }, "Show older");
  const reader = h("section", { class: "opened", "aria-label": "The message" });
  fill(main, h("div", { class: "tools" }, h("h1", {}, "Inbox"), search),
    h("div", { class: "mailbox" }, h("section", { class: "letters", "aria-label": "Messages" }, count, list, more), reader));
  page.title("Inbox");

  const side = h("div", { class: "panel", role: "tabpanel", tabIndex: 0, id: "panel" });
  const bar = h("div", { class: "tabs", role: "tablist", "aria-label": "About this message" });
  const stage = makeStage((looks) => address("inbox/frame", { name: answer.name, mode: looks.mode, images: looks.images ? "1" : "" }), () => view());

  const end = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && !searching) go(50);
  }, { rootMargin: "300px" });
  end.observe(more);

  const words = () => search.value.trim();

  function begin() {
    searching?.abort();
    searching = null;
    after = "";
    go(50, true);
  }

  /** Go on with the list until so many more are found, or the end is reached. */
  async function go(wanted, anew = false) {
    if (searching || (!anew && !after)) return;
    const mine = searching = new AbortController();
    more.hidden = true;
    let left = wanted;
    let looked = 0;
    do {
      const told = await ask("inbox", { words: words(), after }, mine.signal).catch(() => null);
      if (!told || closed || mine.signal.aborted) return;
      page.faults(told.faults);
      if (!told.messages) {
        searching = null;
        return; // nobody knows what is there
      }
      if (anew) {
        rows = new Map();
        fill(list);
        anew = false;
      }
      ({ stamp, total, after } = told);
      looked += told.looked;
      left -= told.messages.length;
      add(told.messages);
      say(after && left > 0 ? `${looked.toLocaleString("en")} looked at …` : "");
    } while (after && left > 0);
    searching = null;
    more.hidden = !after;
    say();
  }

  function add(messages, { above = false } = {}) {
    const made = messages.filter((each) => !rows.has(each.name)).map((each) => {
      const row = h("li", {}, line(each));
      rows.set(each.name, row);
      return row;
    });
    if (above) list.prepend(...made);
    else list.append(...made);
  }

  function line(told) {
    return h("a", { class: "mail", href: link(told.name), data: { name: told.name }, "aria-current": told.name === chosen ? "true" : undefined },
      h("span", { class: "who" }, h("span", { class: "name", dir: "auto" }, told.to.replace(/ <.*/, "") || "no recipient"), h("time", { dateTime: told.date }, brief(told.date))),
      h("span", { class: "subject", dir: "auto", lang: told.locale || undefined }, told.subject || "(no subject)"),
      h("span", { class: "facts" }, told.test && h("span", { class: "badge" }, "Test"), h("code", {}, told.delivery), h("span", {}, size(told.size))));
  }

  function link(name) {
    return address("#/inbox", { words: words(), open: name });
  }

  function say(progress = "") {
    const all = `${total.toLocaleString("en")} message${total === 1 ? "" : "s"}`;
    count.textContent = !words() ? all : `${rows.size.toLocaleString("en")}${after ? " or more" : ""} of ${all}${progress && `, ${progress}`}`;
    list.hidden = rows.size === 0;
    reader.hidden = total === 0 && !chosen;
    if (total === 0) count.textContent = "The outbox is empty. What the provider “outbox” takes lies here: a campaign, or a test sent from a message.";
  }

  /** See whether there is new mail, for as long as somebody looks. */
  async function look() {
    if (document.visibilityState !== "visible" || searching || !stamp) return;
    const told = await ask("inbox", { words: words(), known: stamp }).catch(() => null);
    if (closed || searching || !told?.messages || told.faults.length) return;
    const fresh = told.messages.filter((each) => !rows.has(each.name));
    if (told.total < rows.size || (fresh.length === told.messages.length && fresh.length > 0) || told.total === 0) {
      rows = new Map();
      fill(list);
      after = told.after;
      more.hidden = !after;
      add(told.messages);
    } else add(fresh, { above: true });
    ({ stamp, total } = told);
    say();
  }

  async function show(name) {
    chosen = name;
    for (const each of list.querySelectorAll("a.mail")) {
      if (each.dataset.name === name) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
    if (!name) {
      answer = null;
      fill(reader, h("p", { class: "empty" }, "Choose a message to read it."));
      return;
    }
    const told = await ask("inbox/message", { name });
    if (closed || chosen !== name) return;
    if (told.subject === undefined) {
      answer = null;
      fill(reader, faultList(told.faults));
      return;
    }
    answer = told;
    stage.clear();
    fill(reader, head(), bar, side);
    page.title(answer.subject);
    view();
  }

  function head() {
    const fact = (name, ...value) => [h("dt", {}, name), h("dd", {}, value)];
    return h("header", {},
      h("h2", { dir: answer.direction, lang: answer.locale || undefined }, answer.subject || "(no subject)"),
      h("dl", { class: "facts" }, fact("From", answer.sender), fact("To", answer.to), fact("Date", whole(answer.date)),
        fact("Delivery", h("code", {}, answer.delivery), answer.test && h("span", { class: "badge" }, "Test")),
        answer.campaign && fact("Campaign", h("a", { href: address("#/campaigns", { open: answer.campaign }) }, answer.campaign))),
      answer.attachments.length > 0 && h("ul", { class: "attached", "aria-label": "Attachments" }, answer.attachments.map((each, number) =>
        h("li", {}, h("a", { href: address("inbox/attachment", { name: answer.name, number: String(number) }), download: each.name }, each.name), ` ${size(each.size)}`))));
  }

  const own = {
    message: { id: "message", name: "Message", show: body },
    source: { id: "source", name: "Source", show: source },
  };
  const shared = (id) => PANELS.find((each) => each.id === id);

  function panels() {
    const events = answer.events.length;
    return [own.message, shared("text"), shared("headers"), events > 0 && { ...shared("calendar"), name: `Calendar (${events})` }, own.source].filter(Boolean);
  }

  function view() {
    const all = panels();
    const found = all.find(({ id }) => id === panel) ?? all[0];
    tabs(bar, all, found.id, (id) => { panel = id; view(); });
    side.setAttribute("aria-labelledby", `tab-${found.id}`);
    side.dataset.panel = found.id;
    found.show(side, { answer, wanted: {}, page });
  }

  function body() {
    if (!side.contains(stage.place)) fill(side, h("div", { class: "tools" }), stage.note, stage.place);
    fill(side.querySelector(".tools"), stage.tools());
    if (!stage.painted) stage.paint(answer.name);
  }

  function source() {
    fill(side, answer.cut && h("p", { class: "empty" }, "Only the beginning is shown."), h("pre", { class: "source" }, answer.source));
  }

  function move(step) {
    const links = [...list.querySelectorAll("a.mail")];
    const at = links.findIndex((each) => each.dataset.name === chosen);
    const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
    if (!next) return;
    page.go("inbox", { words: words(), open: next.dataset.name }, { replace: true });
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    show(next.dataset.name);
  }

  begin();
  show(chosen);
  const timer = setInterval(look, AGAIN);
  return {
    keys: {
      "/": { name: "Search the inbox", run: () => search.focus() },
      j: { name: "Next message", run: () => move(1) },
      k: { name: "Message before", run: () => move(-1) },
      ...stage.keys,
    },
    update(query) {
      if ((query.words ?? "") !== words()) {
        search.value = query.words ?? "";
        begin();
      }
      show(query.open ?? "");
    },
    close() {
      closed = true;
      searching?.abort();
      clearInterval(timer);
      end.disconnect();
    },
  };
}

/** The hour of today's mail, the day of older. */
function brief(date) {
  if (!date) return "";
  const moment = new Date(date);
  const today = moment.toDateString() === new Date().toDateString();
  return moment.toLocaleString("en-GB", today ? { timeStyle: "short" } : { day: "numeric", month: "short", year: "numeric" });
}

function whole(date) {
  return date ? new Date(date).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "medium" }) : "none";
}
