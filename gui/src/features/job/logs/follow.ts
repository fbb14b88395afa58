/** Whether the view stays at the end of a growing log. */
export interface Follow {
  isFollowing: boolean;
  /** How many lines there were when following stopped; what is beyond is new. */
  seen: number;
  top: number;
}

export interface Scroll {
  top: number;
  /** Pixels between what is seen and the end. */
  gap: number;
}

const NEAR_END = 24; // a little over one line

export const FOLLOWING: Follow = { isFollowing: true, seen: 0, top: 0 };

/** Scrolling up stops following; coming back to the end starts it again. */
export function afterScroll(follow: Follow, scroll: Scroll, lineCount: number): Follow {
  const { top, gap } = scroll;
  if (gap <= NEAR_END) return { isFollowing: true, seen: lineCount, top };
  // Lines that arrive widen the gap without any scrolling up: that is no wish to stop.
  const hasScrolledUp = top < follow.top - 1;
  if (follow.isFollowing && hasScrolledUp) return { isFollowing: false, seen: lineCount, top };
  return { ...follow, top };
}

export function newLineCount(follow: Follow, lineCount: number): number {
  return follow.isFollowing ? 0 : Math.max(0, lineCount - follow.seen);
}
