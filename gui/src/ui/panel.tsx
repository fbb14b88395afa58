import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorBox } from "./error-box";
import { Skeleton } from "./skeleton";

interface PanelProps<T> {
  /** What is loaded, as in "Could not load the queue." */
  what: string;
  query: Pick<UseQueryResult<T>, "data" | "error" | "isPending" | "refetch">;
  rows?: number;
  children: (data: T) => ReactNode;
}

/** Gives a query its states: loading, failed, and there. Data once shown stays. */
export function Panel<T>({ what, query, rows, children }: PanelProps<T>) {
  const { data, error, refetch } = query;
  const retry = () => void refetch();
  if (data === undefined && error) {
    return <ErrorBox what={`Could not load ${what}.`} error={error} onRetry={retry} />;
  }
  if (data === undefined) return <Skeleton {...(rows === undefined ? {} : { rows })} />;
  return (
    <>
      {error && <ErrorBox what={`Could not refresh ${what}.`} error={error} onRetry={retry} />}
      {children(data)}
    </>
  );
}
