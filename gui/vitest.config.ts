import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const shared = {
  plugins: [react()],
  resolve: { tsconfigPaths: true },
};
// A zone that is not UTC, so that a time shown in the wrong one is seen.
const env = { TZ: "Europe/Berlin" };

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: "logic",
          environment: "node",
          include: ["src/**/*.test.ts"],
          setupFiles: ["test/setup-logic.ts"],
          isolate: false,
          restoreMocks: true,
          env,
        },
      },
      {
        ...shared,
        test: {
          name: "pages",
          environment: "jsdom",
          environmentOptions: { jsdom: { url: "http://localhost:3000/" } },
          include: ["src/**/*.test.tsx"],
          setupFiles: ["test/setup-pages.ts"],
          isolate: false,
          testTimeout: 30_000,
          restoreMocks: true,
          env,
        },
      },
    ],
  },
});
