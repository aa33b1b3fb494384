// What is told about a message beside its page, one panel at a time.

import { ask } from "./api.js";
import { choice, faultList, fill, h, label, placeOf, progressOf, size } from "./dom.js";
import * as known from "./known.js";
import { person } from "./person.js";
import { asked, concerns } from "./wanted.js";

// How many characters of a subject programs show, and of what stands behind it.
const INBOXES = [
  ["Gmail in a browser", 70, 110],
  ["Apple Mail on a telephone", 41, 90],
  ["Gmail on a telephone", 36, 40],
  ["Outlook on a desktop", 54, 55],
];

function inbox(side, { answer }) {
  const cut = (text, most) => [...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text;
  fill(side,
    h("h2", {}, "In the inbox"),
    h("ul", { class: "inboxes" }, INBOXES.map(([name, subject, behind]) => h("li", {},
      h("span", { class: "client" }, name),
      h("div", { class: "line", lang: answer.locale, dir: answer.direction },
        h("strong", {}, answer.sender), " ", h("span", { class: "subject" }, cut(answer.subject, subject)), " ", h("span", { class: "preheader" }, cut(answer.preheader, behind)))))),
    h("dl", { class: "facts" },
      h("dt", {}, "Subject"), h("dd", {}, `${[...answer.subject].length} characters`),
      h("dt", {}, "Preheader"), h("dd", {}, `${[...answer.preheader].length} characters`),
      h("dt", {}, "HTML"), h("dd", {}, `${size(answer.size)}; Gmail hides what is behind ${size(answer.clipping)}`),
      h("dt", {}, "Whole message"), h("dd", {}, size(answer.weight)),
      answer.attachments.map((file) => [h("dt", {}, "Attached"), h("dd", {}, `${file.name}, ${size(file.size)}`)])),
    answer.fallbacks.length > 0 && [h("h3", {}, "Not as wanted"), h("ul", {}, answer.fallbacks.map((each) => h("li", {}, each)))],
    h("h3", {}, "Blocks"), h("ul", { class: "blocks" }, answer.blocks.map((block) => h("li", {}, h("code", {}, block.id), label(block.marking)))));
}

function text(side, { answer }) {
  fill(side, h("h2", {}, "Plain text"), h("pre", { class: "text", lang: answer.locale, dir: answer.direction }, answer.text));
}

function headers(side, { answer }) {
  fill(side, h("h2", {}, "Headers"), h("table", { class: "headers" }, h("tbody", {}, answer.headers.map(([name, value]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value))))));
}

/** When an event is, by its own clock. A whole day ends where the next begins (RFC 5545, section 3.6.1). */
function span({ start, end, time_zone: zone }) {
  const whole = start.length === 10;
  const moment = (value, days = 0) => {
    const found = new Date(whole ? `${value}T00:00` : value.slice(0, 19));
    found.setDate(found.getDate() - days);
    return found.toLocaleString("en-GB", whole ? { dateStyle: "full" } : { dateStyle: "full", timeStyle: "short" });
  };
  const first = start && moment(start);
  const last = end && moment(end, whole ? 1 : 0);
  return [first, last && last !== first && ` – ${last}`, zone && ` (${zone})`];
}

function calendar(side, { answer }) {
  fill(side, h("h2", {}, "Calendar"), answer.events.length === 0 && h("p", { class: "empty" }, "This message brings no event."),
    answer.events.map((event) => h("article", { class: "event", lang: answer.locale, dir: answer.direction },
      h("h3", {}, event.summary),
      h("p", { class: "state", data: { state: event.status } }, `${event.method} · ${event.status || "no status"} · sequence ${event.sequence}`),
      h("p", {}, span(event)), event.location && h("p", {}, event.location),
      event.description && h("p", { class: "description" }, event.description), h("p", {}, h("code", {}, event.uid)))));
}

const PARTS = [["mjml", "MJML"], ["html", "HTML"], ["mime", "MIME"]];

let part = "mjml"; // the one that was chosen last; neither a save nor another message takes it back

async function source(side, { wanted }) {
  const mine = side.dataset.asked = `source ${performance.now()}`;
  const of = JSON.stringify([part, asked(wanted)]);
  const before = side.querySelector(".source");
  const kept = before?.dataset.of === of; // of the version before: where it was scrolled to stays
  const shown = kept ? before : h("div", { class: "source", tabIndex: 0, role: "region", "aria-label": `The ${part.toUpperCase()}`, data: { of } }, "…");
  const choose = (value) => { part = value; source(side, { wanted }); };
  if (!kept) fill(side, h("h2", {}, "Source"), choice("Part", PARTS, part, choose), shown);
  const told = await ask("source", { ...asked(wanted), part });
  if (side.dataset.asked !== mine) return;
  if (told.lines) fill(shown, sourceTable(told.lines));
  else fill(shown, told.faults.length ? faultList(told.faults) : h("pre", {}, told.source));
}

/** The lines of a source; where they come from is told wherever that changes. */
function sourceTable(lines) {
  let file = "";
  return h("table", { class: "lines" }, h("tbody", {}, lines.filter((line) => line.text.trim()).map((line) => {
    const from = line.place.replace(/ \(line.*$/, "");
    const fresh = from !== file;
    file = from;
    const number = /line (\d+)/.exec(line.place)?.[1] ?? "";
    return [
      fresh && h("tr", { class: "file" }, h("th", { scope: "rowgroup", colSpan: 2 }, from || "in no file")),
      h("tr", {}, h("th", { scope: "row" }, number && placeOf(line.place, number)), h("td", {}, h("code", {}, line.text))),
    ];
  })));
}

async function findings(side, { wanted }) {
  const { edition } = wanted;
  const mine = side.dataset.asked = `${edition} ${performance.now()}`;
  if (!known.findings.current(edition)) tellFindings(side, wanted, known.findings.last(edition), true);
  const told = await known.findings.get(edition);
  if (side.dataset.asked === mine) tellFindings(side, wanted, told);
}

/** What is told while a check runs is of the version before, and says nothing of this one. */
function tellFindings(side, wanted, { findings: all = [], faults = [] } = {}, checking = false) {
  const here = all.filter((each) => concerns(each, wanted));
  const unfolded = [...side.querySelectorAll(".finding details[open]")].map((each) => each.dataset.of);
  fill(side, h("h2", {}, "Findings"), faultList(faults),
    checking && h("p", { class: "empty" }, progressOf(wanted.edition, "findings", "Checking …")),
    wanted.revision && h("p", { class: "means" }, "Of what is saved now, not of that revision."),
    !checking && here.length === 0 && faults.length === 0 && h("p", { class: "empty" }, "Nothing was found here."),
    h("div", { class: checking || faults.length ? "findings before" : "findings" }, [...grouped(here)].map(([key, alike]) => finding(key, alike, unfolded))),
    here.length < all.length && h("p", { class: "empty" }, `${all.length - here.length} more in other messages of this edition.`));
}

/** Findings of one rule in the same words are one, at several places. */
function grouped(findings) {
  return Map.groupBy(findings, ({ check, severity, cause, cure }) => JSON.stringify([check, severity, cause, cure]));
}

function finding(key, alike, unfolded) {
  const [each] = alike;
  const places = alike.map(({ place }) => placeOf(place));
  return h("article", { class: `finding ${each.severity}` },
    h("h3", {}, h("span", { class: each.severity }, each.severity), ` ${each.cause}`, places.length > 1 && h("span", { class: "count" }, ` × ${places.length}`)),
    places.length === 1 ? h("p", {}, places) : h("details", { open: unfolded.includes(key), data: { of: key } },
      h("summary", {}, `${places.length} places`), h("ol", {}, places.map((place) => h("li", {}, place)))),
    h("p", {}, each.why), each.cure && h("p", { class: "cure" }, each.cure));
}

export const PANELS = [
  { id: "inbox", name: "Inbox", key: "o", show: inbox },
  { id: "person", name: "Person", show: person },
  { id: "findings", name: "Findings", key: "f", show: findings },
  { id: "text", name: "Text", key: "t", show: text },
  { id: "source", name: "Source", key: "s", show: (side, shown) => source(side, shown) },
  { id: "headers", name: "Headers", key: "h", show: headers },
  { id: "calendar", name: "Calendar", key: "c", show: calendar },
];
