// The page: which view is open, what keys do, and what changed files mean for it.

import { address, ELSEWHERE, listen } from "./api.js";
import * as differences from "./differences.js";
import { faultList, fill, h } from "./dom.js";
import * as campaigns from "./campaigns.js";
import { showFile } from "./file.js";
import * as inbox from "./inbox.js";
import { forget } from "./known.js";
import * as matrix from "./matrix.js";
import * as message from "./message.js";

const VIEWS = [
  { path: "", name: "Editions", view: matrix, key: "g e" },
  { path: "differences", name: "Differences", view: differences, key: "g d" },
  { path: "inbox", name: "Inbox", view: inbox, key: "g i" },
  { path: "campaigns", name: "Campaigns", view: campaigns, key: "g c" },
  { path: "message", view: message },
];

const main = document.getElementById("main");
let opened = null;

const page = {
  /** Tell what is wrong above whatever is shown. */
  faults(faults) {
    fill(document.getElementById("faults"), faultList(faults ?? []));
  },
  title(text) {
    document.title = text ? `${text} · preview` : "Preview";
  },
  go,
};

/** Open a view with what it is asked to show. */
function go(path, asked = {}, { replace = false } = {}) {
  const hash = address(`#/${path}`, asked);
  if (replace) history.replaceState(null, "", hash);
  else location.hash = hash;
}

function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const found = VIEWS.find((each) => each.path === path) ?? VIEWS[0];
  const asked = Object.fromEntries(new URLSearchParams(query));
  if (opened?.entry === found && opened.shown.update) {
    opened.shown.update(asked);
    return;
  }
  opened?.shown.close?.();
  page.faults([]);
  fill(main);
  const first = !opened;
  opened = { entry: found, shown: found.view.open(main, asked, page) };
  if (!first) main.focus({ preventScroll: true });
  for (const link of document.querySelectorAll("#views a")) {
    if (link.dataset.path === found.path) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function showKeys() {
  const everywhere = [["?", "These keys"], ...VIEWS.filter((each) => each.key).map((each) => [each.key, each.name])];
  const here = Object.entries(opened?.shown.keys ?? {}).map(([key, { name }]) => [key, name]);
  fill(document.getElementById("help-keys"),
    [...here, ...everywhere].map(([key, name]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, name)]));
  document.getElementById("help").showModal();
}

let prefix = "";
let lost = false;

function pressed(event) {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    showKeys();
    return;
  }
  const combined = prefix ? `${prefix} ${event.key}` : event.key;
  prefix = event.key === "g" && !prefix ? "g" : "";
  const view = VIEWS.find((each) => each.key === combined);
  const own = opened?.shown.keys?.[combined];
  if (view) go(view.path);
  else if (own) own.run();
  else return;
  event.preventDefault();
}

function changed(change) {
  forget(change);
  opened?.shown.changed?.(change);
}

const DOING = { findings: "Checking", sheet: "Taking pictures" };

function progress({ of, edition, done, total }) {
  for (const each of document.querySelectorAll(`[data-progress~="${of}"][data-edition="${CSS.escape(edition)}"]`)) {
    each.textContent = `${DOING[of]}: ${done} of ${total} messages`;
  }
}

fill(document.getElementById("views"), VIEWS.filter((each) => each.name).map((each) =>
  h("a", { href: `#/${each.path}`, data: { path: each.path } }, each.name)));
document.getElementById("keys").addEventListener("click", showKeys);
document.addEventListener("keydown", pressed);
document.addEventListener("place", (event) => showFile(document.getElementById("file"), event.detail));
window.addEventListener("hashchange", route);
listen(
  { changed, progress },
  (word) => {
    const live = document.getElementById("live");
    if (live.textContent !== word) live.textContent = word;
    live.dataset.state = word;
    if (word === "Ended") page.faults([ELSEWHERE]);
    if (word === "Live" && lost) changed({ editions: null });
    lost = word !== "Live";
  },
);
route();
