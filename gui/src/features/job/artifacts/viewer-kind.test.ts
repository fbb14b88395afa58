import { anArtifact } from "@test/samples";
import { expect, it } from "vitest";
import { contentUrl, downloadUrl } from "@/api/artifacts";
import { viewerKind } from "./viewer-kind";

it.each([
  ["image/png", "image"],
  ["image/svg+xml", "image"],
  ["audio/x-wav", "audio"],
  ["video/mp4", "video"],
  ["text/plain; charset=utf-8", "text"],
  ["application/json", "text"],
  ["text/html", "none"],
  ["application/octet-stream", "none"],
  ["", "none"],
])("shows %j in the viewer for %s", (type, kind) => {
  expect(viewerKind(type)).toBe(kind);
});

it("asks for another address when a file has been saved again", () => {
  const first = contentUrl(anArtifact({ sha256: "a".repeat(64) }));
  const second = contentUrl(anArtifact({ sha256: "b".repeat(64) }));

  expect(first).not.toBe(second);
});

it("makes an address from the server's root, and asks for a download", () => {
  expect(downloadUrl(anArtifact({ url: "api/v1/x/content" }))).toBe("/api/v1/x/content?download=1");
});
