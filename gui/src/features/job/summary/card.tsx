import type { ReactNode } from "react";

interface CardProps {
  title: string;
  count?: number;
  empty?: string;
  action?: ReactNode;
  children: ReactNode;
}

export function Card({ title, count, empty, action, children }: CardProps) {
  return (
    <section aria-label={title} className="card min-w-0 p-4">
      <div className="mb-2 flex min-h-6 items-center gap-2">
        <h2 className="font-semibold">{title}</h2>
        {count !== undefined && <span className="num text-mute">{count}</span>}
        {count !== 0 && <span className="ml-auto">{action}</span>}
      </div>
      {count === 0 ? (
        <p className="text-mute">{empty}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard
        <div tabIndex={0} className="max-h-[32rem] overflow-auto">
          {children}
        </div>
      )}
    </section>
  );
}
