import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problem";

const RETRIES = 2;

/** Hints tell what is stale, so that time does not; only what may pass is tried again. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: false,
        // "Offline" is the browser's guess about the internet; our server may be this machine.
        networkMode: "always",
        retry: (count, error) => isPassing(error) && count < RETRIES,
        retryDelay: (count) => 500 * 2 ** count,
      },
      mutations: { networkMode: "always" },
    },
  });
}

function isPassing(error: Error): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status >= 500);
}
