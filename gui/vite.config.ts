import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env["ATLAS_SERVER"] ?? "http://127.0.0.1:5555";

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { tsconfigPaths: true },
  build: {
    target: "es2022",
    outDir: "../src/foundations_server/static",
    emptyOutDir: true,
    // A data: address would need a hole in the server's policy.
    assetsInlineLimit: 0,
    manifest: true,
  },
  server: {
    port: 3000,
    proxy: {
      "/api": {
        target: server,
        changeOrigin: true,
        // The server compares Origin with Host; through the proxy both are the server's own.
        headers: { origin: server },
      },
    },
  },
});
