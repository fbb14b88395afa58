import { Link } from "@tanstack/react-router";
import { Breadcrumb } from "./breadcrumb";
import { ConnectionDot } from "./connection-dot";
import { ThemeSwitch } from "./theme-switch";

export function TopBar() {
  return (
    <header className="flex h-11 shrink-0 items-center gap-3 border-b border-line bg-panel px-4 max-sm:px-3">
      <Link to="/projects" className="flex shrink-0 items-center gap-2 text-[15px] font-bold">
        <img src="/icon.svg" alt="" width="20" height="20" />
        Atlas
      </Link>
      <Breadcrumb />
      <div className="ml-auto flex shrink-0 items-center gap-3">
        <ConnectionDot />
        <ThemeSwitch />
      </div>
    </header>
  );
}
