import type { ReactNode } from "react";

interface EmptyStateProps {
  title: string;
  children?: ReactNode;
}

/** Says what would be here and what fills it. */
export function EmptyState({ title, children }: EmptyStateProps) {
  return (
    <div className="mx-auto grid w-full max-w-xl gap-3 px-4 py-14 text-center">
      <p className="text-base font-semibold">{title}</p>
      {children}
    </div>
  );
}
