// Looking at a message as one person: whom, what they would get of the edition, and why.

import { ask } from "./api.js";
import { faultList, fill, h, soon } from "./dom.js";
import { asked, audienceName, language, same } from "./wanted.js";

const REASONS = {
  "no-consent": "No consent is recorded",
  withdrawn: "Consent was withdrawn",
  suppressed: "The address is suppressed",
  "nothing-to-show": "The edition shows them nothing",
};

/** The panel; what is typed in it, and what has the focus, outlives a repaint. */
export function person(side, shown) {
  side.dataset.asked = "person";
  if (!side.querySelector(".person")) fill(side, build(side));
  side.querySelector(".person").update(shown);
  if (seeking) find();
}

let seeking = false; // somebody wants to look for a person, and the panel is not there yet

/** Go where another person is looked for. */
export function find() {
  const input = document.getElementById("person-find");
  seeking = !input;
  input?.focus();
}

function build(side) {
  const root = h("div", { class: "person" });
  let current = null;
  const box = combobox((id) => current.page.go("message", asked({ ...current.wanted, contact: id })));
  const about = h("div", { class: "about", tabIndex: -1 });
  fill(root, h("h2", {}, "As this person"), box.element, about);
  root.update = async (shown) => {
    current = shown;
    box.name(shown.answer.reader);
    const told = await ask("person", asked(shown.wanted));
    if (current !== shown || side.dataset.asked !== "person") return;
    if (told.contact) root.dataset.contact = String(told.contact.id);
    else delete root.dataset.contact;
    const focused = about.contains(document.activeElement);
    const unfolded = [...about.querySelectorAll("details[open] summary")].map((each) => each.textContent);
    fill(about, faultList(told.faults), told.sample && h("p", { class: "empty" }, told.sample),
      told.contact && outlook(told, shown), slots(told.slots), told.contact && reasons(told), told.contact && known(told));
    for (const each of about.querySelectorAll("summary")) each.parentElement.open = unfolded.includes(each.textContent);
    if (focused) about.focus({ preventScroll: true });
  };
  return root;
}

// Whom

let boxes = 0;

/** A combobox as the ARIA Authoring Practices have it: the focus stays in the field. */
function combobox(pick) {
  const list = h("ul", { role: "listbox", id: `people-${boxes += 1}`, "aria-label": "People", hidden: true });
  const input = h("input", {
    type: "text", id: "person-find", role: "combobox", autocomplete: "off", spellcheck: false,
    "aria-label": "Find a person by name, address or number", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
    placeholder: "Name, address or number", onkeydown: pressed, onfocus: () => input.select(),
    onclick: () => list.hidden && search(), onblur: () => setTimeout(() => { if (document.activeElement !== input) shut(); }, 150),
  });
  const note = h("p", { class: "hint", role: "status" });
  let chosen = "";
  let options = [];
  let at = -1;
  let asking = null;

  const search = async () => {
    asking?.abort();
    const mine = asking = new AbortController();
    const text = input.value === chosen ? "" : input.value;
    const told = await ask("people", { find: text }, mine.signal).catch(() => null);
    if (!told || mine.signal.aborted) return;
    show(told, text.trim().toLowerCase());
  };
  const searchSoon = soon(search, 120);
  input.addEventListener("input", searchSoon);

  function show(told, text) {
    const samples = (told.samples ?? []).filter((each) => `${each.name} ${each.about}`.toLowerCase().includes(text));
    const found = [...(told.found ?? []), ...samples];
    options = found.map((each) => h("li", {
      role: "option", id: `${list.id}-${each.id || "usual"}`, "aria-selected": "false", data: { id: each.id },
      onmousedown: (event) => { event.preventDefault(); take(each); },
    }, h("span", { class: "name", dir: "auto" }, each.name), h("span", { class: "what" }, each.about)));
    found.forEach((each, number) => { options[number].person = each; });
    fill(list, options);
    at = -1;
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    if (told.faults.length) fill(note, told.faults[0].cause);
    else if (told.none) fill(note, "No contacts yet: ", h("code", {}, "tigc-mail contacts import FILE"));
    else if (!told.found.length) fill(note, "Nobody is found with these words.");
    else fill(note, told.more ? "There are more: write another word." : "");
    if (text && options.length) move(0);
  }

  function move(to) {
    options[at]?.setAttribute("aria-selected", "false");
    at = to;
    const option = options[at];
    if (!option) return;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function take(each) {
    chosen = input.value = each.name;
    shut();
    pick(each.id);
  }

  function shut() {
    searchSoon.cancel();
    asking?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = chosen;
    fill(note);
  }

  function pressed(event) {
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) search();
      else move((at + (event.key === "ArrowDown" ? 1 : -1 + (at < 0)) + options.length) % options.length);
    } else if (event.key === "Enter" && open && options[at]) {
      event.preventDefault();
      take(options[at].person);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (open) shut();
      else input.blur();
    }
  }

  return {
    element: h("div", { class: "combobox" }, input, list, note),
    /** Say who is chosen, unless somebody is typing. */
    name(text) {
      const typing = document.activeElement === input && input.value !== chosen;
      chosen = text;
      if (!typing) input.value = text;
    },
  };
}

// What they would get

function outlook(told, { wanted, page, overview }) {
  const title = h("h3", {}, "What would this person get?");
  if (!told.gets) {
    const word = told.reason ? REASONS[told.reason] ?? told.reason : "They are in none of its audiences";
    return h("div", { class: "verdict-box nothing" }, title, h("p", {}, h("strong", {}, "Nothing of this edition. "), `${word}.`));
  }
  const here = !wanted.revision && same(told.gets, wanted); // what is planned is what is saved now
  const { audience, locale, shown } = told.gets;
  return h("div", { class: `verdict-box ${here ? "here" : "there"}` }, title,
    h("p", {}, h("strong", {}, audienceName(overview, audience)), ` in ${language(locale)}`, shown.length > 0 && `, with ${shown.join(", ")}`,
      told.contact.locale && told.contact.locale !== locale && ` (they read ${language(told.contact.locale)}, which the edition is not in)`),
    here ? h("p", { class: "fit" }, "It is the message that is shown.")
      : h("button", { type: "button", class: "main", onclick: () => page.go("message", asked({ ...wanted, ...told.gets })) }, "Show what they would get"));
}

// Slots

function slots(found) {
  const own = found.filter(({ slot }) => !slot.startsWith("delivery."));
  const others = found.filter(({ slot }) => slot.startsWith("delivery."));
  return [
    h("h3", {}, "Values in this message"),
    own.length ? table(own) : h("p", { class: "empty" }, "Nothing in it differs from reader to reader."),
    others.length > 0 && h("details", {}, h("summary", {}, "Of the delivery"), table(others)),
  ];
}

function table(found) {
  return h("table", { class: "slots" },
    h("thead", { class: "hidden" }, h("tr", {}, ["Slot", "Value", "Where"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, found.map(({ slot, value, where }) => h("tr", {},
      h("th", { scope: "row" }, h("code", {}, slot)), h("td", { dir: "auto" }, value || h("em", {}, "blank")), h("td", { class: "where" }, where.join(", "))))));
}

// Why

function reasons(told) {
  return [
    h("h3", {}, "Why"),
    h("ol", { class: "audiences" }, told.audiences.map((each) => h("li", { data: { in: String(each.in) } },
      h("details", {}, h("summary", {}, h("strong", {}, each.id), ` ${each.standing}`), h("pre", {}, each.why.join("\n")))))),
    told.blocks.length > 0 && [h("h3", {}, "Blocks for some"), h("ul", { class: "audiences" }, told.blocks.map((each) => h("li", { data: { in: String(each.shown) } },
      h("details", {}, h("summary", {}, h("code", {}, each.id), each.shown ? " is shown" : " is not shown"), h("pre", {}, each.why.join("\n"))))))],
  ];
}

function known({ contact, consent, suppression }) {
  const rows = [
    ["Address", contact.email_readable], ["Organisation", contact.organisation], ["Role", contact.role], ["Sector", contact.sector],
    ["Country", contact.country], ["Language", contact.locale && language(contact.locale)], ["Tags", contact.tags.join(", ")],
    ["Consent", consent ? `${consent.basis ?? "withdrawn"} since ${consent.at} (${consent.source})` : "none recorded"],
    ["Suppressed", suppression && `${suppression.reason} since ${suppression.at} (${suppression.source})`],
    ...Object.entries(contact.attributes),
  ];
  return [h("h3", {}, `Contact ${contact.id}`), h("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", { dir: "auto" }, value)]))];
}
