import { afterEach, expect, it, vi } from "vitest";
import { copyText } from "./copy";

afterEach(() => vi.unstubAllGlobals());

it("copies by selection when the browser offers no clipboard", async () => {
  const copied: string[] = [];
  document.execCommand = (name) => {
    const area = document.querySelector("textarea");
    copied.push(`${name}: ${area?.value}`);
    return true;
  };
  vi.stubGlobal("isSecureContext", false);

  const isCopied = await copyText("foundations init my-project");

  expect(isCopied).toBe(true);
  expect(copied).toEqual(["copy: foundations init my-project"]);
  expect(document.querySelector("textarea")).toBeNull();
});
