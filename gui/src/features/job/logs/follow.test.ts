import { expect, it } from "vitest";
import { afterScroll, FOLLOWING, newLineCount } from "./follow";

it("stops following when one scrolls up, and counts what is new since", () => {
  const follow = afterScroll({ ...FOLLOWING, top: 900 }, { top: 700, gap: 200 }, 50);

  expect(follow.isFollowing).toBe(false);
  expect(newLineCount(follow, 62)).toBe(12);
});

it("goes on following when lines arrive before the view has moved", () => {
  const follow = afterScroll({ ...FOLLOWING, top: 900 }, { top: 900, gap: 400 }, 80);

  expect(follow.isFollowing).toBe(true);
  expect(newLineCount(follow, 80)).toBe(0);
});

it("follows again once the end is reached", () => {
  const stopped = { isFollowing: false, seen: 50, top: 700 };

  expect(afterScroll(stopped, { top: 990, gap: 10 }, 62).isFollowing).toBe(true);
});

it("stays stopped while one scrolls down through the middle", () => {
  const stopped = { isFollowing: false, seen: 50, top: 100 };

  expect(afterScroll(stopped, { top: 300, gap: 600 }, 62)).toEqual({ ...stopped, top: 300 });
});
