// What was told of the workspace: asked for once, until files of it change.

import { ask } from "./api.js";

function keep(asking) {
  const asked = new Map(); // promises, by name
  const told = new Map(); // what was told last, and by which promise

  /** Return what is told of the files as they are: asked for anew where they changed meanwhile. */
  async function get(name = "") {
    if (!asked.has(name)) asked.set(name, asking(name));
    const mine = asked.get(name);
    const answer = await mine;
    if (asked.get(name) !== mine) return get(name);
    if (answer.faults.length) asked.delete(name);
    else told.set(name, [answer, mine]);
    return answer;
  }

  return {
    get,
    /** What was told last, also where files changed since. */
    last: (name = "") => told.get(name)?.[0],
    /** What was told last, as far as no file changed since. */
    current: (name = "") => (told.has(name) && told.get(name)[1] === asked.get(name) ? told.get(name)[0] : undefined),
    /** Whether it is asked for, and not told yet. */
    awaited: (name = "") => asked.has(name) && told.get(name)?.[1] !== asked.get(name),
    /** Have it asked for anew: what is named, or all. */
    forget: (names) => (names ?? [...asked.keys()]).forEach((name) => asked.delete(name)),
  };
}

/** The editions and the audiences. */
export const overview = keep(() => ask("overview"));

/** What a check finds, by edition. */
export const findings = keep((edition) => ask("findings", { edition }));

/** Forget what may be different after a change. */
export function forget({ editions }) {
  overview.forget();
  findings.forget(editions);
}
