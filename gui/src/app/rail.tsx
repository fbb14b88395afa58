import { Link } from "@tanstack/react-router";
import { FolderOpen, ListOrdered } from "lucide-react";

const ITEMS = [
  { to: "/projects", label: "Projects", Icon: FolderOpen },
  { to: "/queue", label: "Queue", Icon: ListOrdered },
] as const;

export function Rail() {
  return (
    <nav
      aria-label="Main"
      className="header-link-container flex shrink-0 border-line bg-panel max-sm:justify-around max-sm:border-t sm:w-16 sm:flex-col sm:items-center sm:gap-1 sm:border-r sm:pt-2"
    >
      {ITEMS.map(({ to, label, Icon }) => (
        <Link
          key={to}
          to={to}
          className="grid place-items-center gap-0.5 rounded-lg px-1 py-1.5 text-[11px] text-mute hover:text-ink data-[status=active]:bg-tint data-[status=active]:font-semibold data-[status=active]:text-accent max-sm:flex-1 sm:w-14"
        >
          <Icon size={20} strokeWidth={1.75} aria-hidden="true" />
          {label}
        </Link>
      ))}
    </nav>
  );
}
