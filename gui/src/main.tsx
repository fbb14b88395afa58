import "@/styles/app.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { events, watchVisibility } from "@/api/events";
import { LiveQueries } from "@/api/live";
import { createQueryClient } from "@/api/query-client";
import { router } from "@/app/router";
import { watchSystemTheme } from "@/state/theme";

const client = createQueryClient();
new LiveQueries(client).connect(events);
watchVisibility(events);
watchSystemTheme();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
