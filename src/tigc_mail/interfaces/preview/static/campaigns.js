// The campaigns: how far each is, live while one is being sent by another process.

import { address } from "./api.js";
import { fill, h } from "./dom.js";

const MEANS = {
  planned: "not yet sent", claimed: "being handed over", accepted: "taken by the provider", delivered: "taken by the recipient's server",
  deferred: "the provider keeps trying", bounced: "refused by the recipient's server", dropped: "taken and then not sent by the provider",
  rejected: "refused, not sent", unknown: "nobody knows whether it was sent", suppressed: "withdrawn or blocked meanwhile",
  expired: "too late, not sent", cancelled: "not sent, the campaign was cancelled",
};
const STATES = ["delivered", "accepted", "deferred", "claimed", "unknown", "bounced", "dropped", "rejected", "suppressed", "expired", "cancelled", "planned"];
const WAITING = ["planned", "claimed", "unknown"];
const LATELY = 10000; // milliseconds over which the present rate is measured

export function open(main, query, page) {
  let chosen = query.open ?? "";
  let source = null;
  let closed = false;
  let order = [];
  const told = new Map(); // each campaign in short, by id
  let full = {}; // of the chosen one: status, pace, log
  let samples = [];

  const list = h("ol", { class: "campaigns" });
  const none = h("p", { class: "empty", hidden: true }, "There is no campaign yet. Plan one with: ", h("code", {}, "tigc-mail campaign create EDITION --author NAME"));
  const detail = h("section", { class: "opened", "aria-label": "The campaign" });
  fill(main, h("div", { class: "tools" }, h("h1", {}, "Campaigns")), none,
    h("div", { class: "mailbox" }, h("section", { class: "letters", "aria-label": "Campaigns" }, list), detail));
  page.title("Campaigns");
  const parts = sections();

  function listen() {
    source?.close();
    source = null;
    if (closed || document.visibilityState !== "visible") return;
    source = new EventSource(address("campaigns/events", { open: chosen }));
    source.addEventListener("campaigns", (event) => hear(JSON.parse(event.data)));
  }

  let wrong = false; // nobody knows what campaigns there are

  function hear(news) {
    for (const [name, value] of Object.entries(news)) if (name.startsWith("row ")) told.set(value.campaign, value);
    if (news.faults) {
      page.faults(news.faults);
      wrong = news.faults.length > 0;
    }
    if (news.order) ({ order } = news);
    showList();
    for (const name of ["status", "pace", "log"]) if (news[name]) full[name] = news[name];
    if (!chosen && order.length) {
      choose((order.map((id) => told.get(id)).find((each) => each.state === "sending") ?? told.get(order[0])).campaign);
      return;
    }
    if (news.faults?.length && !full.status) fill(detail, h("p", { class: "empty" }, "There is nothing to show."));
    if (news.status) showStatus();
    if (news.pace || news.status) parts.pace(full.pace ?? []);
    if (news.log) parts.log(full.log);
  }

  /** Time goes on also where nothing changes. */
  function tick() {
    if (full.status?.state === "sending" && source?.readyState === EventSource.OPEN) showStatus();
  }

  function choose(id) {
    page.go("campaigns", { open: id }, { replace: true });
    begin(id);
  }

  function begin(id) {
    chosen = id;
    full = {};
    samples = [];
    showList();
    parts.clear();
    listen();
  }

  function showList() {
    none.hidden = order.length > 0 || !source || wrong;
    list.parentElement.hidden = order.length === 0;
    detail.hidden = order.length === 0 && !chosen;
    const known = new Map([...list.children].map((row) => [row.dataset.id, row]));
    order.forEach((id, at) => {
      const row = known.get(id) ?? h("li", { data: { id } }, h("a", { class: "mail", href: address("#/campaigns", { open: id }), data: { id } }));
      if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
      const link = row.firstElementChild;
      if (id === chosen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      const text = JSON.stringify(told.get(id));
      if (row.dataset.shown !== text) fill(link, line(told.get(id)));
      row.dataset.shown = text;
    });
  }

  function line(each) {
    return [
      h("span", { class: "who" }, h("span", { class: "name" }, each.edition), stateOf(each.state)),
      h("span", { class: "facts" }, h("code", {}, each.campaign), `${number(each.planned)} ${each.planned === 1 ? "recipient" : "recipients"}`),
      ["sending", "paused"].includes(each.state) && bar(each.states, ""),
    ];
  }

  function sections() {
    const head = h("header", {});
    const progress = h("div", { class: "progress" });
    const keep = (title, render, { wide = false } = {}) => {
      const place = h("section", { class: wide ? "wide" : "" });
      let before = "";
      return { place, show(...values) {
        const now = JSON.stringify(values);
        if (now === before) return;
        before = now;
        const made = render(...values);
        place.hidden = made === null;
        fill(place, made !== null && h("h3", {}, title), made);
      } };
    };
    const facts = keep("About it", factsOf);
    const pace = keep("Pace", paceOf);
    const errors = keep("Not sent, and why", reasonsOf, { wide: true });
    const audiences = keep("By audience", audiencesOf);
    const left = keep("Left out", leftOut, { wide: true });
    const log = keep("Log", logOf, { wide: true });
    const grid = h("div", { class: "account" }, facts.place, audiences.place, pace.place, errors.place, left.place, log.place);
    return {
      clear() {
        fill(detail, h("p", { class: "empty" }, "…"));
      },
      status(status) {
        if (!detail.contains(head)) fill(detail, head, progress, grid);
        const state = JSON.stringify([status.campaign, status.state, status.pause_reason, status.unattended]);
        if (head.dataset.shown !== state) fill(head, headOf(status));
        head.dataset.shown = state;
        fill(progress, progressOf(status));
        facts.show(status);
        errors.show(status.reasons);
        audiences.show(status.audiences);
        left.show(status.left_out, status.sums);
      },
      pace(value) { pace.show(value, full.status?.today ?? {}); },
      log: log.show,
    };
  }

  function showStatus() {
    const { status } = full;
    const done = total(status.states) - WAITING.reduce((sum, state) => sum + (status.states[state] ?? 0), 0);
    const now = performance.now();
    samples.push([now, done, status.state]);
    samples = samples.filter(([at, , state]) => now - at <= LATELY && state === status.state);
    parts.status(status);
    page.title(status.campaign);
  }

  function headOf(status) {
    return [h("h2", {}, status.edition, " ", stateOf(status.state)), h("p", { class: "what" }, h("code", {}, status.campaign),
        (status.provider ?? "").split(",").includes("outbox") && [" · ", h("a", { href: address("#/inbox", { words: status.campaign }) }, "its messages in the inbox")]),
      h("p", { class: "hidden", role: "status" }, `The campaign is ${status.state}.`),
      status.unattended && h("p", { class: "paused" }, "No process sends it now."),
      status.state === "paused" && h("p", { class: "paused" }, `Paused by ${status.paused_by ?? "a failure"}: ${status.pause_reason ?? "no reason"}`)];
  }

  function progressOf(status) {
    const { states, planned, expected_end: end } = status;
    const waiting = WAITING.reduce((sum, state) => sum + (states[state] ?? 0), 0);
    const live = status.state === "sending" && !status.unattended;
    const [first, last] = [samples[0], samples.at(-1)];
    const lately = live && last[0] - first[0] > 900 ? (last[1] - first[1]) / (last[0] - first[0]) * 1000 : null;
    const goes = live && (lately !== 0 || last[0] - first[0] < 0.8 * LATELY);
    const left = end ? (new Date(end) - Date.now()) / 1000 : 0;
    const figures = [
      ["Settled", `${number(planned - waiting)} of ${number(planned)}`, planned ? percent(planned - waiting, planned) : ""],
      live && lately !== null && ["Rate now", rate(lately), "recipients a second"],
      status.rate !== null && ["Rate of late", rate(status.rate), "recipients a second"],
      goes && left >= 1 && ["Time left", duration(left), `until about ${moment(end)}`],
      !goes && left >= 60 && ["Expected end", moment(end), live ? "where it goes on now" : "where it is sent now"],
      status.state === "finished" && took(full.log ?? [], planned),
    ].filter(Boolean);
    return [
      h("dl", { class: "figures" }, figures.map(([name, value, small]) => h("div", {}, h("dt", {}, name), h("dd", {}, value, h("small", {}, small))))),
      bar(states, `${number(planned - waiting)} of ${number(planned)} settled; the table below has the numbers`),
      h("table", { class: "states" }, h("caption", { class: "hidden" }, "How many deliveries are in each state"),
        h("thead", { class: "hidden" }, h("tr", {}, ["State", "Meaning", "Recipients", "Share"].map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, STATES.filter((state) => states[state]).map((state) => h("tr", {},
          h("th", { scope: "row" }, h("span", { class: "swatch", data: { state }, "aria-hidden": "true" }), state), h("td", { class: "means" }, MEANS[state]),
          h("td", { class: "number" }, number(states[state])), h("td", { class: "number" }, percent(states[state], planned)))))),
    ];
  }

  document.addEventListener("visibilitychange", listen);
  const timer = setInterval(tick, 1000);
  begin(chosen);
  return {
    keys: {
      j: { name: "Next campaign", run: () => move(1) },
      k: { name: "Campaign before", run: () => move(-1) },
    },
    update(query) {
      if (query.open && query.open !== chosen) begin(query.open);
    },
    close() {
      closed = true;
      source?.close();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", listen);
    },
  };

  function move(step) {
    const at = order.indexOf(chosen);
    const next = order[Math.min(Math.max(at + step, 0), order.length - 1)];
    if (!next || next === chosen) return;
    choose(next);
    list.querySelector("[aria-current]")?.focus();
  }
}

function factsOf(status) {
  const fact = (name, ...value) => value.some(Boolean) && [h("dt", {}, name), h("dd", {}, value)];
  return h("dl", { class: "facts" },
    fact("Author", status.author), fact("Created", moment(status.created_at)),
    fact("Approved", status.approved_by ? `by ${status.approved_by}, digest ` : "by nobody yet", status.approved_digest && h("code", {}, status.approved_digest.slice(0, 16))),
    fact("Provider", status.provider), fact("Not before", status.not_before && moment(status.not_before)), fact("Not after", status.not_after && moment(status.not_after)),
    fact("Tried again", status.put_off > 0 && `${number(status.put_off)} refused for now${status.next_attempt ? `, from ${moment(status.next_attempt)} on` : ""}`),
    fact("Sent before", Object.entries(status.repeated).map(([id, count]) => `${number(count)} by ${id}`).join(", ")),
    fact("Other language", Object.entries(status.other_languages).map(([locale, count]) => `${number(count)} read ${locale}`).join(", ")));
}

function paceOf(pace, today) {
  const known = pace.map(({ provider, limits }) => [h("h4", {}, provider),
    limits.length ? h("dl", { class: "facts" }, limits.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])) : h("p", { class: "means" }, "As fast as it takes them.")]);
  return [known, today.limit !== undefined && h("p", {}, `Today: ${number(today.taken)} of ${number(today.limit)} recipients.`)];
}

function reasonsOf(reasons) {
  const rows = Object.entries(reasons).flatMap(([state, each]) => Object.entries(each).map(([reason, count]) => [state, reason, count]));
  if (!rows.length) return null;
  return grid(["State", "Reason", "Recipients"], rows.map(([state, reason, count]) => [[h("span", { class: "swatch", data: { state }, "aria-hidden": "true" }), state], reason || "no reason was told", number(count)]));
}

function audiencesOf(audiences) {
  if (!Object.keys(audiences).length) return null;
  return h("ul", { class: "audiences" }, Object.entries(audiences).map(([name, states]) => h("li", {},
    h("span", { class: "who" }, name, h("span", { class: "means" }, Object.entries(states).map(([state, count]) => `${number(count)} ${state}`).join(", "))), bar(states, ""))));
}

function leftOut(rows, sums) {
  const told = rows.map(([audience, reason, contacts]) => [audience, reason, number(contacts)]);
  return h("div", {}, told.length > 0 && grid(["Audience", "Reason", "Contacts"], told, (at) => at === 2),
    sums.map((sum) => h("p", { class: "means" }, `${sum}.`)));
}

function logOf(log) {
  const detail = (value) => typeof value === "object" && value !== null ? Object.entries(value).map(([name, each]) => `${name} ${each}`).join(", ") : String(value).slice(0, 200);
  return grid(["When", "Who", "What", "Detail"], [...log].reverse().map((entry) => [moment(entry.at), entry.actor || "–", entry.action,
    Object.entries(entry.detail).filter(([, value]) => value && (typeof value !== "object" || Object.keys(value).length)).map(([name, value]) => `${name}: ${detail(value)}`).join("; ")]));
}

function grid(heads, rows, counts = (at) => heads[at] === "Recipients") {
  return h("div", { class: "scroller", role: "region", "aria-label": heads.join(", "), tabIndex: 0 }, h("table", { class: "grid" },
    h("thead", {}, h("tr", {}, heads.map((head, at) => h("th", { scope: "col", class: counts(at) ? "number" : "" }, head)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, at) => h("td", { class: counts(at) ? "number" : "" }, cell)))))));
}

/** The states as one bar; the numbers stand beside it for those who do not see it. */
function bar(states, words) {
  const made = h("div", { class: "statebar", role: words ? "img" : undefined, "aria-label": words || undefined, "aria-hidden": words ? undefined : "true" });
  for (const state of STATES) {
    if (!states[state]) continue;
    const part = h("span", { data: { state }, title: `${number(states[state])} ${state}` });
    part.style.flexGrow = String(states[state]);
    made.append(part);
  }
  return made;
}

function stateOf(state) {
  return h("span", { class: "state-badge", data: { campaign: state } }, state);
}

const total = (states) => Object.values(states).reduce((sum, count) => sum + count, 0);
const number = (value) => value.toLocaleString("en");
const rate = (value) => value < 10 ? value.toFixed(1) : number(Math.round(value));
const percent = (part, whole) => whole ? `${Math.min(Math.round(part / whole * 1000) / 10, part < whole ? 99.9 : 100)} %` : "";
const moment = (text) => new Date(text).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** How long a campaign was sent, from its log. */
function took(log, planned) {
  const at = (found) => found && new Date(found.at);
  const seconds = (at(log.findLast(({ action }) => action === "finished")) - at(log.find(({ action }) => action === "sending"))) / 1000;
  if (Number.isNaN(seconds)) return null;
  return seconds >= 1 ? ["Took", duration(seconds), `${rate(planned / seconds)} recipients a second`] : ["Took", "less than 1 s", ""];
}

function duration(seconds) {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h ${Math.ceil(seconds % 3600 / 60)} min`;
  return `${Math.round(seconds / 86400)} days`;
}
