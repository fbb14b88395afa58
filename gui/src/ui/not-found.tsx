import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** What is not there, and the nearest place that is. */
export function NotFound({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-xl gap-3 px-4 py-16 text-center">
      <h1 className="text-lg font-semibold">{title}</h1>
      {children ?? (
        <p>
          <Link to="/projects" className="text-accent underline">
            All projects
          </Link>
        </p>
      )}
    </div>
  );
}
