// Sending a test of the message that is shown.

import { act, address, ask } from "./api.js";
import { faultList, fill, h } from "./dom.js";

const SAID = { accepted: "taken", rejected: "refused, not sent", postponed: "refused for now, not sent", unknown: "nobody knows whether it was sent" };

/** Open the dialog for a message; `wanted` and its `digest` are what is sent. */
export async function openTrial(wanted, answer) {
  const way = h("p", { class: "way" }, "…");
  const told = h("div", { role: "status", class: "told" });
  const to = h("textarea", { id: "trial-to", rows: 2, required: true, spellcheck: false, autocomplete: "email", value: remembered(), placeholder: "ana@example.org", "aria-describedby": "trial-help" });
  const send = h("button", { type: "submit", class: "main", disabled: true }, "Send the test");
  const dialog = h("dialog", { class: "trial", "aria-labelledby": "trial-title", onclose: () => dialog.remove() },
    h("form", { onsubmit: submit },
      h("h2", { id: "trial-title" }, "Send a test"),
      h("p", { class: "what", lang: answer.locale, dir: answer.direction }, answer.subject),
      h("label", { htmlFor: "trial-to" }, "To"), to,
      h("p", { class: "means", id: "trial-help" }, "One address, or several with a comma or a new line between. The subject begins with [TEST]; nothing is counted for a campaign."),
      way, told,
      h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => dialog.close() }, "Close"), send)));
  document.body.append(dialog);
  dialog.showModal();
  to.focus();
  to.select();
  const provider = await ask("test/provider");
  if (provider.faults.length) fill(way, faultList(provider.faults));
  else fill(way, "Through ", h("code", {}, provider.provider), `. ${provider.does}`);
  way.classList.toggle("real", Boolean(provider.real));
  send.disabled = provider.faults.length > 0; // nobody sends before it is said what that means

  async function submit(event) {
    event.preventDefault();
    if (send.disabled) return;
    const people = [...new Map(to.value.split(/[\s,;]+/).filter(Boolean).map((each) => [each.toLowerCase(), each])).values()];
    try { sessionStorage.setItem("test-to", to.value); } catch { /* it is remembered no longer than this dialog */ }
    send.disabled = true;
    fill(told, h("p", {}, "Sending …"));
    const { edition, audience, locale, shown, contact } = wanted;
    const result = await act("test", { edition, audience, locale, shown, contact, digest: answer.compiled, to: people });
    send.disabled = false;
    if (result.faults.length) fill(told, faultList(result.faults));
    else fill(told, h("ul", {}, result.tests.map((one) => line(one, people[Number(one.delivery.split("-").at(-1))]))));
  }

  function line(one, person) {
    const good = one.outcome === "accepted";
    return h("li", { class: good ? "fit" : "error" }, `${person ?? one.delivery}: ${SAID[one.outcome]}`, one.reason && ` (${one.reason})`, " ",
      good && provider.provider === "outbox"
        ? h("a", { href: address("#/inbox", { open: `${one.delivery}.eml` }), onclick: () => dialog.close() }, "Open it in the inbox")
        : h("code", {}, one.delivery));
  }
}

function remembered() {
  try { return sessionStorage.getItem("test-to") ?? ""; } catch { return ""; }
}
