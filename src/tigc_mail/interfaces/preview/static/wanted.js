// Which message is meant: as it stands in addresses, what it is called, and what else there is to choose.

import { address } from "./api.js";
import { h } from "./dom.js";

/** Read it from what an address asks for; `prefix` is what the names of its values begin with. */
export function read(query, prefix = "") {
  const value = (name) => query[`${prefix}${name}`] ?? "";
  return {
    edition: query.edition ?? "", contact: query.contact ?? "",
    audience: value("audience"), locale: value("locale"), shown: names(value("shown")), revision: value("revision"),
  };
}

/** What it is asked by. */
export function asked({ edition, audience, locale, shown = [], contact, revision }) {
  return { edition, audience, locale, shown: shown.join(), contact, revision };
}

/** The address of a view of it. */
export function link(view, wanted) {
  return address(`#/${view}`, asked(wanted));
}

/** Whether two name the same readers. */
export function same(one, other) {
  return one.audience === other.audience && one.locale === other.locale && one.shown.join() === other.shown.join();
}

/** Whether a finding concerns a message. */
export function concerns({ variants }, wanted) {
  return variants.length === 0 || variants.some((variant) => same(variant, wanted));
}

const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language" });

/** `fr` as people say it. */
export function language(locale) {
  return LANGUAGES.of(locale) ?? locale;
}

/** An audience as people call it. */
export function audienceName(overview, id) {
  return overview?.audiences?.find((each) => each.id === id)?.name ?? id;
}

/** A choice of conditional blocks, in words. */
export function blocksName(shown) {
  return shown.length ? `with ${shown.join(", ")}` : "without conditional blocks";
}

/** What there is to choose from: audiences, languages and conditional blocks. `turn` is given what changes. */
export function selectors(overview, { variants, languages }, wanted, turn) {
  const audiences = [...new Set(variants.map((each) => each.audience))];
  const choices = variants.filter((each) => each.audience === wanted.audience && each.locale === wanted.locale);
  const first = (audience) => variants.find((each) => each.audience === audience && each.locale === wanted.locale);
  return [
    selector("Audience", audiences.map((id) => [id, audienceName(overview, id)]), wanted.audience, (audience) => turn({ audience, shown: first(audience)?.shown ?? [] })),
    selector("Language", languages.map((each) => [each, language(each)]), wanted.locale, (locale) => turn({ locale })),
    choices.length > 1 && selector("Blocks", choices.map((each) => [each.shown.join(), blocksName(each.shown)]), wanted.shown.join(), (shown) => turn({ shown: names(shown) })),
  ];
}

/** One choice of several; what is chosen is there though it is none of them. */
export function selector(name, options, chosen, choose) {
  const short = /^[0-9a-f]{40,}$/.test(chosen) ? chosen.slice(0, 10) : chosen; // the name of a commit
  const known = options.some(([value]) => value === chosen) ? options : [...options, [chosen, short]];
  return h("label", { data: { of: name } }, h("span", {}, name), h("select", { onchange: (event) => choose(event.target.value) },
    known.map(([value, text]) => h("option", { value, selected: value === chosen }, text))));
}

const names = (text) => text.split(",").filter(Boolean);
