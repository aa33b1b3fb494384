// Two frames that scroll together: where both show the same block, it stands at the same height.

/** Tie two frames for as long as `tied()` says so. */
export function tie(tied) {
  const frames = [null, null];
  const expected = [null, null]; // where a frame was scrolled to by us

  function follow(at, frame) {
    frames[at] = frame;
    expected[at] = null;
    frame.contentWindow.addEventListener("scroll", () => scrolled(at));
  }

  function scrolled(at) {
    const [own, other] = [frames[at], frames[1 - at]];
    const now = own.contentWindow.scrollY;
    if (expected[at] !== null && Math.abs(expected[at] - now) < 2) {
      expected[at] = null;
      return;
    }
    if (!tied() || !other?.isConnected) return;
    scroll(1 - at, between(now, marks(own, other)));
  }

  function scroll(at, to) {
    const view = frames[at].contentWindow;
    const most = heightOf(frames[at]);
    const target = Math.round(Math.min(Math.max(to, 0), most));
    if (Math.abs(view.scrollY - target) < 1) return;
    expected[at] = target;
    view.scrollTo(0, target);
  }

  /** Show an element in each frame, where it has one; it stands a little below the edge. */
  function jump(elements) {
    elements.forEach((element, at) => {
      if (element && frames[at]) scroll(at, topOf(frames[at], element) - 24);
    });
    const alone = elements.findIndex((element) => element);
    if (alone >= 0 && !elements[1 - alone] && tied() && frames[1 - alone]) {
      scroll(1 - alone, between(topOf(frames[alone], elements[alone]) - 24, marks(frames[alone], frames[1 - alone])));
    }
  }

  return { follow, jump };
}

const heightOf = (frame) => Math.max(frame.contentDocument.documentElement.scrollHeight - frame.clientHeight, 0);
const topOf = (frame, element) => element.getBoundingClientRect().top + frame.contentWindow.scrollY;

/** Pairs of heights that belong together: the ends, and the blocks of both, as far as both go on. */
function marks(own, other) {
  const tops = (frame) => {
    const found = new Map();
    for (const element of frame.contentDocument.querySelectorAll("[data-block]")) {
      if (!found.has(element.dataset.block)) found.set(element.dataset.block, topOf(frame, element));
    }
    return found;
  };
  const theirs = tops(other);
  const end = [heightOf(own), heightOf(other)];
  const pairs = [[0, 0]];
  for (const [block, top] of tops(own)) {
    const twin = theirs.get(block);
    const last = pairs.at(-1);
    if (twin !== undefined && top > last[0] && twin > last[1] && top < end[0] && twin < end[1]) pairs.push([top, twin]);
  }
  return [...pairs, end];
}

/** Where a height of one frame is in the other. */
function between(height, pairs) {
  const after = pairs.findIndex(([own]) => own > height);
  if (after < 0) return pairs.at(-1)[1];
  const [low, lower] = pairs[Math.max(after - 1, 0)];
  const [high, higher] = pairs[after];
  return lower + (high > low ? (height - low) / (high - low) : 0) * (higher - lower);
}
