import { expect, it } from "vitest";
import { decodeSort, encodeSort, jobSearch, jobsSearch, nextSort } from "./url";

it.each(["", "started", "-param.lr", "-metric.val/acc:top-1"])("keeps the sort %j", (code) => {
  expect(encodeSort(decodeSort(code))).toBe(code);
});

it("goes from descending to ascending to none", () => {
  const first = nextSort(null, "user");
  const second = nextSort(first, "user");
  const third = nextSort(second, "user");

  expect([first, second, third].map(encodeSort)).toEqual(["-user", "user", ""]);
});

it("starts descending on another column", () => {
  expect(nextSort({ column: "user", isDescending: false }, "tags")).toEqual({
    column: "tags",
    isDescending: true,
  });
});

it.each([{ tab: "nonsense", y: 3 }, { tab: null }, {}])(
  "falls back for each part of %j",
  (search) => {
    expect(jobSearch.parse(search)).toEqual({ tab: "summary", y: "linear", file: "" });
  },
);

it("keeps the parts that do parse beside one that does not", () => {
  expect(jobSearch.parse({ tab: "logs", y: "cubic" })).toMatchObject({ tab: "logs", y: "linear" });
});

it("never throws on junk", () => {
  expect(jobsSearch.parse({ sort: { a: 1 } })).toEqual({ sort: "", filter: "" });
});
